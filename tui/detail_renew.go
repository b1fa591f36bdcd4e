package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// renewal asks which slot of a key gets something new, and for how long the old
// secret goes on working.
type renewal struct {
	rt            *runtime
	id            model.ID
	name          string
	width, height int

	key    model.KeyInfo
	at     time.Time
	loaded bool
	err    error
	newest int

	slot, grace int // what is chosen: of model.SlotNames, of graces
	cursor      int // over the slots, then the graces
	busy        bool
}

// graces are the choices of how long an old secret goes on working.
var graces = [...]struct {
	time    time.Duration
	text    string
	meaning string
}{
	{0, "not at all", "refused from the next call on: after a leak"},
	{time.Hour, "1 hour", "the callers are yours and you change them now"},
	{24 * time.Hour, "24 hours", "callers are changed within a day"},
	{7 * 24 * time.Hour, "7 days", "others have to be told"},
}

const usualGrace = 2 // of graces: an outage is not the default

func newRenewal(rt *runtime, id model.ID, name string, slot model.SlotName) screen {
	r := &renewal{rt: rt, id: id, name: name, grace: usualGrace}
	if slot == model.Secondary {
		r.slot, r.cursor = 1, 1
	}
	return r
}

// Init loads the key: the list knows too little of its slots.
func (r *renewal) Init() tea.Cmd { return r.load() }

func (r *renewal) load() tea.Cmd {
	r.newest = r.rt.next()
	return r.rt.openKey(r.newest, r.id)
}

// Title says what happens.
func (r *renewal) Title() string {
	if r.loaded && r.key.Kind == model.CertificateKey {
		return "Replace"
	}
	return "Regenerate"
}

// Typing is never.
func (r *renewal) Typing() bool { return false }

// Unsaved warns while the secret is being made: it would be shown to nobody.
func (r *renewal) Unsaved() *prompt {
	if !r.busy {
		return nil
	}
	return &prompt{Title: "Leave while the secret is being made?",
		Lines: []string{"It would replace the old one and be shown to nobody."}, Confirm: "leave", Danger: true}
}

// SetSize lays the questions out.
func (r *renewal) SetSize(width, height int) { r.width, r.height = width, height }

// Update takes keys, the key and what was made.
func (r *renewal) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if msg.Paste {
			return nil
		}
		return r.press(msg)
	case openedMsg:
		if msg.number == r.newest && !r.busy {
			r.err = msg.err
			if msg.err == nil {
				r.key, r.name, r.at, r.loaded = msg.key, msg.key.Name, msg.at, true
			}
		}
	case changedMsg:
		if msg.deleted == r.id {
			return send(closeMsg{r})
		}
		if !r.busy {
			return r.load()
		}
	case renewMsg:
		if msg.owner == r && !r.busy {
			return r.renew()
		}
	case remadeMsg:
		if msg.number == r.newest && r.busy {
			return r.remade(msg)
		}
	case certificateChosenMsg:
		if msg.owner == r {
			return tea.Sequence(send(closeMsg{r}), askPutCertificate(r.rt, r.key, msg.slot, msg.certificate))
		}
	}
	return nil
}

// rows is how many choices there are: a certificate has no grace.
func (r *renewal) rows() int {
	if r.key.Kind == model.CertificateKey {
		return len(model.SlotNames)
	}
	return len(model.SlotNames) + len(graces)
}

// moveTo puts the cursor on a row, which chooses it.
func (r *renewal) moveTo(row int) {
	r.cursor = min(max(row, 0), r.rows()-1)
	if r.cursor < len(model.SlotNames) {
		r.slot = r.cursor
	} else {
		r.grace = r.cursor - len(model.SlotNames)
	}
}

func (r *renewal) press(msg tea.KeyMsg) tea.Cmd {
	switch k := r.keys(); {
	case r.busy:
		return nil
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Reload):
		return r.load()
	case matches(msg, k.Up):
		r.moveTo(r.cursor - 1)
	case matches(msg, k.Down):
		r.moveTo(r.cursor + 1)
	case matches(msg, k.Next):
		if r.cursor < len(model.SlotNames) {
			r.moveTo(len(model.SlotNames) + r.grace)
		} else {
			r.moveTo(r.slot)
		}
	case matches(msg, k.Go):
		return r.confirm()
	}
	return nil
}

// confirm asks once more, with what is going to happen.
func (r *renewal) confirm() tea.Cmd {
	slot := model.SlotNames[r.slot]
	if r.key.Kind == model.CertificateKey {
		return pickCertificate(r.rt, r, r.name, slot)
	}
	return ask(prompt{
		Title:   fmt.Sprintf("Regenerate the %s secret of %q?", slot, r.name),
		Lines:   []string{r.consequence()},
		Confirm: "regenerate",
		Danger:  graces[r.grace].time == 0,
		OnYes:   send(renewMsg{r}),
	})
}

// renewMsg is the answer to confirm.
type renewMsg struct{ owner *renewal }

func (r *renewal) renew() tea.Cmd {
	r.busy, r.err, r.newest = true, nil, r.rt.next()
	return r.rt.remake(r.newest, r.id, model.SlotNames[r.slot], graces[r.grace].time)
}

func (r *renewal) remade(msg remadeMsg) tea.Cmd {
	r.busy = false
	if msg.err != nil {
		r.err = msg.err
		return nil
	}
	return tea.Batch(send(swapMsg{r, newReveal(r.rt, msg.key, msg.secrets)}), send(changedMsg{}))
}

// consequence says what regenerating does.
func (r *renewal) consequence() string {
	n := model.SlotNames[r.slot]
	slot, g := r.key.Slot(n), graces[r.grace]
	text := fmt.Sprintf("The old %s secret, %s, is refused from its next call on", n, slot.Hint)
	switch {
	case g.time > 0:
		text = fmt.Sprintf("The old %s secret, %s, goes on working for %s more", n, slot.Hint, g.text)
	case len(slot.Retiring) > 0:
		text += ", and so is what it replaced and still works"
	}
	return text + fmt.Sprintf(". The %s one is not touched.", n.Other())
}

func (r *renewal) keys() renewBindings {
	k := renewBindings{renewKeys, detailKeys.Reload}
	for _, b := range []*key.Binding{&k.Up, &k.Down, &k.Next, &k.Go} {
		b.SetEnabled(r.loaded && !r.busy)
	}
	if r.key.Kind == model.CertificateKey {
		k.Next.SetEnabled(false)
		k.Go.SetHelp(k.Go.Help().Key, "choose the certificate")
	}
	k.Reload.SetEnabled(!r.busy)
	k.Back.SetEnabled(!r.busy)
	return k
}

// renewBindings are the bindings of the screen as they are on now.
type renewBindings struct {
	renewKeyMap
	Reload key.Binding
}

// Keys are the bindings for the help line and the help screen.
func (r *renewal) Keys() help.KeyMap {
	k := r.keys()
	return bindings{
		short: []key.Binding{k.Up, k.Down, k.Next, k.Go, k.Back},
		full:  [][]key.Binding{{k.Up, k.Down, k.Next, k.Go, k.Reload}},
	}
}

// View renders the questions.
func (r *renewal) View() string {
	s := r.rt.styles
	if !r.loaded {
		if r.err != nil {
			return failureView(s, "The key could not be loaded", r.err, r.width, r.height)
		}
		return "\n  " + s.faint.Render("Loading the key …")
	}
	lines := []string{"  " + s.strong.Render(r.question())}
	for i, n := range model.SlotNames {
		lines = append(lines, r.row(i, r.slot == i, pad(n.String(), 12)+r.slotText(n)))
	}
	if r.key.Kind == model.TokenKey {
		lines = append(lines, "", "  "+s.strong.Render("How long may the old secret go on working?"))
		for i, g := range graces {
			lines = append(lines, r.row(len(model.SlotNames)+i, r.grace == i, pad(g.text, 12)+s.faint.Render(g.meaning)))
		}
		lines = append(lines, "", indent(wrap(r.consequence()+" The new one works at once, and is shown once.", min(r.width-4, 76)), 2))
	} else {
		lines = append(lines, "", indent(wrap("A replaced certificate is refused from its next call on. For an overlap put the new one into the empty slot, and take the old one away when every caller has changed.", min(r.width-4, 76)), 2))
	}
	switch {
	case r.busy:
		lines = append(lines, "", "  "+s.accent.Render("Making the secret …"))
	case r.err != nil:
		lines = append(lines, "", indent(s.danger.Render(wrap("✗ "+sentence(r.err), min(r.width-4, 76))), 2))
	}
	return strings.Join(lines, "\n")
}

func (r *renewal) question() string {
	if r.key.Kind == model.CertificateKey {
		return "Which slot of " + strconv.Quote(clean(r.name)) + " gets the new certificate?"
	}
	return "Which secret of " + strconv.Quote(clean(r.name)) + " gets replaced?"
}

func (r *renewal) row(row int, chosen bool, text string) string {
	s := r.rt.styles
	lead, mark := gutter, "○ "
	if row == r.cursor {
		lead = s.marked.Render(pointer)
	}
	if chosen {
		mark = s.accent.Render("● ")
	}
	return lead + mark + text
}

func (r *renewal) slotText(n model.SlotName) string {
	slot, s := r.key.Slot(n), r.rt.styles
	switch {
	case slot.Certificate != nil:
		return slot.Certificate.SubjectText() + s.faint.Render(", until "+slot.Certificate.NotAfter.UTC().Format(time.DateOnly))
	case slot.Empty:
		return s.faint.Render("empty")
	}
	return slot.Hint.String() + s.faint.Render("  since "+slot.Created.Text())
}
