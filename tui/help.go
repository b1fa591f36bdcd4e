package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// helpScreen shows every binding that works on the screen below it, made from
// that screen's key maps.
type helpScreen struct {
	styles *styles
	title  string
	groups [][]key.Binding
	offset int
	rows   int
	height int
}

var helpKeys = bindings{short: []key.Binding{moveKeys.Up, moveKeys.Down, bind("any other key", "close")}}

func newHelpScreen(s *styles, below screen) *helpScreen {
	groups := append([][]key.Binding{}, below.Keys().FullHelp()...)
	groups = append(groups, []key.Binding{globalKeys.Help, globalKeys.Back, globalKeys.Quit, globalKeys.Interrupt, globalKeys.Suspend})
	return &helpScreen{styles: s, title: below.Title(), groups: groups}
}

// key takes a key press; it reports whether the help screen is to close.
func (h *helpScreen) key(msg tea.KeyMsg) bool {
	last := max(0, h.rows-h.height)
	switch {
	case matches(msg, moveKeys.Up):
		h.offset = max(0, h.offset-1)
	case matches(msg, moveKeys.Down):
		h.offset = min(last, h.offset+1)
	case matches(msg, moveKeys.PageUp):
		h.offset = max(0, h.offset-h.height)
	case matches(msg, moveKeys.PageDown):
		h.offset = min(last, h.offset+h.height)
	default:
		return true
	}
	return false
}

func (h *helpScreen) view(width, height int) string {
	var columns []string
	for _, group := range h.groups {
		if text := h.column(group); text != "" {
			columns = append(columns, text)
		}
	}
	lines := strings.Split(h.flow(columns, width), "\n")
	lines = append([]string{h.styles.strong.Render("Keys: " + clean(h.title)), ""}, lines...)
	h.rows, h.height = len(lines), height
	h.offset = min(h.offset, max(0, len(lines)-height))
	return strings.Join(lines[h.offset:], "\n")
}

// column renders one group of bindings, without those that are off.
func (h *helpScreen) column(group []key.Binding) string {
	var lines []string
	for _, b := range group {
		if b.Enabled() && b.Help().Key != "" {
			lines = append(lines, h.styles.help.FullKey.Render(pad(b.Help().Key, 11))+" "+b.Help().Desc)
		}
	}
	return strings.Join(lines, "\n")
}

// flow sets columns side by side as far as the width allows, then below.
func (h *helpScreen) flow(columns []string, width int) string {
	var rows []string
	row := ""
	for _, c := range columns {
		c = h.styles.helpColumn.Render(c)
		switch joined := lipgloss.JoinHorizontal(lipgloss.Top, row, c); {
		case row == "":
			row = c
		case lipgloss.Width(joined) <= width:
			row = joined
		default:
			rows, row = append(rows, row, ""), c
		}
	}
	return strings.Join(append(rows, row), "\n")
}

func size(width, height int) string { return fmt.Sprintf("%dx%d", width, height) }
