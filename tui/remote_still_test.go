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
			m.send(revealShowMsg{r.id + 1})
			m.seesNo(secret)
			m.send(revealShowMsg{r.id})
			m.sees(secret)
		})
	}
}
