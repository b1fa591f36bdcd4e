package tui

import (
	"fmt"
	"slices"
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
	var whys []string
	if why != "" {
		whys = []string{why}
	}
	return liveAsk(liveTitle(verb, n, keys), verb, do, whys...)
}

// twice is a question with its answer: do or, where one of the keys may invoke
// production, one more question whose yes is do. That one says what is at stake;
// who uses the keys now is added to both.
func (p prompt) twice(verb string, do tea.Cmd, stake []string, keys ...model.KeyRow) prompt {
	p.OnYes = do
	n := 0
	for _, k := range keys {
		n += index(k.Production)
	}
	if n > 0 {
		again := livePrompt(liveTitle(verb, n, keys), verb, do, stake...)
		p.again = &again
	}
	return p
}

// twiceWorkflow is twice for a change of a workflow that keys lose something by:
// it names those that may invoke production.
func (p prompt) twiceWorkflow(verb string, do tea.Cmd, w model.WorkflowInfo) prompt {
	p.OnYes = do
	n := w.ProductionKeys
	if n == 0 {
		return p
	}
	title := fmt.Sprintf("◆ %s of the %s that lose it may invoke production: %s all the same?", thousands(n), count(w.KeyCount, "key"), verb)
	if n == w.KeyCount {
		title = fmt.Sprintf("◆ %s keys that lose it may invoke production: %s all the same?", allOf(n), verb)
	}
	if w.KeyCount == 1 {
		title = fmt.Sprintf("◆ The key that loses it may invoke production: %s all the same?", verb)
	}
	again := livePrompt(title, verb, do, "Their next calls of it are refused:")
	if w.KeyCount == 1 {
		again.Lines[0] = "Its next call of it is refused:"
	}
	again.rows.all = losingNames(w)
	again.After, again.Lines = again.Lines[1:], again.Lines[:1]
	p.again = &again
	return p
}

func liveAsk(title, verb string, do tea.Cmd, why ...string) tea.Cmd {
	return ask(livePrompt(title, verb, do, why...))
}

func livePrompt(title, verb string, do tea.Cmd, why ...string) prompt {
	return prompt{
		Title:   title,
		Lines:   append(slices.Clone(why), "◆ This is production. Nothing was changed so far."),
		Confirm: "yes, " + verb, Danger: true, OnYes: do,
	}
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

// productionSign begins what is said of production, wherever that is said.
const productionSign = "◆ "

// signed gives the sign of production its colour in a text.
func (s *styles) signed(lines []string) []string {
	sign := strings.TrimSpace(productionSign)
	for i, line := range lines {
		if before, after, ok := strings.Cut(line, sign); ok && strings.TrimSpace(before) == "" {
			lines[i] = before + s.production.Render(sign) + after
		}
	}
	return lines
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
