package main

import (
	"image/color"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// style is how a cell looks. A nil colour is the terminal's own.
type style struct {
	text, back                                    color.Color
	bold, dim, italic, underline, strike, reverse bool
}

// cell is one character of the screen, which may be two columns wide.
type cell struct {
	column, width int
	text          string
	style         style
}

// readScreen reads the lines of a screen with their SGR sequences, and leaves
// out what is beyond its size and every other sequence. A style lasts until it
// is changed, also over the end of a line.
func readScreen(text string, columns, rows int) [][]cell {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var screen [][]cell
	var now style
	for _, line := range lines[:min(len(lines), rows)] {
		var cells []cell
		cells, now = readLine(strings.TrimSuffix(line, "\r"), columns, now)
		screen = append(screen, cells)
	}
	return screen
}

func readLine(line string, columns int, now style) ([]cell, style) {
	var cells []cell
	var state byte
	parser := ansi.NewParser()
	for column := 0; len(line) > 0; {
		sequence, width, n, next := ansi.DecodeSequence(line, state, parser)
		line, state = line[n:], next
		switch {
		case width > 0 && column+width <= columns:
			cells = append(cells, cell{column, width, sequence, now})
			column += width
		case width == 0 && ansi.Cmd(parser.Command()).Final() == 'm' && strings.HasPrefix(sequence, "\x1b["):
			now.change(parser.Params())
		case width == 0 && len(cells) > 0 && combines(sequence):
			cells[len(cells)-1].text += sequence
		}
	}
	return cells, now
}

// combines reports whether text joins the character before it.
func combines(text string) bool {
	char, _ := utf8.DecodeRuneInString(text)
	return unicode.In(char, unicode.M, unicode.Cf)
}

// change applies the parameters of one SGR sequence.
func (s *style) change(params ansi.Params) {
	if len(params) == 0 {
		*s = style{}
	}
	for i := 0; i < len(params); i++ {
		n, _, _ := params.Param(i, 0)
		switch {
		case n == 38:
			i += max(ansi.ReadStyleColor(params[i:], &s.text)-1, 0)
		case n == 48:
			i += max(ansi.ReadStyleColor(params[i:], &s.back)-1, 0)
		case n == 4 && params[i].HasMore(): // 4:0 is none, others are kinds of lines
			i++
			kind, _, _ := params.Param(i, 1)
			s.underline = kind != 0
		default:
			s.set(n)
		}
	}
}

// set applies a parameter that stands alone.
func (s *style) set(n int) {
	switch {
	case n == 0:
		*s = style{}
	case n == 1:
		s.bold = true
	case n == 2:
		s.dim = true
	case n == 3:
		s.italic = true
	case n == 4:
		s.underline = true
	case n == 7:
		s.reverse = true
	case n == 9:
		s.strike = true
	case n == 22:
		s.bold, s.dim = false, false
	case n == 23:
		s.italic = false
	case n == 24:
		s.underline = false
	case n == 27:
		s.reverse = false
	case n == 29:
		s.strike = false
	case n >= 30 && n <= 37:
		s.text = ansi.IndexedColor(n - 30)
	case n >= 90 && n <= 97:
		s.text = ansi.IndexedColor(n - 90 + 8)
	case n >= 40 && n <= 47:
		s.back = ansi.IndexedColor(n - 40)
	case n >= 100 && n <= 107:
		s.back = ansi.IndexedColor(n - 100 + 8)
	case n == 39:
		s.text = nil
	case n == 49:
		s.back = nil
	}
}
