package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// idleTick and idleTicks are how the reveal finds out that nobody is there.
const (
	idleTick  = 5 * time.Second
	idleTicks = 12
)

// hide puts the mask on. An answer that is still to come does not take it off.
func (r *reveal) hide() {
	r.masked, r.asking = true, 0
	r.hidden++
}

// show takes the mask off, once whoever has to be asked allows it. While an
// answer is awaited nobody is asked again.
func (r *reveal) show() tea.Cmd {
	switch {
	case !r.masked || !r.rt.looksAgain():
		r.masked = false
	case r.asking == 0:
		r.asking = r.rt.next()
		return r.rt.mayShow(r.asking)
	}
	return nil
}

func (r *reveal) gotMayShow(msg mayShowMsg) {
	if r.asking == 0 || msg.asking != r.asking {
		return
	}
	r.asking, r.forbidden = 0, ""
	if msg.err != nil {
		r.forbidden = sentence(msg.err)
		return
	}
	r.masked = false
}

// tick hides the secrets when nobody has pressed a key for long.
func (r *reveal) tick(msg revealTickMsg) tea.Cmd {
	if msg.id != r.id || !r.secret() {
		return nil
	}
	if r.idle++; r.idle >= idleTicks {
		r.hide()
	}
	return r.rt.after(idleTick, msg)
}
