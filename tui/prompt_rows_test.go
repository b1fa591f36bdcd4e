package tui

import (
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

// marksMany are marked, three of them of production.
func marksMany(w *world, n int) {
	w.t.Helper()
	w.workflows()
	for i := range n {
		environment := "Test"
		if i%10 == 9 {
			environment = "Production"
		}
		w.token(model.KeyDraft{Name: fmt.Sprintf("key-%03d", i), Environment: environment, Workflows: []string{"get-customer"}})
	}
	w.start()
	w.press("*")
}

// A question about many keys has all of them, those of production first.
func TestPromptListsEveryKey(t *testing.T) {
	w := newWorld(t)
	marksMany(w, 30)
	w.press("e")
	w.sees("Disable 30 keys?", "◆ key-009", "◆ key-019", "◆ key-029", "  key-000", " of 30; ")
	w.seesNot("key-028")
	for range 30 {
		w.press("down")
	}
	w.sees("30 of 30; ", "key-028")
	w.seesNot("key-009")
	w.press("pgup", "pgup", "pgup", "home")
	w.sees("◆ key-009")
	w.press("end")
	w.sees("key-028")
	w.press("y", "y")
	if w.key("key-000").Enabled || w.key("key-009").Enabled {
		t.Error("the keys are not disabled")
	}
	w.resize(120, 60)
	w.press("*", "e")
	w.sees("key-009", "key-000", "key-028")
	w.seesNot("; ↑↓")
}

// A word is typed while the rows are scrolled.
func TestPromptRowsBesideAWord(t *testing.T) {
	w := newWorld(t)
	w.resize(60, 16)
	marksMany(w, 30)
	w.press("d")
	w.write("delete")
	w.press("pgdown", "space")
	w.write("30")
	w.sees("delete 30▏", "key-0", " of 30; ")
	w.press("enter", "y")
	if keys, err := w.session.Keys(t.Context(), model.KeyQuery{}); err != nil || len(keys.Keys) != 0 {
		t.Errorf("%d keys are left, %v", len(keys.Keys), err)
	}
}

// Saying no needs no time: a yes alone is guarded.
func TestPromptIsLeftAtOnce(t *testing.T) {
	for _, name := range []string{"esc", "n", "q", "down"} {
		w := newWorld(t)
		few(w)
		w.start()
		w.press("e")
		w.app.prompt.armed = false
		w.press("y")
		w.sees("That came too soon to be meant")
		if w.press(name); w.app.prompt != nil {
			t.Errorf("%s does not leave", name)
		}
	}
}

// What is said no to before it is asked is not asked.
func TestPromptThatIsLeftBeforeItOpens(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.hold = true
	w.press("e")
	held := w.held
	w.held = nil
	w.press("esc")
	w.hold = false
	for _, cmd := range held {
		w.run(cmd)
	}
	if w.app.prompt != nil {
		t.Error("it was asked after the esc")
	}
	if w.press("e"); w.app.prompt == nil {
		t.Error("it is not asked any more")
	}
}
