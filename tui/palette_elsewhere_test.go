package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// commandsFor opens the palette with a text typed in it.
func (w *world) commandsFor(text string) *palette {
	w.t.Helper()
	w.press("ctrl+p")
	if w.app.palette == nil {
		w.t.Fatalf("no palette opens:\n%s", w.screen())
	}
	w.write(text)
	return w.app.palette
}

// What people look for is found from the list of keys, by the words that they
// have for it.
func TestPaletteFindsByName(t *testing.T) {
	for typed, want := range map[string]string{
		"verify": "Audit trail: verify the chain", "purge": "Bin: purge what is due", "inspect": "Certificates: inspect a file",
		"pause": "Activity: pause", "follow": "Activity: follow, newest last", "export": "Certificates: write to a file",
		"new key": "new", "new workflow": "Workflows: new", "restore": "Bin: restore", "undo": "undo", "start": "start an endpoint here",
		"renew": "renew", "rotate": "renew", "regenerate": "renew", "log": "go to audit trail", "logs": "go to audit trail", "exit": "quit", "quit": "quit",
		"audit": "go to audit trail", "bin": "go to bin", "workflows": "go to workflows", "new": "new", "delete": "delete",
		"new environment": "Environments: new", "curl": "go to try a call", "allow": "permit", "search": "filter", "edit workflow": "Workflows: change",
	} {
		w := newWorld(t)
		variety(w)
		w.start()
		p := w.commandsFor(typed)
		if len(p.shown) == 0 || p.shown[0].name != want {
			t.Errorf("%q finds %q first", typed, namesOf(p.shown))
		}
	}
	w := newWorld(t)
	variety(w)
	w.opens("warehouse")
	for typed, want := range map[string]string{"new key": "Keys: new", "sort": "Keys: " + listKeys.Sort.Help().Desc} {
		if names := namesOf(w.commandsFor(typed).shown); len(names) == 0 || names[0] != want {
			t.Errorf("%q finds %q first on a key", typed, names)
		}
		w.press("esc")
	}
	w = newWorld(t)
	variety(w)
	w.start()
	if names := namesOf(w.commandsFor("revoke").shown); names[0] != "disable" && names[0] != "delete" {
		t.Errorf("revoke finds %q", names)
	}
}

func namesOf(all []action) (names []string) {
	for _, it := range all {
		names = append(names, it.name)
	}
	return names
}

// Each action of a place is done from another screen as if it was gone to and
// the key pressed, or says what to press.
func TestPaletteDoesElsewhere(t *testing.T) {
	for typed, done := range map[string]func(w *world) bool{
		"verify the chain": func(w *world) bool { return strings.Contains(w.screen(), "The audit trail is whole") },
		"workflows new":    func(w *world) bool { _, ok := w.app.top().(*workflowForm); return ok },
		"inspect":          func(w *world) bool { _, ok := w.app.top().(*picker); return ok },
		"activity pause":   func(w *world) bool { l, ok := w.app.top().(*activityList); return ok && l.paused },
		"activity follow":  func(w *world) bool { l, ok := w.app.top().(*activityList); return ok && l.following && !l.paused },
		"activity filter":  func(w *world) bool { l, ok := w.app.top().(*activityList); return ok && l.filter.typing },
		"bin purge":        func(w *world) bool { _, ok := w.app.top().(*binList); return ok && w.app.status.text != "" },
		"bring back":       func(w *world) bool { return w.app.status.text == "Choose one here; b: restore." },
		"workflows delete": func(w *world) bool { return w.app.status.text == "Choose one here; d: delete." && w.app.prompt == nil },
		"keys new":         func(w *world) bool { _, ok := w.app.top().(*wizard); return ok },
		"keys filter":      func(w *world) bool { l, ok := w.app.top().(*keyList); return ok && l.filter.typing },
		"keys regenerate": func(w *world) bool {
			return len(w.app.stack) == 1 && w.app.status.text == "Choose one here; r: regenerate."
		},
		"certificates filter": func(w *world) bool { l, ok := w.app.top().(*certificateList); return ok && l.filter.typing },
	} {
		for _, slow := range []bool{false, true} {
			w := newWorld(t)
			traffic(w)
			w.opens("warehouse")
			p := w.commandsFor(typed)
			if len(p.shown) == 0 {
				t.Errorf("%q finds nothing", typed)
				continue
			}
			w.hold = slow
			w.press("enter")
			if slow {
				if _, same := w.app.top().(*detail); same && w.app.prompt != nil {
					t.Errorf("%q: the key was pressed where it was not meant", typed)
				}
				w.release()
			}
			if !done(w) {
				t.Errorf("%q, slow %v: %q is not done:\n%s", typed, slow, p.shown[0].name, w.screen())
			}
		}
	}
}

// Every action elsewhere is a key that the place has.
func TestActionsElsewhereAreOfThePlace(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.rt.Documents = &reader{}
	w.opens("kiosk")
	for _, e := range actionsElsewhere() {
		if matchesHelp(e.key, placeKeys.Import) {
			continue
		}
		named := upperFirst(e.place.Help().Desc) + ": " + e.key.Help().Desc
		found := false
		for _, it := range w.app.actions() {
			found = found || it.name == named && it.leaves && it.run != nil
		}
		if !found && !matchesHelp(e.key, placeKeys.Rotation) {
			t.Errorf("%q is not in the palette", named)
		}
	}
}

// A console that may only look says so of what changes elsewhere, and does none
// of it; over a connection there is nothing of files.
func TestActionsElsewhereAreLimited(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly()
	for _, it := range w.app.actions() {
		for _, does := range []string{": new", ": delete", ": purge", ": restore"} {
			if strings.Contains(it.name, does) && it.off == "" && it.key != "C n" {
				t.Errorf("%q is on", it.name)
			}
		}
	}
	w = newWorld(t)
	variety(w)
	w.rt.Remote = &Remote{}
	w.start()
	for _, it := range w.app.actions() {
		if strings.Contains(it.name, "to a file") {
			t.Errorf("%q is there over a connection", it.name)
		}
	}
}

// The name of a key is enough to open it, before the answer came as well.
func TestPaletteOpensAKeyByItsName(t *testing.T) {
	for _, slow := range []bool{false, true} {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press(":")
		w.hold = slow
		w.write("kiosk")
		w.press("enter")
		if slow {
			w.release()
		}
		if d, ok := w.app.top().(*detail); !ok || d.Title() != "kiosk" {
			t.Errorf("slow %v: the palette went to %T %q", slow, w.app.top(), w.app.top().Title())
		}
	}
	w := newWorld(t)
	variety(w)
	w.token(model.KeyDraft{Name: "delete"})
	w.start()
	if names := namesOf(w.commandsFor("delete").shown); names[0] != "delete" || names[1] != "key delete" {
		t.Errorf("an action and a key of one name: %q", names)
	}
}

// Over a form the palette opens with a key that is no text; nothing is lost by
// it unless the user says so.
func TestPaletteOverAForm(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("kiosk", partName)
	form := w.app.top()
	w.write("2:")
	w.sees("kiosk2:")
	w.press("backspace")
	w.commandsFor("audit")
	w.press("esc")
	w.sees("kiosk2")
	w.commandsFor("go to audit")
	w.press("enter")
	if w.app.prompt == nil {
		t.Fatalf("nothing was asked:\n%s", w.screen())
	}
	w.press("n")
	if w.app.top() != form {
		t.Fatalf("no went to %T", w.app.top())
	}
	w.sees("kiosk2")
	w.commandsFor("kiosk")
	w.press("esc")
	w.commandsFor("verify")
	w.press("enter", "y")
	w.sees("The audit trail is whole")
	for _, s := range w.app.stack {
		if s == form {
			t.Error("the form is still there")
		}
	}
}

// Where text is entered no action of the palette types something.
func TestPaletteTypesNothing(t *testing.T) {
	for name, w := range modes(t) {
		if !w.app.top().Typing() {
			continue
		}
		w.press("ctrl+p")
		if w.app.palette == nil {
			continue
		}
		for _, it := range w.app.palette.actions {
			if it.run == nil && it.off == "" && len(it.msg.Runes) > 0 && it.msg.Runes[0] != ' ' && strings.Contains("?:mquqS", string(it.msg.Runes)) {
				t.Errorf("%s: %q is typed as %q", name, it.name, it.msg)
			}
		}
	}
}
