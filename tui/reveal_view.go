package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"dev.keyward/keyward/model"
)

// View renders the secrets, each alone on its line so that a double click
// selects it, and how to call with them.
func (r *reveal) View() string {
	news := r.news()
	room := r.height
	if news != "" {
		room -= lipgloss.Height(news) + 1
	}
	lines := r.lines(room)
	if last := max(0, len(lines)-room); r.offset > last {
		r.offset = last
	}
	lines = lines[r.offset:min(len(lines), r.offset+max(room, 1))]
	if news != "" {
		lines = append(lines, "", news)
	}
	return strings.Join(lines, "\n")
}

// lines are the whole text. Where it is too tall for the room, blank lines and
// then advice make way for the secrets and the call.
func (r *reveal) lines(room int) []string {
	for level := range 3 {
		if lines := r.linesAt(level); len(lines) <= room || level == 2 {
			return lines
		}
	}
	return nil
}

func (r *reveal) linesAt(level int) []string {
	s := r.rt.styles
	var lines []string
	add := func(text string) { lines = append(lines, strings.Split(text, "\n")...) }
	gap := func() {
		if level == 0 {
			lines = append(lines, "")
		}
	}
	add(s.ok.Render("✓ ") + s.strong.Render(clip(r.headline(), r.width-2)))
	if level < 2 {
		lines = append(lines, faintLines(s, r.advice(), r.width)...)
	}
	gap()
	if r.secret() {
		lines = append(lines, r.secretLines()...)
	} else {
		lines = append(lines, r.certificateLines()...)
	}
	gap()
	call, whole := r.call().lines(r.width - len(gutter))
	advice := r.callAdvice(level == 2)
	if !whole && r.rt.copies() {
		advice += " (" + revealKeys.CopyCall.Help().Key + " copies it whole)"
	}
	lines = append(lines, faintLines(s, advice, r.width)...)
	method, _ := model.ExampleCall(r.info.Workflows, r.info.Environment, r.info.Production)
	if text := callWarning(method); text != "" {
		lines = append(lines, warningLines(s, text, r.width))
	}
	for _, line := range call {
		lines = append(lines, gutter+line)
	}
	return lines
}

func (r *reveal) headline() string {
	switch {
	case !r.secret():
		return "The key is made."
	case r.secrets[0].IsZero() || r.secrets[1].IsZero():
		return "Regenerated. Store the new secret now: it is shown once."
	}
	return "Made. Store these secrets now: they are shown only once."
}

func (r *reveal) advice() string {
	switch {
	case !r.secret():
		return "There is no secret to store: the caller proves itself with the private key of its certificate."
	case r.secrets[0].IsZero() || r.secrets[1].IsZero():
		return r.replaced() + " Callers that use the other slot's secret are not affected."
	}
	return "Both open the same doors. Give callers the primary and keep the secondary in store: " +
		"one can then be replaced while the other goes on working."
}

// replaced says what became of the secret that the new one replaces.
func (r *reveal) replaced() string {
	slot := r.info.Slot(model.SlotNames[index(r.secrets[0].IsZero())])
	if n := len(slot.Retiring); n > 0 {
		return "The one it replaces works until " + slot.Retiring[n-1].Until.Text() + "."
	}
	return "The one it replaces is refused from now on."
}

func (r *reveal) secretLines() []string {
	s := r.rt.styles
	var lines []string
	for slot, secret := range r.secrets {
		if secret.IsZero() {
			continue
		}
		label := gutter + s.label.Render(slotTitle(slot))
		switch {
		case r.written[slot] != "":
			label += s.ok.Render("  ✓ written")
		case r.copied[slot]:
			label += s.ok.Render("  ✓ sent to the clipboard")
		}
		text := strings.Repeat("•", model.SecretLength)
		if !r.masked {
			text = secret.Reveal()
		}
		lines = append(lines, label, "  "+s.strong.Render(text))
	}
	return lines
}

func (r *reveal) certificateLines() []string {
	s := r.rt.styles
	var lines []string
	for _, slot := range r.info.Slots {
		if c := slot.Certificate; c != nil {
			title := strings.ToUpper(slot.Slot.String()[:1]) + slot.Slot.String()[1:]
			lines = append(lines,
				gutter+s.label.Render(pad(title, 11))+subjectUntil(*c, r.rt.Now(), r.width-14),
				s.label.Render("  SHA-1      ")+c.Thumbprint())
			for i, half := range strings.Fields(halves(c.Fingerprint(), r.width-14)) {
				lines = append(lines, s.label.Render([2]string{"  SHA-256    ", "             "}[i])+half)
			}
		}
	}
	return lines
}

func (r *reveal) callAdvice(short bool) string {
	switch {
	case short && r.secret() && r.rt.remote():
		return "Header: Authorization: Key=SECRET, from a file of yours:"
	case r.secret() && r.rt.remote() && len(r.info.Workflows) > 0:
		return "Callers send the header \"Authorization: Key=SECRET\". Put that line into a file on your machine that only you may read, and curl reads it there:"
	case short && r.secret():
		return "Header: Authorization: Key=SECRET. " + r.writeKey() + " writes it to a file:"
	case len(r.info.Workflows) == 0:
		return "It may call no workflow yet: permit some, then call one like this:"
	case r.secret():
		return fmt.Sprintf("Callers send the header \"Authorization: Key=SECRET\". %s writes it to a file, so that it gets into no history, and curl reads it there:", r.writeKey())
	}
	return "Call it with the certificate and its private key:"
}

// writeKey is the key that writes the file in the curl line.
func (r *reveal) writeKey() string {
	if r.secrets[0].IsZero() {
		return revealKeys.WriteSecondary.Help().Key
	}
	return revealKeys.WritePrimary.Help().Key
}

// news is what stands at the bottom: the mask, the form, or what a key press
// led to.
func (r *reveal) news() string {
	s := r.rt.styles
	if r.masked && r.forbidden != "" {
		return errorLines(s, r.forbidden, r.width)
	}
	if r.masked && r.asked { // a key press answers the question
		return warningLines(s, "Hidden while you are asked.", r.width)
	}
	if r.masked {
		return warningLines(s, "Hidden. Press any key to show it again.", r.width)
	}
	text := ""
	if r.writing {
		text = clip("  Write the "+model.SlotNames[r.slot].String()+" secret's header to a new file, readable by you alone:", r.width) +
			"\n" + gutter + clip(inputView(s, r.form), r.width)
	}
	if r.notice.text == "" {
		return text
	}
	if text != "" {
		text += "\n"
	}
	return text + noteLines(s.statusStyle(r.notice.kind).Render, statusSign(r.notice.kind)+" ", r.notice.text, r.width)
}
