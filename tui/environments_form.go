package tui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// environmentForm makes or changes an environment. The production flag can be
// given here, after a question, and not taken away: exactly one has it.
type environmentForm struct {
	sheet
	seen    model.EnvironmentInfo // as it was when the form opened, or was taken anew; no id: it is being made
	newer   *model.EnvironmentInfo
	others  []model.EnvironmentInfo // every environment, as far as they are known
	listing latest
	looking latest
}

// environmentAgreedMsg says that the form may save that.
type environmentAgreedMsg struct {
	form  *environmentForm
	seen  model.EnvironmentInfo // as it was when that was asked
	edit  model.EnvironmentEdit
	draft *model.EnvironmentDraft // not nil: it is made
}

func newEnvironmentForm(rt *runtime, e model.EnvironmentInfo) screen {
	f := &environmentForm{seen: e}
	f.rt, f.fresh = rt, e.ID == 0
	name := f.text("name", "Name", e.Name, 2*model.MaxName)
	name.note = f.nameNote
	hosts := f.text("hosts", "Hosts", hostsText(e.Hosts), 1<<14)
	hosts.note = func() string {
		return "A call through one of these host names asks for this environment. Several with commas, as in test.example.com, 10.0.0.7."
	}
	hosts.warning = f.hostsWarning
	hosts.same = func(a, b string) bool { return slices.Equal(readHosts(a), readHosts(b)) }
	f.fields = []*sheetField{name, hosts, f.flagField(e.Production)}
	f.save, f.take, f.edit = f.send, f.takeNewer, func(*sheetField) tea.Cmd { return nil }
	f.focus()
	return f
}

// The values of the production flag's field.
const (
	flagNo  = "no"
	flagYes = "yes"
)

// flagField has no other value to choose where the flag is here.
func (f *environmentForm) flagField(production bool) *sheetField {
	flag := choiceField("production", "Production", flagNo, []string{flagNo, flagYes})
	if production {
		flag = choiceField("production", "Production", flagYes, []string{flagYes})
	}
	flag.note = f.flagNote
	flag.show = func(value string) string {
		if value == flagYes {
			return f.rt.styles.production.Render("◆ yes")
		}
		return value
	}
	return flag
}

func hostsText(hosts []string) string { return strings.Join(hosts, ", ") }

// readHosts takes a list apart at commas and blanks.
func readHosts(text string) []string {
	hosts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

func (f *environmentForm) nameNote() string {
	name := f.field("name").value()
	switch {
	case name == "":
		return "Such as Staging. Calls name their environment with it."
	case !f.fresh && name != f.seen.Name && f.seen.Production:
		return "Keys keep it as their target. Calls that name it as " + model.ProfilePair(f.seen.Name) + " are refused from the save on."
	case !f.fresh && name != f.seen.Name:
		return "Keys keep it as their target. Calls must carry " + model.ProfilePair(name) + " from the save on, in place of " + model.ProfilePair(f.seen.Name) + "."
	}
	return "Calls name it as " + model.ProfilePair(name) + "."
}

func (f *environmentForm) flagNote() string {
	switch {
	case f.seen.Production:
		return "Calls that name no environment go here. To take the flag away, give it to another environment."
	case f.field("production").value() == flagNo:
		return "Exactly one environment has the flag: calls that name none go there."
	case f.holder() != "":
		return fmt.Sprintf("It is taken from %q: calls that name no environment come here then.", f.holder())
	}
	return "Calls that name no environment come here then."
}

// Title is the form's part of the breadcrumb.
func (f *environmentForm) Title() string {
	if f.fresh {
		return "New environment"
	}
	return f.seen.Name
}

// Init asks which environment has the flag.
func (f *environmentForm) Init() tea.Cmd { return f.list() }

func (f *environmentForm) list() tea.Cmd { return f.rt.loadEnvironments(f.listing.ask(f.rt)) }

func (f *environmentForm) look() tea.Cmd {
	return f.rt.lookAtEnvironment(f.looking.ask(f.rt), f.seen.ID)
}

// Update takes keys, answers and news.
func (f *environmentForm) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return f.press(msg)
	case environmentsMsg:
		return f.listed(msg)
	case environmentAgreedMsg:
		if msg.form == f && !f.saving {
			return f.commit(msg)
		}
	case storedMsg[model.EnvironmentInfo]:
		if f.saving && msg.number == f.newest {
			return f.stored(msg)
		}
	case openedOneMsg[model.EnvironmentInfo]:
		return f.shown(msg)
	case changedMsg:
		return f.news(msg)
	}
	return nil
}

func (f *environmentForm) news(msg changedMsg) tea.Cmd {
	var cmds []tea.Cmd
	if f.listing.changed(msg) {
		cmds = append(cmds, f.list())
	}
	if !f.fresh && f.looking.changed(msg) {
		cmds = append(cmds, f.look())
	}
	return tea.Batch(cmds...)
}

// listed learns who has the flag, and which names are taken.
func (f *environmentForm) listed(msg environmentsMsg) tea.Cmd {
	mine, again := f.listing.answered(msg.request)
	if mine && msg.err == nil {
		f.others = msg.environments
	}
	if again {
		return f.list()
	}
	return nil
}

// holder is the name of the environment with the flag, "" while it is not known.
func (f *environmentForm) holder() string {
	for _, e := range f.others {
		if e.Production {
			return e.Name
		}
	}
	return ""
}

// nameTaken reports whether another environment has the name that is typed.
func (f *environmentForm) nameTaken() bool {
	name := model.Fold(f.field("name").value())
	return slices.ContainsFunc(f.others, func(e model.EnvironmentInfo) bool { return e.ID != f.seen.ID && model.Fold(e.Name) == name })
}
