package tui

import (
	"strings"

	"dev.keyward/keyward/model"
)

// certificatePreviewFrom is how high the screen is at least where the certificate
// under the cursor is told of below the list: what fits a terminal of 24 lines,
// and a banner. In a lower one the lines are the list's.
const certificatePreviewFrom = 18

// certificatePreview is how many lines that takes.
const certificatePreview = 2

// previews reports whether there is room for the certificate under the cursor.
func (l *certificateList) previews() bool { return l.height >= certificatePreviewFrom }

// withPreview puts the certificate under the cursor below the list.
func (l *certificateList) withPreview(list string) string {
	row, ok := l.table.current()
	if !l.previews() || !ok {
		return list
	}
	return list + "\n" + strings.Join(l.previewLines(row), "\n")
}

// previewLines say in full what the row of a certificate has no room for: whose it
// is, and of which key.
func (l *certificateList) previewLines(r model.CertificateRow) []string {
	s, room := l.rt.styles, l.width-len(gutter)-1
	subject := clip(subjectText(model.Certificate{Subject: r.Subject, Serial: r.Serial}, room), room)
	left, colour := leftCell(r, l.at)
	left = strings.TrimSpace(left)
	of := " · " + r.Slot.String() + " of " + clean(r.Name)
	ends := " · ends " + r.NotAfter.DayText()
	rest := fitting(max(room-cells(left), 0), ends+of+" · serial "+clean(r.Serial), ends+of, of)
	return []string{gutter + subject, gutter + s.palettes()[0][colour].on(left) + s.faint.Render(rest)}
}
