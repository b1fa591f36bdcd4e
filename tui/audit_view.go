package tui

import (
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// auditColumns are those of the audit trail.
func auditColumns() []column[model.Entry] {
	type row = model.Entry
	return []column[row]{
		{title: "Time (UTC)", wide: 19, narrow: 19,
			cell: func(e row, _ bool) (string, int) { return e.Time.Time().UTC().Format(time.DateTime), paintFaint }},
		{title: "Who", wide: 14, narrow: 8, drop: 2, grow: 1, most: 32,
			cell: func(e row, _ bool) (string, int) { return actorCell(e.Actor), paintText }},
		{title: "Action", wide: 22, narrow: 21, cell: func(e row, _ bool) (string, int) { return actionCell(e) }},
		{title: "Object", wide: 18, narrow: 12, grow: 2, most: 40,
			cell: func(e row, _ bool) (string, int) { return clean(e.Object.Name), paintText }},
		{title: "What changed", wide: 24, narrow: 18, drop: 1, grow: 3, most: 200, cell: summaryCell},
	}
}

// mostOfFingerprint is how many characters of an SSH key's fingerprint tell it from
// another of the few of a file. A list of 80 columns shows three of them: 18 bits.
const mostOfFingerprint = 4

// actorCell is who did it. Of an SSH key the beginning of its fingerprint comes
// before its comment: two keys may have the same comment, whose end is cut off
// first.
func actorCell(a model.Actor) string {
	if a.SSH.IsZero() {
		return clean(a.String())
	}
	_, hash, found := strings.Cut(a.SSH.Fingerprint, ":")
	if !found {
		hash = a.SSH.Fingerprint
	}
	short := []rune(clean(hash))
	return strings.TrimRight(clean("ssh "+string(short[:min(len(short), mostOfFingerprint)])+" "+a.SSH.Comment), " ")
}

// actionCell is what was done, with a sign; a refusal stands out.
func actionCell(e model.Entry) (string, int) {
	sign, colour := actionSign(e)
	return sign + " " + clean(e.Did()), colour
}

// actionSign is an action as a glyph, and its paint.
func actionSign(e model.Entry) (string, int) {
	if e.Refused {
		return "✗", paintDanger
	}
	_, verb, _ := strings.Cut(string(e.Action), ".")
	switch verb {
	case "create":
		return "+", paintOK
	case "enable":
		return "●", paintOK
	case "disable":
		return "○", paintWarning
	case "delete":
		return "-", paintWarning
	case "regenerate":
		return "↻", paintText
	}
	return "~", paintText
}

func summaryCell(e model.Entry, _ bool) (string, int) {
	if e.Refused && e.Reason == "" {
		return "nothing", paintFaint
	}
	return clean(e.Summary()), paintFaint
}

// empty reports whether there is no entry at all, without a filter.
func (l *auditList) empty() bool {
	return l.loaded && len(l.table.rows) == 0 && l.filter.Value() == ""
}

// View renders the trail, or what stands in its place.
func (l *auditList) View() string {
	switch {
	case !l.loaded:
		return l.absent("audit trail")
	case l.empty():
		return l.emptyView()
	}
	otherwise := "all changes, newest first"
	if l.about != 0 {
		otherwise = "changes of this key, newest first"
	}
	top := l.toolLine(l.where(), otherwise)
	if len(l.table.rows) == 0 {
		return top + "\n\n" + l.noMatch()
	}
	if l.previews() {
		return top + "\n" + l.rows() + "\n" + strings.Join(l.previewLines(), "\n")
	}
	return top + "\n" + l.rows()
}

// where is the cursor's place in the list. How long that is, is known of the
// whole trail and of what was loaded to its end.
func (l *auditList) where() string {
	t, filtered := &l.table, l.filter.Value() != ""
	text := thousands(t.cursor+1) + " of "
	switch {
	case len(t.rows) == 0:
		text = "0"
	case l.older == 0:
		text += thousands(len(t.rows))
	case !filtered && l.about == 0:
		text += thousands(int(l.last))
	default:
		text += "more than " + thousands(len(t.rows))
	}
	if filtered {
		text += ", filtered"
	}
	if l.unseen > 0 {
		text += ", " + thousands(l.unseen) + " new"
	}
	return text
}

func (l *auditList) emptyView() string {
	s := l.rt.styles
	text := "Each change is put on record as it is made: who made it, when, and what it changed."
	title := "Nothing is on record yet."
	if l.about != 0 {
		title = "Nothing is on record about this key."
	}
	if l.err != nil {
		text = "✗ " + sentence(l.err) + " " + auditKeys.Reload.Help().Key + " tries again."
	}
	return "\n" + indent(s.strong.Render(title)+"\n\n"+wrap(text, min(l.width-4, 70)), 2)
}

func (l *auditList) noMatch() string {
	s := l.rt.styles
	return indent(strings.Join([]string{
		s.strong.Render("No entry matches."),
		"",
		wrap("An entry is shown when every word of the filter is found in its action, its object's name, the user, "+
			"what changed, or the reason.", min(l.width-4, 70)),
		"",
		s.strong.Render(auditKeys.Clear.Help().Key) + " clears the filter.",
	}, "\n"), 2)
}
