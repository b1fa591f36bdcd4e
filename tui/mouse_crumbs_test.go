package tui

import (
	"strings"
	"testing"
)

// A click on a part of the way at the top goes back there, however many screens
// are above it; beside the parts, and on the last one, it does nothing.
func TestClickOnTheBreadcrumb(t *testing.T) {
	w := mousing(t)
	w.resize(120, 40)
	w.finds("kiosk")
	w.press("enter", "A")
	if len(w.app.stack) != 3 {
		t.Fatalf("%d screens", len(w.app.stack))
	}
	line := strings.Split(w.screen(), "\n")[0]
	place := func(text string) int { return cells(line[:strings.Index(line, text)]) }
	for _, x := range []int{0, 3, place(" › "), place(" › ") + 1, place(w.app.top().Title()), cells(line) - 1} {
		w.clickAt(x, 0)
		if len(w.app.stack) != 3 {
			t.Fatalf("a click on cell %d of %q leads away", x, line)
		}
	}
	w.press("?")
	w.clickAt(place("Keys"), 0)
	w.press("?")
	if len(w.app.stack) != 3 {
		t.Error("a click above the help leads away")
	}
	w.clickAt(place("kiosk"), 0)
	if len(w.app.stack) != 2 {
		t.Fatalf("a click on the key leads to %s", w.app.top().Title())
	}
	w.press("A")
	w.clickAt(place("Keys")+3, 0)
	if len(w.app.stack) != 1 {
		t.Fatalf("a click on Keys leads to %s", w.app.top().Title())
	}
}

// What is unsaved is asked about, as by esc.
func TestClickOnTheBreadcrumbAsks(t *testing.T) {
	w := mousing(t)
	w.resize(120, 40)
	w.press("W", "enter")
	w.write("2")
	w.clickOn("Keys › Workflows")
	if w.app.prompt == nil || len(w.app.stack) != 3 {
		t.Fatalf("it is not asked about:\n%s", w.app.View())
	}
	w.clickOn("Keys › Workflows") // a question is answered first
	w.press("esc")
	if len(w.app.stack) != 3 {
		t.Fatal("a no loses what was typed")
	}
	w.clickOn("Keys › Workflows")
	w.press("y")
	if len(w.app.stack) != 1 {
		t.Errorf("a yes leads to %s", w.app.top().Title())
	}
}

// What the header has no room for cannot be clicked on.
func TestClickBesideACutBreadcrumb(t *testing.T) {
	w := mousing(t)
	w.send(standingMsg{standing: serveOwns})
	w.resize(minWidth, minHeight)
	w.press("W")
	w.finds("get-customer")
	w.press("enter")
	w.send(pushMsg{newAudit(w.rt, 0)})
	line := strings.Split(w.screen(), "\n")[0]
	begin, end := strings.Index(line, "◆ get-customer"), strings.Index(line, "Audit")
	if !strings.Contains(line, "… › ") || begin < 0 || end < 0 {
		t.Fatalf("all of it is seen, or too little: %q", line)
	}
	for x := range minWidth {
		if x < cells(line[:begin]) || x >= cells(line[:end]) {
			w.clickAt(x, 0)
		}
	}
	if len(w.app.stack) != 4 {
		t.Errorf("a click beside %q leads away", line)
	}
}
