package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// auditEntry shows one entry of the audit trail in full. Entries never change:
// it needs nothing but the entry.
type auditEntry struct {
	rt            *runtime
	entry         model.Entry
	width, height int
	top           int // first visible line
}

func newAuditEntry(rt *runtime, e model.Entry) screen { return &auditEntry{rt: rt, entry: e} }

// Init has nothing to load.
func (a *auditEntry) Init() tea.Cmd { return nil }

// Title is the entry's number.
func (a *auditEntry) Title() string { return fmt.Sprintf("Entry %d", a.entry.Seq) }

// Typing is never.
func (a *auditEntry) Typing() bool { return false }

// Unsaved is never.
func (a *auditEntry) Unsaved() *prompt { return nil }

// SetSize lays the entry out.
func (a *auditEntry) SetSize(width, height int) {
	a.width, a.height = width, height
	a.scroll(0)
}

// Update takes keys.
func (a *auditEntry) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyMsg)
	if !ok || press.Paste {
		return nil
	}
	if matches(press, globalKeys.Back) {
		return pop()
	}
	if n, ok := moveKeys.step(press, max(a.height-1, 1), len(a.lines())); ok {
		a.scroll(n)
	}
	return nil
}

func (a *auditEntry) scroll(n int) { a.top = max(min(a.top+n, len(a.lines())-a.height), 0) }

// Keys are the bindings for the help line and the help screen.
func (a *auditEntry) Keys() help.KeyMap {
	return bindings{short: []key.Binding{moveKeys.Up, moveKeys.Down, globalKeys.Back}, full: [][]key.Binding{moveKeys.all()}}
}

// View renders the part of the entry that there is room for.
func (a *auditEntry) View() string {
	lines := a.lines()
	end := min(a.top+a.height, len(lines))
	out := lines[a.top:end]
	if end < len(lines) && len(out) > 0 {
		out[len(out)-1] = a.rt.styles.faint.Render(fmt.Sprintf("  ↓ %s more", count(len(lines)-end+1, "line")))
	}
	return strings.Join(out, "\n")
}

// lines are the whole entry.
func (a *auditEntry) lines() []string {
	e := &a.entry
	var lines []string
	add := func(label, text string, colour int) {
		lines = append(lines, a.field(label, labelWidth, text, colour)...)
	}
	action, colour := actionCell(*e)
	add("Sequence", fmt.Sprint(e.Seq), paintText)
	add("Time", e.Time.Time().UTC().Format("2006-01-02 15:04:05 UTC"), paintText)
	add("Action", action, colour)
	add("", string(e.Action), paintFaint)
	if e.Refused {
		add("", "for want of rights; nothing was changed", paintFaint)
	}
	if e.Object.Noun != "" {
		add("Object", strings.TrimSpace(e.Object.Noun+" "+e.Object.Name), paintText)
	}
	if e.Object.ID != 0 {
		add("", "id "+e.Object.ID.String(), paintFaint)
	}
	add("Who", whoText(e.Actor), paintText)
	add("", processText(e.Actor), paintFaint)
	if key := e.Actor.SSH; !key.IsZero() {
		add("SSH key", strings.TrimSpace(key.Fingerprint+" "+key.Comment), paintText)
		add("", "as that process, an endpoint, says", paintFaint)
	}
	if e.Actor.Claimed != "" {
		add("Claims", e.Actor.Claimed, paintText)
		add("", "from SUDO_USER, which anyone can set", paintFaint)
	}
	if e.Reason != "" {
		add("Reason", e.Reason, paintText)
	}
	lines = append(lines, a.changes()...)
	lines = append(lines, "", gutter+a.rt.styles.columns.Render("Chain"))
	prev := e.Prev.String()
	if e.Prev.IsZero() {
		prev = "none: this is the first entry"
	}
	add("Previous", prev, paintText)
	add("Hash", e.Hash.String(), paintText)
	return lines
}

// changes lists each field that was written.
func (a *auditEntry) changes() []string {
	s, room := a.rt.styles, 0
	if len(a.entry.Changes) == 0 {
		return nil
	}
	for _, c := range a.entry.Changes {
		room = max(room, cells(clean(c.Field))+2)
	}
	room = min(max(room, labelWidth), a.width/3)
	lines := []string{"", gutter + s.columns.Render("Changed")}
	for _, c := range a.entry.Changes {
		text := clean(c.From) + " → " + clean(c.To)
		switch {
		case c.From == "":
			text = clean(c.To)
		case c.To == "":
			text = clean(c.From) + " → nothing"
		}
		lines = append(lines, a.field(c.Field, room, text, paintText)...)
	}
	return lines
}

// field is a label and a text from outside, wrapped beside it.
func (a *auditEntry) field(label string, room int, text string, colour int) []string {
	paints := a.rt.styles.palettes()[0]
	lines := strings.Split(wrap(clean(text), a.width-len(gutter)-room-1), "\n")
	label = clean(label)
	for i, line := range lines {
		lines[i] = clip(gutter+paints[paintFaint].on(pad(label, room-1))+" "+paints[colour].on(line), a.width)
		label = ""
	}
	return lines
}

// whoText is the user that the system vouches for.
func whoText(a model.Actor) string {
	a.Claimed, a.SSH = "", model.SSHKey{}
	return a.String()
}

// processText is which process asked.
func processText(a model.Actor) string {
	if a.UID < 0 && a.PID < 0 {
		return "the system did not say which user and process"
	}
	return fmt.Sprintf("uid %d, pid %d", a.UID, a.PID)
}
