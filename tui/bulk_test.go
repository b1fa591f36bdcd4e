package tui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

func TestBulkViews(t *testing.T) {
	marked := func(w *world) {
		variety(w)
		w.start()
		w.press("space", "down", "space", "down", "down", "space")
	}
	everySize(t, "marked", marked)
	everySize(t, "marked and filtered", func(w *world) { marked(w); w.press("/"); w.write("prod"); w.press("enter") })
	everySize(t, "all marked", func(w *world) { variety(w); w.start(); w.press("*") })
	everySize(t, "help", func(w *world) { marked(w); w.press("?") })
	everySize(t, "disable asked", func(w *world) { variety(w); w.start(); w.press("*", "e") })
	everySize(t, "enable asked", func(w *world) {
		variety(w)
		w.disable("crm sync")
		w.start()
		w.press("/")
		w.write("disabled")
		w.press("enter", "*", "e")
	})
	everySize(t, "delete asked", func(w *world) { variety(w); w.start(); w.press("*", "d"); w.write("delete") })
	everySize(t, "told", func(w *world) {
		marked(w)
		w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 4 * time.Millisecond}
		w.press("e", "yes")
	})
	everySize(t, "stopped", func(w *world) { marked(w); w.backend.stops = 2; w.press("e", "yes") })
	everySize(t, "taken back", func(w *world) { marked(w); w.press("e", "yes", "undo") })
}

// marked are the names of the marked keys.
func (w *world) marked() string {
	var names []string
	for id := range w.app.stack[0].(*keyList).marks {
		names = append(names, w.byID(id))
	}
	return strings.Join(sorted(names), ", ")
}

func (w *world) byID(id model.ID) string {
	k, err := w.session.Key(w.t.Context(), id.String())
	if err != nil {
		return "gone"
	}
	return k.Name
}

// enabled are the names of the keys that are enabled.
func (w *world) enabled() string {
	w.t.Helper()
	page, err := w.session.Keys(w.t.Context(), model.KeyQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, k := range page.Keys {
		if k.Enabled {
			names = append(names, k.Name)
		}
	}
	return strings.Join(sorted(names), ", ")
}

// few are four keys, a to d; two may invoke production.
func few(w *world) {
	w.token(model.KeyDraft{Name: "a", Environment: "Test"})
	w.token(model.KeyDraft{Name: "b", Environment: "Production"})
	w.token(model.KeyDraft{Name: "c", Environment: "Test"})
	w.token(model.KeyDraft{Name: "d"})
}

func (w *world) wants(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %q, want %q\n%s", what, got, want, w.screen())
	}
}

func TestMarksStay(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("space", "down", "down", "space")
	w.wants("marked", w.marked(), "a, c")
	w.press("s", "s", "O", "ctrl+r")
	w.wants("sorted", w.marked(), "a, c")
	w.press("/", "b", "enter")
	w.seesNot("* a", "* c")
	w.sees("2 marked")
	w.press("*")
	w.wants("marked with a filter", w.marked(), "a, b, c")
	w.press("*")
	w.wants("unmarked with a filter", w.marked(), "a, c")
	w.press("esc")
	w.wants("without the filter", w.marked(), "a, c")
	w.sees("* a", "* c")
	name := "renamed"
	if _, err := w.session.EditKey(t.Context(), "a", model.KeyEdit{Name: &name}); err != nil {
		t.Fatal(err)
	}
	w.send(changedMsg{})
	w.sees("* renamed")
	w.press("esc")
	w.wants("esc", w.marked(), "")
	w.press("/", "space")
	w.wants("space is text in the filter", w.marked(), "")
}

func TestMarkAllHasAnEnd(t *testing.T) {
	w := newWorld(t)
	many(w, mostMarked+5)
	w.start()
	w.press("*")
	w.sees("1,000 marked", "1,000 keys marked, and 5 not")
	w.press("end", "space")
	w.sees("1,000 keys are marked: no more can be at a time.")
	w.press("*")
	w.seesNot("marked")
}

func TestBulkDisablesAndEnables(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.disable("c")
	w.start()
	w.press("space", "down", "space", "down", "space", "e")
	w.sees("Disable 2 keys?", "1 of them may invoke production", "◆ b", "Of the other marked keys 1 is so already")
	w.press("n")
	w.wants("no", w.enabled(), "a, b, d")
	w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 4 * time.Millisecond}
	before := len(w.store.entries)
	w.press("e", "yes")
	w.sees("2 keys disabled; in force at 2 of 2 endpoints in 4 ms.")
	w.wants("disabled", w.enabled(), "d")
	w.wants("marks that are left", w.marked(), "")
	if made := len(w.store.entries) - before; made != 2 {
		t.Errorf("%d audit entries, want one a key", made)
	}
	w.press("g", "space", "down", "space", "e")
	w.sees("Enable 2 keys?", "1 of them may invoke production")
	w.press("yes")
	w.wants("enabled", w.enabled(), "a, b, d")
}

func TestBulkDeletes(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("space", "down", "space", "d")
	w.sees("Delete 2 keys?", "1 of them may invoke production")
	w.press("y", "enter")
	w.write("delete 3")
	w.press("enter")
	w.wants("the wrong word", w.enabled(), "a, b, c, d")
	w.press("esc", "d")
	w.write("delete 2")
	w.press("enter", "y")
	w.sees("2 keys deleted.")
	w.wants("left", w.enabled(), "c, d")
	w.wants("marks", w.marked(), "")
	w.press("undo")
	w.sees("2 keys are restored, enabled as before.")
	w.wants("after u", w.enabled(), "a, b, c, d")
}

// The question is about the keys as they are, not as they were when they were
// marked, and what somebody does after it counts as well.
func TestBulkWhileOthersChange(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("*")
	if err := w.session.DeleteKey(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	w.disable("b")
	w.press("e")
	w.sees("Disable 2 keys?", "1 is so already, 1 is gone")
	w.disable("c")
	w.press("yes")
	w.sees("1 key disabled, 1 so already.")
	w.wants("enabled", w.enabled(), "")
	w.press("undo") // c was somebody else's doing
	w.wants("after u", w.enabled(), "d")
	w.disable("d")

	w.press("*", "e")
	w.sees("Enable 3 keys?")
	if err := w.session.DeleteKey(t.Context(), "d"); err != nil {
		t.Fatal(err)
	}
	w.press("yes")
	w.sees("✗")
	w.wants("enabled with one gone", w.enabled(), "")
	w.press("e", "yes")
	w.sees("2 keys enabled.")
	w.wants("enabled again", w.enabled(), "b, c")
}

func TestBulkSaysWhatWasDone(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.backend.stops = 2
	w.press("*", "e", "yes")
	w.sees("2 of 4 keys disabled, then it stopped. The store does not answer.")
	w.wants("enabled", w.enabled(), "c, d")
	w.wants("what is left is marked", w.marked(), "c, d")
	w.backend.stops = 0
	w.press("undo")
	w.wants("taken back", w.enabled(), "a, b, c, d")
	w.backend.wrote = errTest
	w.press("e", "yes")
	w.sees("✗ The store does not answer.")
	w.wants("still marked", w.marked(), "c, d")
}

// What is typed ahead of a slow answer changes no other key.
func TestBulkWaitsForAnAnswer(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.hold = true
	w.press("*", "d", "e", "space")
	w.release()
	if w.app.prompt != nil {
		t.Error("a key typed ahead asks about the key under the cursor")
	}
	w.wants("marked", w.marked(), "a, b, c, d")
}

func TestUndo(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.seesNot("u undo")
	w.press("e", "yes")
	w.wants("disabled", w.enabled(), "b, c, d")
	w.sees("u undo")
	w.press("?")
	w.sees("u          undo")
	w.press("esc", "undo")
	w.sees(`"a" is enabled again.`)
	w.seesNot("u undo")
	w.wants("taken back", w.enabled(), "a, b, c, d")
	before := len(w.store.entries)
	w.press("u", "?", "esc")
	if len(w.store.entries) != before {
		t.Error("it is taken back twice")
	}
	w.opens("b")
	w.press("e", "yes", "undo")
	w.sees(`"b" is enabled again.`)
	w.press("esc", "g", "*", "e", "yes")
	w.wants("all disabled", w.enabled(), "")
	w.press("undo")
	w.sees("4 keys are enabled again.")
	w.wants("all enabled", w.enabled(), "a, b, c, d")
}

// The offer ends after 30 s, by the timer and, where the process was stopped
// meanwhile, by the clock.
func TestUndoEnds(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	var over []time.Duration
	w.rt.sleep = func(_ context.Context, d time.Duration) { over, w.slept = append(over, d), d != armingTime }
	w.press("e", "yes")
	first := w.app.undo
	if len(over) < 2 || over[len(over)-2] != 30*time.Second || over[len(over)-1] != time.Second {
		t.Fatalf("the console waits %v", over)
	}
	w.press("down", "e", "yes")
	w.send(undoOverMsg{first})
	w.sees("u undo") // that was the time of the one before
	w.now = w.now.Add(30*time.Second - time.Nanosecond)
	w.press("undo")
	w.wants("in time", w.enabled(), "b, c, d")
	w.press("e", "yes")
	w.send(undoOverMsg{w.app.undo})
	w.seesNot("u undo")
	w.press("undo")
	w.wants("after the timer", w.enabled(), "c, d")
	w.press("down", "e", "yes")
	w.now = w.now.Add(30 * time.Second)
	w.press("undo")
	w.sees("Not taken back: that is more than 30 s ago.")
	w.wants("by the clock", w.enabled(), "d")
}

// What somebody else did since stays.
func TestUndoLeavesWhatOthersChanged(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	set := func(name string, enabled bool) {
		if _, err := w.session.SetKeyEnabled(t.Context(), name, enabled); err != nil {
			t.Fatal(err)
		}
	}
	w.press("e", "yes")
	set("a", true)
	set("a", false) // for a reason of somebody's own
	w.press("undo")
	w.sees(`Not taken back: somebody changed "a" since.`)
	w.wants("one key", w.enabled(), "b, c, d")
	w.press("*", "e", "yes")
	set("b", true)
	set("b", false)
	if err := w.session.DeleteKey(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	w.press("undo")
	w.sees("1 key is enabled again, and 2 keys, which", "somebody changed since, are not.")
	w.wants("several", w.enabled(), "d")
}

func TestUndoCanBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("e", "yes")
	w.backend.wrote = errTest
	w.press("undo")
	w.sees("✗ The store does not answer.", "u undo")
	w.backend.wrote = nil
	w.press("undo")
	w.wants("again", w.enabled(), "a, b, c, d")
}

// u is a letter where text is entered, and takes nothing back where nothing can
// be changed or a key was so before.
func TestUndoIsOff(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("e", "yes", "/", "u")
	w.sees("/ u")
	w.seesNot("u undo")
	w.press("esc")
	w.stands(damaged)
	w.seesNot("u undo")
	w.press("undo")
	w.wants("damaged", w.enabled(), "b, c, d")
	w.stands(mineOwn)
	w.send(undoOverMsg{w.app.undo})
	w.disable("b")
	w.run(w.rt.setEnabled(w.key("b").ID, "b", false))
	w.seesNot("u undo")
}

// A hostile name shifts nothing in the question.
func TestHostileBulk(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		few(w)
		w.start()
		w.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		w.run(askBulk(w.rt, newBulk(lookedMsg{rows: []model.KeyRow{{ID: 1, Name: text, Enabled: true, Production: true}, {ID: 2, Name: text, Enabled: true}}})))
		w.screen()
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
