package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// permitsMsg says how many keys may call what already.
type permitsMsg struct {
	number int
	have   map[string]int // by the workflow's folded name
	of     int            // keys that there still are
	err    error

	production int          // of them, those that may invoke production
	one        model.KeyRow // the last of them
}

// adder is a chooser whose choice is added to what keys may call: it shows what
// they may call already.
type adder struct {
	*chooser
	ids   []model.ID
	asked latest
}

func newAdder(rt *runtime, title string, ids []model.ID, done func(names []string) tea.Cmd) screen {
	a := &adder{chooser: newChooser(rt, title, nil, done).(*chooser), ids: ids}
	a.choices.adds = true
	return a
}

// Init loads the workflows, and what the keys may call.
func (a *adder) Init() tea.Cmd { return tea.Batch(a.chooser.Init(), a.look()) }

// Title is what the chooser was opened for.
func (a *adder) Title() string { return a.title }

func (a *adder) look() tea.Cmd { return a.rt.lookPermits(a.asked.ask(a.rt), a.ids) }

// Update takes what the keys may call; the rest is that of every chooser.
func (a *adder) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case permitsMsg:
		mine, again := a.asked.answered(msg.number)
		if mine && msg.err == nil {
			a.looked(msg)
		}
		if again {
			return a.look()
		}
		return nil
	case changedMsg:
		cmd := a.chooser.Update(msg)
		if a.asked.changed(msg) {
			cmd = tea.Batch(cmd, a.look())
		}
		return cmd
	}
	return a.chooser.Update(msg)
}

// permitted reports whether every key may call a workflow already.
func (c *workflowChoices) permitted(folded string) bool { return c.of > 0 && c.have[folded] == c.of }

// haveWidth holds the longest of haveText, and a gap.
func (c *workflowChoices) haveWidth() int {
	if c.of == 1 {
		return len("permitted") + 2
	}
	return len(thousands(c.of)) + len(" of ") + len(thousands(c.of)) + len(" have it") + 2
}

// haveText is a column that says how many of the keys may call a workflow; it is
// not there where nothing is added to keys.
func (c *workflowChoices) haveText(folded string) string {
	text, n := "", c.have[folded]
	switch {
	case c.of == 0:
		return ""
	case n == 0:
	case c.of == 1:
		text = "permitted"
	default:
		text = fmt.Sprintf("%s of %s have it", thousands(n), thousands(c.of))
	}
	return pad(text, c.haveWidth())
}

// alreadyText says why a workflow is not chosen.
func (c *workflowChoices) alreadyText() string {
	if c.of == 1 {
		return "It is permitted already."
	}
	return allOf(c.of) + " keys may call it already."
}
