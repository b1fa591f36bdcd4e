package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles are all the looks of the console. No other file makes a lipgloss
// style. Colour never is the only sign of anything: NO_COLOR takes bold and
// reverse away as well.
type styles struct {
	renderer *lipgloss.Renderer
	ascii    bool // nothing but ASCII can be shown

	text, faint, strong, accent            lipgloss.Style
	ok, warning, danger                    lipgloss.Style
	header, breadcrumb, statusBar          lipgloss.Style
	columns, selected, marked, cursor      lipgloss.Style
	field, fieldFocused, label, production lipgloss.Style
	promptTitle, dangerTitle               lipgloss.Style
	productionTitle                        lipgloss.Style
	promptBox, dangerBox, box              lipgloss.Style
	help                                   help.Styles
}

// newStyles makes the looks for a renderer, which knows the terminal's colours
// and whether its background is dark. Colours are of the ANSI 16 and the 256:
// they degrade by themselves.
func newStyles(r *lipgloss.Renderer) *styles {
	colour := func(light, dark string) lipgloss.AdaptiveColor {
		return lipgloss.AdaptiveColor{Light: light, Dark: dark}
	}
	// inSixteen says what a colour is where there are 16: what comes nearest of those
	// is red for orange, and nothing is to be red but what is wrong.
	inSixteen := func(light, lightSixteen, dark, darkSixteen string) lipgloss.CompleteAdaptiveColor {
		return lipgloss.CompleteAdaptiveColor{
			Light: lipgloss.CompleteColor{TrueColor: light, ANSI256: light, ANSI: lightSixteen},
			Dark:  lipgloss.CompleteColor{TrueColor: dark, ANSI256: dark, ANSI: darkSixteen},
		}
	}
	plain := r.NewStyle()
	fg := func(light, dark string) lipgloss.Style { return plain.Foreground(colour(light, dark)) }
	accent, red := colour("25", "75"), colour("160", "203")
	faint := fg("242", "245")
	production := plain.Foreground(inSixteen("91", "5", "177", "13"))
	s := &styles{
		renderer: r,
		text:     plain, faint: faint, strong: plain.Bold(true), accent: plain.Foreground(accent),
		ok: fg("28", "78"), warning: plain.Foreground(inSixteen("130", "3", "215", "11")), danger: plain.Foreground(red),
		header: plain.Bold(true).Foreground(accent), breadcrumb: plain.Bold(true), statusBar: faint,
		columns: plain.Bold(true).Foreground(colour("240", "250")), selected: plain.Bold(true).Background(colour("189", "237")),
		marked: plain.Foreground(accent).Bold(true), cursor: plain.Foreground(accent),
		field: plain, fieldFocused: plain.Bold(true), label: faint, production: production, productionTitle: production.Bold(true),
		promptTitle: plain.Bold(true).Foreground(accent), dangerTitle: plain.Bold(true).Foreground(red),
	}
	border := plain.Border(lipgloss.RoundedBorder()).Padding(0, 1)
	s.box = border.BorderForeground(colour("248", "240"))
	s.promptBox = border.BorderForeground(accent)
	s.dangerBox = border.BorderForeground(red)
	key := plain.Bold(true)
	s.help = help.Styles{
		ShortKey: key, ShortDesc: faint, ShortSeparator: faint, Ellipsis: faint,
		FullKey: key, FullDesc: plain, FullSeparator: faint,
	}
	return s
}

// coloured reports whether the terminal gets any styling at all.
func (s *styles) coloured() bool { return s.renderer.ColorProfile() != termenv.Ascii }

// paint is a style boiled down to what it writes before and after a text.
// Tables use it: a style would measure each of a thousand cells.
type paint struct{ before, after string }

// on returns text painted.
func (p paint) on(text string) string { return p.before + text + p.after }

// paint boils a style down, on the selected row's background or not.
func (s *styles) paint(st lipgloss.Style, selected bool) paint {
	if selected {
		st = st.Inherit(s.selected)
	}
	before, after, _ := strings.Cut(st.Render("x"), "x")
	return paint{before, after}
}
