package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// stopped makes the owner of a maker's store one that gives no answer, after it
// was asked for a key, and lets go of it.
func (m *maker) stopped(kept bool) doubtMsg {
	m.Helper()
	m.rt.listen()
	m.rt.tell(standingMsg{standing: serveOwns})
	m.store.lookErr = model.ErrUnavailable
	if unknown := fmt.Errorf("no answer: %w", model.ErrUnknownOutcome); kept {
		m.store.createAfter = unknown
	} else {
		m.store.createErr = unknown
	}
	_, cmd := m.app.Update(keyPress("enter"))
	ran := cmd().(ranMsg)
	msg, ok := ran.msg.(doubtMsg)
	if !ok {
		m.Fatalf("the change ended with a %T", ran.msg)
	}
	m.app.ahead.running = 0
	return msg
}

// waits runs what waits for an owner, and gives its end.
func waits(then tea.Cmd) <-chan tea.Msg {
	end := make(chan tea.Msg, 1)
	go func() { end <- then() }()
	return end
}

// goesOn has the owner answer again, of which the console is told.
func (m *maker) goesOn() {
	m.store.mu.Lock()
	m.store.lookErr = nil
	m.store.mu.Unlock()
	m.rt.tell(standingMsg{standing: mineOwn})
}

// A change that nobody answers for is told to be open, and its secret is kept
// until somebody does.
func TestSecretsWaitForAnOwner(t *testing.T) {
	const open = "It is not known whether the change was made"
	t.Run("made", func(t *testing.T) {
		m, w := newWizardTest(t)
		m.toToken(stepReview)
		doubt := m.stopped(true)
		_, then := m.app.Update(doubt)
		m.sees(open)
		m.keys("down")
		m.sees("Waiting for the owner: the change may still be made.")
		end := waits(then)
		m.rt.tell(standingMsg{standing: silent})
		m.rt.tell(standingMsg{standing: model.Standing{Seq: 7}})
		m.goesOn()
		m.send(<-end)
		m.sees("Store these secrets now")
		if m.app.doubts != 0 || !w.saving {
			t.Errorf("%d changes are open", m.app.doubts)
		}
	})
	t.Run("not made", func(t *testing.T) {
		m, _ := newWizardTest(t)
		sleep := m.rt.sleep
		m.rt.sleep = func(context.Context, time.Duration) {}
		m.toToken(stepReview)
		_, then := m.app.Update(m.stopped(false))
		end := waits(then)
		m.goesOn()
		msg := <-end
		m.rt.sleep = sleep
		m.send(msg)
		m.sees("billing", "the change was not made", "try again")
		m.seesNo("Waiting for")
		m.keys("enter")
		m.sees("Store these secrets now")
	})
	t.Run("the console ends", func(t *testing.T) {
		m, _ := newWizardTest(t)
		m.toToken(stepReview)
		end := waits(m.stopped(true).then)
		m.rt.close()
		if msg := <-end; msg != nil {
			t.Errorf("it ended with a %T", msg)
		}
	})
	t.Run("regenerated", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("down", "r")
		w.rt.listen()
		w.rt.tell(standingMsg{standing: serveOwns})
		w.backend.wroteAfter, w.backend.err = model.ErrUnknownOutcome, model.ErrUnavailable
		w.hold = true
		w.app.top().(*renewal).renew(renewMsg{})
		r := w.app.top().(*renewal)
		msg := w.rt.remake(r.newest, r.id, model.Primary, 0)().(doubtMsg)
		w.send(msg)
		w.hold = false
		w.sees(open)
		w.backend.err, w.backend.wroteAfter = nil, nil
		end := waits(msg.then)
		w.rt.tell(standingMsg{standing: mineOwn})
		settled := (<-end).(settledMsg)
		if got := fmt.Sprintf("%v %+v %#v", settled, settled, settled); secret.MatchString(got) {
			t.Error("the message shows its secret")
		}
		w.send(settled)
		if _, ok := w.app.top().(*reveal); !ok {
			t.Errorf("%T is on top, want the new secret", w.app.top())
		}
	})
}

// What a change says that nobody answered for fits the smallest terminal.
func TestDoubtViews(t *testing.T) {
	everySize(t, "disable", func(w *world) {
		variety(w)
		w.start()
		w.stands(serveOwns)
		w.backend.wrote = fmt.Errorf("%w, and may change when it goes on: %w", model.ErrUnknownOutcome, errors.New(silentWhy))
		w.press("down", "e", "yes")
	})
	everySize(t, "unavailable", func(w *world) {
		variety(w)
		w.start()
		w.stands(serveOwns)
		w.backend.wrote = model.ErrUnavailable
		w.press("down", "e", "yes")
	})
	everySize(t, "waiting", func(w *world) {
		variety(w)
		w.start()
		w.stands(serveOwns)
		w.send(doubtMsg{err: model.ErrUnknownOutcome})
		w.press("down")
	})
}

func TestChangeSentences(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{errTest, "The store does not answer."},
		{model.ErrNoSpace, sentence(model.ErrNoSpace)},
		{fmt.Errorf("%w (%w)", model.ErrDegraded, model.ErrUnavailable), "Read-only for now (not available)."},
		{model.ErrUnknownOutcome, sentence(model.ErrUnknownOutcome)},
		{context.DeadlineExceeded, "Whoever owns the store does not answer: the change may still be made when it goes on, so look again before you repeat it."},
		{model.ErrUnavailable, "Whoever owns the store does not answer: the change may still be made when it goes on, so look again before you repeat it."},
		{fmt.Errorf("%w: nobody has opened the store yet", model.ErrUnavailable), "The change may still be made when the owner goes on: not available: nobody has opened the store yet."},
	} {
		if got := changeSentence(test.err); got != test.want {
			t.Errorf("changeSentence(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}
