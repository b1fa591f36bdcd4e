package main

import (
	"fmt"
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// palette is a terminal's colours: its own two and the sixteen with names.
type palette struct {
	text, back string
	named      [16]string
}

var dark = palette{
	text: "#d4d4d4", back: "#1b1d23",
	named: [16]string{
		"#000000", "#cd3131", "#0dbc79", "#e5e510", "#3b78ff", "#bc3fbc", "#11a8cd", "#cccccc",
		"#767676", "#f14c4c", "#23d18b", "#f5f543", "#6cb0ff", "#d670d6", "#29b8db", "#ffffff",
	},
}

var bright = palette{
	text: "#24292f", back: "#ffffff",
	named: [16]string{
		"#000000", "#b31d28", "#116329", "#7d4e00", "#0550ae", "#8250df", "#1b7c83", "#6e7781",
		"#57606a", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#a475f9", "#3192aa", "#8c959f",
	},
}

// hex is a colour as SVG has it; otherwise stands for the terminal's own.
func (p palette) hex(c color.Color, otherwise string) string {
	if c == nil {
		return otherwise
	}
	if i, ok := c.(ansi.IndexedColor); ok && int(i) < len(p.named) {
		return p.named[i]
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// of returns a style's two colours: of the text, and behind it.
func (p palette) of(s style) (text, back string) {
	text, back = p.hex(s.text, p.text), p.hex(s.back, p.back)
	if s.reverse {
		text, back = back, text
	}
	return text, back
}
