package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// Whoever gives up a filter that they type is where they were, to the line.
func TestFilterGivenUp(t *testing.T) {
	for name, open := range map[string][]string{
		"keys": nil, "workflows": {"W"}, "certificates": {"C"}, "audit": {"A"}, "activity": {"L"}, "environments": {"E"},
	} {
		for _, typed := range [][]string{{"z", "z", "z"}, {"e"}, {"z", "backspace"}} {
			for _, place := range []string{"end", "down"} {
				w := newWorld(t)
				journeys(w)
				w.resize(minWidth, minHeight)
				w.start()
				w.press(open...)
				w.press(place, "up", "up")
				before := w.screen()
				w.press("/")
				w.press(typed...)
				w.press("esc")
				if after := w.screen(); after != before {
					t.Errorf("%s, %v typed at the %s: it was\n%s\nand is\n%s", name, typed, place, before, after)
				}
			}
		}
	}
}

// A filter that finds nothing was a typo as well when it is kept; one that finds
// something leaves the cursor on what was found.
func TestFilterKeptInVain(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press("end", "up", "up", "up", "/")
	before := w.under()
	w.write("zzz")
	w.press("enter", "esc")
	if got := w.under(); got != before {
		t.Errorf("the cursor is on %q, want %q", got, before)
	}
	w.press("/")
	w.write("0500")
	w.press("enter", "esc")
	if got := w.under(); got != "key 000500" {
		t.Errorf("the cursor is on %q, want what was found", got)
	}
	w.press("/")
	w.write("00")
	w.press("down", "down")
	on := w.under()
	w.press("esc")
	if got := w.under(); got != on {
		t.Errorf("the cursor is on %q, want %q, to which it was moved", got, on)
	}
}

// A list that is covered by a screen with more room, or less, has the rows where
// they were when it is seen again.
func TestScrollIsKept(t *testing.T) {
	w := newWorld(t)
	w.manyWorkflows(57)
	w.start()
	w.press("W", "end")
	w.press(repeat("up", 9)...)
	before := w.screen()
	for _, away := range [][]string{{"enter", "esc"}, {"A", "esc"}, {"L", "esc"}} {
		w.press(away...)
		if after := w.screen(); after != before {
			t.Fatalf("after %v it was\n%s\nand is\n%s", away, before, after)
		}
	}
	w.resize(80, 16)
	w.resize(80, 24)
	if after := w.screen(); after != before {
		t.Errorf("after a resize it was\n%s\nand is\n%s", before, after)
	}
}

// So is whoever gives up the filter of the workflows that are chosen from.
func TestChooserFilterGivenUp(t *testing.T) {
	w := newWorld(t)
	w.manyWorkflows(40)
	w.token(model.KeyDraft{Name: "one", Environment: "Test"})
	w.start()
	w.press("p", "end", "up", "up")
	before := w.screen()
	for _, typed := range []string{"zzz", "flow-0"} {
		w.press("/")
		w.write(typed)
		w.press("esc")
		if after := w.screen(); after != before {
			t.Errorf("%s: it was\n%s\nand is\n%s", typed, before, after)
		}
	}
	w.press("/")
	w.write("flow-0")
	w.press("down", "esc")
	if after := w.screen(); after == before {
		t.Error("where the cursor was moved to is lost")
	}
}
