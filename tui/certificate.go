package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificateDetail shows everything about one registered certificate and the
// key that has it.
type certificateDetail struct {
	rt            *runtime
	row           model.CertificateRow
	width, height int
	offset        int

	key    model.KeyInfo
	at     time.Time
	loaded bool
	err    error
	latest
}

func newCertificateDetail(rt *runtime, row model.CertificateRow) screen {
	return &certificateDetail{rt: rt, row: row}
}

// Init loads the key.
func (d *certificateDetail) Init() tea.Cmd { return d.load() }

func (d *certificateDetail) load() tea.Cmd { return d.rt.openKey(d.ask(d.rt), d.row.Key) }

// Title is the key's name and the slot.
func (d *certificateDetail) Title() string { return d.row.Name + " " + d.row.Slot.String() }

// Typing is never.
func (d *certificateDetail) Typing() bool { return false }

// Unsaved is never.
func (d *certificateDetail) Unsaved() *prompt { return nil }

// SetSize lays the certificate out.
func (d *certificateDetail) SetSize(width, height int) { d.width, d.height = width, height }

// aim is the key that has the certificate.
func (d *certificateDetail) aim() aim { return aim{key: d.row.Key, name: d.row.Name} }

// Update takes keys, the key and news.
func (d *certificateDetail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if !msg.Paste {
			return d.press(msg)
		}
	case openedMsg:
		mine, again := d.answered(msg.number)
		if mine {
			if d.err = msg.err; msg.err == nil {
				d.key, d.at, d.loaded = msg.key, msg.at, true
				d.row.Name = msg.key.Name
			}
		}
		if again {
			return d.load()
		}
	case changedMsg:
		if msg.deleted == d.row.Key {
			return send(closeMsg{d})
		}
		if d.changed(msg) {
			return d.load()
		}
	case usedMsg:
		if d.loaded && !d.loading {
			return d.load()
		}
	case newForKeyMsg:
		if msg.owner == d {
			return pickForKey(d.rt, d, msg)
		}
	case certificateChosenMsg:
		if msg.owner == d {
			return askPutCertificate(d.rt, msg.key, msg.slot, msg.certificate)
		}
	}
	return nil
}

// certificate is what is shown: nil where the slot holds another one by now.
func (d *certificateDetail) certificate() *model.Certificate {
	if c := d.key.Slot(d.row.Slot).Certificate; c != nil && c.SHA256 == d.row.SHA256 {
		return c
	}
	return nil
}

func (d *certificateDetail) press(msg tea.KeyMsg) tea.Cmd {
	if refusal := d.rt.refuse(); refusal != nil && matches(msg, certificateKeys.New, certificateKeys.Remove) {
		return refusal
	}
	switch k := d.keys(); {
	case matches(msg, globalKeys.Back):
		return pop()
	case matches(msg, k.Reload):
		return d.load()
	case matches(msg, k.Up):
		d.offset = max(d.offset-1, 0)
	case matches(msg, k.Down):
		d.offset = min(d.offset+1, max(len(d.lines())-d.height, 0))
	case matches(msg, k.Open):
		return push(newDetail(d.rt, d.row.Key, d.row.Name))
	case matches(msg, k.New):
		return d.rt.newForKey(d, d.row.Key)
	case matches(msg, k.Write):
		return push(newExport(d.rt, d.row.Key, d.row.Name, d.row.Slot))
	case matches(msg, k.Copy):
		return d.rt.copyCertificate(d.row.Key, d.row.Slot)
	case matches(msg, k.Remove):
		return d.rt.takeOut(d.row.Key, d.row.Slot, d.row.SHA256)
	}
	return d.rt.tellNoCertificate(msg)
}

func (d *certificateDetail) keys() certificateKeyMap {
	k := certificateKeys
	k.Open.SetHelp(k.Open.Help().Key, "open the key")
	disable(&k.Inspect, &k.Filter, &k.Clear)
	if !d.loaded {
		disable(&k.Open, &k.New, &k.Up, &k.Down)
	}
	if d.certificate() == nil {
		disable(&k.Write, &k.Copy, &k.Remove)
	}
	k.limit(d.rt)
	return k
}

// Keys are the bindings for the help line and the help screen.
func (d *certificateDetail) Keys() help.KeyMap {
	k := d.keys()
	return bindings{
		short: []key.Binding{k.Open, k.New, k.Remove, k.Write, k.Copy, globalKeys.Back},
		full:  [][]key.Binding{{k.Open, k.New, k.Remove, k.Write, k.Copy, k.Reload}, {k.Up, k.Down}},
	}
}

// View renders the certificate, or what stands in its place.
func (d *certificateDetail) View() string {
	s := d.rt.styles
	switch {
	case errors.Is(d.err, model.ErrNotFound):
		return "\n" + indent(s.warning.Render("! There is no such key any more.")+"\n\nSomebody deleted it, and its certificates with it.", 2)
	case d.err != nil && !d.loaded:
		return failureView(s, "The certificate could not be loaded", d.err, d.width, d.height)
	case !d.loaded:
		return "\n  " + s.faint.Render("Loading the certificate …")
	}
	lines := d.lines()
	from := min(d.offset, max(len(lines)-d.height, 0))
	end := min(len(lines), from+d.height)
	out := append([]string{}, lines[from:end]...)
	if end < len(lines) && len(out) > 0 {
		out[len(out)-1] = s.faint.Render(fmt.Sprintf("  ↓ %s more", count(len(lines)-end+1, "line")))
	}
	return strings.Join(out, "\n")
}

func (d *certificateDetail) lines() []string {
	s, c := d.rt.styles, d.certificate()
	if c == nil {
		return append([]string{""}, strings.Split(warningLines(s, fmt.Sprintf(
			"The %s slot of %q does not hold this certificate any more: enter opens the key.", d.row.Slot, clip(clean(d.row.Name), 40)), d.width), "\n")...)
	}
	var lines []string
	if d.err != nil {
		lines = append(lines, s.warning.Render(clip("  ! This is not new: "+sentence(d.err)+" ctrl+r tries again.", d.width)))
	}
	lines = append(lines, certificateText(s, *c, d.at, d.width, groups(c.Fingerprint()))...)
	field := func(label string, style func(string) string, text string) {
		for _, part := range strings.Split(wrap(text, max(d.width-16, 10)), "\n") {
			lines = append(lines, clip(gutter+s.label.Render(pad(label, 13))+style(part), d.width))
			label = ""
		}
	}
	slot := d.key.Slot(d.row.Slot)
	sign, colour := keySign(d.key.Status)
	field("Key", s.palettes()[0][colour].on, clean(d.key.Name)+", "+slot.Slot.String()+"  "+sign+" "+d.key.Status.String())
	environment, colour := environmentCell(d.key.KeyRow, true)
	field("Environment", s.palettes()[0][colour].on, strings.TrimSpace(environment))
	field("Registered", s.palettes()[0][paintFaint].on, slot.Created.Text())
	field("Used", s.palettes()[0][paintText].on, strings.TrimPrefix(d.rt.usageText(slot.Usage, d.at), "last used "))
	lines = append(lines, "")
	warnings := c.Warnings(d.at)
	if !c.Expired(d.at) {
		warnings = certificateWarnings(*c, d.at)
	}
	for _, w := range warnings {
		lines = append(lines, strings.Split(warningLines(s, w, d.width), "\n")...)
	}
	return append(lines, strings.Split(indent(wrap(d.next(*c, slot), max(d.width-4, 10)), 2), "\n")...)
}

// groups parts a digest for the eye, in eights.
func groups(digest string) string {
	var parts []string
	for ; len(digest) > 8; digest = digest[8:] {
		parts = append(parts, digest[:8])
	}
	return strings.Join(append(parts, digest), " ")
}

// next says what can be done about the end of the certificate.
func (d *certificateDetail) next(c model.Certificate, slot model.SlotInfo) string {
	other := d.key.Slot(slot.Slot.Other())
	switch {
	case other.Certificate != nil && other.Certificate.NotAfter.After(c.NotAfter):
		text := fmt.Sprintf("The %s slot has a later one, until %s. ", other.Slot, other.Certificate.NotAfter.UTC().Format(time.DateOnly))
		if c.Expired(d.at) {
			return text + fmt.Sprintf("This one has expired, and cuts nobody off: %s takes it out.", certificateKeys.Remove.Help().Key)
		}
		if used := cutOff(d.key, slot, d.at); used != "" {
			return text + used + " Wait until that is over before this one is taken out."
		}
		return text + fmt.Sprintf("This one was not used in the last 24 h: %s takes it out.", certificateKeys.Remove.Help().Key)
	case other.Empty:
		return fmt.Sprintf("To renew it, put the next one into the %s slot, which is empty: %s. Both work then, until this one is taken out.",
			other.Slot, certificateKeys.New.Help().Key)
	}
	return fmt.Sprintf("The %s slot has one that ends sooner: take that out to make room for the next.", other.Slot)
}
