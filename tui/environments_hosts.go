package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// hostsTrouble says what is wrong with the hosts as they are typed: one is none,
// or another environment has it.
func (f *environmentForm) hostsTrouble() error {
	field := f.field("hosts")
	if !field.changed() {
		return nil
	}
	hosts := readHosts(field.value())
	if err := model.CheckHosts(hosts); err != nil {
		return err
	}
	for _, host := range hosts {
		for _, e := range f.others {
			if e.ID != f.seen.ID && slices.Contains(e.Hosts, model.FoldHost(host)) {
				return model.Invalid("hosts", "the host %s belongs to the environment %q already: take it from there first", model.FoldHost(host), clean(e.Name))
			}
		}
	}
	return nil
}

// hostsWarning shows the trouble while it is typed.
func (f *environmentForm) hostsWarning() string {
	if err := f.hostsTrouble(); err != nil && f.field("hosts").problem == "" {
		return sentence(err)
	}
	return ""
}

// hostsMoved says which hosts production loses and gets.
func hostsMoved(before, after []string) []string {
	var why []string
	if gone := hostsLost(before, after); len(gone) > 0 {
		why = append(why, fmt.Sprintf("Taken away: %s. Calls through %s go where no host sends them.", clip(clean(strings.Join(gone, ", ")), 200), them(gone)))
	}
	if added := hostsLost(after, before); len(added) > 0 {
		why = append(why, fmt.Sprintf("Added: %s. Calls through %s come here.", clip(clean(strings.Join(added, ", ")), 200), them(added)))
	}
	return why
}

// askHosts saves or, where hosts are taken from an environment that is not
// production, asks first: calls through them name none from then on, and so go to
// production.
func (f *environmentForm) askHosts(save environmentAgreedMsg) tea.Cmd {
	gone := hostsLost(f.seen.Hosts, readHosts(f.field("hosts").value()))
	if f.fresh || len(gone) == 0 {
		return f.commit(save)
	}
	return liveAsk(fmt.Sprintf("◆ Calls through %s go to production from the save on: save it all the same?", hostsWord(gone)),
		"save it", send(save), hostsGone(gone, f.seen.Name)...)
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
