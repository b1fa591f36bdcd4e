package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// View renders the whole terminal: never a line too many, since Bubble Tea
// would drop it at the top.
func (a *app) View() string {
	if a.rt.styles.ascii {
		return asciiOnly(a.view())
	}
	return a.view()
}

func (a *app) view() string {
	switch {
	case a.width == 0:
		return ""
	case a.tooSmall():
		text := "keyward needs " + size(minWidth, minHeight) + " cells and has " + size(a.width, a.height) +
			". Make the terminal larger, or press ctrl+c to quit."
		if a.insist {
			text = "Something is unsaved, or an endpoint runs in this process. Make the terminal larger (" + size(minWidth, minHeight) + "), or press ctrl+c again to quit all the same."
		}
		return fit(wrap(text, a.width), a.width, a.height)
	}
	return a.headerView() + "\n" + a.bodyView(a.height-a.chromeHeight()) + "\n" + a.footerView()
}

func (a *app) bodyView(room int) string {
	if a.help != nil && a.working() == nil {
		return fit(a.help.view(a.width, room), a.width, room)
	}
	body := fit(a.top().View(), a.width, room)
	if a.palette != nil {
		body = a.rt.styles.overlay(body, a.palette.view(a.width, room), a.width, room)
	}
	if w := a.working(); w != nil {
		body = a.rt.styles.overlay(body, w.view(a.rt.styles, a.width), a.width, room)
	}
	if a.prompt != nil {
		body = a.rt.styles.overlay(body, a.prompt.view(a.rt.styles, a.width, room), a.width, room)
	}
	return body
}

// placed is where a box lies over a body.
func placed(box string, width, height int) (left, top int) {
	return max(0, (width-lipgloss.Width(box))/2), max(0, (height-lipgloss.Height(box))/3)
}

// fit makes body exactly height lines of at most width cells.
func fit(body string, width, height int) string {
	lines := strings.Split(body, "\n")
	if len(lines) > height {
		lines = lines[:height]
	}
	for i, line := range lines {
		lines[i] = clip(line, width)
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	return strings.Join(lines, "\n")
}

// overlay lays a box over the middle of a body that fills width and height, and
// dims what it leaves to be seen.
func (s *styles) overlay(body, box string, width, height int) string {
	lines, over := strings.Split(ansi.Strip(body), "\n"), strings.Split(box, "\n")
	boxWidth := lipgloss.Width(box)
	left, top := placed(box, width, height)
	for i, line := range lines {
		if i < top || i >= top+len(over) {
			lines[i] = s.faint.Render(line)
			continue
		}
		line = pad(line, width)
		lines[i] = s.faint.Render(pad(ansi.Truncate(line, left, ""), left)) + pad(over[i-top], boxWidth) +
			s.faint.Render(behind(line, left+boxWidth))
	}
	return fit(strings.Join(lines, "\n"), width, height)
}

// behind is what of a line without styles stands from a column on. In place of
// a wide character that begins before it is a blank, so that the rest stays where
// it was.
func behind(line string, column int) string {
	at := 0
	for line != "" && at < column {
		cluster, width := ansi.FirstGraphemeCluster(line, ansi.GraphemeWidth)
		line, at = line[len(cluster):], at+width
	}
	return blank(at-column) + line
}

// helpLine shows the bindings that work now, as many as there is room for; the
// help key, which tells the rest, always.
func (a *app) helpLine() string {
	line := ""
	for _, it := range a.helpItems() {
		line += it.text
	}
	return clip(strings.TrimPrefix(line, " "), a.width)
}

// helpItem is a binding in the help line, after two blanks.
type helpItem struct {
	binding key.Binding
	text    string
	width   int
	first   bool // it comes before others where there is little room
}

// helpItems are the bindings of the help line.
func (a *app) helpItems() []helpItem {
	switch {
	case a.prompt != nil:
		return nil
	case a.working() != nil:
		return a.rt.styles.helpItems(a.working().bindings(), a.width)
	case a.help != nil:
		return a.rt.styles.helpItems(a.help.bindings(), a.width)
	case a.palette != nil:
		return a.rt.styles.helpItems(a.palette.bindings(), a.width)
	}
	keys := slices.DeleteFunc(slices.Clone(a.top().Keys().ShortHelp()), func(b key.Binding) bool {
		return b.Help().Key == globalKeys.Help.Help().Key
	})
	if a.undoes() {
		keys = append([]key.Binding{undoKeys.Undo}, keys...)
	}
	switch {
	case a.top().Typing():
		return a.rt.styles.helpItems(keys, a.width)
	case !a.commands():
		return a.rt.styles.helpItems(keys, a.width, globalKeys.Help)
	case a.width < actionsWidth || a.secret():
		return a.rt.styles.helpItems(append(keys, paletteKeys.Open), a.width, globalKeys.Help)
	}
	return a.rt.styles.helpItems(keys, a.width, paletteKeys.Open, globalKeys.Help)
}

// actionsWidth is the width from which the help line always has the key of the
// palette; below it, where the others leave room.
const actionsWidth = 72

// helpItems lays bindings out in their order as far as they fit; the way on and
// the way back, and the last ones, come before all others.
func (s *styles) helpItems(keys []key.Binding, width int, last ...key.Binding) []helpItem {
	var items []helpItem
	room := width + 1 // for the blank that the line begins with
	for i, b := range append(slices.Clone(keys), last...) {
		if !b.Enabled() {
			continue
		}
		h := b.Help()
		it := helpItem{binding: b, text: "  " + s.help.ShortKey.Render(s.keyName(h.Key)) + " " + s.help.ShortDesc.Render(h.Desc),
			first: i >= len(keys) || matchesHelp(b, globalKeys.Back) || matchesHelp(b, promptKeys.Enter)}
		if s.keyName(h.Key) == h.Desc { // an arrow that can be shown as a word only
			it.text = "  " + s.help.ShortKey.Render(h.Desc)
		}
		it.width = lipgloss.Width(it.text)
		if items = append(items, it); it.first {
			room -= it.width
		}
	}
	return slices.DeleteFunc(items, func(it helpItem) bool {
		if !it.first {
			room -= it.width
		}
		return !it.first && room < 0
	})
}

// matchesHelp reports whether two bindings are of the same key.
func matchesHelp(a, b key.Binding) bool { return a.Help().Key == b.Help().Key }

func (s *styles) statusStyle(k statusKind) lipgloss.Style {
	switch k {
	case statusDone:
		return s.ok
	case statusWarning:
		return s.warning
	case statusError:
		return s.danger
	}
	return s.text
}

// statusSign tells the kinds of status apart without colour.
func statusSign(k statusKind) string {
	switch k {
	case statusDone:
		return "✓"
	case statusWarning:
		return "!"
	case statusError:
		return "✗"
	}
	return "·"
}
