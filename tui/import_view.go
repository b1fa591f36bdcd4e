package tui

import (
	"fmt"
	"strings"
)

// importAround is how many lines stand around the rows: the summary, the heading,
// and below them a blank line and the note of two.
const importAround = 5

func (i *importer) columns() []column[int] {
	row := func(place int) ImportRow { return i.plan.Rows[place] }
	return []column[int]{
		{title: "  Name", wide: 24, narrow: 16, grow: 2, most: 50,
			cell: func(p int, _ bool) (string, int) { return i.box(p) + clean(row(p).Name), i.paint(p) }},
		{title: "Method", wide: 7, narrow: 7, drop: 1,
			cell: func(p int, _ bool) (string, int) { return clean(row(p).Method), i.paint(p) }},
		{title: "Path", wide: 24, narrow: 15, grow: 3, most: 100,
			cell: func(p int, _ bool) (string, int) { return clean(row(p).Path), i.paint(p) }},
		{title: "Status", wide: 12, narrow: 12,
			cell: func(p int, _ bool) (string, int) { return i.state(p) }},
	}
}

// box is the mark before a name.
func (i *importer) box(place int) string {
	if i.marked[place] {
		return "* "
	}
	return "  "
}

func (i *importer) paint(place int) int {
	if i.plan.Rows[place].State.fits() {
		return paintText
	}
	return paintFaint
}

// state is what can be done with a row, or what became of it.
func (i *importer) state(place int) (string, int) {
	if i.failed[place] != "" {
		return "✗ not made", paintDanger
	}
	switch i.plan.Rows[place].State {
	case ImportRenamed:
		return "+ new name", paintOK
	case ImportConflict:
		return "! conflict", paintWarning
	case ImportThere:
		return "✓ there", paintFaint
	}
	return "+ new", paintOK
}

// View renders the preview, with how far an import is in place of the note.
func (i *importer) View() string {
	s := i.rt.styles
	switch {
	case !i.loaded && i.err != nil:
		return failureView(s, "The document could not be compared with the store", i.err, i.width, i.height)
	case !i.loaded:
		return "\n  " + s.faint.Render("Comparing the document with the store …")
	case len(i.plan.Rows) == 0:
		return "\n" + gutter + s.strong.Render("The document has no operations.") + "\n\n" + gutter + "Nothing can be made of it; " + importKeys.Back.Help().Key + " goes back."
	}
	lines := []string{i.summary(), i.table.view(s, s.palettes()), ""}
	if i.work != nil {
		return strings.Join(append(lines, i.progress()), "\n")
	}
	return strings.Join(append(lines, i.note()...), "\n")
}

// summary is the line above: the document, and how many of what.
func (i *importer) summary() string {
	s := i.rt.styles
	count := map[ImportState]int{}
	for _, r := range i.plan.Rows {
		count[r.State]++
	}
	where := fmt.Sprintf("%s of %s", thousands(i.table.cursor+1), thousands(i.table.total))
	text := fmt.Sprintf("%s: %s new, %s there already, in conflict: %s", i.source, thousands(count[ImportNew]+count[ImportRenamed]), thousands(count[ImportThere]), thousands(count[ImportConflict]))
	if i.plan.Base != "/" {
		text += "; paths begin with " + clean(i.plan.Base)
	}
	left := s.faint.Render(clip(clean(text), i.width-cells(where)-6))
	if i.err != nil {
		left = s.danger.Render(clip("✗ "+sentence(i.err)+" "+importKeys.Reload.Help().Key+" tries again.", i.width-cells(where)-6))
	}
	return "  " + left + blank(i.width-cells(left)-cells(where)-4) + s.faint.Render(where)
}

// note is what there is to say of the row under the cursor.
func (i *importer) note() []string {
	s := i.rt.styles
	place, ok := i.table.current()
	if !ok {
		return nil
	}
	row := i.plan.Rows[place]
	var lines []string
	switch {
	case i.failed[place] != "":
		lines = strings.Split(errorLines(s, i.failed[place], i.width), "\n")
	case row.State == ImportConflict:
		lines = strings.Split(warningLines(s, upperFirst(strings.TrimSuffix(clean(row.Note), "."))+".", i.width), "\n")
	case row.Note != "":
		lines = faintLines(s, upperFirst(clean(row.Note))+".", i.width)
	default:
		lines = faintLines(s, "Becomes the workflow "+clean(row.Name)+", which no key may call yet and which has no upstream.", i.width)
	}
	return cutLines(lines, 2)
}

// progress is how far the import is.
func (i *importer) progress() string {
	w := i.work
	done := w.made + w.refused
	text := fmt.Sprintf("  %s of %s", thousands(done), thousands(w.all))
	if w.stopping {
		text += ", stopping …"
	} else {
		text += "; " + importKeys.Stop.Help().Key + " stops"
	}
	return gutter + i.rt.styles.accent.Render(Bar(float64(done)/float64(w.all), max(min(i.width-cells(text)-6, 40), 8))) + text
}
