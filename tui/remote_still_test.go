package tui

import (
	"context"
	"errors"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// Over SSH secrets that were hidden are shown again, and secrets copied, only
// while whoever sits there may see them still.
func TestRemoteRevealAsksAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		why  error
	}{
		{"still listed", nil},
		{"taken out", errors.New("your SSH key is not listed any more: ask whoever runs this endpoint")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newRemoteReveal(t)
			r, _ := m.app.top().(*reveal)
			asked := 0
			m.rt.Remote.Clipboard = true
			m.rt.Remote.Still = func(context.Context) error { asked++; return tt.why }
			secret := r.secrets[0].Reveal()
			m.keys("c")
			if sent := m.output.Len() > 0; asked != 1 || sent != (tt.why == nil) {
				t.Errorf("asked %d times, copied: %t", asked, sent)
			}
			m.send(hideMsg{})
			m.seesNo(secret)
			m.keys("j")
			if asked != 2 || r.masked != (tt.why != nil) {
				t.Errorf("asked %d times, masked: %t", asked, r.masked)
			}
			if tt.why != nil {
				m.seesNo(secret)
				m.sees("is not listed any more")
				return
			}
			m.sees(secret)
			m.send(tea.BlurMsg{})
			m.send(revealShowMsg{r.id + 1, r.hidden})
			m.seesNo(secret)
			m.send(revealShowMsg{r.id, r.hidden})
			m.sees(secret)
		})
	}
}

// A yes to a key press counts for nothing once something has hidden the secrets
// again: it may take a second to come.
func TestRemoteRevealDropsLateAnswers(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string]func(m *maker, r *reveal){
		"suspended":  func(m *maker, _ *reveal) { m.send(hideMsg{}) },
		"focus lost": func(m *maker, _ *reveal) { m.send(tea.BlurMsg{}) },
		"leaving":    func(m *maker, _ *reveal) { m.keys("ctrl+c") },
		"left":       func(_ *maker, r *reveal) { r.close() },
		"nobody there": func(m *maker, r *reveal) {
			for range idleTicks {
				m.send(revealTickMsg{r.id})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newRemoteReveal(t)
			r, _ := m.app.top().(*reveal)
			m.rt.Remote.Still = func(context.Context) error { return nil }
			secret := r.secrets[0].Reveal()
			m.send(hideMsg{})
			_, asking := m.app.Update(keyPress("j"))
			hide(m, r)
			m.run(asking)
			m.seesNo(secret)
			if !r.masked {
				t.Error("a late answer shows the secrets")
			}
			if name == "leaving" {
				m.keys("n")
			} else {
				m.keys("j")
			}
			if name != "left" {
				m.sees(secret)
			}
		})
	}
}

// Keys that are pressed while the answer is awaited ask nobody a second time.
func TestRemoteRevealAsksOnce(t *testing.T) {
	t.Parallel()
	m := newRemoteReveal(t)
	r, _ := m.app.top().(*reveal)
	asked := 0
	m.rt.Remote.Still = func(context.Context) error { asked++; return nil }
	m.send(hideMsg{})
	_, asking := m.app.Update(keyPress("j"))
	m.keys("j", "k")
	if asked != 0 || !r.masked {
		t.Errorf("asked %d times more, masked: %t", asked, r.masked)
	}
	m.run(asking)
	m.sees(r.secrets[0].Reveal())
}
