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
// that screen's key maps, below what the banners have no room for; and what the
// keys of all other screens do. A filter finds one among them.
type helpScreen struct {
	rt     *runtime
	styles *styles
	groups [][]key.Binding
	notes  []string
	filter filterField
	offset int
	rows   int
	height int
}

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
	return &helpScreen{rt: rt, styles: rt.styles, groups: groups, notes: notes, filter: newFilterField(rt.styles, "a key, or words of what it does")}
}

// key takes a key press; it reports whether the help screen is to close.
func (h *helpScreen) key(msg tea.KeyMsg) bool {
	switch {
	case h.filter.typing:
		if h.filter.key(msg, h.moveKey) {
			h.offset = 0
		}
	case h.moveKey(msg, moveKeys):
	case matches(msg, helpKeys.Filter):
		h.filter.open()
		h.offset = 0
	default:
		return true
	}
	return false
}

func (h *helpScreen) moveKey(msg tea.KeyMsg, k moveKeyMap) bool {
	n, ok := k.step(msg, h.height, h.rows)
	if ok {
		h.offset = min(max(h.offset+n, 0), max(h.rows-h.height, 0))
	}
	return ok
}

// bindings are those of the state that the help screen is in.
func (h *helpScreen) bindings() []key.Binding {
	if h.filter.typing {
		return h.filter.bindings().short
	}
	return []key.Binding{moveKeys.Up, moveKeys.Down, helpKeys.Filter, helpKeys.Close}
}

func (h *helpScreen) view(width, height int) string {
	var lines []string
	for _, note := range h.notes {
		lines = append(append(lines, h.note(note, width-4)...), "")
	}
	switch {
	case h.filter.shown():
		lines = append(append(lines, h.filter.view(h.styles, width-4), ""), h.found(width-4)...)
	default:
		lines = append(lines, h.styles.header.Render(clip("What the keys do here", width-2)), "")
		lines = append(lines, strings.Split(h.flow(width-2), "\n")...)
		lines = append(lines, h.elsewhere(width-2)...)
	}
	h.rows, h.height = len(lines), height
	h.offset = min(h.offset, max(0, len(lines)-height))
	return indent(strings.Join(lines[h.offset:], "\n"), 2)
}

// elsewhere is what the keys of all screens do, a screen after the other.
func (h *helpScreen) elsewhere(width int) []string {
	lines := []string{"", h.styles.header.Render(clip("What they do on every screen", width))}
	for _, s := range everywhere(h.rt) {
		lines = append(lines, "", h.styles.strong.Render(clip(s.title, width)))
		half := (len(s.keys) + 1) / 2
		lines = append(lines, strings.Split(h.flowOf([][]key.Binding{s.keys[:half], s.keys[half:]}, width), "\n")...)
	}
	return lines
}

// found are the bindings of all screens that the filter lets through, each in a
// line with where it works; those of this screen first. Words that a key is looked
// for by and is not called are found as in the palette.
func (h *helpScreen) found(width int) []string {
	var names, lines []string
	add := func(b key.Binding, where string) {
		line := pad(h.styles.keyName(b.Help().Key), 14) + " " + pad(b.Help().Desc, min(max(width-44, 17), 34)) + " " + where
		if b.Enabled() && !slices.Contains(lines, line) {
			names, lines = append(names, b.Help().Key+" "+b.Help().Desc+" "+where+" "+synonyms(b.Help().Desc)), append(lines, line)
		}
	}
	for _, group := range h.groups {
		for _, b := range group {
			add(b, "here")
		}
	}
	for _, s := range everywhere(h.rt) {
		for _, b := range s.keys {
			add(b, lowerFirst(s.title))
		}
	}
	for _, b := range h.onEveryScreen() {
		add(b, "every screen")
	}
	words := strings.Fields(strings.ToLower(h.filter.Value()))
	var found []string
	for i, line := range lines {
		if holdsAll(strings.ToLower(names[i]), words) {
			found = append(found, clip(line, width))
		}
	}
	if found == nil {
		found = []string{clip("No key of any screen does that.", width)}
	}
	return found
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
func (h *helpScreen) flow(width int) string { return h.flowOf(h.groups, width) }

func (h *helpScreen) flowOf(groups [][]key.Binding, width int) string {
	var columns [][]string
	widest := 0
	for _, group := range groups {
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
