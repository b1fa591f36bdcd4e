package tui

import (
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// reasonsOf are all reasons for which a call is refused.
func reasonsOf(t *testing.T) (all []model.Reason) {
	t.Helper()
	for r := model.Allowed + 1; r <= model.Stale; r++ {
		all = append(all, r)
	}
	return all
}

// Every reason is whole in the row at every width, in its short form at least,
// and in full below the list.
func TestEveryReasonIsSeenWhole(t *testing.T) {
	for _, width := range []int{minWidth, 80, 100, 119, 120, 160} {
		w := newWorld(t)
		w.resize(width, 24)
		variety(w)
		w.serves()
		l := w.watches()
		for _, r := range reasonsOf(t) {
			a := w.call("GET", "/orders/7", "billing-nightly")
			a.Reason = r
			l.put([]activityRow{{Activity: a}})
			w.sees("✗ " + r.String() + "  GET")
			_, row, _ := strings.Cut(w.screen(), "\n› ")
			row, _, _ = strings.Cut(row, "\n")
			if !strings.Contains(row, shortReason(r)) && !strings.Contains(row, r.String()) {
				t.Errorf("%d cells: %s is not in the row %q", width, r, row)
			}
		}
	}
}

func TestShortReasons(t *testing.T) {
	short := map[string]model.Reason{}
	for _, r := range reasonsOf(t) {
		text := shortReason(r)
		if other, taken := short[text]; taken || len(text) > mostShort {
			t.Errorf("%s is %q, %s too", r, text, other)
		}
		short[text] = r
		for _, word := range strings.Fields(text) {
			if !strings.Contains(r.String(), word) {
				t.Errorf("a filter for %q does not find %s", word, r)
			}
		}
	}
}

// The list has the address alone; the port is in the lines below.
func TestActivityAddresses(t *testing.T) {
	for remote, want := range map[string]string{"192.0.2.7:50123": "192.0.2.7", "[2001:db8::7]:1": "2001:db8::7", "": "", "pipe": "pipe", "a:b:c": "a:b:c"} {
		if got := addressOf(remote); got != want {
			t.Errorf("%q is %q, want %q", remote, got, want)
		}
	}
	w := newWorld(t)
	w.resize(120, 40)
	traffic(w)
	w.watches()
	if n := strings.Count(w.screen(), "192.0.2.7:50123"); n != 1 {
		t.Errorf("the port is seen %d times", n)
	}
}

// What stands out in a row is that the call was refused, not production.
func TestRefusalsOutshoutProduction(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	traffic(w)
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.ANSI256)
	w.rt.styles = newStyles(r)
	l := w.watches()
	loud, _, _ := strings.Cut(w.rt.styles.dangerTitle.Render("x"), "x")
	view := l.rows()
	if loud == "" || !strings.Contains(view, "✗ refused") {
		t.Fatal("no colour, or no refusal, is seen")
	}
	for _, line := range strings.Split(view, "\n") {
		if strings.Contains(line, "✓ allowed") && strings.Contains(line, loud) {
			t.Errorf("an allowed call shouts: %q", line)
		}
		if strings.Contains(line, "✗ refused") && !strings.Contains(line, loud) && !strings.Contains(line, pointer) {
			t.Errorf("a refused call does not stand out: %q", line)
		}
	}
}

// The slot of a call is in its row from a width that many terminals have, and
// takes no other column's place.
func TestActivitySlotColumn(t *testing.T) {
	for width, want := range map[int]string{102: "", 103: "pri", 120: "pri", 171: "pri", 172: "primary"} {
		w := newWorld(t)
		w.resize(width, 24)
		traffic(w)
		w.watches()
		head, rows, _ := strings.Cut(w.app.top().(*activityList).rows(), "\n")
		if got := strings.Contains(head, "Slot"); got != (want != "") || !strings.Contains(head, "From") {
			t.Errorf("%d cells: the heading is %q", width, head)
		}
		row, _, _ := strings.Cut(rows, "\n")
		if want != "" && !strings.Contains(row, " "+want+" ") {
			t.Errorf("%d cells: no %q in %q", width, want, row)
		}
	}
}

// What came while a list without calls was paused is not said to be nothing.
func TestPausedBeforeAnyCall(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.serves()
	w.watches()
	w.press("z")
	w.sees("No call yet.")
	w.brought(flood(3)...)
	w.ticks()
	w.sees("3 new", "Paused before any call was shown.", "3 calls came since. z goes on")
	w.seesNot("No call yet.")
	w.press("z")
	w.sees("3 of 3", "GET /customers/")
}
