package tui

import (
	"fmt"
	"strings"
)

// importAround is how many lines stand around the rows: the summary, the heading,
// and below them a blank line and the note.
const importAround = 3 + importNote

// importNote is how many lines the note of a row has: why it cannot be imported,
// and what to do about it.
const importNote = 3

func (i *importer) columns() []column[int] {
	row := func(place int) ImportRow { return i.plan.Rows[place] }
	return []column[int]{
		{title: "  Name", wide: 24, narrow: 16, grow: 2, most: 50,
			cell: func(p int, _ bool) (string, int) { return i.box(p) + clean(row(p).Name), i.paint(p) }},
		{title: "Method", wide: 7, narrow: 7, drop: 1,
			cell: func(p int, _ bool) (string, int) { return clean(row(p).Method), i.paint(p) }},
		{title: "Path", wide: 24, narrow: 14, grow: 3, most: 100,
			cell: func(p int, _ bool) (string, int) { return clean(row(p).Path), i.paint(p) }},
		{title: "Status", wide: 13, narrow: 13,
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
	case ImportUnsupported:
		return "– unsupported", paintWarning
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
	top := i.toolLine(i.where(len(i.plan.Rows)), i.summary()...)
	if i.prefix.typing {
		top = i.prefixLine(i.where(len(i.plan.Rows)))
	}
	switch {
	case i.table.total == 0 && i.prefix.typing:
		return top + "\n\n" + strings.Join(i.prefixNote(), "\n")
	case i.table.total == 0:
		return top + "\n\n" + indent(s.strong.Render("No operation matches.")+"\n\n"+s.strong.Render(importKeys.Clear.Help().Key)+" clears the filter.", 2)
	}
	lines := []string{top, i.rows(), ""}
	if i.work != nil {
		return strings.Join(append(lines, i.progress()), "\n")
	}
	if i.prefix.typing {
		return strings.Join(append(lines, i.prefixNote()...), "\n")
	}
	return strings.Join(append(lines, i.note()...), "\n")
}

// numbers are how many operations there are of what.
func (i *importer) numbers() string {
	count := map[ImportState]int{}
	for _, r := range i.plan.Rows {
		count[r.State]++
	}
	numbers := thousands(count[ImportNew]+count[ImportRenamed]) + " new"
	for _, of := range []struct {
		state ImportState
		words string
	}{{ImportThere, "there already"}, {ImportConflict, "in conflict"}, {ImportUnsupported, "unsupported"}} {
		if n := count[of.state]; n > 0 {
			numbers += ", " + thousands(n) + " " + of.words
		}
	}
	return numbers
}

// summary is the line above, the longest form first: the document, how many of
// what, and what every path begins with.
func (i *importer) summary() []string {
	numbers := i.numbers()
	named, short := clean(i.source)+": "+numbers, strings.Replace(numbers, " already", "", 1)
	if i.plan.Base == "" {
		return []string{named, short}
	}
	return []string{named + "; paths begin with " + clean(i.plan.Base), named, short}
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
	case row.State == ImportConflict || row.State == ImportUnsupported:
		lines = strings.Split(warningLines(s, upperFirst(strings.TrimSuffix(clean(row.Note), "."))+".", i.width), "\n")
	case row.Note != "":
		lines = faintLines(s, upperFirst(clean(row.Note))+".", i.width)
	default:
		lines = faintLines(s, "Becomes the workflow "+clean(row.Name)+", which no key may call yet and which has no upstream.", i.width)
	}
	if text := i.prefixOrigin(); text != "" && row.State == ImportNew && len(lines) < importNote {
		lines = append(lines, cutLines(faintLines(s, text, i.width), importNote-len(lines))...)
	}
	return cutLines(lines, importNote)
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
