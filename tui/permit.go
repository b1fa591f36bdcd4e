package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// choosePermitted lets the user choose workflows that keys, of which name is the
// only one or "", may call from then on.
func choosePermitted(rt *runtime, ids []model.ID, name string) tea.Cmd {
	title := "Permit to " + count(len(ids), "key")
	if name != "" {
		title = "Permit to " + name
	}
	return push(newAdder(rt, title, ids, func(names []string) tea.Cmd { return rt.lookPermit(ids, names) }))
}

// newPermit makes what is to be done to the keys that lack one of the workflows.
func newPermit(keys []model.KeyInfo, gone int, names []string) bulk {
	b := bulk{change: model.KeyBulk{Permit: names}, gone: gone}
	for _, k := range keys {
		if permitsAll(k, names) {
			b.already = append(b.already, k.ID)
			continue
		}
		b.add(k.KeyRow)
	}
	b.sort()
	return b
}

func permitsAll(k model.KeyInfo, names []string) bool {
	has := map[string]bool{}
	for _, w := range k.Workflows {
		has[model.Fold(w.Name)] = true
	}
	for _, name := range names {
		if !has[model.Fold(name)] {
			return false
		}
	}
	return true
}

// workflowsText names the workflows that are permitted: one, or how many.
func (b bulk) workflowsText() string {
	if len(b.change.Permit) == 1 {
		return fmt.Sprintf("%q", clip(clean(b.change.Permit[0]), 40))
	}
	return count(len(b.change.Permit), "workflow")
}

// permitTexts are the title and the meaning of the question.
func (b bulk) permitTexts() (title, meaning string) {
	title = fmt.Sprintf("Permit %s to %s?", b.workflowsText(), count(len(b.rows), "key"))
	meaning = "Whoever holds a key that is enabled can call it from now on."
	if len(b.change.Permit) > 1 {
		meaning = "Whoever holds a key that is enabled can call them from now on: " + clip(clean(strings.Join(b.change.Permit, ", ")), 100)
	}
	return title, meaning
}
