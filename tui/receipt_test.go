package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// Each change that the console makes tells where it is in force.
func TestChangesAreConfirmed(t *testing.T) {
	const words = "in force at 2 of 2 endpoints in 3 ms"
	for _, test := range []struct {
		name string
		do   func(w *world)
		want string
	}{
		{"disable", func(w *world) { w.start(); w.press("down", "e", "yes") }, `✓ "billing-nightly" is disabled: its next call is refused; ` + words + "."},
		{"enable", func(w *world) { w.start(); w.press("/"); w.write("legacy"); w.press("enter", "e", "yes") }, `✓ "legacy.import" is enabled; ` + words + "."},
		{"delete", func(w *world) { w.start(); w.press("down", "down", "d"); w.write("crm sync"); w.press("enter") }, `✓ "crm sync" is deleted; ` + words + "."},
		{"edit", func(w *world) { w.edits("crm sync", partName); w.write("2"); w.press("ctrl+s") }, `✓ "crm sync2" is changed; ` + words + "."},
		{"regenerate", func(w *world) { w.start(); w.press("down", "r", "enter", "yes") }, "✓ In force at 2 of 2 endpoints in 3 ms."},
		{"certificate", func(w *world) {
			d := w.opens("partner_portal")
			w.send(certificateChosenMsg{owner: d, slot: model.Secondary, certificate: testCertificate(w.t, 8, "next", testNow, 600)})
			w.press("y")
		}, `✓ "partner_portal" has a secondary certificate now; ` + words + "."},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(200, 40)
			variety(w)
			w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 3 * time.Millisecond}
			test.do(w)
			lines := strings.Split(secret.ReplaceAllString(w.app.View(), "SECRET"), "\n")
			if got := lines[len(lines)-2]; !strings.Contains(got, test.want) {
				t.Errorf("the status is %q, want %q", got, test.want)
			}
		})
	}
	t.Run("samples", func(t *testing.T) {
		w := newWorld(t).start()
		w.resize(120, 40)
		w.backend.told = model.Receipt{Serves: 2, InForce: 2, Took: 3 * time.Millisecond}
		w.press("t", "y")
		w.sees("key added; " + words)
	})
	t.Run("create", func(t *testing.T) {
		w := newWorld(t)
		w.backend.told = model.Receipt{Serves: 2, InForce: 1, Missing: []string{"serve (pid 7)"}, Took: time.Second}
		msg := w.rt.createKey(1, keyRequest{draft: model.KeyDraft{Name: "app", Kind: model.TokenKey}}, w.app.top())().(swapMsg)
		w.send(msg)
		if w.app.status.kind != statusWarning || !strings.Contains(w.app.status.text, "serve (pid 7) has not acknowledged") {
			t.Errorf("the status is %+v", w.app.status)
		}
	})
}

func TestMissingAcknowledgementIsAWarning(t *testing.T) {
	for _, test := range []struct {
		done string
		r    model.Receipt
		want statusMsg
	}{
		{"Done.", model.Receipt{}, statusMsg{statusDone, "Done."}},
		{"", model.Receipt{}, statusMsg{statusDone, ""}},
		{"Done.", model.Receipt{Seq: 1, Serves: 1, InForce: 1}, statusMsg{statusDone, "Done; in force at 1 of 1 endpoints in under 1 ms."}},
		{"Done.", model.Receipt{Seq: 1, Serves: 2, InForce: 1, Took: time.Second, Missing: []string{"serve (pid 7)"}},
			statusMsg{statusWarning, "Done; in force at 1 of 2 endpoints in 1.0 s; serve (pid 7) has not acknowledged, and denies until it does."}},
	} {
		if got := confirmed(test.done, &test.r); got != test.want {
			t.Errorf("confirmed(%q, %+v) = %+v, want %+v", test.done, test.r, got, test.want)
		}
	}
}

func TestSentences(t *testing.T) {
	own := model.FaultOf(fmt.Errorf("serve (pid 7) is stopped: kill -CONT 7 lets it go on"))
	own.Kind = "unavailable"
	for _, test := range []struct {
		err  error
		want string
	}{
		{model.ErrUnavailable, "Whoever owns the store does not answer: try again in a moment, nothing that you entered is lost."},
		{fmt.Errorf("saving: %w", model.ErrUnavailable), "Whoever owns the store does not answer: try again in a moment, nothing that you entered is lost."},
		{own.Err(), "Serve (pid 7) is stopped: kill -CONT 7 lets it go on."},
		{model.ErrDegraded, "The store is read-only for now, and nothing was changed: keyward doctor says what is wrong with it."},
		{model.ErrNoSpace, "The disk is too full for a change, and nothing was changed: free some space and try again."},
		{fmt.Errorf("%w: look at the object (dial unix /x: EOF)", model.ErrUnknownOutcome), "It is not known whether the change was made: it may still be when the owner goes on, so look again before you repeat it."},
		{errors.Join(model.ErrUnknownOutcome, context.DeadlineExceeded), "It is not known whether the change was made: it may still be when the owner goes on, so look again before you repeat it."},
		{context.DeadlineExceeded, "There was no answer in time: look again before you repeat it."},
		{errTest, "The store does not answer."},
	} {
		if got := sentence(test.err); got != test.want {
			t.Errorf("sentence(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}

// Whatever keeps a change from being made, what was entered is still there, and
// does it when that is over.
func TestNothingTypedIsLost(t *testing.T) {
	for _, err := range []error{model.ErrUnavailable, model.ErrDegraded, model.ErrNoSpace, model.ErrUnknownOutcome} {
		t.Run(err.Error(), func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			w.edits("crm sync", partName)
			w.write("2")
			w.backend.wrote = err
			w.press("ctrl+s")
			first := strings.Join(strings.Fields(sentence(err))[:6], " ")
			w.sees("crm sync2", first)
			w.elsewhere()
			w.sees("crm sync2", first)
			w.backend.wrote = nil
			w.press("ctrl+s")
			w.key("crm sync2")

			m, wiz := newWizardTest(t)
			m.toToken(stepReview)
			m.store.createErr = err
			m.keys("enter")
			m.sees("billing", first)
			m.send(standingMsg{standing: serveOwns})
			m.sees("billing", first)
			if n := len(wiz.workflows.names()); n != 1 {
				t.Errorf("%d workflows are chosen, want 1", n)
			}
			m.keys("enter")
			if _, ok := m.app.top().(*reveal); !ok || !slices.ContainsFunc(m.store.keys, func(k model.KeyInfo) bool { return k.Name == "billing" }) {
				t.Error("the second attempt made no key")
			}
		})
	}
}
