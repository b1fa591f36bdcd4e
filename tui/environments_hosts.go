package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// askHosts saves or, where hosts are taken from an environment that is not
// production, asks first: calls through them name none from then on, and so go to
// production.
func (f *environmentForm) askHosts() tea.Cmd {
	left := readHosts(f.field("hosts").value())
	gone := slices.DeleteFunc(slices.Clone(f.seen.Hosts), func(host string) bool { return slices.Contains(left, host) })
	if f.fresh || len(gone) == 0 {
		return f.commit()
	}
	return liveAsk(fmt.Sprintf("◆ Calls through %s go to production from the save on: save it all the same?", hostsWord(gone)),
		"save it", send(flagAgreedMsg{f}), hostsGone(gone, f.seen.Name)...)
}

// hostsGone says what becomes of calls through hosts that an environment loses.
func hostsGone(hosts []string, environment string) []string {
	return []string{
		clip(clean(strings.Join(hosts, ", ")), 200),
		fmt.Sprintf("Calls through %s that carry no _profile ask for %q now. No environment has %s then, and such calls go to the one with the production flag. Keys that are bound to %q are refused there.",
			them(hosts), clip(clean(environment), 40), them(hosts), clip(clean(environment), 40)),
	}
}

func hostsWord(hosts []string) string {
	if len(hosts) == 1 {
		return clip(clean(hosts[0]), 40)
	}
	return count(len(hosts), "host")
}

func them(hosts []string) string {
	if len(hosts) == 1 {
		return "it"
	}
	return "them"
}
