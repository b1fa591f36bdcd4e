package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// bulk is the same done to several keys, after one question.
type bulk struct {
	change     model.KeyBulk
	rows       []model.KeyRow // those that it changes, by name
	production int            // of them, those that may invoke production
	already    []model.ID     // marked keys that are so already
	gone       int            // marked keys that somebody deleted
	used       []keyUse       // those that were used within quietAfter, the busiest first
	at         time.Time      // when they were looked at
}

// newBulk makes what is to be done to keys that were looked at. Where one of
// them works, enabling or disabling means disabling: the side on which no call
// is let through that was not before.
func newBulk(msg lookedMsg) bulk {
	b := bulk{change: model.KeyBulk{Delete: true}, gone: len(msg.gone)}
	if !msg.delete {
		disable := slices.ContainsFunc(msg.rows, func(r model.KeyRow) bool { return r.Enabled })
		b.change = model.KeyBulk{Enable: !disable, Disable: disable}
	}
	for _, r := range msg.rows {
		if !b.change.Delete && r.Enabled == b.change.Enable {
			b.already = append(b.already, r.ID)
			continue
		}
		b.add(r)
	}
	b.sort()
	b.used, b.at = msg.used(b), msg.at
	return b
}

func (b *bulk) add(r model.KeyRow) {
	b.rows = append(b.rows, r)
	if r.Production {
		b.production++
	}
}

func (b *bulk) sort() {
	slices.SortFunc(b.rows, func(a, c model.KeyRow) int { return strings.Compare(model.Fold(a.Name), model.Fold(c.Name)) })
}

// ids are the keys that it changes.
func (b bulk) ids() []model.ID {
	ids := make([]model.ID, len(b.rows))
	for i, r := range b.rows {
		ids[i] = r.ID
	}
	return ids
}

// verb is what it does, and did what it then has done.
func (b bulk) verb() string {
	switch {
	case b.change.Delete:
		return "delete"
	case b.change.Enable:
		return "enable"
	case b.change.Permit != nil:
		return "permit"
	}
	return "disable"
}

func (b bulk) did() string {
	if b.change.Permit != nil {
		return "may call " + b.workflowsText()
	}
	return b.verb() + "d"
}

// doing is what it does, as a noun: "disabling 3 keys".
func (b bulk) doing() string {
	if b.change.Permit != nil {
		return "permitting " + b.workflowsText() + " to " + count(len(b.rows), "key")
	}
	verb := strings.TrimSuffix(b.verb(), "e")
	return verb + "ing " + count(len(b.rows), "key")
}

// back is what takes it back.
func (b bulk) back() model.KeyBulk {
	if b.change.Permit != nil {
		return model.KeyBulk{Forbid: b.change.Permit}
	}
	return model.KeyBulk{Enable: b.change.Disable, Disable: b.change.Enable}
}

// names are all the keys, with the sign of those that may invoke production,
// which come first.
func (b bulk) names() []string {
	var live, others []string
	for _, r := range b.rows {
		if r.Production {
			live = append(live, "  ◆ "+clean(r.Name))
			continue
		}
		others = append(others, "    "+clean(r.Name))
	}
	return append(live, others...)
}

// liveNames are those that may invoke production.
func (b bulk) liveNames() []string { return b.names()[:b.production] }

// reach says how many of the keys may invoke production.
func (b bulk) reach() string {
	switch n := b.production; {
	case n == 0:
		return "None of them may invoke production."
	case n == len(b.rows) && n == 1:
		return "◆ It may invoke production."
	case n == len(b.rows):
		return fmt.Sprintf("◆ %s may invoke production.", allOf(n))
	default:
		return fmt.Sprintf("◆ %s of them may invoke production.", thousands(n))
	}
}

// rest says why not every marked key is meant.
func (b bulk) rest() string {
	var parts []string
	if n := len(b.already); n > 0 {
		parts = append(parts, fmt.Sprintf("%s %s so already", thousands(n), isAre(n)))
	}
	if b.gone > 0 {
		parts = append(parts, fmt.Sprintf("%s %s gone: somebody deleted what was marked", thousands(b.gone), isAre(b.gone)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Of the other marked keys " + strings.Join(parts, ", ") + "."
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// meaning is what comes of it.
func (b bulk) meaning() string {
	switch {
	case b.change.Delete:
		return "Each can be restored from the bin for 14 days."
	case b.change.Enable:
		return "Whoever holds them can call from now on."
	}
	return "Their calls are refused until enabled again."
}

// askBulk asks once before several keys are changed; for deleting them their
// number has to be typed.
func askBulk(rt *runtime, b bulk) tea.Cmd { return ask(bulkPrompt(rt, b)) }

func bulkPrompt(rt *runtime, b bulk) prompt {
	n := count(len(b.rows), "key")
	var after []string
	if rest := b.rest(); rest != "" {
		after = append(after, rest)
	}
	p := prompt{
		Title: upperFirst(b.verb()) + " " + n + "?",
		Lines: append(b.usedLines(), b.reach()), After: append(after, b.meaning()), rows: promptRows{all: b.names()},
		Confirm: b.verb() + " " + n, Danger: b.change.Delete || b.change.Disable && b.production > 0,
	}.twice(b.verb(), rt.changeKeys(b), nil, b.rows...)
	switch {
	case b.change.Delete:
		p.Title, p.Word, p.Confirm = "Delete "+n+"?", fmt.Sprintf("delete %d", len(b.rows)), "do it"
	case b.change.Permit != nil:
		p.Title, p.After[len(p.After)-1] = b.permitTexts()
		p.Confirm = "permit it"
		if len(b.change.Permit) > 1 {
			p.Confirm = "permit them"
		}
	}
	if p.again != nil {
		b.stake(p.again, p.After[len(p.After)-1])
	}
	return p
}

// stake has the question about production say what comes of it, and for which
// keys.
func (b bulk) stake(again *prompt, meaning string) {
	again.Lines, again.After = append(b.usedLines(), meaning), again.Lines
	if len(b.rows) > 1 {
		again.rows.all = b.liveNames()
		return
	}
	again.Lines, again.After = append(again.Lines, again.After...), nil
}
