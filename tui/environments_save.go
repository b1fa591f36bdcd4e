package tui

import (
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// send checks what can be checked here, asks where the flag moves, and saves.
func (f *environmentForm) send() tea.Cmd {
	if err := model.CheckName(f.field("name").value()); err != nil {
		f.complain("name", err)
		return nil
	}
	if err := f.hostsTrouble(); err != nil && !f.nameTaken() { // the save tells of the name first
		f.complain("hosts", err)
		return nil
	}
	if f.field("production").changed() {
		return f.askFlag(f.wanted())
	}
	return f.askLive(f.wanted())
}

// wanted is what the form makes or changes, as it stands now.
func (f *environmentForm) wanted() environmentAgreedMsg {
	name, hosts := f.field("name").value(), readHosts(f.field("hosts").value())
	flag := f.field("production").changed()
	if f.fresh {
		return environmentAgreedMsg{form: f, seen: f.seen, draft: &model.EnvironmentDraft{Name: name, Hosts: hosts, Production: flag}}
	}
	e := model.EnvironmentEdit{Seen: f.seen.Changed, Production: flag}
	if f.field("name").changed() {
		e.Name = &name
	}
	if f.field("hosts").changed() {
		e.Hosts = &hosts
	}
	return environmentAgreedMsg{form: f, seen: f.seen, edit: e}
}

// askLive saves or, where callers of production notice, asks first.
func (f *environmentForm) askLive(save environmentAgreedMsg) tea.Cmd {
	if !f.seen.Production || f.fresh {
		return f.askHosts(save)
	}
	var why []string
	if f.field("name").changed() {
		why = append(why, fmt.Sprintf("Calls that name it as %s are refused from the save on.", model.ProfilePair(f.seen.Name)))
	}
	if f.field("hosts").changed() {
		why = append(why, hostsMoved(f.seen.Hosts, readHosts(f.field("hosts").value()))...)
	}
	return liveAsk(fmt.Sprintf("◆ %q is production: save it all the same?", clip(clean(f.seen.Name), 40)), "save it", send(save), why...)
}

// askFlag asks before the production flag moves.
func (f *environmentForm) askFlag(save environmentAgreedMsg) tea.Cmd {
	lines := []string{"Calls that name no environment go there from then on."}
	if holder := f.holder(); holder != "" {
		lines = append(lines, "", fmt.Sprintf("%q has it now, and loses it: its callers must send %s then.", holder, model.ProfilePair(holder)))
	}
	if n := f.seen.KeyCount; n > 0 {
		lines = append(lines, "", count(n, "key")+" with it as the target may invoke production then.")
	}
	return ask(prompt{
		Title: fmt.Sprintf("Give the production flag to %q?", f.field("name").value()), Lines: lines,
		Confirm: "give it, and save", Danger: true, OnYes: send(save),
	})
}

func (f *environmentForm) commit(save environmentAgreedMsg) tea.Cmd {
	if refusal := f.rt.refuse(); refusal != nil {
		return refusal // it came while the question was open
	}
	f.saving, f.newest = true, f.rt.next()
	if save.draft != nil {
		return f.rt.createEnvironment(f.newest, *save.draft)
	}
	return f.rt.saveEnvironment(f.newest, save.seen, save.edit)
}

// stored takes the end of a save: the form closes, or says what is wrong where.
func (f *environmentForm) stored(msg storedMsg[model.EnvironmentInfo]) tea.Cmd {
	f.saving = false
	if msg.err == nil {
		done := f.rt.doneText("environment", msg.info.Name, f.fresh, msg.receipt)
		return tea.Sequence(send(closeMsg{f}), send(outcomeMsg{done: done, receipt: msg.receipt, undo: msg.undo}))
	}
	var changed model.Instant
	if f.newer = msg.newer; f.newer != nil {
		changed = f.newer.Changed
	}
	if changed == 0 && errors.Is(msg.err, model.ErrConflict) && f.field("hosts").changed() && !f.nameTaken() {
		f.complain("hosts", msg.err) // a conflict is about the name or a host, and does not say which
		return nil
	}
	f.failed("environment", msg.err, changed)
	return nil
}

// shown takes the environment as it is now.
func (f *environmentForm) shown(msg openedOneMsg[model.EnvironmentInfo]) tea.Cmd {
	mine, again := f.looking.answered(msg.number)
	if mine && f.looked("environment", msg.err, msg.info.Changed, f.seen.Changed) {
		f.newer = &msg.info
	} else if mine && msg.err == nil {
		f.seen.KeyCount, f.seen.UpstreamCount = msg.info.KeyCount, msg.info.UpstreamCount
	}
	if again {
		return f.look()
	}
	return nil
}

// takeNewer puts the form on top of the environment as somebody else left it.
func (f *environmentForm) takeNewer() tea.Cmd {
	asked := f.field("production").changed()
	f.seen, f.newer = *f.newer, nil
	f.field("name").rebase(f.seen.Name)
	f.field("hosts").rebase(hostsText(f.seen.Hosts))
	flag := f.flagField(f.seen.Production)
	if asked && !f.seen.Production {
		flag.chosen = 1
	}
	f.fields[2] = flag
	f.focus()
	return nil
}
