package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// changers are the bindings that change something, lead to a screen that only
// does, or prepare it, as the help says them.
var changers = []string{
	"new", "sample workflows", "mark", "unmark", "mark all shown", "enable", "disable", "enable/disable", "regenerate", "replace", "delete",
	"permit", "permit workflows", "change", "remove the certificate", "save", "other value", "next value", "take the new version", "restore",
	"restore", "purge what is due", "create the key", "undo", "choose the certificate", "undo for 30 s",
}

// On no screen, in none of its modes, is there a key that changes something,
// where nothing can be: read-only from the start, for a viewer over SSH, and
// where the store has just become unusable under an open form.
func TestLockedScreensChangeNothing(t *testing.T) {
	for how, lock := range map[string]func(w *world){
		"read-only": func(w *world) { w.rt.ReadOnly = true },
		"viewer":    func(w *world) { w.rt.ReadOnly, w.rt.Remote = true, &Remote{} },
		"degraded":  func(w *world) { w.stands(damaged) },
	} {
		for name, w := range modes(t) {
			lock(w)
			where := how + ", " + name
			offered := func() {
				t.Helper()
				for _, b := range w.offered() {
					if _, tries := w.app.top().(*try); tries && strings.HasSuffix(b.Help().Desc, "value") {
						continue // it asks, and changes nothing
					}
					if desc := b.Help().Desc; slices.Contains(changers, desc) || strings.HasPrefix(desc, "permit") {
						t.Errorf("%s: %s %s is in the help", where, b.Help().Key, desc)
					}
				}
				for _, text := range []string{"[ Save ]", "[ Restore ]", "enter change"} {
					if view := w.app.View(); strings.Contains(view, text) {
						t.Errorf("%s: %q is on the screen:\n%s", where, text, view)
					}
				}
			}
			offered()
			before, depth, unsaved := len(w.store.entries), len(w.app.stack), w.app.top().Unsaved() != nil
			for _, k := range []string{"n", "e", "r", "d", "x", "u", "p", "b", "X", "space", "*", "left", "right", "ctrl+s", "ctrl+r", "z"} {
				if w.app.top().Typing() && k != "ctrl+s" {
					continue // it is text: of a filter
				}
				w.press(k)
				if w.app.prompt != nil || len(w.app.stack) != depth {
					t.Fatalf("%s: %q does something:\n%s", where, k, w.app.View())
				}
			}
			if !w.app.top().Typing() {
				w.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("pasted"), Paste: true})
			}
			if now := w.app.top().Unsaved() != nil; now && !unsaved {
				t.Errorf("%s: the form was changed", where)
			}
			offered()
			if made := len(w.store.entries) - before; made != 0 {
				t.Errorf("%s: %d entries were made", where, made)
			}
		}
	}
}

// offered are the keys that the help tells of.
func (w *world) offered() []key.Binding {
	k := w.app.top().Keys()
	list := slices.Clone(k.ShortHelp())
	for _, group := range k.FullHelp() {
		list = append(list, group...)
	}
	if w.app.undoes() {
		list = append(list, undoKeys.Undo)
	}
	return slices.DeleteFunc(list, func(b key.Binding) bool { return !b.Enabled() })
}

func TestLockedFormViews(t *testing.T) {
	everySize(t, "workflow", func(w *world) { w.listsWorkflows(); w.readOnly(); w.press("W", "down", "enter") })
	everySize(t, "environment", func(w *world) { w.listsEnvironments(); w.readOnly(); w.press("E", "down", "enter", "tab") })
	everySize(t, "workflows", func(w *world) { w.listsWorkflows(); w.readOnly(); w.press("W") })
	everySize(t, "edit, degraded meanwhile", func(w *world) { variety(w); w.edits("crm sync", partName); w.write("2"); w.stands(damaged) })
}
