package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// helpScreen shows every binding that works on the screen below it, made from
// that screen's key maps, below what the banners have no room for.
type helpScreen struct {
	styles *styles
	groups [][]key.Binding
	notes  []string
	offset int
	rows   int
	height int
}

var helpKeys = bindings{short: []key.Binding{moveKeys.Up, moveKeys.Down, bind("any other key", "close", "esc")}}

// newHelpScreen is the help for a screen; first says that there is none to go
// back to. notes are told above the keys.
func newHelpScreen(rt *runtime, below screen, first bool, notes []string) *helpScreen {
	k := globalKeys
	k.Suspend.SetEnabled(!rt.remote())
	k.Back.SetEnabled(!first)
	if !first {
		k.Quit.SetHelp(k.Quit.Help().Key, k.Back.Help().Desc)
	}
	k.Interrupt.SetHelp(k.Interrupt.Help().Key, "quit; 3 times: unasked")
	groups := append([][]key.Binding{}, below.Keys().FullHelp()...)
	groups = append(groups, []key.Binding{k.Help, k.Back, k.Quit, k.Interrupt, k.Suspend})
	return &helpScreen{styles: rt.styles, groups: groups, notes: notes}
}

// key takes a key press; it reports whether the help screen is to close.
func (h *helpScreen) key(msg tea.KeyMsg) bool {
	n, ok := moveKeys.step(msg, h.height, h.rows)
	h.offset = min(max(h.offset+n, 0), max(h.rows-h.height, 0))
	return !ok
}

func (h *helpScreen) view(width, height int) string {
	var lines []string
	for _, note := range h.notes {
		lines = append(append(lines, h.note(note, width-4)...), "")
	}
	lines = append(lines, h.styles.header.Render(clip("What the keys do here", width-2)), "")
	lines = append(lines, strings.Split(h.flow(width-2), "\n")...)
	h.rows, h.height = len(lines), height
	h.offset = min(h.offset, max(0, len(lines)-height))
	return indent(strings.Join(lines[h.offset:], "\n"), 2)
}

// note renders a note; its commands are broken between words only, so that they
// can be copied.
func (h *helpScreen) note(text string, width int) []string {
	lines := strings.Split(wrapWords(text, width), "\n")
	for i, line := range lines {
		lines[i] = h.styles.warning.Render(line)
	}
	return lines
}

// column renders one group of bindings, without those that are off.
func (h *helpScreen) column(group []key.Binding) []string {
	var lines []string
	for _, b := range group {
		if b.Enabled() && b.Help().Key != "" {
			lines = append(lines, h.styles.help.FullKey.Render(pad(h.styles.keyName(b.Help().Key), 10))+" "+b.Help().Desc)
		}
	}
	return lines
}

// flow sets columns side by side as far as the width allows, then below, all of
// one width.
func (h *helpScreen) flow(width int) string {
	var columns [][]string
	widest := 0
	for _, group := range h.groups {
		lines := h.column(group)
		if len(lines) == 0 {
			continue
		}
		columns = append(columns, lines)
		for _, line := range lines {
			widest = max(widest, lipgloss.Width(line))
		}
	}
	widest += 4
	abreast := max(width/widest, 1)
	var rows []string
	for part := range slices.Chunk(columns, abreast) {
		if rows != nil {
			rows = append(rows, "")
		}
		rows = append(rows, abreastLines(part, widest)...)
	}
	return strings.Join(rows, "\n")
}

func abreastLines(columns [][]string, width int) []string {
	var rows []string
	for i := 0; ; i++ {
		line, more := "", false
		for _, c := range columns {
			cell := ""
			if i < len(c) {
				cell, more = c[i], true
			}
			line += pad(cell, width)
		}
		if !more {
			return rows
		}
		rows = append(rows, line)
	}
}

func size(width, height int) string { return fmt.Sprintf("%dx%d", width, height) }
