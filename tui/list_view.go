package tui

import (
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// columns are those of the list. Their order is that of listSorts; the last is
// nothing to sort by. In 120 cells all of them have their wide forms.
func (l *keyList) columns() []column[model.KeyRow] {
	type row = model.KeyRow
	return []column[row]{
		{title: "Name", wide: 20, narrow: 16, grow: 3, most: 48,
			cell: func(r row, _ bool) (string, int) { return l.marks.sign(r.ID) + clean(r.Name), paintText }},
		{title: "Kind", wide: 11, narrow: 5, drop: 4, cell: kindCell},
		{title: "Environment", wide: 14, narrow: 12, grow: 1, most: 2 + 22, cell: environmentCell},
		{title: "Status", wide: 10, narrow: 10, cell: statusCell},
		{title: "Workflows", wide: 9, narrow: 9, drop: 3, right: true,
			cell: func(r row, _ bool) (string, int) { return workflowsCell(r) }},
		{title: "Created", wide: 10, narrow: 10, drop: 2,
			cell: func(r row, _ bool) (string, int) { return r.Created.DayText(), paintFaint }},
		{title: "Expires", wide: 18, narrow: 10, drop: 5,
			cell: func(r row, wide bool) (string, int) { return l.endCell(r, wide) }},
		{title: "Used", wide: 10, narrow: 10, drop: 1,
			cell: func(r row, _ bool) (string, int) { return l.rt.lastUsed(r.LastUsed, l.at), paintFaint }},
	}
}

var listSorts = []model.KeySort{
	model.SortName, model.SortKind, model.SortEnvironment, model.SortStatus,
	model.SortWorkflows, model.SortCreated, model.SortEnds,
}

// columnOf returns the column that an order sorts by.
func columnOf(s model.KeySort) int { return slices.Index(listSorts, s) }

func kindCell(r model.KeyRow, wide bool) (string, int) {
	if r.Kind == model.CertificateKey && !wide {
		return "cert", paintText
	}
	return r.Kind.String(), paintText
}

// environmentCell marks the two that call for care: a key that may go anywhere,
// and one for production.
func environmentCell(r model.KeyRow, _ bool) (string, int) {
	switch {
	case r.Environment == "":
		return "! any", paintWarning
	case r.Production:
		return productionName(r.Environment), paintProduction
	}
	return "  " + clean(r.Environment), paintText
}

func statusCell(r model.KeyRow, _ bool) (string, int) {
	sign, colour := keySign(r.Status)
	return sign + " " + r.Status.String(), colour
}

// keySign is a status as a glyph, and its paint.
func keySign(s model.Status) (string, int) {
	switch s {
	case model.StatusEnabled:
		return "●", paintOK
	case model.StatusDisabled:
		return "○", paintFaint
	case model.StatusExpiring:
		return "!", paintWarning
	case model.StatusPending:
		return "…", paintWarning
	}
	return "✗", paintDanger
}

func workflowsCell(r model.KeyRow) (string, int) {
	if r.WorkflowCount == 0 {
		return "none", paintWarning
	}
	return thousands(r.WorkflowCount), paintText
}

func (l *keyList) endCell(r model.KeyRow, wide bool) (string, int) {
	_, colour := keySign(r.Status)
	if r.Status == model.StatusEnabled || r.Status == model.StatusDisabled {
		colour = paintFaint
	}
	text := r.Ends.DayText()
	if wide && r.Ends != 0 {
		text += padLeft(timeLeft(r.Ends, l.at), 8)
	}
	return text, colour
}

// empty reports whether the store has no key at all.
func (l *keyList) empty() bool { return l.loaded && l.all == 0 && l.filter.Value() == "" }

// View renders the list, or what stands in its place.
func (l *keyList) View() string {
	s := l.rt.styles
	switch {
	case !l.loaded:
		return l.absent("keys")
	case l.empty() && l.rt.ReadOnly:
		return "\n" + indent(s.header.Render(noKeysText(l.workflows.deleted, "There are no keys yet."))+"\n\n"+
			wrap("This console is read-only. Start keyward without --read-only to make one.", min(l.width-4, 70)), 2)
	case l.empty():
		return emptyView(s, l.workflows, l.rt.whereToCall(), l.width, l.height)
	}
	top := l.toolbar()
	if l.table.total == 0 {
		return top + "\n\n" + l.noMatch()
	}
	return l.withPreview(top + "\n" + l.rows())
}

// toolbar is the line above the list: the filter or the order, and where in the
// list the cursor is; how many are marked, too.
func (l *keyList) toolbar() string {
	where := l.where(l.all)
	if n := len(l.marks); n > 0 {
		where = thousands(n) + " marked · " + where
	}
	otherwise := count(l.all, "key") + " by " + orderText(l.sort, l.desc)
	if l.tourWaits() && !l.rt.locked() {
		otherwise += "; " + tourKeys.Begin.Help().Key + " takes the tour again"
	}
	return l.toolLine(where, otherwise)
}

func orderText(sort model.KeySort, desc bool) string {
	text := sort.String()
	if sort == model.SortEnds {
		text = "expiry"
	}
	if desc {
		text += ", reversed"
	}
	return text
}

func (l *keyList) noMatch() string {
	s := l.rt.styles
	lines := []string{
		s.strong.Render("No key matches."),
		"",
		wrap("A key is shown when every word of the filter is found in its name, environment, kind, status, "+
			"certificate subject, thumbprint or secret hint.", min(l.width-4, 70)),
		"",
		s.strong.Render(listKeys.Clear.Help().Key) + " clears the filter.",
	}
	return indent(strings.Join(lines, "\n"), 2)
}

// failureView says what went wrong and what to do.
func failureView(s *styles, title string, err error, width, height int) string {
	text := s.danger.Render("✗ "+title) + "\n\n" + wrap(sentence(err), min(width-6, 72)) + "\n\n" +
		s.strong.Render(listKeys.Reload.Help().Key) + " tries again."
	return fit("\n"+indent(text, 2), width, height)
}

// indent puts n blanks before each line.
func indent(text string, n int) string {
	return blank(n) + strings.ReplaceAll(text, "\n", "\n"+blank(n))
}
