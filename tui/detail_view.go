package tui

import (
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// labelWidth holds the longest label and a gap; a SHA-256 beside it fits into
// 80 columns.
const labelWidth = 13

// certificateLabel holds the longest label within a certificate, and a gap.
const certificateLabel = 10

// twoPanes is the width from which workflows and the call stand at the right.
const twoPanes = 144

// block is some lines of the screen: those of one stop, or of none (-1).
type block struct {
	stop  int
	lines []string
}

// View renders the key, or what stands in its place.
func (d *detail) View() string {
	s := d.rt.styles
	switch {
	case d.gone:
		return "\n" + indent(s.warning.Render("! There is no such key any more.")+"\n\nSomebody deleted it. "+
			s.strong.Render(globalKeys.Back.Help().Key)+" goes back to the list.", 2)
	case d.err != nil && !d.loaded:
		return failureView(s, "The key could not be loaded", d.err, d.width, d.height)
	case !d.loaded:
		return "\n  " + s.faint.Render("Loading the key …")
	}
	height, head := d.height, ""
	if d.err != nil {
		head = s.warning.Render(clip("  ! This is not new: "+sentence(d.err)+" ctrl+r tries again.", d.width)) + "\n"
		height--
	}
	if d.width < twoPanes {
		return head + d.pane(0, append(d.facts(d.width), d.calls(d.width)...), d.width, height)
	}
	left := len(gutter) + labelWidth + certificateLabel + 64 + 2
	return head + beside(d.pane(0, d.facts(left), left, height), d.pane(1, d.calls(d.width-left-2), d.width-left-2, height), left+2)
}

// beside joins two blocks of lines; the right one begins at the column.
func beside(left, right string, column int) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	for i := range max(len(l), len(r)) {
		if i >= len(l) {
			l = append(l, "")
		}
		if i < len(r) {
			l[i] = pad(l[i], column) + r[i]
		}
	}
	return strings.Join(l, "\n")
}

// pane renders blocks scrolled so that the one under the cursor is seen, with
// the sign of the cursor at its lines.
func (d *detail) pane(n int, blocks []block, width, height int) string {
	s := d.rt.styles
	var lines []string
	from, to := -1, -1
	for _, b := range blocks {
		here := b.stop == d.cursor
		if here {
			from, to = len(lines), len(lines)+len(b.lines)
		}
		for _, line := range b.lines {
			lead := gutter
			if here {
				lead = s.marked.Render(pointer)
			}
			lines = append(lines, clip(lead+line, width))
		}
	}
	d.top[n] = scrolled(d.top[n], from, to, len(lines), height)
	end := min(d.top[n]+height, len(lines))
	out := lines[d.top[n]:end]
	if end < len(lines) && len(out) > 0 {
		out[len(out)-1] = s.faint.Render(fmt.Sprintf("  ↓ %s more", count(len(lines)-end+1, "line")))
	}
	return strings.Join(out, "\n")
}

// scrolled returns the first visible line of a pane of that height in which the
// lines from..to are to be seen, with one around them.
func scrolled(top, from, to, lines, height int) int {
	if from >= 0 {
		top = max(top, min(to+2, lines)-height)
		if from <= 3 {
			from = 0 // the heading above the first stop
		}
		top = min(top, max(from-1, 0))
	}
	return max(min(top, lines-height), 0)
}

// find returns the number of a stop.
func (d *detail) find(want stop) int {
	for i, s := range d.stops() {
		if s == want {
			return i
		}
	}
	return -1
}

// field is a label and its text, the rest of which stands under it.
func (d *detail) field(at int, label string, text ...string) block {
	s := d.rt.styles
	style := s.label
	if at == d.cursor {
		style = s.strong
	}
	b := block{stop: at}
	for _, t := range text {
		b.lines = append(b.lines, style.Render(pad(label, labelWidth))+t)
		label = ""
	}
	return b
}

func (d *detail) gap() block { return block{-1, []string{""}} }

func (d *detail) title(text, note string) block {
	s := d.rt.styles
	return block{-1, []string{"", s.columns.Render(text) + s.faint.Render("  "+note)}}
}

// facts are the key itself and its slots.
func (d *detail) facts(width int) []block {
	k, s := &d.key, d.rt.styles
	at := func(p part) int { return d.find(stop{part: p}) }
	blocks := []block{
		d.field(at(partName), "Name", s.strong.Render(clean(k.Name))),
		d.field(at(partState), "State", d.state(width)),
		d.field(-1, "Kind", k.Kind.Title()),
		d.field(at(partEnvironment), "Environment", d.environment(width)...),
		d.field(at(partExpires), "Expires", d.expiry()),
	}
	if k.Kind == model.TokenKey {
		blocks = append(blocks, d.field(at(partQuery), "In the URL", d.query()))
	}
	blocks = append(blocks, d.field(-1, "Created", s.faint.Render(k.Created.Text()+", changed "+k.Changed.Text())))
	if k.Kind == model.TokenKey {
		blocks = append(blocks, d.title("Secrets", "shown once, when they were made; equal in power"))
	} else {
		blocks = append(blocks, d.title("Certificates", "equal in power: renew one while the other works"))
	}
	for _, n := range model.SlotNames {
		blocks = append(blocks, d.slot(k.Slot(n), width))
		if k.Kind == model.CertificateKey && n == model.Primary {
			blocks = append(blocks, d.gap())
		}
	}
	return blocks
}

func (d *detail) state(width int) string {
	k, s := &d.key, d.rt.styles
	sign, colour := keySign(k.Status)
	text := s.palettes()[0][colour].on(sign + " " + k.Status.String())
	note := ""
	switch {
	case !k.Enabled:
		note = "every call is refused"
	case k.Status == model.StatusExpired:
		note = "every call is refused since " + k.Ends.Text()
	case k.Status == model.StatusExpiring:
		note = "every call is refused from " + k.Ends.Text() + " on"
	}
	return text + s.faint.Render(clip("   "+note, width-labelWidth-16))
}

func (d *detail) environment(width int) []string {
	k, s := &d.key, d.rt.styles
	note := func(text string) []string {
		lines := strings.Split(wrap(text, min(width-labelWidth-3, 66)), "\n")
		for i, line := range lines {
			lines[i] = s.faint.Render(line)
		}
		return lines
	}
	switch {
	case k.Environment == "":
		return append([]string{s.warning.Render("! any")},
			note("The wide-open case: the key may invoke every environment, production too. A target environment is the recommended practice.")...)
	case k.Production:
		return []string{s.production.Render("◆ "+clean(k.Environment)) + s.faint.Render("   live; calls need not name it")}
	}
	return []string{clean(k.Environment) + s.faint.Render(clip("   its calls must carry "+model.ProfilePair(k.Environment), width-labelWidth-len(k.Environment)-3))}
}

func (d *detail) expiry() string {
	k, s := &d.key, d.rt.styles
	if k.Expires == 0 {
		if k.Ends != 0 {
			return "never" + s.faint.Render("   its last certificate ends "+k.Ends.DayText())
		}
		return "never"
	}
	return k.Expires.Text() + s.faint.Render("   "+timeLeft(k.Expires, d.at))
}

func (d *detail) query() string {
	s := d.rt.styles
	if d.key.Query {
		return "accepted" + s.faint.Render("   ?auth-key=SECRET works; URLs are often logged")
	}
	return "refused" + s.faint.Render("   only the Authorization header works")
}

// slot renders one slot.
func (d *detail) slot(slot model.SlotInfo, width int) block {
	s := d.rt.styles
	at, label := d.find(stop{part: partSlot, slot: slot.Slot}), "Primary"
	if slot.Slot == model.Secondary {
		label = "Secondary"
	}
	switch {
	case slot.Certificate != nil:
		return d.field(at, label, d.certificate(slot, width)...)
	case slot.Empty:
		return d.field(at, label, s.faint.Render("empty: no caller matches it"))
	}
	text := []string{slot.Hint.String() + s.faint.Render("   since "+slot.Created.Text())}
	for _, r := range slot.Retiring {
		text = append(text, s.warning.Render("! "+r.Hint.String())+
			s.faint.Render("   replaced; works until "+r.Until.Text()+", "+timeLeft(r.Until, d.at)))
	}
	return d.field(at, label, text...)
}

// certificate renders all that is known of a certificate.
func (d *detail) certificate(slot model.SlotInfo, width int) []string {
	c, s := slot.Certificate, d.rt.styles
	room := width - len(gutter) - labelWidth
	left, style := c.LeftText(d.at), s.ok
	switch {
	case c.Expired(d.at):
		left, style = "✗ "+left, s.danger
	case c.NotYetValid(d.at), c.EndsSoon(d.at):
		left, style = "! "+left, s.warning
	}
	line := func(label, text string) string {
		return s.faint.Render(pad(label, certificateLabel)) + clip(text, room-certificateLabel)
	}
	issuer := c.IssuerText()
	if c.SelfSigned {
		issuer = "itself: self-signed"
	}
	lines := []string{
		s.strong.Render(clip(c.SubjectText(), room)),
		line("issuer", issuer),
		line("serial", clean(c.Serial)),
		line("valid", c.NotBefore.UTC().Format(time.DateOnly)+" to "+c.NotAfter.UTC().Format(time.DateOnly)+"   "+style.Render(left)),
		line("key", clean(c.Algorithm)+", signed with "+clean(c.SignatureAlgorithm)),
		line("SHA-1", c.Thumbprint()),
	}
	lines = append(lines, d.fingerprint(c.Fingerprint(), room)...)
	for _, w := range c.Warnings(d.at) {
		lines = append(lines, strings.Split(warningLines(s, w, room), "\n")...)
	}
	return lines
}

// fingerprint sets a SHA-256 on one line where it fits beside its label, else on
// two.
func (d *detail) fingerprint(hex string, room int) []string {
	label := d.rt.styles.faint.Render(pad("SHA-256", certificateLabel))
	if room >= certificateLabel+len(hex) {
		return []string{label + hex}
	}
	half := len(hex) / 2
	return []string{label + hex[:half], blank(certificateLabel) + hex[half:]}
}
