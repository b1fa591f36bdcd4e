package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"dev.keyward/keyward/model"
)

// checkWidth holds the name of each check and a gap.
const checkWidth = 13

// whyLines are the whole explanation, and which of them belong to which stop:
// the first and the last.
type whyLines struct {
	text  []string
	stops map[int][2]int
}

// View renders what was decided and, of the explanation, what there is room for.
func (w *why) View() string {
	s := w.rt.styles
	if !w.loaded {
		if w.err != nil {
			return failureView(s, "The decision could not be explained", w.err, w.width, w.height)
		}
		return "\n  " + s.faint.Render("Looking into it …")
	}
	head, lines := w.headline(), w.lines().text
	end := min(w.top+w.room(), len(lines))
	out := append(head, lines[w.top:end]...)
	if w.top > 0 && w.room() > 1 {
		out[len(head)] = s.faint.Render(fmt.Sprintf("  ↑ %s more", count(w.top+1, "line")))
	}
	if end < len(lines) {
		out[len(out)-1] = s.faint.Render(fmt.Sprintf("  ↓ %s more", count(len(lines)-end+1, "line")))
	}
	return strings.Join(out, "\n")
}

func (w *why) lines() whyLines {
	l := whyLines{stops: map[int][2]int{}}
	if !w.loaded {
		return l
	}
	w.callLines(&l)
	l.add("", gutter+w.rt.styles.columns.Render("Checks"))
	for _, step := range w.explanation.Steps {
		l.add(w.step(step)...)
	}
	w.remedyLines(&l)
	w.curlLines(&l)
	return l
}

func (l *whyLines) add(lines ...string) { l.text = append(l.text, lines...) }

// room is how many lines there are below the headline.
func (w *why) room() int { return max(w.height-len(w.headline()), 1) }

// headline is what was decided, of which call, and what would be now. It is
// always seen.
func (w *why) headline() []string {
	s, width := w.rt.styles, w.width-len(gutter)-1
	text, style := w.verdict()
	var lines []string
	if w.err != nil {
		lines = append(lines, gutter+s.warning.Render(clip("! This is not new: "+sentence(w.err), width)))
	}
	lines = append(lines, gutter+style.Render(clip(text, width)))
	if now, style := w.now(); now != "" {
		lines = append(lines, gutter+style.Render(clip(now, width)))
	}
	lines = append(lines, gutter+clip(s.faint.Render(pad("Call", labelWidth))+clean(w.called()), width))
	if w.height >= smallHeight-5 {
		lines = append(lines, "")
	}
	return lines
}

// called is the call in one line.
func (w *why) called() string { return w.call.Method + " " + target(w.call) }

// verdict is what was decided, and what the caller got.
func (w *why) verdict() (string, lipgloss.Style) {
	s, a := w.rt.styles, &w.call
	text, style := "✗ Refused: "+a.Reason.String(), s.danger
	switch {
	case a.FailedItself():
		return fmt.Sprintf("! Allowed, but the upstream answered with %d", a.Status), s.warning
	case a.Failed() && a.UpstreamFailure == model.UpstreamDidNotFail:
		return fmt.Sprintf("! Allowed, but the caller got %d", a.Status), s.warning
	case a.Failed() && a.Status < 500:
		return "! Allowed, but the upstream broke off its answer", s.warning
	case a.Failed():
		return fmt.Sprintf("! Allowed, but the upstream did not answer (%d)", a.Status), s.warning
	case a.Allowed():
		text, style = "✓ Allowed", s.ok
	}
	if a.Status != 0 {
		text += fmt.Sprintf(", answered with %d", a.Status)
	}
	return text, style
}

// now is what the same call would get, where that is another answer.
func (w *why) now() (string, lipgloss.Style) {
	s, now := w.rt.styles, w.explanation.Now
	switch {
	case now == model.Undecided || now == w.call.Reason:
		return "", s.text
	case w.mended:
		return "✓ Mended: the same call would be allowed now.", s.ok
	case now == model.Allowed:
		return "✓ The same call would be allowed now.", s.ok
	}
	return "! The same call would be refused now: " + now.String(), s.warning
}

// callLines are the call as it came.
func (w *why) callLines(l *whyLines) {
	a := &w.call
	if cells(clean(w.called())) > w.width-len(gutter)-labelWidth-1 { // the headline has not all of it
		l.add(w.field("Call in full", w.called(), paintText)...)
	}
	if a.Partial {
		l.add(w.field("", "the call is not on record as a whole: it was too long, or may have held a secret", paintFaint)...)
	}
	from := a.Remote
	if a.Host != "" {
		from += " to " + a.Host
	}
	if a.Agent != "" {
		from += ", " + a.Agent
	}
	l.add(w.field("From", from, paintText)...)
	when := a.At.UTC().Format("2006-01-02 15:04:05.000 MST")
	if a.Took > 0 {
		when += ", took " + tookText(a.Took)
	}
	l.add(w.field("When", when, paintText)...)
	if !a.Request.IsZero() {
		l.add(w.field("RequestId", a.Request.String(), paintText)...)
	}
	w.keyLines(l)
	if a.Bound != "" {
		l.add(w.field("Workflow", a.Bound, paintText)...)
	}
	if a.Environment != "" {
		text, colour := callEnvironmentCell(*a, true)
		l.add(w.field("Environment", strings.TrimSpace(text), colour)...)
	}
	if a.Upstream != "" {
		l.add(w.field("Upstream", a.Upstream, paintText)...)
	}
}

func (w *why) keyLines(l *whyLines) {
	a := &w.call
	text := a.KeyName
	if a.Slot != model.NoSlot {
		text += ", " + a.Slot.String() + " slot"
	}
	switch {
	case a.Reason == model.SecretRetired:
		text += ", by a replaced secret"
	case a.Retiring:
		text += ", by a replaced secret in its grace period"
	}
	switch {
	case a.Key == 0 && a.KeyName == "":
		l.add(w.field("Key", "unknown: nothing proved which", paintWarning)...)
	case w.key == nil:
		l.add(w.field("Key", text+"; it is gone", paintText)...)
	default:
		w.stop(l, 0, w.field("Key", text, paintText))
	}
}

// stop adds the lines of a stop, with the pointer where the cursor is on it.
func (w *why) stop(l *whyLines, stop int, lines []string) {
	if stop == w.cursor && len(lines) > 0 {
		lines[0] = w.rt.styles.marked.Render(pointer) + strings.TrimPrefix(lines[0], gutter)
	}
	l.stops[stop] = [2]int{len(l.text), len(l.text) + len(lines) - 1}
	l.add(lines...)
}

// field is a label and a text from outside, wrapped beside it.
func (w *why) field(label, text string, colour int) []string {
	paints := w.rt.styles.palettes()[0]
	lines := strings.Split(wrapWords(clean(text), w.width-len(gutter)-labelWidth-1), "\n")
	for i, line := range lines {
		lines[i] = clip(gutter+paints[paintFaint].on(pad(label, labelWidth-1))+" "+paints[colour].on(line), w.width)
		label = ""
	}
	return lines
}

// step is one check, with its sign.
func (w *why) step(step model.Step) []string { return stepLines(w.rt.styles, step, w.width) }

// stepLines are one check of a decision in words, wrapped beside its name.
func stepLines(s *styles, step model.Step, width int) []string {
	sign, colour := "✓ ", paintOK
	if !step.Passed {
		sign, colour = "✗ ", paintDanger
	}
	paints := s.palettes()[0]
	text := paintText
	if step.Passed {
		text = paintFaint
	}
	lead := sign + pad(clean(step.Check), checkWidth)
	lines := strings.Split(wrapWords(clean(step.Text), width-len(gutter)-cells(lead)-1), "\n")
	for i, line := range lines {
		lines[i] = clip(gutter+paints[colour].on(lead)+paints[text].on(line), width)
		lead = blank(cells(lead))
	}
	return lines
}

// remedyLines list what would help; before what can be done from here stands
// the key that does it.
func (w *why) remedyLines(l *whyLines) {
	s, e := w.rt.styles, &w.explanation
	if len(e.Remedies) == 0 {
		return
	}
	l.add("", gutter+s.columns.Render("What would help"))
	stop, room := 0, 1
	if w.key != nil {
		stop = 1
	}
	if slices.ContainsFunc(e.Remedies, w.applies) {
		room = len(whyKeys.Open.Help().Key)
	}
	shown := map[model.RemedyKind]bool{}
	for _, r := range e.Remedies {
		lead := pad("·", room)
		applies := w.applies(r)
		if applies {
			lead = pad(w.keyOf(r.Kind, shown[r.Kind]), room)
			shown[r.Kind] = true
		}
		var lines []string
		for i, line := range strings.Split(wrapWords(clean(r.Text)+".", w.width-len(gutter)-cells(lead)-2), "\n") {
			if i > 0 {
				lead = blank(cells(lead))
			}
			style := s.faint
			if applies {
				style = s.strong
			}
			lines = append(lines, gutter+style.Render(lead)+" "+line)
		}
		if !applies {
			l.add(lines...)
			continue
		}
		w.stop(l, stop, lines)
		stop++
	}
}

// keyOf is the key that carries out a remedy wherever the cursor is; the second
// of a kind needs the cursor.
func (w *why) keyOf(kind model.RemedyKind, second bool) string {
	if !second {
		switch kind {
		case model.EnableKey:
			return whyKeys.Enable.Help().Key
		case model.PermitWorkflow:
			return whyKeys.Permit.Help().Key
		case model.RegenerateSlot:
			return whyKeys.Regenerate.Help().Key
		case model.RenewCertificate, model.RegisterCertificate:
			if w.renewal() == kind {
				return whyKeys.Regenerate.Help().Key
			}
		case model.BindWorkflow, model.MakeKey:
			return whyKeys.New.Help().Key
		case model.RestoreKey:
			return whyKeys.Restore.Help().Key
		}
	}
	return whyKeys.Open.Help().Key
}

// curl is the call again, in one line for a shell, without a secret.
func (w *why) curl() string { return strings.Join(w.curlParts(), " ") }

// curlParts are an argument with its value each.
func (w *why) curlParts() []string {
	return w.rt.callAt(w.call.Method, w.rt.targetAgain(w.call), w.byCertificate()).curl()
}

// byCertificate reports whether the caller proves itself with a certificate.
func (w *why) byCertificate() bool {
	return w.call.Credential == model.CertificateCredential || w.key != nil && w.key.Kind == model.CertificateKey
}
