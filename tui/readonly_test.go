package tui

import (
	"slices"
	"testing"

	"github.com/charmbracelet/bubbles/key"

	"dev.keyward/keyward/model"
)

// readOnly makes the console one that may look only, and opens it.
func (w *world) readOnly() *world {
	w.rt.ReadOnly = true
	w.backend.Backend = w.service.As(model.Caller{ReadOnly: true})
	return w.start()
}

func TestReadOnlyViews(t *testing.T) {
	everySize(t, "list", func(w *world) { variety(w); w.readOnly(); w.stands(serveOwns) })
	everySize(t, "empty", func(w *world) { w.readOnly() })
	everySize(t, "help", func(w *world) { variety(w); w.readOnly().press("?") })
	everySize(t, "detail", func(w *world) { variety(w); w.readOnly(); w.show(newDetail(w.rt, w.key("kiosk").ID, "kiosk")) })
	everySize(t, "refused", func(w *world) { variety(w); w.readOnly().press("d") })
}

// changing are the bindings of every screen that change something, or lead to a
// screen that only does.
var changing = []key.Binding{
	listKeys.New, listKeys.Samples, listKeys.RemoveSamples, listKeys.Mark, listKeys.MarkAll, undoKeys.Undo,
	actionKeys.Enable, actionKeys.Regenerate, actionKeys.Delete, detailKeys.Edit, detailKeys.Remove,
}

// On no screen is there a key that changes something, in the help or at all.
func TestReadOnlyChangesNothing(t *testing.T) {
	for name, open := range map[string]func(w *world){
		"loading": func(*world) {},
		"empty":   func(w *world) { w.readOnly() },
		"list":    func(w *world) { variety(w); w.readOnly() },
		"filtered": func(w *world) {
			variety(w)
			w.readOnly().press("/", "a", "enter")
		},
		"detail of a token": func(w *world) { variety(w); w.readOnly(); w.show(newDetail(w.rt, w.key("kiosk").ID, "kiosk")) },
		"detail of certificates": func(w *world) {
			variety(w)
			w.readOnly()
			w.show(newDetail(w.rt, w.key("warehouse").ID, "warehouse"))
			w.press("down", "down", "down", "down")
		},
		"audit": func(w *world) { variety(w); w.readOnly().press("A") },
		"entry": func(w *world) { variety(w); w.readOnly().press("A", "enter") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.rt.ReadOnly = true
			open(w)
			_, isDetail := w.app.top().(*detail)
			for _, group := range append(w.app.top().Keys().FullHelp(), w.app.top().Keys().ShortHelp()) {
				for _, b := range group {
					if b.Enabled() && slices.ContainsFunc(changing, func(c key.Binding) bool {
						return slices.Equal(c.Keys(), b.Keys()) && (c.Help().Key != "enter" || isDetail)
					}) {
						t.Errorf("%q %s is in the help", b.Help().Key, b.Help().Desc)
					}
				}
			}
			before, depth := len(w.store.entries), len(w.app.stack)
			for _, k := range []string{"n", "t", "S", "I", "e", "r", "d", "x", "u", "space", "*"} {
				w.press(k)
				if w.app.prompt != nil || len(w.app.stack) != depth {
					t.Fatalf("%q does something", k)
				}
			}
			if isDetail {
				if w.press("enter"); len(w.app.stack) != depth {
					t.Error("enter changes something")
				}
				w.sees("Nothing can be changed")
			}
			if made := len(w.store.entries) - before; made != 0 {
				t.Errorf("%d entries were made", made)
			}
		})
	}
}

// A command that was under way all the same is refused by the session.
func TestReadOnlySessionRefuses(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly()
	w.run(w.rt.setEnabled(w.key("kiosk").ID, "kiosk", false))
	w.sees("✗")
	if !w.key("kiosk").Enabled {
		t.Error("the key was disabled")
	}
}
