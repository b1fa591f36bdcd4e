package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// amid is a backend that runs during before each call of the method of that name.
type amid struct {
	Backend
	method string
	calls  int
	during func(call int)
}

func (f *amid) called(method string) {
	if method != f.method {
		return
	}
	f.calls++
	f.during(f.calls)
}

func (f *amid) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	f.called("Key")
	return f.Backend.Key(ctx, ref)
}

func (f *amid) ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error) {
	f.called("ChangeKeys")
	return f.Backend.ChangeKeys(ctx, refs, b)
}

func (f *amid) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	f.called("RestoreKey")
	return f.Backend.RestoreKey(ctx, ref, name)
}

func (f *amid) DeleteWorkflow(ctx context.Context, ref string) (int, error) {
	f.called("DeleteWorkflow")
	return f.Backend.DeleteWorkflow(ctx, ref)
}

func (f *amid) Purge(ctx context.Context, age time.Duration) (int, error) {
	f.called("Purge")
	return f.Backend.Purge(ctx, age)
}

func (f *amid) VerifyAudit(ctx context.Context) (uint64, error) {
	f.called("VerifyAudit")
	if meterOf(ctx).stopping() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return f.Backend.VerifyAudit(ctx)
}

// amid has during run before each call of a method from now on.
func (w *world) amid(method string, during func(call int)) {
	w.rt.Backend = &amid{Backend: w.rt.Backend, method: method, during: during}
}

// lasts lets the time pass that work has been under way.
func (w *world) lasts(took time.Duration) {
	w.t.Helper()
	if len(w.app.works) != 1 {
		w.t.Fatalf("%d works are under way", len(w.app.works))
	}
	it := w.app.works[0]
	w.send(workTickMsg{it.meter, it.began.Add(took)})
}

func TestWorkViews(t *testing.T) {
	// frozen is how the screen is in the midst of fn.
	frozen := func(method string, call int, then func(w *world), fn func(w *world)) func(w *world) {
		return func(w *world) {
			var view string
			seen := false
			w.amid(method, func(n int) {
				if n == call && !seen {
					seen = true
					then(w)
					view = w.screen()
				}
			})
			fn(w)
			if view == "" {
				w.t.Fatal("it was never seen")
			}
			goldenView(w.t, view)
		}
	}
	sizes := map[string][2]int{"80x24": {80, 24}, "60x16": {60, 16}, "120x40": {120, 40}}
	for name, fn := range map[string]func(w *world){
		"bulk": frozen("ChangeKeys", 7, func(w *world) { w.lasts(2300 * time.Millisecond) }, func(w *world) {
			w.press("*", "e", "yes")
		}),
		"stopping": frozen("ChangeKeys", 7, func(w *world) { w.lasts(time.Second); w.press("esc") }, func(w *world) {
			w.press("*", "e", "yes")
		}),
		"verify": frozen("VerifyAudit", 1, func(w *world) { w.lasts(12 * time.Second) }, func(w *world) {
			w.press("A", "v")
		}),
	} {
		for size, cells := range sizes {
			t.Run(name+" "+size, func(t *testing.T) {
				w := newWorld(t)
				many(w, 999)
				w.resize(cells[0], cells[1])
				w.start()
				fn(w)
			})
		}
	}
}

// What is done at once shows no box, and no key press is lost by it.
func TestWorkIsSeenOnceItTakesLong(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.amid("ChangeKeys", func(int) {
		w.lasts(workShown - time.Millisecond)
		w.seesNot("stops it")
		w.press("down")
		w.lasts(workShown)
		w.sees("Disabling 2 keys", "0 of 2", "esc stops it. What is done by then stays done.")
		before := w.screen()
		w.press("down", "d", "q", "?", ":", "n", "enter")
		if w.screen() != before {
			t.Errorf("a key press did something:\n%s", w.screen())
		}
	})
	w.start()
	w.press("space", "down", "space", "e", "yes")
	w.sees("2 keys disabled.")
	w.seesNot("stops it")
	if len(w.app.works) != 0 {
		t.Error("the work is still there")
	}
}

// stopsAt gives what is under way up before a call of the method.
func (w *world) stopsAt(method string, call int) {
	w.amid(method, func(n int) {
		if n == call {
			w.lasts(time.Second)
			w.press("esc")
			w.sees("Stopping …")
		}
	})
}

func TestBulkIsStopped(t *testing.T) {
	w := newWorld(t)
	many(w, 450)
	w.start()
	w.stopsAt("ChangeKeys", 2)
	w.press("*", "d")
	w.confirmsWord("delete 450")
	w.sees("Stopped: 200 of 450 keys deleted; the others are as they were, and stay", "u takes back deleting 200 keys", "250 marked")
	w.press("undo")
	w.sees("200 keys are restored")
	w.sees("450 keys", "250 marked")
}

// Bulk work that was stopped before anything was done says that, and there is
// nothing to take back.
func TestBulkIsStoppedAtOnce(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.stopsAt("Key", 5) // the look before the change; the first ones are for the question
	w.press("space", "down", "space", "down", "space", "down", "space", "e", "yes")
	w.sees("Stopped: no key was changed, and all stay marked.", "4 marked")
	w.wants("enabled", w.enabled(), "a, b, c, d")
}

func TestLookIsStopped(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("space", "down", "space", "down", "space")
	w.stopsAt("Key", 2)
	w.press("d")
	w.sees("! Stopped: nothing was changed.", "3 marked")
	if w.app.prompt != nil {
		t.Error("it asks all the same")
	}
}

// Taking back the deletion of many keys is stopped: what came back is as it was,
// and another u brings the others.
func TestUndoIsStopped(t *testing.T) {
	w := newWorld(t)
	many(w, 450)
	w.start()
	enabled := w.enabledCount()
	w.press("*", "d")
	w.confirmsWord("delete 450")
	w.stopsAt("RestoreKey", 250)
	w.now = testNow.Add(20 * time.Second)
	w.press("undo")
	w.sees("! Stopped: 250 of 450 keys are restored, 214 enabled and 36 disabled as", "u takes back the rest of deleting 450 keys.")
	w.now = testNow.Add(45 * time.Second) // its time begins anew
	w.amid("none", nil)
	w.press("undo")
	w.sees("200 keys are restored")
	if got := w.enabledCount(); got != enabled {
		t.Errorf("%d keys are enabled, and %d were", got, enabled)
	}
	w.press("undo")
	w.sees("That was taken back already")
}

// enabledCount is how many keys are enabled.
func (w *world) enabledCount() (n int) {
	page, err := w.session.Keys(w.t.Context(), model.KeyQuery{Limit: model.MaxPage})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range page.Keys {
		n += index(k.Enabled)
	}
	return n
}

// confirmsWord types the word that a question asks for, and agrees to what is asked
// about production.
func (w *world) confirmsWord(word string) {
	w.t.Helper()
	w.write(word)
	w.press("enter")
	if w.app.prompt != nil {
		w.press("y")
	}
}

func TestUndoOfDisablingIsStopped(t *testing.T) {
	w := newWorld(t)
	many(w, 450)
	w.start()
	w.press("*", "e", "yes")
	if n := w.enabledCount(); n != 0 {
		t.Fatalf("%d are enabled", n)
	}
	w.stopsAt("ChangeKeys", 3)
	w.press("undo")
	w.sees("! Stopped: 300 of 385 keys are enabled again. u takes back the rest of")
	w.amid("none", nil)
	w.press("undo")
	w.sees("85 keys are enabled again.")
	if got := w.enabledCount(); got != 385 {
		t.Errorf("%d are enabled", got)
	}
}

func TestUndoOfAnImportIsStopped(t *testing.T) {
	w := newWorld(t)
	w.previews(manyRows(60))
	w.press("enter", "y")
	w.sees("60 workflows imported.")
	w.stopsAt("DeleteWorkflow", 41)
	w.press("undo")
	w.sees("! Stopped: 41 of 60 workflows are gone again. u takes back the rest of")
	w.amid("none", nil)
	w.press("undo")
	w.sees("19 workflows are gone again.")
}

// stoppedPurge is a purge that is given up in its midst.
type stoppedPurge struct {
	Backend
	w    *world
	gone int
}

func (f *stoppedPurge) Purge(ctx context.Context, _ time.Duration) (int, error) {
	f.w.lasts(time.Second)
	f.w.press("ctrl+c")
	<-ctx.Done() // it is ended, not waited for
	return f.gone, ctx.Err()
}

func TestPurgeIsStopped(t *testing.T) {
	for gone, want := range map[int]string{
		0: "! Stopped: nothing was purged.", 1: "! Stopped: 1 of 2 deleted keys is purged; the others are still in the bin.",
	} {
		w := newWorld(t)
		w.rt.Backend = &stoppedPurge{Backend: w.rt.Backend, w: w, gone: gone}
		w.start()
		w.run(w.rt.purgeBin(2))
		w.sees(want)
	}
}

func TestVerifyIsStopped(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("A")
	w.stopsAt("VerifyAudit", 1)
	w.press("v")
	w.sees("! Stopped: the chain was not checked to its end")
	w.press("v")
	w.sees("The audit trail is whole")
}

// The interrupt gives work up; another one quits.
func TestInterruptOfWork(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("space", "down", "space")
	w.amid("ChangeKeys", func(int) {
		w.lasts(time.Second)
		w.press("ctrl+c")
		if w.quit {
			t.Error("it quit at once")
		}
		w.press("ctrl+c")
	})
	w.press("e", "yes")
	if !w.quit {
		t.Error("it does not quit")
	}
}

// A key that somebody deleted between the question and the change leaves all as
// they were, wherever it stands.
func TestBulkOfAGoneKeyChangesNothing(t *testing.T) {
	w := newWorld(t)
	many(w, 250)
	w.start()
	w.press("*", "d")
	if err := w.session.DeleteKey(t.Context(), "key 000249"); err != nil {
		t.Fatal(err)
	}
	w.confirmsWord("delete 250")
	if page, err := w.session.Keys(t.Context(), model.KeyQuery{}); err != nil || page.Total != 249 {
		t.Errorf("%d keys are left, %v", page.Total, err)
	}
}

// The end of work is told as without it, and nothing of it is printed.
func TestWorkedSaysNothing(t *testing.T) {
	m := workedMsg{nil, statusMsg{statusError, "kw_secret"}}
	if s := m.String() + m.GoString(); strings.Contains(s, "secret") {
		t.Errorf("it is printed as %q", s)
	}
	if err := errStopped; !errors.Is(err, errStopped) || strings.HasSuffix(err.Error(), ".") {
		t.Errorf("%v is no error of the house", err)
	}
	w := newWorld(t)
	var cmd tea.Cmd
	cmd, _ = w.rt.work(job{title: "Nothing"}, func(context.Context) tea.Msg { return nil })
	w.run(cmd)
	w.seesNot("Nothing")
}

// Who stops work that ends at that moment leaves no screen by it.
func TestStopThatComesTooLate(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("A")
	w.amid("VerifyAudit", func(int) { w.lasts(time.Second) })
	late := w.rt.sleep
	w.rt.sleep = func(ctx context.Context, _ time.Duration) { late(ctx, time.Hour) } // its time does not come
	w.press("v")
	w.sees("The audit trail is whole")
	w.press("esc", "ctrl+c")
	if _, there := w.app.top().(*auditList); !there || w.quit {
		t.Fatal("the screen was left")
	}
	w.send(workOverMsg{w.app.ended})
	w.press("esc")
	if len(w.app.stack) != 1 {
		t.Error("esc does not lead back any more")
	}
}
