package tui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// refuseInUse refuses to delete an environment that something uses, naming that.
// Where nothing does any more it asks.
func (rt *runtime) refuseInUse(e model.EnvironmentInfo) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		now, err := rt.Backend.Environment(ctx, e.ID.String())
		if err != nil {
			return outcomeMsg{err: err}
		}
		if now.KeyCount+now.UpstreamCount == 0 {
			return askMsg{deleteEnvironmentPrompt(rt, now)}
		}
		keys, err := rt.keysOf(ctx, now.Name)
		if err != nil {
			return outcomeMsg{err: err}
		}
		workflows, err := rt.upstreamsOf(ctx, now.Name)
		if err != nil {
			return outcomeMsg{err: err}
		}
		return statusMsg{statusError, inUseText(now, keys, workflows)}
	})
}

// keysOf are the names of keys whose target an environment is, as far as the first
// page of those that have its name somewhere goes.
func (rt *runtime) keysOf(ctx context.Context, environment string) (names []string, err error) {
	page, err := rt.Backend.Keys(ctx, model.KeyQuery{Filter: environment})
	for _, k := range page.Keys {
		if k.Environment == environment {
			names = append(names, k.Name)
		}
	}
	return names, err
}

// upstreamsOf are the names of workflows with an upstream for an environment.
func (rt *runtime) upstreamsOf(ctx context.Context, environment string) (names []string, err error) {
	list, err := rt.Backend.Workflows(ctx)
	for _, w := range list {
		if upstreamOf(w, environment) != "" {
			names = append(names, w.Name)
		}
	}
	return names, err
}

// inUseText says what uses an environment, and what is to be done before it can
// be deleted.
func inUseText(e model.EnvironmentInfo, keys, workflows []string) string {
	var used, first []string
	if n := e.KeyCount; n > 0 {
		used = append(used, count(n, "key")+named(keys, n))
		first = append(first, fmt.Sprintf("give the %s another environment", plural(n, "key")))
	}
	if n := e.UpstreamCount; n > 0 {
		used = append(used, fmt.Sprintf("an upstream in %s%s", count(n, "workflow"), named(workflows, n)))
		first = append(first, "remove the "+plural(n, "upstream"))
	}
	return fmt.Sprintf("%q is used by %s: %s first.", e.Name, strings.Join(used, " and "), strings.Join(first, " and "))
}

// mostUsersNamed is how many users of an environment of one kind are named.
const mostUsersNamed = 8

// named are names in brackets, with how many more of all there are; "" where none
// is known.
func named(names []string, all int) string {
	if len(names) == 0 {
		return ""
	}
	names = names[:min(len(names), mostUsersNamed)]
	text := make([]string, len(names))
	for i, name := range names {
		text[i] = clip(clean(name), 30)
	}
	if more := all - len(names); more > 0 {
		return fmt.Sprintf(" (%s and %s more)", strings.Join(text, ", "), thousands(more))
	}
	return " (" + strings.Join(text, ", ") + ")"
}
