package tui

// The paints that cells name.
const (
	paintText = iota
	paintFaint
	paintOK
	paintWarning
	paintDanger
	paintStrongDanger
	paintProduction
	paintPointer
)

// palettes returns the paints for rows that are not selected and for the one
// that is.
func (s *styles) palettes() [2][]paint {
	var out [2][]paint
	for i, selected := range []bool{false, true} {
		out[i] = []paint{
			paintText: s.paint(s.text, selected), paintFaint: s.paint(s.faint, selected),
			paintOK: s.paint(s.ok, selected), paintWarning: s.paint(s.warning, selected),
			paintDanger: s.paint(s.danger, selected), paintStrongDanger: s.paint(s.dangerTitle, selected), paintProduction: s.paint(s.production, selected),
			paintPointer: s.paint(s.marked, selected),
		}
	}
	return out
}
