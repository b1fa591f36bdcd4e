package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// mouse is whether the mouse is the console's. It is off until somebody asks for
// it, since the terminal's own selection is off meanwhile; and always off where
// secrets are shown, so that they can be selected and no click tells where they
// are.
type mouse struct {
	wanted  bool // the user's wish
	taken   bool // the terminal reports the mouse
	pending bool // it was told to begin or to end that
}

// clicker is a screen with rows that can be clicked on.
type clicker interface {
	// click puts the cursor on what stands in line y of the screen, its first
	// being 0. ok says that something does; here, that the cursor was on it.
	click(y int) (here, ok bool)
}

// tookTerminalMsg says that the terminal was set up anew.
type tookTerminalMsg struct{}

// watch takes the news of what the terminal reports. Whoever sets a terminal up
// anew has the mouse off.
func (m *mouse) watch(msg tea.Msg) {
	switch msg {
	case tea.EnableMouseCellMotion():
		m.taken, m.pending = true, false
	case tea.DisableMouse():
		m.taken, m.pending = false, false
	case tea.Msg(tea.ResumeMsg{}), tea.Msg(tookTerminalMsg{}):
		m.taken, m.pending = false, false
	}
}

// set returns what makes the terminal report the mouse or not, nil where it does
// as it should. One order waits for the other: they would overtake each other.
func (m *mouse) set(secret bool) tea.Cmd {
	want := m.wanted && !secret
	if m.pending || want == m.taken {
		return nil
	}
	m.pending = true
	if want {
		return tea.EnableMouseCellMotion
	}
	return tea.DisableMouse
}

// secret reports whether a screen that holds secrets is seen.
func (a *app) secret() bool {
	_, secret := a.top().(*reveal)
	return secret
}

// toggleMouse takes the mouse or gives it back, and says what that does to the
// terminal's own selection.
func (a *app) toggleMouse() tea.Cmd {
	a.mouse.wanted = !a.mouse.wanted
	if a.mouse.wanted {
		return status(statusInfo, "The mouse works here now. To select text, hold shift; "+mouseKeys.Toggle.Help().Key+" gives the mouse back to the terminal.")
	}
	return status(statusInfo, "The mouse is the terminal's own again: it selects text.")
}

// wheelRows is how many rows a turn of the wheel moves.
const wheelRows = 3

// mouseEvent takes a press of a button or a turn of the wheel. Both press the
// keys that do the same.
func (a *app) mouseEvent(msg tea.MouseMsg) tea.Cmd {
	if !a.mouse.taken || a.secret() || a.tooSmall() || msg.Action != tea.MouseActionPress {
		return nil
	}
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		return a.wheel(true)
	case tea.MouseButtonWheelDown:
		return a.wheel(false)
	case tea.MouseButtonLeft:
		return a.clicked(msg.X, msg.Y)
	}
	return nil
}

// wheel moves the cursor, where the screen has one that up and down move.
func (a *app) wheel(up bool) tea.Cmd {
	b := moveKeys.Down
	if up {
		b = moveKeys.Up
	}
	press, _ := pressOf(b)
	if s, ok := a.top().(wheeler); ok && a.prompt == nil && a.working() == nil && a.help == nil && a.palette == nil {
		s.wheel(map[bool]int{true: -wheelRows, false: wheelRows}[up])
		return nil
	}
	if a.prompt != nil || a.working() != nil || a.help == nil && a.palette == nil && !a.scrolls(press) {
		return nil
	}
	var cmds []tea.Cmd
	for range wheelRows {
		cmds = append(cmds, a.key(press))
	}
	return tea.Batch(cmds...)
}

// scrolls reports whether a key moves up or down on the top screen, and nothing
// else: in forms it would go from field to field.
func (a *app) scrolls(press tea.KeyMsg) bool {
	for _, group := range a.top().Keys().FullHelp() {
		for _, b := range group {
			if matches(press, b) && movesRows(b) {
				return true
			}
		}
	}
	return false
}

// clicked takes a click: on the help line it presses the key, on the breadcrumb it
// goes back, on a row it moves the cursor there, and on the cursor's row it opens.
func (a *app) clicked(x, y int) tea.Cmd {
	top := a.height - a.chromeHeight()
	line := y - lipgloss.Height(a.headerView())
	switch {
	case y == a.height-1:
		return a.clickedHelp(x)
	case y == 0:
		return a.clickedCrumb(x)
	case line < 0 || line >= top || a.help != nil && a.working() == nil:
		return nil
	case a.prompt != nil:
		return a.clickedPrompt(x, line)
	case a.working() != nil:
		return nil
	case a.palette != nil:
		return a.clickedPalette(x, line, top)
	}
	a.status = statusMsg{}
	if s, ok := a.top().(headed); ok && line == headingLine {
		return s.clickHeading(x)
	}
	var here, ok bool
	switch s := a.top().(type) {
	case clicker:
		here, ok = s.click(line)
	case spotClicker:
		here, ok = s.clickAt(x, line)
	}
	if !ok || !here {
		return nil
	}
	b := a.doubleKey()
	press, ok := pressOf(b)
	if !ok || !b.Enabled() {
		return nil
	}
	return a.key(press)
}

// doubleKey is the key that a click on the cursor's place presses.
func (a *app) doubleKey() key.Binding {
	if s, ok := a.top().(doubler); ok {
		return s.double()
	}
	open := listKeys.Open
	open.SetEnabled(!a.top().Typing())
	return open
}

// clickedHelp presses the key in the help line.
func (a *app) clickedHelp(x int) tea.Cmd {
	at := -1 // the line begins with one blank less than its items
	for _, it := range a.helpItems() {
		if x >= at+2 && x < at+it.width {
			if press, ok := pressOf(it.binding); ok {
				return a.key(press)
			}
			return nil
		}
		at += it.width
	}
	return nil
}

// clickedPrompt answers a prompt that a key answers.
func (a *app) clickedPrompt(x, line int) tea.Cmd {
	room := a.height - a.chromeHeight()
	box := a.prompt.view(a.rt.styles, a.width, room)
	left, top := placed(box, a.width, room)
	x -= left + boxEdge
	if a.prompt.Word != "" || line != top+lipgloss.Height(box)-2 || x < 0 || x >= lipgloss.Width(box)-2*boxEdge {
		return nil
	}
	b := promptKeys.Cancel
	if x < cells(a.prompt.yes()+" "+a.prompt.Confirm) {
		b = promptKeys.Yes
	}
	press, _ := pressOf(b)
	return a.promptKey(press)
}

// clickedPalette does the action that was clicked on; a click beside the box
// closes it.
func (a *app) clickedPalette(x, line, room int) tea.Cmd {
	box := a.palette.view(a.width, room)
	left, top := placed(box, a.width, room)
	if x < left || x >= left+lipgloss.Width(box) || line < top || line >= top+lipgloss.Height(box) {
		a.palette = nil
		return nil
	}
	w := &a.palette.window
	at := w.offset + line - top - paletteHead
	if _, to := w.visible(); line < top+paletteHead || at >= to {
		return nil
	}
	return a.act(a.palette.shown[at])
}

// boxEdge is what a box has at its left: its border and a blank.
const boxEdge = 2

// click puts the cursor on the row at a line of the table, whose first is the
// heading.
func (t *table[R]) click(line int) (here, ok bool) {
	place := t.top + line - 1
	if line < 1 || line > t.height || place >= t.end() {
		return false, false
	}
	here = place == t.cursor
	t.moveTo(place)
	return here, true
}
