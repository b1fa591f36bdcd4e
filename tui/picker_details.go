package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificateView shows a certificate before it is accepted.
type certificateView struct {
	rt            *runtime
	picked        picked
	purpose       string // what it is for: "the secondary certificate of orders"; "" where that is not known
	used          string // the key that has it already
	made          bool   // it was generated just now
	inspect       bool   // it is only looked at
	now           time.Time
	width, height int
	offset        int
}

func (v *certificateView) show(msg certificateMsg, now time.Time, made bool) {
	v.picked, v.used, v.made, v.now, v.offset = msg.picked, msg.used, made, now, 0
}

func (v *certificateView) setSize(width, height int) { v.width, v.height = width, height }

// usable reports whether a key could be given the certificate.
func (v *certificateView) usable() bool {
	return !v.inspect && v.used == "" && !v.picked.certificate.Expired(v.now)
}

func (p *picker) acceptKey(msg tea.KeyMsg) tea.Cmd {
	v := &p.found
	last := max(0, len(v.lines())-v.height)
	switch {
	case matches(msg, acceptKeys.Accept) && v.usable():
		return tea.Sequence(send(popMsg{asked: true}), p.done(v.picked))
	case matches(msg, acceptKeys.Back):
		p.mode = picking
		if v.made {
			p.kept = "Not used. Its files stay, the private key too: " + clean(v.picked.keyFile)
		}
	case matches(msg, acceptKeys.Up):
		v.offset = max(0, v.offset-1)
	case matches(msg, acceptKeys.Down):
		v.offset = min(last, v.offset+1)
	}
	return nil
}

func (v *certificateView) view() string {
	lines := v.lines()
	from := min(v.offset, max(0, len(lines)-v.height))
	return strings.Join(lines[from:min(len(lines), from+v.height)], "\n")
}

func (v *certificateView) lines() []string {
	s := v.rt.styles
	lines := append(v.head(), certificateLines(s, v.picked.certificate, v.now, v.width)...)
	add := func(block string) { lines = append(lines, strings.Split(block, "\n")...) }
	if v.made {
		lines = append(lines, v.field("Certificate", clean(v.picked.certificateFile)), v.field("Private key", clean(v.picked.keyFile)))
		lines = append(lines, s.faint.Render(clip(strings.Repeat(" ", 15)+"readable by you alone: hand it to the caller, never to keyward", v.width)))
	}
	lines = append(lines, "")
	switch {
	case v.inspect && v.used != "":
		add(indent(wrap(fmt.Sprintf("The key %q has this certificate.", clean(v.used)), max(v.width-4, 10)), 2))
	case v.inspect:
		add(indent(wrap("No key has this certificate.", max(v.width-4, 10)), 2))
	case v.used != "":
		add(errorLines(s, fmt.Sprintf("The key %q has this certificate already; a certificate belongs to one slot of one key. Esc goes back.", clean(v.used)), v.width))
	case v.picked.certificate.Expired(v.now):
		add(errorLines(s, "It has expired, so no key can be given it: esc goes back to choose another.", v.width))
	}
	for _, warning := range certificateWarnings(v.picked.certificate, v.now) {
		add(warningLines(s, warning, v.width))
	}
	return lines
}

// head is the question, and below it where the certificate came from, if there is
// no room beside.
func (v *certificateView) head() []string {
	s := v.rt.styles
	purpose := "the certificate"
	if v.purpose != "" {
		purpose = v.purpose
	}
	switch question := "Is this " + clip(purpose, v.width-len("  Is this ?")-1) + "?"; {
	case v.made:
		if v.purpose == "" {
			return []string{clip(s.ok.Render("✓ Made.")+s.strong.Render(" Use this certificate?"), v.width), ""}
		}
		return []string{s.ok.Render("✓ Made.") + s.strong.Render(" Use as "+clip(purpose, v.width-len("  Made. Use as ?")-1)+"?"), ""}
	case v.inspect:
		return []string{clip(gutter+s.strong.Render("Nothing is stored.")+s.faint.Render("  "+v.picked.source), v.width), ""}
	case 2*len(gutter)+cells(question)+cells(v.picked.source) < v.width:
		return []string{gutter + s.strong.Render(question) + s.faint.Render(gutter+v.picked.source), ""}
	default:
		return []string{gutter + s.strong.Render(question), clip(gutter+s.faint.Render(v.picked.source), v.width)}
	}
}

func (v *certificateView) field(label, value string) string {
	return gutter + clip(v.rt.styles.label.Render(pad(label, 13))+value, v.width-2)
}

// certificateLines are the facts about a certificate. Digests are whole at any
// width: half a digest can be compared with nothing.
func certificateLines(s *styles, c model.Certificate, now time.Time, width int) []string {
	return certificateText(s, c, now, width, halves(c.Fingerprint(), width-certificateIndent-1))
}

// certificateIndent is where the values of certificateText begin.
const certificateIndent = 15

// certificateText is certificateLines with the SHA-256 as given.
func certificateText(s *styles, c model.Certificate, now time.Time, width int, digest string) []string {
	const label = certificateIndent // with the gutter
	var lines []string
	field := func(name, value string, most int) {
		value = strings.TrimRight(value, " ")
		room := max(10, width-label-1)
		parts := strings.Split(wrapWords(value, room), "\n")
		if len(parts) > most {
			parts = parts[:most]
			parts[most-1] = strings.TrimSuffix(clip(parts[most-1], room-1), "…") + "…"
		}
		for i, part := range parts {
			if i > 0 {
				name = ""
			}
			lines = append(lines, gutter+s.label.Render(pad(name, label-2))+part)
		}
	}
	issuer := clean(c.IssuerText())
	if c.SelfSigned {
		issuer = "itself (self-signed)"
	}
	field("Subject", subjectText(c, 3*max(10, width-label-1)), 4) // wrapped, it takes more than its length
	field("Issuer", issuer, 2)
	field("Serial", clean(c.Serial), 2)
	field("Valid", fmt.Sprintf("%s to %s, %s", c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly), c.LeftText(now)), 1)
	field("Algorithm", clean(c.Algorithm)+", signed with "+clean(c.SignatureAlgorithm), 1)
	field("Thumbprint", c.Thumbprint(), 2)
	field("SHA-256", digest, 4)
	return lines
}

// halves breaks a digest in the middle where it does not fit whole.
func halves(digest string, width int) string {
	if len(digest) <= width {
		return digest
	}
	return digest[:len(digest)/2] + " " + digest[len(digest)/2:]
}

// certificateWarnings are model's, and that it is self-signed.
func certificateWarnings(c model.Certificate, now time.Time) []string {
	warnings := c.Warnings(now)
	if c.Expired(now) {
		warnings = warnings[1:] // it is refused for that
	}
	if c.EndsSoon(now) {
		warnings = append([]string{endsSoonText(c, now)}, warnings...)
	}
	if c.SelfSigned {
		warnings = append(warnings, "It is self-signed: recommended for testing only.")
	}
	return warnings
}

// refusalText is the sentence of a refusal, without the path that it was read
// from.
func refusalText(err error) string {
	var refused *model.CertificateError
	if errors.As(err, &refused) {
		return sentence(refused)
	}
	return sentence(err)
}

// subjectText is a certificate's subject for that many cells, with blanks where
// it may be wrapped. Where it does not fit, the common names come first: they
// are what tells certificates apart, and the order of a subject may put them
// last.
func subjectText(c model.Certificate, room int) string {
	if c.Subject == "" {
		return clean(c.SubjectText())
	}
	text := strings.Join(attributes(clean(c.SubjectText()), ","), ", ")
	if cells(text) <= room {
		return text
	}
	var names, others []string
	for _, part := range attributes(clean(c.SubjectText()), ",+") {
		if strings.HasPrefix(strings.ToUpper(part), "CN=") {
			names = append(names, part)
		} else {
			others = append(others, part)
		}
	}
	return strings.Join(append(names, others...), ", ")
}

// attributes splits a subject in the form of RFC 2253 where one of separators
// stands without a backslash.
func attributes(subject, separators string) []string {
	var parts []string
	from := 0
	for i := 0; i < len(subject); i++ {
		switch {
		case subject[i] == '\\':
			i++
		case strings.IndexByte(separators, subject[i]) >= 0:
			parts = append(parts, subject[from:i])
			from = i + 1
		}
	}
	return append(parts, subject[from:])
}

// subjectUntil is a certificate on one line of that many cells: how long it is
// valid is seen whole, and the beginning of the subject.
func subjectUntil(c model.Certificate, now time.Time, room int) string {
	until := ", " + validity(c, now)
	if cells(clean(c.SubjectText()))+cells(until) > room && room < 60 {
		until = ", until " + c.NotAfter.Format(time.DateOnly) // the name matters more
	}
	room -= cells(until)
	return clip(subjectText(c, room), room) + until
}

// endsSoonText warns of a certificate that will have to be renewed at once.
func endsSoonText(c model.Certificate, now time.Time) string {
	when := "in " + count(c.DaysLeft(now), "day")
	if c.DaysLeft(now) < 1 {
		when = "today"
	}
	return "It ends " + when + ", on " + c.NotAfter.UTC().Format("2006-01-02 15:04 MST") + ": calls with it are refused from then on."
}
