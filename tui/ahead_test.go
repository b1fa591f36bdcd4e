package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// together gives the root several keys before any of their commands runs, as a
// slow line does, and then runs the commands.
func (w *world) together(keys ...string) {
	w.t.Helper()
	var cmds []tea.Cmd
	for _, name := range keys {
		msg, ok := namedKeys[name]
		if !ok {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
		}
		_, cmd := w.app.Update(msg)
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		w.run(cmd)
	}
}

// TestTypedAhead: keys that come at once do what they would do one by one, seen
// by somebody who waits after each.
func TestTypedAhead(t *testing.T) {
	for name, keys := range map[string][]string{
		"filter, open":           {"/", "ware", "enter", "enter"},
		"filter, ask":            {"/", "ware", "enter", "d"},
		"open, ask":              {"down", "enter", "e"},
		"open, go back, ask":     {"down", "enter", "esc", "down", "d"},
		"sort, open":             {"s", "O", "g", "enter"},
		"a place, a row of it":   {"W", "down", "enter"},
		"a place, filtered":      {"W", "/", "cre", "enter", "enter"},
		"certificates, filtered": {"C", "/", "zzz", "enter", "esc"},
		"a name in the wizard":   {"n", "enter", "partner", "enter", "down"},
		"calls, filtered":        {"L", "/", "refused", "enter"},
		"palette":                {":", "audit", "enter", "enter"},
	} {
		t.Run(name, func(t *testing.T) {
			one, all := newWorld(t), newWorld(t)
			for _, w := range []*world{one, all} {
				variety(w)
				w.start()
			}
			for _, k := range keys {
				one.together(k)
			}
			all.together(keys...)
			if got, want := all.screen(), one.screen(); got != want {
				t.Errorf("together:\n%s\none by one:\n%s", got, want)
			}
			if len(all.app.ahead.keys) > 0 {
				t.Errorf("%d keys are held", len(all.app.ahead.keys))
			}
		})
	}
}

// TestHeldWhileFiltering: nothing is asked about the row that was under the
// cursor before a filter found others.
func TestHeldWhileFiltering(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("/")
	w.hold = true
	w.write("ware")
	w.press("enter", "d")
	if w.app.prompt != nil {
		t.Fatalf("it asks about a row that leaves:\n%s", w.screen())
	}
	w.release()
	if w.app.prompt == nil || !strings.Contains(w.app.prompt.Title, "warehouse") {
		t.Errorf("it does not ask about the row that was found:\n%s", w.screen())
	}
}

// TestHeldNoLongerThan: a store that does not answer holds no key press for ever,
// the interrupt never, nor whoever goes back.
func TestHeldNoLongerThan(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.hold = true
	w.press("down", "enter")
	held := w.held
	w.held = nil
	for _, cmd := range held { // the screen opens; the key does not come
		w.app.Update(cmd())
	}
	w.press("R")
	if len(w.app.stack) != 2 || len(w.app.ahead.keys) != 1 {
		t.Fatal("the screen is not there, and takes a key")
	}
	w.app.Update(unsettledMsg{w.app.ahead.press - 1})
	if len(w.app.ahead.keys) == 0 {
		t.Error("the time of another key press counts")
	}
	w.app.Update(unsettledMsg{w.app.ahead.press})
	if len(w.app.ahead.keys) > 0 {
		t.Error("the key press is held for ever")
	}
	w.press("esc")
	if w.app.Update(w.held[len(w.held)-1]()); len(w.app.stack) != 1 {
		t.Error("esc does not leave a screen that loads")
	}
	for range 2 * mostAhead {
		w.app.ahead.running = 1
		w.app.Update(namedKeys["down"])
	}
	if n := len(w.app.ahead.keys); n != mostAhead {
		t.Errorf("%d keys are held", n)
	}
	_, cmd := w.app.Update(namedKeys["ctrl+c"])
	if ran, ok := cmd().(ranMsg); !ok || len(w.app.ahead.keys) > 0 {
		t.Error("the interrupt is held")
	} else if _, quits := ran.msg.(tea.QuitMsg); !quits {
		t.Errorf("the interrupt ends with %T", ran.msg)
	}
}

// TestAnswersHideSecrets: a dump of messages shows nothing of what a key press
// brought.
func TestAnswersHideSecrets(t *testing.T) {
	msg := ranMsg{1, statusMsg{text: "kw_secret"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, msg); strings.Contains(text, "kw_") {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}

// TestTypedBeforeTheFirstFrame: what is typed while the console starts is not
// lost.
func TestTypedBeforeTheFirstFrame(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.app = newApp(w.rt, newKeyList(w.rt))
	w.together("j", "j", "enter")
	w.start()
	w.resize(80, 24)
	w.sees("Keys › crm sync")
}
