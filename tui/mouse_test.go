package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// mouse presses the left button at a cell.
func (w *world) clickAt(x, y int) {
	w.t.Helper()
	w.send(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
}

// clickOn presses the left button on the first place where a text is seen.
func (w *world) clickOn(text string) {
	w.t.Helper()
	for y, line := range strings.Split(w.screen(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			w.clickAt(cells(before), y)
			return
		}
	}
	w.t.Fatalf("%q is not seen:\n%s", text, w.screen())
}

func (w *world) wheel(b tea.MouseButton) {
	w.send(tea.MouseMsg{X: 5, Y: 6, Action: tea.MouseActionPress, Button: b})
}

// mousing opens the list with the mouse on.
func mousing(t *testing.T) *world {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("m")
	w.sees("hold shift")
	if !w.app.mouse.taken {
		t.Fatal("the mouse is not taken")
	}
	return w
}

func TestMouseIsOffAtFirst(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.clickOn("kiosk")
	w.wheel(tea.MouseButtonWheelDown)
	if at := w.app.aim().name; at != "a-name-that-is-as-long-as-names-may-be-which-is-sixty-four-signs" {
		t.Errorf("the cursor is on %q", at)
	}
	for _, msg := range w.log {
		if msg == tea.EnableMouseCellMotion() {
			t.Error("the terminal was told to report the mouse")
		}
	}
	w.press("m", "m")
	w.sees("terminal's own again")
	if w.app.mouse.taken {
		t.Error("the mouse is still taken")
	}
}

func TestMouseFromTheStart(t *testing.T) {
	w := newWorld(t)
	w.app.mouse.wanted = true
	w.start()
	if !w.app.mouse.taken {
		t.Error("the mouse is not taken")
	}
}

func TestClicksOnRows(t *testing.T) {
	for place, first := range map[string]string{"": "kiosk", "W": "get-customer", "E": "Test", "A": "workflow created"} {
		w := mousing(t)
		if place != "" {
			w.press(place)
		}
		depth := len(w.app.stack)
		w.clickOn(first)
		if len(w.app.stack) != depth {
			t.Fatalf("%q: one click opened %T", place, w.app.top())
		}
		for _, line := range strings.Split(w.screen(), "\n") {
			if strings.HasPrefix(line, pointer) && !strings.Contains(line, first) {
				t.Errorf("%q: the cursor is at %q", place, line)
			}
		}
		w.clickOn(first)
		if len(w.app.stack) != depth+1 {
			t.Errorf("%q: a click on the cursor's row opened nothing", place)
		}
	}
}

// A click where there is no row does nothing.
func TestClicksBeside(t *testing.T) {
	w := mousing(t)
	for _, at := range [][2]int{{0, 0}, {5, 1}, {5, 2}, {5, 3}, {5, 20}, {5, 22}, {-1, -1}, {0, 23}, {79, 23}, {5, 400}} {
		before := w.screen()
		w.clickAt(at[0], at[1])
		if got := w.app.aim().name; !strings.HasPrefix(got, "a-name") {
			t.Errorf("a click at %v moved the cursor to %q", at, got)
		}
		if len(w.app.stack) != 1 {
			t.Fatalf("a click at %v opened something on\n%s", at, before)
		}
	}
}

func TestWheel(t *testing.T) {
	w := mousing(t)
	w.wheel(tea.MouseButtonWheelDown)
	if at := w.app.aim().name; at != "kiosk" {
		t.Errorf("the cursor is on %q", at)
	}
	w.wheel(tea.MouseButtonWheelUp)
	if at := w.app.aim().name; !strings.HasPrefix(at, "a-name") {
		t.Errorf("the cursor is on %q", at)
	}
	e := w.edits("kiosk", partExpires)
	before := w.screen()
	w.wheel(tea.MouseButtonWheelDown)
	if w.screen() != before {
		t.Errorf("the wheel changes a form: %+v", e)
	}
}

func TestClicksOnTheHelpLine(t *testing.T) {
	w := mousing(t)
	w.press("K") // the status is gone
	w.clickOn("/ filter")
	if !w.app.top().Typing() {
		t.Error("the filter was not opened")
	}
	w.clickOn("clear it")
	if w.app.top().Typing() {
		t.Error("the filter is still open")
	}
	w.clickOn(": actions")
	if w.app.palette == nil {
		t.Fatal("the palette was not opened")
	}
	w.write("workflows")
	w.clickOn("go to workflows")
	if _, ok := w.app.top().(clicker); !ok || w.app.top().Title() != "Workflows" {
		t.Errorf("the palette went to %q", w.app.top().Title())
	}
	w.press("?")
	w.clickOn("any other")
	if w.app.help != nil {
		t.Error("the help is still open")
	}
	w.press(":")
	w.clickAt(0, 10)
	if w.app.palette != nil {
		t.Error("a click beside the palette leaves it open")
	}
}

func TestClicksOnPrompts(t *testing.T) {
	for answer, want := range map[string]bool{"y disable": false, "any other key": true, "Disable": true} {
		w := mousing(t)
		w.clickOn("crm sync")
		w.press("e")
		open := w.app.prompt != nil
		w.clickOn(answer)
		if k := w.key("crm sync"); !open || k.Enabled != want {
			t.Errorf("a click on %q: asked %v, enabled %v", answer, open, k.Enabled)
		}
		if gone := w.app.prompt == nil; gone != (answer != "Disable") {
			t.Errorf("a click on %q: the prompt is gone: %v", answer, gone)
		}
	}
}

// Where secrets are shown or picked the mouse is the terminal's; afterwards it
// is as it was.
func TestMouseIsOffAtSecrets(t *testing.T) {
	w := mousing(t)
	var secrets [2]model.Secret
	if err := w.rt.drawSecrets(&secrets); err != nil {
		t.Fatal(err)
	}
	r := newReveal(w.rt, model.KeyInfo{}, secrets)
	w.show(r)
	if w.app.mouse.taken {
		t.Fatal("the mouse is taken while secrets are shown")
	}
	w.press("m")
	if !w.app.mouse.wanted {
		t.Error("the key of the mouse works there")
	}
	w.send(tea.EnableMouseCellMotion()) // an order that came late
	if w.app.mouse.taken {
		t.Error("a late order leaves the mouse taken")
	}
	w.send(closeMsg{r})
	if !w.app.mouse.taken {
		t.Error("the mouse is not taken again")
	}
	for _, msg := range []tea.Msg{tookTerminalMsg{}, tea.ResumeMsg{}} {
		n := len(w.log)
		w.send(msg)
		again := false
		for _, m := range w.log[n:] {
			again = again || m == tea.EnableMouseCellMotion()
		}
		if !again {
			t.Errorf("after %T the terminal is not told to report the mouse", msg)
		}
	}
}

// One order waits for the other.
func TestMouseOrdersDoNotOvertake(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.hold = true
	w.press("m", "m", "m", "m")
	orders := 0
	for _, cmd := range w.held {
		orders += countOrders(cmd())
	}
	if orders != 1 {
		t.Errorf("%d orders are under way", orders)
	}
}

func countOrders(msg tea.Msg) int {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		n := 0
		for _, cmd := range msg {
			n += countOrders(cmd())
		}
		return n
	case tea.Msg:
		if msg == tea.EnableMouseCellMotion() || msg == tea.DisableMouse() {
			return 1
		}
	}
	return 0
}
