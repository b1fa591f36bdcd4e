package tui

import (
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// suspended is a console that let go of the store, and what is called of it.
func suspended(t *testing.T) (*world, *sharing) {
	t.Helper()
	w, s := newWorld(t), &sharing{}
	variety(w)
	w.rt.Sharing = s
	w.start()
	w.stands(mineOwn)
	w.press("ctrl+z")
	return w, s
}

// However Bubble Tea says that the process goes on, the console takes part again
// exactly once: it says less where it could not stop it at all.
func TestTakesPartAgainOnce(t *testing.T) {
	for name, msgs := range map[string][]tea.Msg{
		"stopped":      {tea.SuspendMsg{}, tea.ResumeMsg{}},
		"stopped, too": {tea.ResumeMsg{}, tea.SuspendMsg{}},
		"not stopped":  {tea.SuspendMsg{}},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := suspended(t)
			before := w.backend.lists
			for _, msg := range msgs {
				w.send(msg)
			}
			if want := []string{"suspend", "resume"}; !slices.Equal(s.calls, want) {
				t.Errorf("the calls were %v, want %v", s.calls, want)
			}
			if w.backend.lists != before+1 {
				t.Errorf("the list was loaded %d times, want once", w.backend.lists-before)
			}
			w.seesNot("Taking part")
			w.press("ctrl+z")
			if got := s.calls[len(s.calls)-1]; got != "suspend" {
				t.Errorf("a second ctrl+z did not suspend but %s", got)
			}
		})
	}
}

// A console that is suspended while it takes part again does not take the store
// back before it is stopped.
func TestSuspendedWhileTakingPart(t *testing.T) {
	w, s := suspended(t)
	s.resume = errTest
	w.send(tea.SuspendMsg{})
	w.sees("✗ The store does not answer")
	w.hold = true
	w.press("ctrl+z")
	held := w.held
	w.hold, w.held = false, nil
	w.send(resumeMsg{}) // the attempt that was to come
	w.send(resumedMsg{})
	w.send(resumedMsg{errTest})
	if want := []string{"suspend", "resume"}; !slices.Equal(s.calls, want) || w.app.shared.resuming {
		t.Errorf("the calls were %v, want %v; resuming %v", s.calls, want, w.app.shared.resuming)
	}
	for _, cmd := range held {
		w.run(cmd)
	}
	s.resume = nil
	w.send(tea.SuspendMsg{})
	w.send(resumeMsg{}) // an old one is for nothing
	if want := []string{"suspend", "resume", "suspend", "resume"}; !slices.Equal(s.calls, want) {
		t.Errorf("the calls were %v, want %v", s.calls, want)
	}
}

// A ResumeMsg that comes when the next suspension is under way is not taken for
// that one's: the console would have taken part before it let go, and never after.
func TestLateResumeMsg(t *testing.T) {
	w, s := suspended(t)
	w.send(tea.SuspendMsg{})
	w.hold = true
	w.press("ctrl+z")
	held := w.held
	w.hold, w.held = false, nil
	w.send(tea.ResumeMsg{}) // of the first
	for _, cmd := range held {
		w.run(cmd)
	}
	w.send(tea.SuspendMsg{})
	if want := []string{"suspend", "resume", "suspend", "resume"}; !slices.Equal(s.calls, want) {
		t.Errorf("the calls were %v, want %v", s.calls, want)
	}
}

// An attempt to take part again that begins only when the console was let go of
// once more is not made: the store would be taken back under a process that
// stops, and the signal that stops it for somebody else's.
func TestLateTakingPart(t *testing.T) {
	w, s := suspended(t)
	w.hold = true
	w.send(tea.SuspendMsg{})
	late := w.held
	w.hold, w.held = false, nil
	w.press("ctrl+z")
	for _, cmd := range late {
		w.run(cmd)
	}
	w.send(tea.SuspendMsg{})
	if want := []string{"suspend", "suspend", "resume"}; !slices.Equal(s.calls, want) {
		t.Errorf("the calls were %v, want %v", s.calls, want)
	}
}

// Secrets that come when the console is about to be suspended are hidden as those
// that were there before.
func TestSecretsThatComeWhileSuspending(t *testing.T) {
	w := newWorld(t)
	w.rt.Sharing = &sharing{}
	w.start()
	w.stands(mineOwn)
	var secrets [2]model.Secret
	if err := w.rt.drawSecrets(&secrets); err != nil {
		t.Fatal(err)
	}
	w.hold = true
	w.press("ctrl+z")
	w.hold, w.held = false, nil
	w.send(pushMsg{newReveal(w.rt, revealInfo("Test"), secrets)})
	if r, ok := w.app.top().(*reveal); !ok || !r.masked {
		t.Error("they are shown")
	}
}
