package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// someSecrets are two of a key's.
func someSecrets(w *world) (secrets [2]model.Secret) {
	w.t.Helper()
	if err := w.rt.drawSecrets(&secrets); err != nil {
		w.t.Fatal(err)
	}
	return secrets
}

// showsSecrets shows the secrets of a key.
func (w *world) showsSecrets() *reveal {
	w.t.Helper()
	variety(w)
	w.start()
	w.show(newReveal(w.rt, w.key("kiosk"), someSecrets(w)))
	r, ok := w.app.top().(*reveal)
	if !ok {
		w.t.Fatalf("%T is seen", w.app.top())
	}
	return r
}

func TestPaletteOverSecretsViews(t *testing.T) {
	everySize(t, "open", func(w *world) { w.showsSecrets(); w.press(":") })
	everySize(t, "away", func(w *world) { w.showsSecrets(); w.press(":"); w.write("audit") })
}

// Over secrets the palette has what their screen does, and nothing that would
// lose them; it asks no store for keys.
func TestPaletteOverSecrets(t *testing.T) {
	w := newWorld(t)
	r := w.showsSecrets()
	w.press(":")
	for _, it := range w.app.palette.actions {
		if it.leaves || it.run != nil || strings.Contains(it.name, goTo) || strings.Contains(it.name, ": ") {
			t.Errorf("%q leads away", it.name)
		}
	}
	asked := w.backend.lists
	w.write("kiosk")
	w.sees("Not on this screen: leaving it loses the secrets.")
	if w.backend.lists != asked {
		t.Error("keys were looked for")
	}
	w.press("esc", ":")
	w.write("copy secondary")
	w.press("enter")
	if !r.copied[1] || r.copied[0] || r.masked {
		t.Errorf("copied: %v, hidden: %v", r.copied, r.masked)
	}
	w.press("ctrl+p")
	w.write("done")
	w.press("enter")
	if w.app.prompt == nil || w.app.top() != screen(r) {
		t.Fatalf("they were left unasked:\n%s", w.screen())
	}
	w.press("n")
	if w.app.top() != screen(r) || r.masked {
		t.Error("no leaves, or hides")
	}
}

// Where a path to write a secret to is typed, the palette has that.
func TestPaletteOverAPathOfASecret(t *testing.T) {
	w := newWorld(t)
	r := w.showsSecrets()
	w.press("w", ":", "ctrl+p")
	if got := r.form.Value(); !strings.HasSuffix(got, ":") {
		t.Errorf("a colon is no text: %q", got)
	}
	if w.app.palette == nil || len(w.app.palette.actions) != 2 {
		t.Errorf("the palette has %v", namesOf(w.app.palette.actions))
	}
}

// Secrets that are hidden are shown by whatever is pressed, and nothing more.
func TestNoPaletteOverHiddenSecrets(t *testing.T) {
	w := newWorld(t)
	r := w.showsSecrets()
	w.send(hideMsg{})
	w.press("ctrl+p")
	if w.app.palette != nil || r.masked {
		t.Errorf("palette: %v, hidden: %v", w.app.palette != nil, r.masked)
	}
}

// From the file picker everything is reached that a place reaches, and its own
// actions by their names.
func TestPaletteOverThePicker(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("C", "i")
	p, ok := w.app.top().(*picker)
	if !ok {
		t.Fatalf("%T is seen", w.app.top())
	}
	w.commandsFor("generate")
	w.press("enter")
	if p.mode != filling {
		t.Fatalf("nothing is generated:\n%s", w.screen())
	}
	w.write("a:b")
	w.commandsFor("go to workflows")
	w.press("enter")
	if _, ok := w.app.top().(*workflowList); !ok {
		t.Fatalf("the palette went to %T", w.app.top())
	}
	w.press("esc")
	if w.app.top() != screen(p) {
		t.Errorf("esc went to %T", w.app.top())
	}
	w.sees("a:b")
}
