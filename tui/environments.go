package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// environmentList is every environment: its hosts, which one is production, how
// many keys and upstreams use it.
type environmentList struct {
	register[model.EnvironmentInfo]
}

func newEnvironmentList(rt *runtime) screen {
	l := &environmentList{}
	l.noun, l.about = "environment", "its name or a host; production finds the one with the flag"
	l.id = func(e model.EnvironmentInfo) model.ID { return e.ID }
	l.words = environmentWords
	l.load = rt.loadEnvironments
	l.form, l.remove = newEnvironmentForm, askDeleteEnvironment
	l.open(rt, environmentColumns(), "words in names and hosts …")
	return l
}

func environmentWords(e model.EnvironmentInfo) string {
	words := append([]string{e.Name}, e.Hosts...)
	if e.Production {
		words = append(words, "production")
	}
	return strings.Join(words, " ")
}

func environmentColumns() []column[model.EnvironmentInfo] {
	type row = model.EnvironmentInfo
	return []column[row]{
		{title: "  Name", wide: 22, narrow: 14, grow: 2, most: 50, cell: environmentNameCell},
		{title: "Flag", wide: 10, narrow: 10, cell: flagCell},
		{title: "Hosts", wide: 20, narrow: 8, grow: 3, most: 120, cell: hostsCell},
		{title: "Keys", wide: 9, narrow: 7, right: true,
			cell: func(e row, _ bool) (string, int) { return numberCell(e.KeyCount) }},
		{title: "Upstreams", wide: 9, narrow: 9, right: true,
			cell: func(e row, _ bool) (string, int) { return numberCell(e.UpstreamCount) }},
	}
}

func environmentNameCell(e model.EnvironmentInfo, _ bool) (string, int) {
	if e.Production {
		return "◆ " + clean(e.Name), paintProduction
	}
	return "  " + clean(e.Name), paintText
}

func flagCell(e model.EnvironmentInfo, _ bool) (string, int) {
	if e.Production {
		return "production", paintProduction
	}
	return "", paintFaint
}

func hostsCell(e model.EnvironmentInfo, _ bool) (string, int) {
	if len(e.Hosts) == 0 {
		return "none", paintFaint
	}
	return clean(strings.Join(e.Hosts, ", ")), paintText
}

// Title is the screen's part of the breadcrumb.
func (l *environmentList) Title() string { return "Environments" }

// Update takes answers; the rest is that of every register.
func (l *environmentList) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(environmentsMsg); ok {
		return l.listed(msg.request, msg.environments, msg.err)
	}
	return l.update(msg)
}

// askDeleteEnvironment asks before an environment is deleted. The one with the
// production flag is refused at once, and so is one in use, with the names of what
// uses it.
func askDeleteEnvironment(rt *runtime, e model.EnvironmentInfo) tea.Cmd {
	if e.Production {
		return status(statusWarning, fmt.Sprintf("%q carries the production flag: give it to another first.", e.Name))
	}
	if e.KeyCount+e.UpstreamCount > 0 {
		return rt.refuseInUse(e)
	}
	return ask(deleteEnvironmentPrompt(rt, e))
}

func deleteEnvironmentPrompt(rt *runtime, e model.EnvironmentInfo) prompt {
	do := rt.deleteEnvironment(e.ID, e.Name)
	if len(e.Hosts) > 0 {
		do = liveAsk(fmt.Sprintf("◆ Calls through %s go to production then: delete it all the same?", hostsWord(e.Hosts)), "delete it", do, hostsGone(e.Hosts, e.Name)...)
	}
	return prompt{
		Title: fmt.Sprintf("Delete the environment %q?", clip(clean(e.Name), 40)),
		Lines: []string{"No key has it as its target, and no workflow an upstream for it."}, Confirm: "delete it", Danger: true,
		OnYes: do,
	}
}
