package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"dev.keyward/keyward/model"
)

// View renders the questions.
func (r *renewal) View() string {
	s := r.rt.styles
	if !r.loaded {
		if r.err != nil {
			return failureView(s, "The key could not be loaded", r.err, r.width, r.height)
		}
		return "\n  " + s.faint.Render("Loading the key …")
	}
	groups := r.groups(false)
	text := strings.Join(groups, "\n\n")
	if lipgloss.Height(text) > r.height { // blank lines go first, then what is asked once more
		text = strings.Join(groups, "\n")
	}
	if lipgloss.Height(text) > r.height { // the last question says it in full
		groups = r.groups(true)
		text = strings.Join(groups, "\n")
	}
	if n := len(groups); lipgloss.Height(text) > r.height && (r.busy || r.err != nil) {
		text = strings.Join(slices.Delete(groups, n-2, n-1), "\n")
	}
	return text
}

// groups are the questions, and below them what comes of the answers, in few
// words where there is little room.
func (r *renewal) groups(short bool) []string {
	slots := []string{r.asks(askSlot, r.question())}
	if r.key.Production {
		where := "◆ It may invoke every environment, production too."
		if r.key.Environment != "" {
			where = "◆ It may invoke " + strings.TrimPrefix(productionName(r.key.Environment), "◆ ") + "."
		}
		slots = append([]string{"  " + r.rt.styles.production.Render(clip(where, r.width-4))}, slots...)
	}
	for i, n := range model.SlotNames {
		slots = append(slots, r.row(askSlot, i == r.slot, pad(n.String(), 12)+r.slotText(n)))
	}
	groups := []string{strings.Join(slots, "\n")}
	s := r.rt.styles
	if r.key.Kind == model.TokenKey {
		times := []string{r.asks(askGrace, "How long may the old secret go on working?")}
		for i, g := range graces {
			times = append(times, r.row(askGrace, i == r.grace, pad(g.text, 12)+s.faint.Render(g.meaning)))
		}
		groups = append(groups, strings.Join(times, "\n"))
	}
	note := func(text string) string { return wrap(text, min(r.width-4, 76)) }
	meaning := r.consequence() + " The new one works at once, and is shown once."
	if r.key.Kind == model.CertificateKey {
		meaning = "A replaced certificate is refused from its next call on. For an overlap put the new one into the empty slot, and take the old one away when every caller has changed."
	}
	used := cutOff(r.key, r.key.Slot(model.SlotNames[r.slot]), r.at)
	if short {
		meaning, used = r.inShort(used)
	}
	meaning = indent(note(meaning), 2)
	if used != "" {
		meaning = indent(s.warning.Render(note("! "+used)), 2) + "\n" + meaning
	}
	groups = append(groups, meaning)
	switch {
	case r.busy:
		groups = append(groups, indent(s.accent.Render("Making the secret …"), 2))
	case r.err != nil:
		groups = append(groups, indent(s.danger.Render(note("✗ "+sentence(r.err))), 2))
	}
	return groups
}

// inShort is what comes of the answers in two lines of the smallest terminal,
// and who still uses the slot in one.
func (r *renewal) inShort(used string) (meaning, still string) {
	slot := r.key.Slot(model.SlotNames[r.slot])
	if used != "" {
		still = callerCount(callersNow(slot, r.at)) + " used it, the last " + slot.Usage.LastUsed.Ago(r.at) + "."
	}
	if r.key.Kind == model.CertificateKey {
		return "The replaced one is refused at once. For an overlap use the empty slot.", still
	}
	old := "the old one is refused at once."
	if g := graces[r.grace]; g.time > 0 {
		old = "the old one works for " + g.text + " more."
	}
	return "The new one works at once, and is shown once; " + old, still
}

// asks renders a question, and how to get to it from the other one.
func (r *renewal) asks(q question, text string) string {
	s := r.rt.styles
	if q == r.asking {
		return "  " + s.strong.Render(text)
	}
	return "  " + text + s.faint.Render("  "+renewKeys.Next.Help().Key)
}

func (r *renewal) question() string {
	if r.key.Kind == model.CertificateKey {
		return "Which slot of " + strconv.Quote(clip(clean(r.name), r.width-46)) + " gets the new certificate?"
	}
	return "Which secret of " + strconv.Quote(clip(clean(r.name), r.width-46)) + " gets replaced?"
}

func (r *renewal) row(q question, chosen bool, text string) string {
	s := r.rt.styles
	lead, mark := gutter, "○ "
	if chosen {
		mark = s.accent.Render("● ")
		if q == r.asking {
			lead = s.marked.Render(pointer)
		}
	}
	return lead + mark + text
}

func (r *renewal) slotText(n model.SlotName) string {
	slot, s := r.key.Slot(n), r.rt.styles
	switch {
	case slot.Certificate != nil:
		return clean(slot.Certificate.SubjectText()) + s.faint.Render(", until "+slot.Certificate.NotAfter.UTC().Format(time.DateOnly))
	case slot.Empty:
		return s.faint.Render("empty")
	}
	return slot.Hint.String() + s.faint.Render("  since "+slot.Created.Text())
}
