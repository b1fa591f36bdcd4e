package tui

import (
	"testing"
	"time"
)

// undoTicks lets a second of an undo's time come.
func (w *world) undoTicks(u *undo) {
	w.t.Helper()
	msg := w.rt.undoTick(u)()
	w.slept = false
	w.send(msg)
}

// asksUndoOfProduction disables a key of production and presses the key of the
// undo.
func asksUndoOfProduction(t *testing.T) (*world, *undo) {
	t.Helper()
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "e", "yes")
	u := w.app.undo
	w.now = w.now.Add(10 * time.Second)
	w.undoTicks(u)
	w.press("u")
	if w.app.prompt == nil || w.key("billing-nightly").Enabled {
		t.Fatal("it is not asked")
	}
	return w, u
}

// The question before a change of production is taken back says what is true then,
// and takes its answer at once: another key opened it.
func TestUndoAsksWhatIsTrue(t *testing.T) {
	w, _ := asksUndoOfProduction(t)
	w.seesNot("Nothing was changed so far")
	w.sees("This is production.", `Disabling "billing-nightly"`)
	w.press("esc")
	w.hold = true // what arms a question comes no more
	w.press("u")
	asks := w.held
	w.held = nil
	for _, cmd := range asks {
		w.send(cmd())
	}
	if w.app.prompt == nil || !w.app.prompt.armed {
		t.Fatal("it does not take an answer at once")
	}
	w.hold, w.held = false, nil
	w.press("y")
	if !w.key("billing-nightly").Enabled {
		t.Error("the first yes was not taken")
	}
}

// While the question is open the time of the undo stands still, whatever becomes
// of it.
func TestUndoWaitsForItsAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		back   bool
	}{"yes": {"y", true}, "no": {"esc", false}} {
		w, u := asksUndoOfProduction(t)
		w.now = w.now.Add(time.Hour)
		w.undoTicks(u)
		w.send(undoOverMsg{u})
		if w.app.undo == nil {
			t.Fatalf("%s: the time ran out while the question was open", name)
		}
		w.press(test.answer)
		if got := w.key("billing-nightly").Enabled; got != test.back {
			t.Errorf("%s: enabled is %v", name, got)
		}
		if test.back {
			continue
		}
		w.undoTicks(u)
		w.press("down")
		w.sees("u takes back disabling", "20 s left.")
		later := w.app.undo
		w.send(undoOverMsg{u}) // of the time before
		if later == u || w.app.undo != later {
			t.Fatal("the time before ends it")
		}
		w.now = w.now.Add(19 * time.Second)
		w.undoTicks(later)
		w.sees("1 s left.")
		w.send(undoOverMsg{later})
		w.seesNot("s left.")
	}
}

// A question that was closed by something else than an answer lets the time go on
// as well.
func TestUndoGoesOnWithoutAnAnswer(t *testing.T) {
	w, u := asksUndoOfProduction(t)
	w.now = w.now.Add(time.Hour)
	w.send(undoOverMsg{u})
	w.send(pushMsg{newWorkflowList(w.rt)})
	w.undoTicks(u)
	if w.app.undo == nil || w.app.undo == u {
		t.Fatal("it does not go on")
	}
	w.send(undoOverMsg{w.app.undo})
	if w.app.undo != nil {
		t.Error("it never ends")
	}
}

// A question that is asked again just as the time goes on is about what can be
// taken back still.
func TestUndoAskedAgainAsTimeGoesOn(t *testing.T) {
	w, u := asksUndoOfProduction(t)
	w.undoTicks(u)
	w.press("esc")
	w.hold = true
	w.undoTicks(u)
	goesOn := w.held
	w.hold, w.held = false, nil
	if len(goesOn) != 1 {
		t.Fatalf("%d commands are under way, want the one that goes on", len(goesOn))
	}
	w.press("u")
	w.send(goesOn[0]())
	w.press("y")
	if !w.key("billing-nightly").Enabled {
		t.Error("the yes came to nothing")
	}
}
