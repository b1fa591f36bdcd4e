package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

func TestPaletteViews(t *testing.T) {
	everySize(t, "open", func(w *world) { variety(w); w.start(); w.press(":") })
	everySize(t, "typed", func(w *world) { variety(w); w.start(); w.press(":"); w.write("dis") })
	everySize(t, "nothing", func(w *world) { variety(w); w.start(); w.press(":"); w.write("zzz") })
	everySize(t, "keys", func(w *world) { variety(w); w.start(); w.press(":"); w.write("keys o") })
	everySize(t, "read-only", func(w *world) { variety(w); w.readOnly(); w.press(":"); w.write("de") })
}

func TestPaletteOpens(t *testing.T) {
	for name, c := range map[string]struct {
		colon, ctrl bool
		open        func(w *world)
	}{
		"list":      {true, true, func(w *world) { w.start() }},
		"loading":   {true, true, func(*world) {}},
		"detail":    {true, true, func(w *world) { w.opens("kiosk") }},
		"filter":    {false, true, func(w *world) { w.start(); w.press("/") }},
		"prompt":    {false, false, func(w *world) { w.start(); w.press("d") }},
		"form":      {false, true, func(w *world) { w.edits("kiosk", partName) }},
		"changed":   {true, true, func(w *world) { w.edits("crm sync", partQuery); w.press("right") }},
		"picker":    {false, true, func(w *world) { w.start(); w.press("C", "i") }},
		"import":    {false, true, func(w *world) { w.rt.Documents = &reader{}; w.start(); w.press("I") }},
		"path":      {false, true, func(w *world) { w.start(); w.press("C", "i", "tab") }},
		"generate":  {false, true, func(w *world) { w.start(); w.press("C", "i", "ctrl+g") }},
		"hidden":    {false, false, func(w *world) { w.start(); w.show(newReveal(w.rt, model.KeyInfo{}, someSecrets(w))); w.send(hideMsg{}) }},
		"reveal":    {true, true, func(w *world) { w.start(); w.show(newReveal(w.rt, model.KeyInfo{}, [2]model.Secret{})) }},
		"too small": {false, false, func(w *world) { w.start(); w.resize(40, 10) }},
	} {
		for k, opens := range map[string]bool{":": c.colon, "ctrl+p": c.ctrl} {
			t.Run(name+" "+k, func(t *testing.T) {
				w := newWorld(t)
				variety(w)
				c.open(w)
				w.press(k)
				if got := w.app.palette != nil; got != opens {
					t.Errorf("open: %v, want %v", got, opens)
				}
			})
		}
	}
}

// Enter presses the key of the action that fits best.
func TestPaletteDoes(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press(":")
	w.write("audit")
	w.press("enter")
	if _, ok := w.app.top().(*auditList); !ok {
		t.Fatalf("the palette went to %T", w.app.top())
	}
	w.press("ctrl+p")
	w.write("keys kio")
	w.press("enter")
	if d, ok := w.app.top().(*detail); !ok || d.Title() != "kiosk" {
		t.Fatalf("the palette went to %T %q", w.app.top(), w.app.top().Title())
	}
	w.press(":", "esc")
	if w.app.palette != nil || len(w.app.stack) < 2 {
		t.Error("esc closes more or less than the palette")
	}
}

// What a read-only console may not do is told, and not done.
func TestPaletteSaysWhyNot(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly()
	w.press(":")
	w.write("delete")
	w.sees("off: read-only  d")
	w.press("enter")
	w.sees("Nothing can be changed")
	if w.app.prompt != nil || w.app.palette != nil {
		t.Error("the action was done, or the palette stayed")
	}
}

// An answer to an older question is dropped.
func TestPaletteTakesTheNewestAnswerOnly(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press(":")
	w.write("keys ")
	w.hold = true
	w.press("k", "x")
	w.release()
	if n := len(w.app.palette.shown); n != 0 {
		t.Errorf("%d keys are shown for a name that none has", n)
	}
	w.sees("No key has that name.")
}

// Every action of every screen is a key press that the screen takes.
func TestPaletteReachesEveryBinding(t *testing.T) {
	for name, w := range modes(t) {
		if !w.app.commands() {
			continue
		}
		in := map[string]bool{}
		for _, it := range w.app.actions() {
			in[it.key] = true
			if it.run == nil && it.off == "" && it.msg.String() == "" {
				t.Errorf("%s: %q does nothing", name, it.name)
			}
		}
		for _, b := range append(w.app.placeBindings(), flat(w.app.top().Keys().FullHelp())...) {
			if b.Enabled() && !in[b.Help().Key] {
				t.Errorf("%s: %q is not in the palette", name, b.Help().Desc)
			}
		}
	}
}

func flat(groups [][]key.Binding) (all []key.Binding) {
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// The key press made of a binding is one that the binding takes.
func TestPressOf(t *testing.T) {
	for _, m := range keyMaps() {
		for _, b := range bindingsOf(t, m) {
			msg, ok := pressOf(b)
			if ok != (len(b.Keys()) > 0) || ok && !key.Matches(msg, b) {
				t.Errorf("%q is pressed as %q", b.Help().Key, msg)
			}
		}
	}
	var none tea.KeyMsg
	if msg, ok := pressOf(key.NewBinding()); ok || fmt.Sprint(msg) != fmt.Sprint(none) {
		t.Error("a binding without a key is pressed")
	}
}

func TestBestFirst(t *testing.T) {
	names := []string{"load again", "go to audit trail", "go to workflows", "regenerate", "reverse the sort", "sort", "mark all shown"}
	var all []action
	for _, name := range names {
		all = append(all, action{name: name})
	}
	for typed, want := range map[string][]string{
		"":        names,
		"sort":    {"sort", "reverse the sort"},
		"re":      {"regenerate", "reverse the sort"},
		"again l": {"load again"},
		"gtw":     {"go to workflows"},
		"AUDIT":   {"go to audit trail"},
		"zzz":     nil,
	} {
		var got []string
		for _, it := range best(typed, all) {
			got = append(got, it.name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:%s", typed, strings.ReplaceAll(diff, "\n", "\n  "))
		}
	}
}
