package tui

import (
	"github.com/charmbracelet/bubbles/help"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// screen is one place of the console. Screens lie on a stack; the top one is
// seen and gets the keys, every one gets the other messages, so that a list
// below is right when the user comes back to it. All methods are called from
// the program's one goroutine.
type screen interface {
	// Init runs when the screen is pushed.
	Init() tea.Cmd
	// Update takes a message; the commands it returns come from the commands
	// files only.
	Update(msg tea.Msg) tea.Cmd
	// View renders exactly the size last set, or less; no line is wider.
	View() string
	// SetSize gives the room between header and status line, in cells.
	SetSize(width, height int)
	// Title is the screen's part of the breadcrumb.
	Title() string
	// Keys are the bindings that work now: for the help line and the help
	// screen. A disabled binding is in neither.
	Keys() help.KeyMap
	// Typing reports whether the user is entering text: then no key but ctrl+c
	// has a meaning outside the screen.
	Typing() bool
	// Unsaved is the question to ask before the screen is thrown away, or nil.
	Unsaved() *prompt
}

// closer is a screen that lets go of something, such as secrets, when it leaves
// the stack.
type closer interface{ close() }

// pushMsg opens a screen on top of the others.
type pushMsg struct{ screen screen }

// popMsg closes the top screen; asked says that the user was asked already, and of
// which screen, where a question was: one that came in its place meanwhile stays.
type popMsg struct {
	asked bool
	of    screen // nil: whichever it is
}

// swapMsg puts one screen in the place of another, wherever on the stack that
// is; on top of everything when it is gone. What a command made is so shown
// whatever the user did meanwhile.
type swapMsg struct{ from, to screen }

// closeMsg closes one screen, and those above it, without asking: what it shows
// is done with or gone.
type closeMsg struct{ screen screen }

// outcomeMsg is the end of a change that no screen waits for: the root tells it
// in the status line and has every screen load anew.
type outcomeMsg struct {
	done    string   // what was done, as a sentence; with an error: before it
	key     string   // the key to put the cursor on, or ""
	deleted model.ID // the key that is gone, or 0
	receipt model.Receipt
	undo    *undo // what takes it back, or nil
	err     error
	short   bool // it was given up before its end
}

// askMsg opens a prompt over everything.
type askMsg struct{ prompt prompt }

// statusMsg puts text into the status line until the next key press.
type statusMsg struct {
	kind statusKind
	text string
}

// changedMsg says that something in the store changed: lists load anew. key is
// the name to put the cursor on, or "".
type changedMsg struct {
	key     string
	deleted model.ID // the key that is gone, or 0
	anew    bool     // somebody else answers now: what was asked before may never be answered
}

// hideMsg tells every screen to show nothing secret from now on: the console is
// about to be suspended.
type hideMsg struct{}

// statusKind is what a status text is; each has its own sign besides a colour.
type statusKind int

const (
	statusInfo statusKind = iota
	statusDone
	statusWarning
	statusError
)

// send returns a command for a message that is known already.
func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

func push(s screen) tea.Cmd                       { return send(pushMsg{s}) }
func pop() tea.Cmd                                { return send(popMsg{}) }
func ask(p prompt) tea.Cmd                        { return send(askMsg{p}) }
func status(kind statusKind, text string) tea.Cmd { return send(statusMsg{kind, text}) }
