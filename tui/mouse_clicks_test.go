package tui

import (
	"reflect"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// Two clicks on what is not under the cursor: the first puts the cursor there
// and does nothing else, the second does what a person would expect. A click on
// a button presses it.
var clicks = []struct {
	name   string
	open   func(w *world)
	on     string // what is clicked on
	cursor string // stands on the cursor's line then; "": as on
	second string // is seen after the second click; "": the same is seen
	once   bool   // it is a button
}{
	{name: "bin", open: binned, on: "crm sync", second: "Kept for"},
	{name: "certificates", open: func(w *world) { renewals(w); w.start(); w.press("C") }, on: "partner_portal", second: "Thumbprint"},
	{name: "activity", open: func(w *world) { traffic(w); w.watches(); w.press("up", "up", "z") }, on: "old", second: "Checks"},
	{name: "import", open: func(w *world) { w.previews(shopRows()) }, on: "get-order-2", second: "    get-order-2"},
	{name: "endpoints", open: func(w *world) { busyEndpoints(w) }, on: "https://127.0.0.1:8443"},
	{name: "key, a slot", open: func(w *world) { variety(w); w.opens("crm sync") }, on: "Secondary", second: "Which secret"},
	{name: "key, the name", open: func(w *world) { variety(w); w.opens("crm sync"); w.press("down") }, on: "Name", second: "[ Save ]"},
	{name: "key, in two panes", open: func(w *world) { variety(w); w.resize(160, 40); w.opens("crm sync") }, on: "list-customers", second: "3 of 6 chosen"},
	{name: "rotation", open: func(w *world) { renewals(w); w.rotates("crm sync") }, on: "Secondary", second: "How to call"},
	{name: "rotation, side by side", open: func(w *world) { renewals(w); w.resize(120, 40); w.rotates("crm sync") }, on: "Secondary", second: "How to call"},
	{name: "renewal, a slot", open: func(w *world) { variety(w); w.opens("crm sync"); w.press("r") }, on: "secondary", second: "any other key cancels"},
	{name: "renewal, a time", open: func(w *world) { variety(w); w.opens("crm sync"); w.press("r") }, on: "7 days", second: "any other key cancels"},
	{name: "workflows to permit", open: func(w *world) { variety(w); w.start(); w.press("p") }, on: "order-status", second: "[x] order-status"},
	{name: "files", open: func(w *world) { w.start(); w.picks("client") }, on: "client.crt ", second: "not a certificate"},
	{name: "why", open: func(w *world) { traffic(w); w.explains("permission"); w.press("pgup") }, on: "billing-nightly, primary", second: "How to call"},
	{name: "try it, method", open: func(w *world) { traffic(w); w.tries(); w.press("tab") }, on: "Method", second: "POST"},
	{name: "try it, language", open: func(w *world) { traffic(w); w.tries() }, on: "Python", cursor: "‹Python›"},
	{name: "workflow, a field", open: func(w *world) { w.listsWorkflows(); w.press("enter") }, on: "Path"},
	{name: "workflow, a choice", open: func(w *world) { w.listsWorkflows(); w.finds("invoice"); w.press("enter") }, on: "Method", second: "PUT"},
	{name: "workflow, save", open: func(w *world) { w.listsWorkflows(); w.press("enter") }, on: "[ Save ]", second: "Nothing was changed", once: true},
	{name: "edit, a field", open: func(w *world) { variety(w); w.edits("crm sync", partName) }, on: "Expires"},
	{name: "edit, a choice", open: func(w *world) { variety(w); w.edits("crm sync", partName) }, on: "In the URL", second: "refused"},
	{name: "edit, workflows", open: func(w *world) { variety(w); w.edits("crm sync", partName) }, on: "Workflows", second: "of 6 chosen"},
	{name: "edit, save", open: func(w *world) { variety(w); w.edits("crm sync", partName); w.write("2") }, on: "[ Save ]", second: "is changed", once: true},
	{name: "new key, kind", open: func(w *world) { w.start(); w.press("n") }, on: "Token-based", second: "What is the key called"},
	{name: "new key, environment", open: func(w *world) { w.makes("down", "enter", "n", "e", "w", "enter") }, on: "Production", second: "Which workflows"},
	{name: "new key, workflows", open: func(w *world) { variety(w); w.makes("down", "enter", "n", "e", "w", "enter", "enter") }, on: "order-status", second: "[x] order-status"},
	{name: "new key, certificate", open: func(w *world) {
		variety(w)
		w.makes("enter", "n", "e", "w", "enter", "enter", "space", "enter")
	}, on: "Secondary", second: "New secondary certificate"},
	{name: "new key, limits", open: func(w *world) {
		variety(w)
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter")
	}, on: "In the URL", second: "[accepted]"},
	{name: "new key, review", open: func(w *world) {
		variety(w)
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter", "enter")
	}, on: "Environment  ", second: "Which environment"},
	{name: "new key, create", open: func(w *world) {
		variety(w)
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter", "enter")
		w.press("up")
	}, on: "Create the key", second: "Store these secrets now", once: true},
}

func TestClicksOnEveryScreen(t *testing.T) {
	for _, c := range clicks {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.app.mouse.wanted = true
			w.rt.Certificates = &makeCertificates{}
			c.open(w)
			if !w.app.mouse.taken {
				t.Fatal("the mouse is not taken")
			}
			top := w.app.top()
			w.clickOn(c.on)
			if !c.once {
				if w.app.top() != top || w.app.prompt != nil {
					t.Fatalf("one click does more than move the cursor:\n%s", w.app.View())
				}
				want := c.cursor
				if want == "" {
					want = c.on
				}
				marked := strings.Contains(want, "‹")
				for _, line := range strings.Split(w.app.View(), "\n") {
					marked = marked || strings.Contains(line, "›") && strings.Contains(line, strings.TrimSpace(want)) && !strings.Contains(line, "Keys › ")
				}
				if !marked || !strings.Contains(w.app.View(), want) {
					t.Errorf("the cursor is not on %q:\n%s", want, w.app.View())
				}
				w.clickOn(c.on)
			}
			if view := w.app.View(); c.second != "" && !strings.Contains(view, c.second) {
				t.Errorf("%q is not seen after the click:\n%s", c.second, view)
			}
		})
	}
}

// Every type of screen takes clicks or holds nothing to click on, by name.
func TestEveryScreenTakesClicks(t *testing.T) {
	textOnly := map[string]string{
		"reveal": "the mouse is off there", "auditEntry": "lines to read", "certificateDetail": "lines to read",
		"deletedKey": "lines to read", "export": "one field",
	}
	base, seen := crowd(t), map[string]bool{}
	for _, s := range census {
		w := base.again(t, "x")
		s.open(w, "x")
		for _, on := range w.app.stack {
			name := reflect.TypeOf(on).Elem().Name()
			_, rows := on.(clicker)
			_, spots := on.(spotClicker)
			if takes := rows || spots; takes == (textOnly[name] != "") {
				t.Errorf("%s takes clicks: %v (%s)", name, takes, textOnly[name])
			}
			seen[name] = true
		}
	}
	for name := range textOnly {
		if !seen[name] {
			t.Errorf("there is no screen %s", name)
		}
	}
}

// The wheel scrolls what there is more of than can be seen, on each screen that
// scrolls, and comes back.
func TestWheelEverywhere(t *testing.T) {
	for name, open := range map[string]func(w *world){
		"keys": func(w *world) { variety(w); w.start() }, "workflows": func(w *world) { w.listsWorkflows() },
		"environments": func(w *world) { w.listsEnvironments() }, "certificates": func(w *world) { renewals(w); w.start(); w.press("C") },
		"audit": func(w *world) { trail(w); w.start(); w.press("A") }, "bin": binned,
		"import": func(w *world) { w.previews(manyRows(90)) }, "endpoints": func(w *world) { busyEndpoints(w) },
		"key": func(w *world) { variety(w); w.opens("warehouse") }, "rotation": func(w *world) { renewals(w); w.rotates("crm sync") },
		"certificate":         func(w *world) { renewals(w); w.start(); w.press("C", "enter") },
		"audit entry":         func(w *world) { trail(w); w.start(); w.press("A", "end", "enter") },
		"why":                 func(w *world) { traffic(w); w.explains("permission"); w.press("home") },
		"try it":              func(w *world) { traffic(w); w.tries(); w.press("shift+tab", "left") },
		"workflows to permit": func(w *world) { variety(w); w.start(); w.press("p") },
		"files":               func(w *world) { w.start(); w.picks("client") },
		"help":                func(w *world) { variety(w); w.start(); w.press("?") },
		"palette":             func(w *world) { variety(w); w.start(); w.press(":") },
		"kind":                func(w *world) { w.start(); w.press("n") },
	} {
		w := newWorld(t)
		w.app.mouse.wanted = true
		w.rt.Certificates = &makeCertificates{}
		w.resize(minWidth, minHeight)
		open(w)
		first := w.app.View()
		w.wheel(tea.MouseButtonWheelDown)
		if w.app.View() == first {
			t.Errorf("%s: the wheel does nothing:\n%s", name, first)
		}
		for range 3 {
			w.wheel(tea.MouseButtonWheelUp)
		}
		if got := w.app.View(); got != first {
			t.Errorf("%s: the wheel does not come back:\n%s\nit was\n%s", name, got, first)
		}
	}
}

// What is not there cannot be clicked on, wherever the click is.
func TestClicksOnNothing(t *testing.T) {
	base := crowd(t)
	for _, s := range census {
		w := base.again(t, "x")
		w.app.mouse.wanted = true
		s.open(w, "x")
		if w.app.secret() && w.app.mouse.taken {
			t.Errorf("%s: the mouse is taken beside secrets", s.name)
		}
		before, depth := w.app.View(), len(w.app.stack)
		for _, at := range [][2]int{{0, 0}, {0, 23}, {79, 1}, {-1, -1}, {5, 400}} {
			w.clickAt(at[0], at[1])
		}
		if got := w.app.View(); len(w.app.stack) != depth || w.app.palette == nil && !strings.Contains(s.name, "status") && got != before {
			t.Errorf("%s: a click on nothing did something:\n%s\nit was\n%s", s.name, got, before)
		}
	}
}
