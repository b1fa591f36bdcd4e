package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// live is what a change of keys ends in: do itself or, where one of them may
// invoke production, a question of its own whose yes is do. So what a Test key
// takes one question for takes two for one of production, and what it takes none
// for takes one. verb is what do does to them: "disable".
func live(verb string, do tea.Cmd, keys ...model.KeyRow) tea.Cmd {
	return liveWhy(verb, do, "", keys...)
}

// liveWhy is live with what comes of the change, "" for nothing that is not said
// already.
func liveWhy(verb string, do tea.Cmd, why string, keys ...model.KeyRow) tea.Cmd {
	n := 0
	for _, k := range keys {
		if k.Production {
			n++
		}
	}
	if n == 0 {
		return do
	}
	if why != "" {
		return liveAsk(liveTitle(verb, n, keys), verb, do, why)
	}
	return liveAsk(liveTitle(verb, n, keys), verb, do)
}

// liveWorkflow is live for a change of a workflow that keys lose something by.
func liveWorkflow(verb string, do tea.Cmd, w model.WorkflowInfo) tea.Cmd {
	n := w.ProductionKeys
	if n == 0 {
		return do
	}
	title := fmt.Sprintf("◆ %s of the %s that lose it may invoke production: %s all the same?", thousands(n), count(w.KeyCount, "key"), verb)
	if n == w.KeyCount {
		title = fmt.Sprintf("◆ %s keys that lose it may invoke production: %s all the same?", allOf(n), verb)
	}
	if w.KeyCount == 1 {
		title = fmt.Sprintf("◆ The key that loses it may invoke production: %s all the same?", verb)
	}
	return liveAsk(title, verb, do)
}

func liveAsk(title, verb string, do tea.Cmd, why ...string) tea.Cmd {
	return ask(prompt{
		Title:   title,
		Lines:   append(why, "◆ This is production. Nothing was changed so far."),
		Confirm: "yes, " + verb, Danger: true, OnYes: do,
	})
}

func liveTitle(verb string, n int, keys []model.KeyRow) string {
	if len(keys) > 1 && n == len(keys) {
		return fmt.Sprintf("◆ %s keys may invoke production: %s all the same?", allOf(n), verb)
	}
	if len(keys) > 1 {
		return fmt.Sprintf("◆ %s of these %s may invoke production: %s all the same?", thousands(n), count(len(keys), "key"), verb)
	}
	where := keys[0].Environment
	if where == "" {
		where = "every environment, production too"
	}
	return fmt.Sprintf("◆ %q may invoke %s: %s all the same?", clip(clean(keys[0].Name), 40), clean(where), verb)
}

// productionName is the name of an environment with the production flag, with
// the sign and, where the name does not say it, the word.
func productionName(name string) string {
	text := "◆ " + clean(name)
	if !strings.Contains(model.Fold(name), "prod") {
		text += " (production)"
	}
	return text
}

// environmentSign marks an environment's name where the key may invoke
// production.
func environmentSign(production bool) string {
	if production {
		return "◆ "
	}
	return ""
}

// workflowNameCell marks a workflow that calls of production reach: it has an
// upstream there, or a key may call it that may invoke production.
func workflowNameCell(w model.WorkflowInfo, _ bool) (string, int) {
	if w.Production {
		return "◆ " + clean(w.Name), paintProduction
	}
	return "  " + clean(w.Name), paintText
}

// allOf is all of n, at the beginning of a sentence.
func allOf(n int) string {
	if n == 2 {
		return "Both"
	}
	return "All " + thousands(n)
}
