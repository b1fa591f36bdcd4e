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
	gone := hostsLost(f.seen.Hosts, readHosts(f.field("hosts").value()))
	if f.fresh || len(gone) == 0 {
		return f.commit()
	}
	return liveAsk(fmt.Sprintf("◆ Calls through %s go to production from the save on: save it all the same?", hostsWord(gone)),
		"save it", send(flagAgreedMsg{f}), hostsGone(gone, f.seen.Name)...)
}

// hostsLost are the hosts that are not left.
func hostsLost(hosts, left []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool { return slices.Contains(left, host) })
}

// hostsBack is the question before a change that gave an environment hosts is
// taken back; nil where it gave none.
func hostsBack(gone []string, environment string) *prompt {
	if len(gone) == 0 {
		return nil
	}
	return &prompt{
		Title:   fmt.Sprintf("◆ Calls through %s go to production then: take it back all the same?", hostsWord(gone)),
		Lines:   append(hostsGone(gone, environment), "◆ This is production. The environment stays as it is until you say yes."),
		Confirm: "yes, take it back", Danger: true,
	}
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
