package tui

import (
	"reflect"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// settler is a screen that tells when what is under the cursor is about to be
// something else: it loads, or was filtered or sorted anew.
type settler interface{ Settling() bool }

// ahead holds the keys that are typed ahead. Over a slow line several come at
// once; each is to meet the console as it is after the one before: on the screen
// that Enter opened, on the row that the filter found. Without that, "/shop",
// Enter and d may ask about the row that was under the cursor before.
//
// A key press is held while commands of the one before run, for moment at most
// (what opens a screen or a prompt is a command too, and takes none of it), and
// while the top screen settles, for unsettledMost at most.
type ahead struct {
	keys    []tea.KeyMsg // held, the oldest first
	press   int          // numbers the presses that were taken
	running int          // commands of the newest one that have not answered
	timed   int          // the press for which the times below run
	over    bool         // the screen had its time to settle
	no      int          // the newest press that says no to whatever was about to be asked
}

const (
	moment        = 15 * time.Millisecond
	unsettledMost = 2 * time.Second
	// mostAhead bounds the keys that are held: more is no typing.
	mostAhead = 4096
)

// ranMsg is the answer of a key press's command, momentMsg and unsettledMsg the
// end of the times that the next key press is held for.
type (
	ranMsg struct {
		press int
		msg   tea.Msg
	}
	momentMsg    struct{ press int }
	unsettledMsg struct{ press int }
)

// String returns nothing of the answer: it may hold a secret.
func (ranMsg) String() string { return "the answer of a key press" }

// GoString returns nothing of the answer.
func (m ranMsg) GoString() string { return m.String() }

// typed takes what was typed. Keys that arrive together come as one message with
// several characters: each is a key press of its own. A paste stays whole.
func (a *app) typed(msg tea.KeyMsg) tea.Cmd {
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 {
		return a.typedKey(msg)
	}
	var cmds []tea.Cmd
	for i := range msg.Runes {
		one := msg
		one.Runes = msg.Runes[i : i+1]
		cmds = append(cmds, a.typedKey(one))
	}
	return tea.Batch(cmds...)
}

// typedKey takes a key press, or holds it. Whoever wants to leave a screen, or
// its help or the palette, does not wait until it has settled; the interrupt
// waits for nothing.
func (a *app) typedKey(msg tea.KeyMsg) tea.Cmd {
	h := &a.ahead
	interrupts := matches(msg, globalKeys.Interrupt)
	passes := interrupts || len(h.keys) == 0 && h.running == 0 && matches(msg, globalKeys.Back, globalKeys.Quit, globalKeys.Help, paletteKeys.Open)
	if !passes && (len(h.keys) > 0 || a.holds()) {
		if len(h.keys) < mostAhead {
			h.keys = append(h.keys, msg)
		}
		return a.holdTimes()
	}
	if interrupts {
		h.keys = nil
	}
	return a.pressed(msg)
}

// pressed lets a key press do what it does.
func (a *app) pressed(msg tea.KeyMsg) tea.Cmd {
	h := &a.ahead
	h.press++
	h.running, h.over = 0, false
	text := a.types() && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace)
	if matches(msg, promptKeys.Cancel) {
		h.no = h.press
	}
	cmd := a.key(msg)
	if text {
		return cmd // a character opens nothing: the next need not wait
	}
	return a.watched(h.press, cmd)
}

// types reports whether the next key press is text for the top screen.
func (a *app) types() bool {
	return a.prompt == nil && a.working() == nil && a.help == nil && a.palette == nil && !a.tooSmall() && a.top().Typing()
}

// watched returns the command that tells of cmd's end.
func (a *app) watched(press int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	if press == a.ahead.press {
		a.ahead.running++
	}
	return func() tea.Msg { return ranMsg{press, cmd()} }
}

// ran takes a command's answer, which goes where it would have gone.
func (a *app) ran(msg ranMsg) tea.Cmd {
	h := &a.ahead
	if msg.press == h.press && h.running > 0 {
		h.running--
	}
	switch inner := msg.msg.(type) {
	case nil:
		return nil
	case askMsg:
		if msg.press < h.no { // it was said no to before it could be asked
			return nil
		}
	case tea.BatchMsg:
		var cmds []tea.Cmd
		for _, cmd := range inner {
			cmds = append(cmds, a.watched(msg.press, cmd))
		}
		return tea.Batch(cmds...)
	}
	if reflect.TypeOf(msg.msg).PkgPath() != reflect.TypeFor[ranMsg]().PkgPath() {
		return send(msg.msg) // Bubble Tea's own: it takes them before the root does
	}
	return a.route(msg.msg)
}

// holds reports whether the next key press has to wait.
func (a *app) holds() bool {
	if a.width == 0 {
		return true // the terminal's size is on its way
	}
	if a.tooSmall() {
		return false
	}
	if a.ahead.running > 0 {
		return true
	}
	s, ok := a.top().(settler)
	return ok && !a.ahead.over && a.prompt == nil && a.help == nil && a.palette == nil && s.Settling()
}

// holdTimes starts the times after which a key press waits no more.
func (a *app) holdTimes() tea.Cmd {
	h := &a.ahead
	if len(h.keys) == 0 || h.timed == h.press {
		return nil
	}
	h.timed = h.press
	return tea.Batch(a.rt.after(moment, momentMsg{h.press}), a.rt.after(unsettledMost, unsettledMsg{h.press}))
}

// holdOver takes the end of such a time.
func (a *app) holdOver(msg tea.Msg) {
	h := &a.ahead
	switch msg := msg.(type) {
	case momentMsg:
		if msg.press == h.press {
			h.running = 0
		}
	case unsettledMsg:
		if msg.press == h.press {
			h.over = true
		}
	}
}

// catchUp takes the keys that wait for nothing any more.
func (a *app) catchUp() tea.Cmd {
	h := &a.ahead
	var cmds []tea.Cmd
	for len(h.keys) > 0 && !a.holds() {
		next := h.keys[0]
		h.keys = h.keys[1:]
		cmds = append(cmds, a.pressed(next))
	}
	return tea.Batch(append(cmds, a.holdTimes())...)
}
