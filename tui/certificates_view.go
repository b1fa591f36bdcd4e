package tui

import (
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// endColumn is the column that the list of certificates is sorted by.
const endColumn = 1

func (l *certificateList) columns() []column[model.CertificateRow] {
	type row = model.CertificateRow
	return []column[row]{
		{title: "Subject", wide: 24, narrow: 16, grow: 5, most: 64,
			cell: func(r row, _ bool) (string, int) { return subjectOf(r), paintText }},
		{title: "Left", wide: 20, narrow: 20, cell: func(r row, _ bool) (string, int) { return leftCell(r, l.at) }},
		{title: "Ends", wide: 10, narrow: 10, drop: 3,
			cell: func(r row, _ bool) (string, int) { return r.NotAfter.DayText(), paintFaint }},
		{title: "Key", wide: 18, narrow: 14, grow: 1, most: 48,
			cell: l.keyCell},
		{title: "Slot", wide: 9, narrow: 9, drop: 4,
			cell: func(r row, _ bool) (string, int) { return r.Slot.String(), paintFaint }},
		{title: "Environment", wide: 14, narrow: 12, drop: 2, grow: 1, most: 24,
			cell: func(r row, _ bool) (string, int) {
				return environmentCell(model.KeyRow{Environment: r.Environment, Production: r.Production}, false)
			}},
		{title: "Used", wide: 10, narrow: 10, drop: 1,
			cell: func(r row, _ bool) (string, int) { return l.rt.lastUsed(r.LastUsed, l.at), paintFaint }},
	}
}

// keyColumn and environmentColumn are where these are in columns.
const (
	keyColumn         = 3
	environmentColumn = 5
)

// SetSize lays the list out. Where it is too narrow for the environments the
// names of the keys have the sign of production.
func (l *certificateList) SetSize(width, height int) {
	l.filteredList.SetSize(width, height)
	if l.previews() {
		l.table.setSize(width, height-2-certificatePreview)
	}
	l.table.columns[keyColumn].title = "Key"
	if l.unplaced() {
		l.table.columns[keyColumn].title = "  Key"
	}
}

// unplaced reports whether there is no room for the environments.
func (l *certificateList) unplaced() bool {
	widths, _ := l.table.layout()
	return widths[environmentColumn] == 0
}

func (l *certificateList) keyCell(r model.CertificateRow, _ bool) (string, int) {
	switch {
	case !l.unplaced():
		return clean(r.Name), paintText
	case r.Production:
		return "◆ " + clean(r.Name), paintProduction
	}
	return "  " + clean(r.Name), paintText
}

// subjectOf is a row's subject, its common name first where there is one: a
// column has no room for all of it.
func subjectOf(r model.CertificateRow) string {
	return subjectText(model.Certificate{Subject: r.Subject, Serial: r.Serial}, 0)
}

// leftCell is how many days are left, and how urgent that is.
func leftCell(r model.CertificateRow, now time.Time) (string, int) {
	c := model.Certificate{NotBefore: r.NotBefore.Time(), NotAfter: r.NotAfter.Time()}
	switch left := c.LeftText(now); {
	case c.Expired(now) && r.Renewed:
		return "✓ " + left, paintFaint
	case c.Expired(now):
		return "✗ " + left, paintDanger
	case c.NotYetValid(now):
		return "… " + left, paintWarning
	case c.EndsSoon(now) && r.Renewed:
		return "✓ " + left, paintOK
	case c.EndsSoon(now):
		return "! " + left, paintWarning
	default:
		return "  " + left, paintText
	}
}

// View renders the list, or what stands in its place.
func (l *certificateList) View() string {
	if !l.loaded {
		return l.absent("certificates")
	}
	n := count(l.all, "certificate")
	otherwise := []string{n}
	if l.all > 0 {
		otherwise = []string{n + " by days left; ✓ its key has a later one", n + "; ✓ its key has a later one", n + "; ✓ has a later one"}
	}
	top := l.toolLine(l.where(l.all), otherwise...)
	if l.table.total == 0 {
		return top + "\n\n" + indent(l.nothing(), 2)
	}
	return l.withPreview(top + "\n" + l.rows())
}

// nothing stands in place of the rows where there are none.
func (l *certificateList) nothing() string {
	s, room := l.rt.styles, min(l.width-4, 70)
	if l.all == 0 {
		return strings.Join([]string{
			s.strong.Render("No key has a certificate."), "",
			wrap("A certificate belongs to a key. To register one, make a key of the kind certificate: "+
				placeKeys.Keys.Help().Key+" goes to the keys, "+listKeys.New.Help().Key+" makes one there.", room), "",
			s.strong.Render(certificateKeys.Inspect.Help().Key) + " looks at a certificate without registering it.",
		}, "\n")
	}
	return strings.Join([]string{
		s.strong.Render("No certificate matches."), "",
		wrap("One is shown when every word of the filter is found in its subject, issuer, serial number, thumbprint or SHA-256, "+
			"or in the name, environment or status of its key; expired finds those that are.", room), "",
		s.strong.Render(certificateKeys.Clear.Help().Key) + " clears the filter.",
	}, "\n")
}
