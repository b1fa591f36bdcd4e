package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// shared is what the root knows of the other processes at the store, and how far
// the screens have followed what they did.
type shared struct {
	known    bool
	standing model.Standing // the newest one
	lost     string         // why there is no newer one, in words; "": it is the newest
	resting  bool           // the screens loaded anew just now
	due      bool           // and have to once more
	anew     bool           // that time by asking another than the time before
	letting  bool           // go of the store, to be suspended
	resuming bool           // taking part again after that
}

// standingMsg is where the console stands. err says why it is not told any more.
type standingMsg struct {
	standing model.Standing
	err      error
}

// restedMsg comes reloadEvery after the screens loaded anew.
type restedMsg struct{}

// reloadEvery is how long apart the screens load anew at least for what others
// do: several times within the 100 ms that an open console may be behind.
const reloadEvery = 50 * time.Millisecond

// stopMsg says that the shell, or whoever else, wants the process stopped.
type stopMsg struct{}

// resumedMsg is the end of taking part again, and resumeMsg the next attempt.
type (
	resumedMsg struct{ err error }
	resumeMsg  struct{}
)

// resumeEvery is how long apart the attempts to take part again are.
const resumeEvery = 2 * time.Second

// share takes the messages about the other processes.
func (a *app) share(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case standingMsg:
		return tea.Batch(a.stands(msg), a.rt.nextStanding())
	case restedMsg:
		a.shared.resting = false
		if a.shared.due {
			return a.follow()
		}
	case stopMsg:
		return tea.Batch(a.suspend(), a.rt.nextStop())
	case tea.SuspendMsg:
		return a.goesOn()
	case resumeMsg:
		if a.shared.resuming && !a.shared.letting {
			return a.rt.takePart()
		}
	case resumedMsg:
		return a.resumed(msg)
	}
	return nil
}

// stands takes a new standing, and has the screens follow where it says more
// than that they are behind.
func (a *app) stands(msg standingMsg) tea.Cmd {
	if msg.err != nil {
		a.shared.lost = lowerFirst(sentence(msg.err))
		return nil
	}
	was, now, behind := a.shared.standing, msg.standing, a.stale() != ""
	known := a.shared.known
	a.shared.known, a.shared.standing, a.shared.lost = true, now, ""
	a.rt.degraded = now.Degraded
	moved := now.Mine != was.Mine || now.Owner != was.Owner || behind && now.Stale == ""
	if known && now.Seq == was.Seq && (!moved || now.Stale != "") {
		return nil // nobody answers now, or nothing is new
	}
	a.shared.anew = a.shared.anew || known && moved
	return a.follow()
}

// stale says why what is shown may be old, "" where it is not.
func (a *app) stale() string {
	if a.shared.standing.Stale != "" {
		return a.shared.standing.Stale
	}
	return a.shared.lost
}

// seen reports whether the screens were told of the change with that sequence
// already.
func (a *app) seen(seq uint64) bool {
	return seq != 0 && a.shared.known && seq <= a.shared.standing.Seq && !a.shared.due
}

// follow has the screens load anew, at once or when the last time is long enough
// ago: a burst of changes costs two loads, and the last of it is never missed.
func (a *app) follow() tea.Cmd {
	if a.shared.resting {
		a.shared.due = true
		return nil
	}
	msg := changedMsg{anew: a.shared.anew}
	a.shared.resting, a.shared.due, a.shared.anew = true, false, false
	return tea.Batch(a.broadcast(msg), a.looksAtUndo(msg), a.rt.after(reloadEvery, restedMsg{}))
}

// suspend hides what is secret, lets go of the store and stops the process.
func (a *app) suspend() tea.Cmd {
	if a.shared.letting {
		return nil
	}
	hidden := a.broadcast(hideMsg{})
	if a.rt.Sharing == nil {
		return tea.Sequence(hidden, tea.Suspend)
	}
	a.shared.letting, a.shared.resuming = true, false
	return tea.Sequence(hidden, a.rt.letGo(), tea.Suspend)
}

// goesOn takes part again once the process goes on. Bubble Tea hands a SuspendMsg
// on after the suspension that it asks for, whether or not that could stop the
// process; its ResumeMsg comes from beside, and may be late enough to be taken
// for that of the next suspension, so that it says nothing here.
func (a *app) goesOn() tea.Cmd {
	switch {
	case a.rt.Sharing == nil:
		return a.broadcast(changedMsg{}) // time has passed
	case !a.shared.letting:
		return nil
	}
	a.shared.letting, a.shared.resuming = false, true
	return a.rt.takePart()
}

// resumed has everything loaded anew, or tries again, unless the console is
// being suspended once more.
func (a *app) resumed(msg resumedMsg) tea.Cmd {
	if a.shared.letting || !a.shared.resuming {
		return nil
	}
	if msg.err != nil {
		a.status = statusMsg{statusError, sentence(msg.err)}
		return a.rt.after(resumeEvery, resumeMsg{})
	}
	a.shared.resuming = false
	news := changedMsg{anew: true}
	return tea.Batch(a.broadcast(news), a.looksAtUndo(news))
}

// latest is a screen's newest request for what it shows, where that may change
// under it. While an answer is awaited it asks no second time: a store that
// changes faster than it answers would never be seen else.
type latest struct {
	request int
	loading bool // the answer is awaited
	again   bool // something changed since it was asked for
	quiet   bool // nobody pressed a key for it: its failure leaves what is shown
}

// ask numbers a new request.
func (l *latest) ask(rt *runtime) int {
	*l = latest{request: rt.next(), loading: true}
	return l.request
}

// changed takes the news that something changed in the store; it reports whether
// to ask now.
func (l *latest) changed(msg changedMsg) bool {
	if l.loading && !msg.anew {
		l.again = true
		return false
	}
	return true
}

// answered reports whether an answer is the one that is awaited; if so, again
// says whether to ask once more.
func (l *latest) answered(number int) (mine, again bool) {
	if number != l.request || !l.loading {
		return false, false
	}
	again = l.again
	l.loading, l.again = false, false
	return true, again
}
