package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// sharing is a store that nobody shares for real: it keeps what it is told.
type sharing struct {
	mu     sync.Mutex
	calls  []string
	resume error
	watch  func(ctx context.Context, fn func(model.Standing)) error
}

func (s *sharing) called(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, what)
}

func (s *sharing) Watch(ctx context.Context, fn func(model.Standing)) error {
	s.called("watch")
	return s.watch(ctx, fn)
}

func (s *sharing) Suspend(context.Context) error { s.called("suspend"); return nil }

func (s *sharing) Resume(context.Context) error { s.called("resume"); return s.resume }

var (
	serveOwns   = model.Standing{Seq: 7, Owner: model.Peer{PID: 4242, Rank: model.RankServe}}
	consoleOwns = model.Standing{Seq: 7, Owner: model.Peer{PID: 7, Rank: model.RankConsole}}
	mineOwn     = model.Standing{Seq: 7, Mine: true, Owner: model.Peer{PID: 99, Rank: model.RankConsole}}
)

const (
	staleWhy    = "serve (pid 4242) has not answered for 5 s: kill -CONT 4242 lets it go on"
	degradedWhy = "3 changes are missing from the store: keyward restore FILE --data DIR brings them back, keyward doctor says more"
)

// stands tells the console where it stands, and lets it rest.
func (w *world) stands(st model.Standing) {
	w.t.Helper()
	w.send(standingMsg{standing: st})
	w.send(restedMsg{})
}

// elsewhere tells the console that somebody else changed something.
func (w *world) elsewhere() {
	w.t.Helper()
	st := w.app.shared.standing
	st.Seq++
	w.stands(st)
}

// everySize is eachSize with the smallest terminal as well.
func everySize(t *testing.T, name string, fn func(w *world)) {
	t.Helper()
	eachSize(t, name, fn)
	t.Run(name+" 60x16", func(t *testing.T) {
		w := newWorld(t)
		w.resize(minWidth, minHeight)
		fn(w)
		w.golden()
	})
}

func TestStandingViews(t *testing.T) {
	both := serveOwns
	both.Stale, both.Degraded = staleWhy, degradedWhy
	for _, test := range []struct {
		name string
		st   model.Standing
	}{
		{"mine", mineOwn}, {"serve", serveOwns}, {"console", consoleOwns}, {"nobody", model.Standing{Seq: 7}},
		{"stale", model.Standing{Stale: staleWhy, Owner: serveOwns.Owner}}, {"degraded", model.Standing{Degraded: degradedWhy, Mine: true}},
		{"stale and degraded", both},
	} {
		everySize(t, test.name, func(w *world) { variety(w); w.start(); w.stands(test.st) })
	}
	everySize(t, "detail", func(w *world) {
		variety(w)
		w.opens("a-name-that-is-as-long-as-names-may-be-which-is-sixty-four-signs")
		w.stands(both)
	})
	everySize(t, "audit", func(w *world) { variety(w); w.start(); w.stands(both); w.press("A") })
	everySize(t, "prompt", func(w *world) {
		variety(w)
		w.start()
		w.stands(model.Standing{Owner: serveOwns.Owner, Stale: staleWhy})
		w.press("down", "d")
	})
	everySize(t, "taking part", func(w *world) { variety(w); w.start(); w.stands(mineOwn); w.app.shared.resuming = true })
	everySize(t, "missing", func(w *world) {
		variety(w)
		w.start()
		w.stands(serveOwns)
		w.backend.told = model.Receipt{Serves: 2, InForce: 1, Missing: []string{"serve (pid 4242)"}, Took: time.Second}
		w.press("down", "e", "yes")
	})
}

// Whoever reads the console in a narrow or a hostile terminal sees who owns the
// store, on every screen.
func TestOwnerIsAlwaysSeen(t *testing.T) {
	for name, w := range modes(t) {
		w.stands(serveOwns)
		for _, size := range []struct{ width, height int }{{60, 16}, {80, 24}, {200, 60}} {
			w.resize(size.width, size.height)
			head, _, _ := strings.Cut(w.screen(), "\n")
			if !strings.HasSuffix(strings.TrimRight(head, " "), "serve pid 4242") {
				t.Errorf("%s, %dx%d: the header is %q", name, size.width, size.height, head)
			}
		}
	}
}

func TestHostileStandings(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			variety(w)
			w.rt.DataDir = "/tmp/" + text
			w.start()
			st := serveOwns
			st.Stale, st.Degraded, st.Owner.Version = text, text, text
			w.stands(st)
			w.shown("the reasons of a standing")
			w.send(standingMsg{err: errors.New(text)})
			w.shown("an error in place of a standing")
			w.backend.told = model.Receipt{Serves: 2, InForce: 1, Missing: []string{text}}
			w.press("e", "yes")
			w.shown("a receipt")
		})
	}
}

// What holds for every screen goes when it is over, not when a key is pressed.
func TestBannersOutliveKeys(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	st := serveOwns
	st.Stale, st.Degraded = staleWhy, degradedWhy
	w.stands(st)
	w.send(statusMsg{statusInfo, "Look here."})
	w.sees("Look here.", "! view may be old", "! store read-only: 3 changes are missing from the store")
	w.press("down", "enter")
	w.seesNot("Look here.")
	w.sees("! view may be old", "! store read-only: 3 changes are missing from the store", "Permitted")
	w.stands(serveOwns)
	w.seesNot("may be old", "read-only")
	w.send(standingMsg{err: errTest})
	w.sees("! view may be old: the store does not answer")
	w.stands(serveOwns)
	w.seesNot("may be old")
}

func TestNoSharing(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	if stop := w.rt.watch(); w.rt.standings != nil || w.rt.nextStanding() != nil || w.rt.nextStop() != nil {
		t.Error("something is listened to")
	} else {
		stop()
	}
	w.seesNot("pid", "this process")
	w.press("ctrl+z")
	if _, ok := w.log[len(w.log)-1].(tea.SuspendMsg); !ok {
		t.Errorf("ctrl+z ended with a %T", w.log[len(w.log)-1])
	}
	before := w.backend.lists
	w.send(tea.SuspendMsg{})
	if w.backend.lists != before+1 {
		t.Error("after a suspension nothing was loaded anew")
	}
	w.seesNot("Taking part")
}

// A change made elsewhere is seen without a key press, and moves nothing that
// the user is at.
func TestListFollowsOthers(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.stands(serveOwns)
	w.press("/")
	w.write("key 00")
	w.press(repeat("down", 500)...)
	l := w.app.stack[0].(*keyList)
	row := l.table.cursor - l.table.top
	w.token(model.KeyDraft{Name: "key 000000b"})
	w.disable("key 000501")
	w.elsewhere()
	if got := w.under(); got != "key 000500" || l.table.cursor-l.table.top != row {
		t.Errorf("the cursor is on %q, in row %d; want key 000500 in row %d", got, l.table.cursor-l.table.top, row)
	}
	w.sees("502 of 1,001", "○ disabled")
	if !l.filter.typing || l.filter.Value() != "key 00" {
		t.Errorf("the filter is %q, typing is %v", l.filter.Value(), l.filter.typing)
	}
	w.press("enter", "d")
	w.write("key 0005")
	w.disable("key 000499")
	w.elsewhere()
	w.sees("Delete the key", "key 0005")
	w.write("00")
	w.press("enter")
	w.sees(`"key 000500" is deleted`)
}

func TestFormsFollowOthers(t *testing.T) {
	t.Run("edit", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.edits("crm sync", partName)
		w.stands(serveOwns)
		w.write("2")
		w.seesNot("Somebody else")
		w.disable("crm sync")
		w.elsewhere()
		w.sees("crm sync2", "Somebody else changed this key", "takes the new version")
		w.press("ctrl+s")
		w.sees("crm sync2", "Somebody else changed this key")
		w.press("ctrl+r", "ctrl+s")
		if w.key("crm sync2").Enabled {
			t.Error("what the other one did is lost")
		}
		e := w.edits("crm sync2", partExpires)
		w.write("90d")
		if err := w.session.DeleteKey(t.Context(), "crm sync2"); err != nil {
			t.Fatal(err)
		}
		w.elsewhere()
		w.sees("90d", "Somebody else deleted this key")
		if w.press("ctrl+s"); w.app.top() != screen(e) {
			t.Error("the form closed")
		}
	})
	t.Run("detail", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.opens("kiosk")
		w.press("down", "down", "e")
		if err := w.session.DeleteKey(t.Context(), "kiosk"); err != nil {
			t.Fatal(err)
		}
		w.stands(serveOwns)
		w.sees("Disable the key")
		w.press("yes")
		w.sees("There is no such key any more", "There is no key")
		w.press("up", "down", "end", "enter", "e", "r", "d", "x", "y", "ctrl+r", "esc")
		if len(w.app.stack) != 1 {
			t.Error("esc does not go back")
		}
	})
	t.Run("renewal", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("down", "r", "down", "tab", "down")
		w.backend.wrote = errTest
		w.press("enter", "yes")
		w.sees("✗ The store does not answer")
		w.stands(serveOwns)
		r := w.app.top().(*renewal)
		if w.sees("✗ The store does not answer"); r.slot != 1 || r.grace != usualGrace+1 {
			t.Errorf("slot %d and grace %d are chosen", r.slot, r.grace)
		}
	})
	t.Run("wizard", func(t *testing.T) {
		m, wiz := newWizardTest(t)
		m.toToken(stepWorkflows)
		m.keys("down", " ", "/", "e")
		m.store.workflows = append([]model.WorkflowInfo{workflow("An earlier one", "GET", "/e")}, m.store.workflows...)
		on := wiz.workflows.all[wiz.workflows.shown[wiz.workflows.window.cursor]].name
		m.send(standingMsg{standing: serveOwns})
		c := wiz.workflows
		if got := c.all[c.shown[c.window.cursor]].name; got != on || c.filter.Value() != "e" || !c.workflowChoices.filter.typing || c.picked != 1 {
			t.Errorf("the cursor is on %q, want %q; the filter is %q, typing %v, %d chosen", got, on, c.filter.Value(), c.typing(), c.picked)
		}
		if wiz.name.value() != "billing" || wiz.step != stepWorkflows {
			t.Errorf("the name is %q, the step %d", wiz.name.value(), wiz.step)
		}
		m.store.listErr = errUnused
		m.send(restedMsg{})
		m.send(standingMsg{standing: mineOwn})
		m.seesNo("not used by these tests")
		m.keys("enter", "enter")
		m.sees("Until when")
	})
}

// Which environment a key may invoke is not decided by a list that changes.
func TestWizardAsksAgainWhenItsEnvironmentGoes(t *testing.T) {
	t.Parallel()
	m, wiz := newWizardTest(t)
	m.toToken(stepEnvironment)
	m.keys("down", "enter", " ", "enter") // User Test
	m.store.environments = m.store.environments[:2]
	m.send(standingMsg{standing: serveOwns})
	m.sees(`The environment "User Test" was deleted meanwhile`, "Which environment")
	if got := wiz.environment.value(); got != "Test" {
		t.Errorf("the cursor is on %q, want Test, which is not production", got)
	}
	m.keys("enter")
	if wiz.workflows.picked != 1 {
		t.Error("the workflows that were chosen are lost")
	}
}

// A burst costs two loads, the second after a rest; none is lost.
func TestBurstsLoadTwice(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.stands(serveOwns)
	before := w.backend.lists
	w.token(model.KeyDraft{Name: "zz first"})
	for seq := range uint64(200) {
		st := serveOwns
		st.Seq += 1 + seq
		w.send(standingMsg{standing: st})
	}
	if n := w.backend.lists - before; n != 1 {
		t.Errorf("%d loads before the rest, want 1", n)
	}
	w.token(model.KeyDraft{Name: "zz last"})
	w.send(restedMsg{})
	if n := w.backend.lists - before; n != 2 {
		t.Errorf("%d loads after it, want 2", n)
	}
	w.sees("zz last")
	w.send(restedMsg{})
	w.send(restedMsg{})
	if n := w.backend.lists - before; n != 2 {
		t.Errorf("%d loads when nothing changed, want 2", n)
	}
}

// A store that changes faster than it answers is seen all the same: an answer
// is not thrown away for the next question.
func TestSlowAnswersAreSeen(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("crm sync")
	w.stands(serveOwns)
	w.token(model.KeyDraft{Name: "zz first"})
	w.hold = true
	for range 5 {
		w.elsewhere()
	}
	held := w.held
	w.held = nil
	loads := 0
	for _, cmd := range held {
		w.flat(cmd, func(tea.Msg) { loads++ })
	}
	if loads != 2 { // the list and the detail
		t.Errorf("%d loads wait, want 2", loads)
	}
	w.send(popMsg{asked: true})
	w.sees("zz first")
	w.release()
	if l := w.app.stack[0].(*keyList); l.again || l.waiting != waitNot {
		t.Error("the list still waits")
	}
}

// flat runs a command and gives each load's answer to the console, but no timer.
func (w *world) flat(cmd tea.Cmd, loaded func(tea.Msg)) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			w.flat(c, loaded)
		}
	case listedMsg, openedMsg:
		loaded(msg)
		w.send(msg)
	}
	w.slept = false
}

// Where a filter or a new key decides the cursor, news do not undo that.
func TestNewsKeepTheWayOfTheCursor(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.stands(serveOwns)
	w.press("end")
	w.token(model.KeyDraft{Name: "key 000700b"})
	w.hold = true
	w.send(changedMsg{key: "key 000700b"})
	w.elsewhere()
	w.release()
	if got := w.under(); got != "key 000700b" {
		t.Errorf("the cursor is on %q, want the new key", got)
	}
	w.press("end", "/")
	w.hold = true
	w.write("0001")
	w.elsewhere()
	w.release()
	if got := w.under(); got != "key 000001" {
		t.Errorf("the cursor is on %q, want the first match", got)
	}
}

// Another owner is asked at once: the one before may never answer.
func TestAnotherOwnerIsAskedAtOnce(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.stands(serveOwns)
	w.hold = true
	w.elsewhere() // nobody answers this
	w.hold = false
	lost := w.held
	w.held = nil
	stale := w.app.shared.standing
	stale.Stale = staleWhy
	before := w.backend.lists
	w.stands(stale)
	if w.backend.lists != before {
		t.Error("nobody is there, and was asked")
	}
	w.token(model.KeyDraft{Name: "zz new"})
	next := mineOwn
	next.Seq = stale.Seq
	w.stands(next)
	w.sees("zz new", "this process")
	w.seesNot("may be old")
	for _, cmd := range lost {
		w.run(cmd)
	}
}

func TestOwnChangesLoadOnce(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.stands(serveOwns)
	before := w.backend.lists
	out := w.rt.setEnabled(w.key("billing-nightly").ID, "billing-nightly", false)().(outcomeMsg)
	st := serveOwns
	st.Seq = out.receipt.Seq
	w.send(standingMsg{standing: st}) // which comes first, mostly
	w.send(out)
	w.sees(`✓ "billing-nightly" is disabled`, "○ disabled")
	if n := w.backend.lists - before; n != 1 {
		t.Errorf("the list was loaded %d times, want once", n)
	}
}

func TestAuditSaysWhatIsNew(t *testing.T) {
	w := newWorld(t)
	flips(w, 600)
	l := w.audits()
	fresh := func(want int) {
		t.Helper()
		if l.unseen != want {
			t.Errorf("%d entries are called new, want %d:\n%s", l.unseen, want, w.screen())
		}
	}
	w.stands(serveOwns)
	w.token(model.KeyDraft{Name: "first"})
	w.elsewhere()
	if e, _ := l.table.current(); e.Object.Name != "first" || l.table.cursor != 0 {
		t.Errorf("the cursor is on %d, want on the newest entry", e.Seq)
	}
	fresh(0)
	w.press("pgdown", "pgdown")
	on := l.onRecord()
	w.token(model.KeyDraft{Name: "second"})
	w.token(model.KeyDraft{Name: "third"})
	w.elsewhere()
	w.sees(", 2 new")
	fresh(2)
	if l.onRecord() != on {
		t.Errorf("the cursor went from %d to %d", on, l.onRecord())
	}
	w.press("home", "down")
	fresh(0)
	w.elsewhere()
	fresh(0)
}

func TestSuspendsInOrder(t *testing.T) {
	for name, suspend := range map[string]func(w *world){
		"ctrl+z": func(w *world) { w.press("ctrl+z") },
		"signal": func(w *world) { w.send(stopMsg{}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			s := &sharing{}
			w.rt.Sharing = s
			w.start()
			w.stands(mineOwn)
			w.log = nil
			w.hold = true
			suspend(w)
			w.hold = false
			held := w.held
			w.held = nil
			suspend(w) // is under way
			if len(s.calls) > 0 || slices.ContainsFunc(w.log, func(m tea.Msg) bool { return m == tea.Msg(tea.SuspendMsg{}) }) {
				t.Errorf("suspended twice: %v, %v", s.calls, w.log)
			}
			for _, cmd := range held {
				w.run(cmd)
			}
			if _, ok := w.log[len(w.log)-1].(tea.SuspendMsg); !ok || !slices.Equal(s.calls, []string{"suspend"}) {
				t.Fatalf("ended with %v after %v", w.log, s.calls)
			}
			w.token(model.KeyDraft{Name: "zz meanwhile"})
			s.resume = errTest
			w.send(tea.SuspendMsg{})
			w.sees("✗ The store does not answer")
			w.press("down")
			w.sees("Taking part again …")
			s.resume = nil
			w.send(resumeMsg{})
			w.seesNot("Taking part")
			w.sees("zz meanwhile")
			if want := []string{"suspend", "resume", "resume"}; !slices.Equal(s.calls, want) {
				t.Errorf("the calls were %v, want %v", s.calls, want)
			}
		})
	}
}

// The newest standing is told, whoever was slow; the end of a watch is told and
// mended; close waits for it.
func TestWatch(t *testing.T) {
	w := newWorld(t)
	begun, ended := make(chan struct{}), make(chan struct{})
	w.rt.Sharing = &sharing{watch: func(ctx context.Context, fn func(model.Standing)) error {
		for seq := range uint64(100) {
			fn(model.Standing{Seq: seq + 1})
		}
		close(begun)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}
	stop := w.rt.watch()
	<-begun
	if diff := cmp.Diff(model.Standing{Seq: 100}, w.rt.nextStanding()().(standingMsg).standing); diff != "" {
		t.Errorf("told was (-want +got):\n%s", diff)
	}
	w.rt.close()
	select {
	case <-ended:
	default:
		t.Error("close did not wait for the watch")
	}
	stop()
	if msg := w.rt.nextStanding()(); msg != nil {
		t.Errorf("after the end came %v", msg)
	}
}

func TestWatchThatEndsIsTold(t *testing.T) {
	for name, err := range map[string]error{"with an error": errTest, "without one": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.rt.Sharing = &sharing{watch: func(context.Context, func(model.Standing)) error { return err }}
			defer w.rt.watch()()
			msg := w.rt.nextStanding()().(standingMsg)
			if msg.err == nil || err != nil && !errors.Is(msg.err, err) {
				t.Errorf("told was %v", msg.err)
			}
			w.rt.close()
		})
	}
}
