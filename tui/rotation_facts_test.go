package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// Both slots stand side by side in a terminal of 80 cells, with a line of its own
// for each fact, and neither is cut where it is told in few words.
func TestRotationSideBySide(t *testing.T) {
	for _, width := range []int{76, 80, 99, 100, 160} {
		w := newWorld(t)
		w.resize(width, 24)
		variety(w)
		w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8", "10.0.0.9")
		w.uses("crm sync", model.Secondary, time.Hour, "10.0.0.9")
		w.rotates("crm sync")
		for _, label := range []string{"Age ", "Last used ", "Callers ", "Per day ", "In all "} {
			beside := false
			for _, line := range strings.Split(w.screen(), "\n") {
				beside = beside || strings.Count(line, label) == 2
			}
			if !beside {
				t.Errorf("%d cells: %q is not told of both slots in a line:\n%s", width, label, w.screen())
			}
		}
		w.sees("● enabled", "10.0.0.7", "10.0.0.8", "10.0.0.9", "114 today, 837 in 7 days", "1,204 allowed, 3 denied",
			"! 3 callers still use primary", "▸ 2. Give every caller", "4. Regenerate primary: nobody is cut off.")
		w.seesNot("…/", "matches…", "shows all")
	}
	w := newWorld(t)
	w.resize(75, 24)
	variety(w)
	w.rotates("crm sync")
	if strings.Contains(w.screen(), "XYgr…Hc2I  Secondary") || strings.Count(w.screen(), "\n  Age") != 2 {
		t.Errorf("the slots are not below each other:\n%s", w.screen())
	}
}

// Every caller's address is seen, or it is said how many more there are, and what
// is pressed for them shows all.
func TestRotationReachesEveryCaller(t *testing.T) {
	for _, size := range []struct{ width, height int }{{60, 16}, {75, 24}, {76, 24}, {80, 16}, {80, 24}, {120, 40}, {160, 50}} {
		w := newWorld(t)
		w.resize(size.width, size.height)
		variety(w)
		var remotes []string
		for i := range model.MaxCallers {
			remotes = append(remotes, fmt.Sprintf("2001:db8:1234:5678:9abc:def0:1234:567%d", i))
		}
		w.uses("crm sync", model.Primary, 4*time.Minute, remotes...)
		w.uses("crm sync", model.Secondary, 4*time.Minute, "10.0.0.7", "10.0.0.8")
		w.rotates("crm sync")
		all := true
		for _, remote := range remotes {
			all = all && strings.Contains(w.screen(), remote)
		}
		if screen := w.screen(); !all && !strings.Contains(screen, ": enter") && !strings.Contains(strings.Join(strings.Fields(screen), " "), "enter shows all") {
			t.Errorf("%dx%d: it is not said where all callers are seen:\n%s", size.width, size.height, screen)
		}
		w.sees("▸ 2. Give every caller", "4. Regenerate primary")
		w.press("enter")
		if _, ok := w.app.top().(*detail); !ok {
			t.Fatalf("enter does not open the key:\n%s", w.screen())
		}
		w.sees("› Primary", "8 or more callers in 24 h", "4 min ago")
		seen := w.screen()
		w.press("down") // shows what of the slot is below the screen
		for seen += w.screen(); len(remotes) > 0; remotes = remotes[1:] {
			if !strings.Contains(seen, remotes[0]) {
				t.Errorf("%dx%d: no %s in:\n%s", size.width, size.height, remotes[0], seen)
			}
		}
	}
}
