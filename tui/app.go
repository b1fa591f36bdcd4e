package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// The smallest terminal in which the console works; below it says so.
const (
	minWidth  = 60
	minHeight = 16
)

// app is the root model: it routes, and holds what there is one of.
//
// In a terminal that is too small to show what a key would answer only the
// interrupt is taken. Else keys go, in this order, to: the prompt, if one is
// open; the work that is seen; the help screen or the palette, if it is; the interrupt; the top screen
// while text is entered there; the global keys; the top screen. Every other message goes to every screen.
type app struct {
	rt            *runtime
	stack         []screen
	left          map[placeSort]remains // of the places that were left for good
	seenTop       screen                // the top one when watchers were told last
	seenDepth     int                   // how many screens there were then
	width, height int
	prompt        *prompt
	prompts       int // numbers prompts, so that a late arming is told apart
	ahead         ahead
	help          *helpScreen
	palette       *palette
	mouse         mouse
	status        statusMsg
	leaving       bool // a leave prompt was answered by the ctrl+c before
	insist        bool // in a terminal that is too small: ctrl+c again loses what is unsaved
	shared        shared
	tour          tour
	works         []*work        // that are under way
	ended         int            // numbers the works that were seen to the end
	stopsLate     bool           // one of them ended just now
	undo          *undo          // the last change that can be taken back, or nil
	undoRows      []model.KeyRow // the keys that it is about, as far as a question needs that
	undoLook      latest         // whether others changed them
	undoLeft      time.Duration  // how long it can be, as of the last second
	undoSaid      string         // what the status line says of that change
	undoHeld      bool           // its time stands still: a question about it was open
	doubts        int            // changes of which nobody knows yet whether they were made
	chrome        int            // lines of header and footer for which the screens are laid out
}

func newApp(rt *runtime, first screen) *app {
	return &app{rt: rt, stack: []screen{first}, mouse: mouse{wanted: rt.Mouse}}
}

// Init starts the first screen, asks for the terminal's background, and listens
// to the other processes at the store.
func (a *app) Init() tea.Cmd {
	return tea.Batch(a.rt.askBackground(), a.top().Init(), a.asksServing(a.top()), a.rt.nextStanding(), a.rt.nextStop(), a.nextUsage())
}

func (a *app) top() screen { return a.stack[len(a.stack)-1] }

// Update routes msg, and keys that were typed ahead and wait for it no more.
// Header and footer may grow or shrink by it.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.mouse.watch(msg)
	cmd := a.route(msg)
	if watch := a.tellWatchers(); watch != nil {
		cmd = tea.Batch(cmd, watch)
	}
	if next := a.catchUp(); next != nil {
		cmd = tea.Batch(cmd, next)
	}
	if s, ok := a.top().(peeker); ok {
		if look := s.peek(); look != nil {
			cmd = tea.Batch(cmd, look)
		}
	}
	if m := a.mouse.set(a.secret()); m != nil {
		cmd = tea.Batch(cmd, m)
	}
	if a.width > 0 && !a.tooSmall() && a.chromeHeight() != a.chrome {
		a.layout()
	}
	return a, cmd
}

// route takes a message. One that tells of a change ends what could be taken back
// before.
func (a *app) route(msg tea.Msg) tea.Cmd {
	if never := neverBy(msg); never != nil && a.undo != nil {
		return tea.Batch(a.offer(never), a.routed(msg))
	}
	return a.routed(msg)
}

func (a *app) routed(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height, a.insist = msg.Width, msg.Height, false
		a.layout()
		return a.broadcast(msg) // a list may see rows now that it has not
	case tea.KeyMsg:
		return a.typed(msg)
	case ranMsg:
		return a.ran(msg)
	case momentMsg, unsettledMsg:
		a.holdOver(msg)
	case pushMsg:
		return a.push(msg.screen)
	case popMsg:
		return a.pop(msg)
	case swapMsg:
		return a.swap(msg.from, msg.to)
	case closeMsg:
		a.close(msg.screen)
	case outcomeMsg:
		return a.outcome(msg)
	case askMsg:
		return a.ask(msg.prompt)
	case armMsg:
		if a.prompt != nil && msg.number == a.prompts {
			a.prompt.armed = true
		}
	case statusMsg:
		a.status = msg
	case continuedMsg:
		return takeTerminal()
	case backgroundMsg:
		a.rt.styles.renderer.SetHasDarkBackground(msg.dark)
	case doubtMsg:
		a.doubts++
		a.status = statusMsg{statusError, changeSentence(msg.err)}
		return msg.then
	case settledMsg:
		a.doubts--
		a.status = statusMsg{}
		return a.route(msg.msg)
	case workMsg:
		return a.workBegins(msg)
	case workTickMsg:
		return a.workTick(msg)
	case workedMsg:
		return a.worked(msg)
	case workOverMsg:
		a.stopsLate = a.stopsLate && msg.number != a.ended
	case undoAgreedMsg:
		return a.undoAgreed(msg)
	case undoOverMsg:
		a.undoOver(msg)
	case undoGoesOnMsg:
		return a.undoGoesOn(msg)
	case undoTickMsg:
		return a.undoTicked(msg)
	case offerMsg:
		a.undoSaid = a.status.text
		return a.offer(msg.undo)
	case undoStandsMsg:
		return a.undoLooked(msg)
	case wroteMsg:
		a.status = msg.statusMsg
	case startedMsg, recentMsg, stoppedMsg, endedMsg, stopAnywayMsg:
		return a.endpointNews(msg)
	case tourAgainMsg:
		a.tourBegins(msg.key)
	case sampledMsg:
		return a.sampled(msg)
	case endpointTickMsg:
		return a.endpointTick(msg)
	case usageTickMsg:
		return a.usageTick()
	case servingMsg:
		a.rt.serves(msg)
		return a.broadcast(msg)
	case tea.MouseMsg:
		return a.mouseEvent(msg)
	case foundKeysMsg:
		if a.palette != nil {
			if a.palette.found(msg) {
				return a.enterPalette()
			}
		}
	case leaveMsg:
		return a.leave(msg)
	case standingMsg, restedMsg, stopMsg, resumedMsg, resumeMsg, tea.SuspendMsg:
		return a.share(msg)
	default:
		return a.broadcast(msg)
	}
	return nil
}

func (a *app) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range a.stack {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// quit leaves the console, asking first where a screen would lose something. An
// interrupt says no to that; the next one quits for real.
func (a *app) quit() tea.Cmd {
	p := a.unsaved()
	if p == nil {
		p = a.endsEndpoint()
	}
	if p == nil {
		return tea.Quit
	}
	p.OnYes, p.leaves = tea.Quit, true
	return a.ask(*p)
}

// unsaved is the question of the uppermost screen that would lose something.
func (a *app) unsaved() *prompt {
	for _, s := range slices.Backward(a.stack) {
		if p := s.Unsaved(); p != nil {
			return p
		}
	}
	return nil
}

func (a *app) tooSmall() bool { return a.width < minWidth || a.height < minHeight }

// layout gives every screen the room that the chrome leaves: what the chrome
// renders to is what it takes.
func (a *app) layout() {
	if a.width == 0 || a.tooSmall() {
		return
	}
	a.chrome = a.chromeHeight()
	room := a.height - a.chrome
	for _, s := range a.stack {
		s.SetSize(a.width, room)
	}
}
