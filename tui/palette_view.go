package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// paletteHead is how many lines stand above the first action: the border, the
// text, a blank line.
const paletteHead = 3

// mostActions is how many lines the palette shows at once.
const mostActions = 12

// bindings are those of the palette.
func (p *palette) bindings() []key.Binding {
	return []key.Binding{paletteKeys.Do, typingMoveKeys.Up, typingMoveKeys.Down, paletteKeys.Close}
}

// view renders the palette as a box of one height, so that it does not jump
// while its lines become fewer.
func (p *palette) view(width, room int) string {
	s := p.rt.styles
	width = min(width-8, 66)
	rows := max(min(mostActions, room-s.promptBox.GetVerticalFrameSize()-2), 1)
	p.window.resize(len(p.shown), rows)
	p.input.Width = width - 4
	lines := []string{pad(inputView(s, p.input), width), ""}
	from, to := p.window.visible()
	for i := from; i < to; i++ {
		lines = append(lines, p.line(p.shown[i], i == p.window.cursor, width))
	}
	if len(p.shown) == 0 {
		lines = append(lines, gutter+s.faint.Render(clip(p.nothing(), width-2)))
	}
	for len(lines) < rows+2 {
		lines = append(lines, "")
	}
	return s.promptBox.Render(strings.Join(lines, "\n"))
}

// line renders an action: its name, its key at the right; why not, where it is
// off.
func (p *palette) line(it action, selected bool, width int) string {
	s := p.rt.styles
	right := it.key
	if it.off != "" {
		right = "off: " + it.off + "  " + it.key
	}
	name := it.name
	if it.about != "" {
		name += " " + it.about
	}
	text := pad(name, width-len(gutter)-cells(right)-2) + "  " + right
	switch {
	case selected:
		return s.selected.Render(pad(pointer+text, width))
	case it.off != "":
		return s.faint.Render(gutter + text)
	}
	return gutter + text
}

// nothing stands in place of actions.
func (p *palette) nothing() string {
	name, about := p.keyName()
	switch {
	case p.stays:
		return "Not on this screen: leaving it loses the secrets."
	case p.err != nil:
		return sentence(p.err)
	case about && name == "":
		return "Type a part of the key's name."
	case p.waiting:
		return "Looking for a key of that name …"
	case about:
		return "No key has that name."
	}
	return "No action, no place and no key has that name."
}
