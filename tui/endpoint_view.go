package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dev.keyward/keyward/model"
)

// refusedColumn is the place of the column with the shares, and refusedTitle how
// its heading begins: which time they are of follows.
const (
	refusedColumn = 4
	refusedTitle  = "Refused"
)

// columns are those of the endpoints.
func (s *endpointScreen) columns() []column[endpointRow] {
	type row = endpointRow
	return []column[row]{
		{title: "Address", wide: 26, narrow: 23, grow: 2, most: 48,
			cell: func(r row, _ bool) (string, int) { return addressText(r.EndpointReport), paintText }},
		{title: "Process", wide: 12, narrow: 12, drop: 3,
			cell: func(r row, _ bool) (string, int) { return whereText(r), paintFaint }},
		{title: "Since", wide: 17, narrow: 10, drop: 2,
			cell: func(r row, _ bool) (string, int) { return r.Since.Ago(s.at), paintFaint }},
		{title: "Requests/s", wide: 10, narrow: 10, right: true,
			cell: func(r row, _ bool) (string, int) { return rateText(r.rate), paintText }},
		{title: refusedTitle, wide: 13, narrow: 13, right: true,
			cell: func(r row, _ bool) (string, int) { return lateShareText(r), paintRefused(r.share()) }},
		{title: "In all", wide: 13, narrow: 9, drop: 1, right: true,
			cell: func(r row, _ bool) (string, int) { return bigCount(r.Allowed + r.Denied), paintFaint }},
	}
}

// addressText is where an endpoint answers; of several addresses the first.
func addressText(r model.EndpointReport) string {
	if len(r.Addresses) == 0 {
		return "not told"
	}
	text := clean(r.Addresses[0])
	if n := len(r.Addresses) - 1; n > 0 {
		text += " +" + strconv.Itoa(n)
	}
	return text
}

func whereText(r endpointRow) string {
	if r.mine {
		return "this console"
	}
	return "pid " + strconv.Itoa(r.PID)
}

// View renders the endpoints and the consoles.
func (s *endpointScreen) View() string {
	st := s.rt.styles
	switch {
	case !s.loaded && s.err != nil:
		return failureView(st, "The endpoints could not be asked", s.err, s.width, s.height)
	case !s.loaded:
		return "\n  " + st.faint.Render("Asking the endpoints …")
	}
	lines := []string{s.summary()}
	if s.table.total == 0 {
		lines = append(append(lines, ""), s.nothing()...)
	} else {
		lines = append(lines, s.table.view(st, st.palettes()), "")
		lines = append(lines, s.below()...)
	}
	return strings.Join(lines, "\n")
}

// summary is the line above: all endpoints together, or why they are not known.
func (s *endpointScreen) summary() string {
	st := s.rt.styles
	where := "as of " + s.at.UTC().Format("15:04:05") + " UTC"
	room := s.width - cells(where) - 6
	left := st.faint.Render(fitting(room, s.together(" requests/s together"), s.together("/s together")))
	if s.err != nil {
		left = st.danger.Render(clip("✗ "+sentence(s.err)+" Asked again every second.", room))
	}
	return "  " + left + blank(s.width-cells(left)-cells(where)-4) + st.faint.Render(where)
}

// together is the sum over all endpoints, in words for a rate.
func (s *endpointScreen) together(words string) string {
	rate := 0.0
	for _, r := range s.table.rows {
		rate += max(r.rate, 0)
	}
	text := count(s.table.total, "endpoint")
	if s.table.total > 1 {
		text += ", " + rateText(rate) + words
	}
	return text
}

// nothing says how to get an endpoint.
func (s *endpointScreen) nothing() []string {
	st, room := s.rt.styles, min(s.width-4, 72)
	lines := []string{gutter + st.strong.Render("No endpoint runs on this store: no call is answered."), ""}
	text := s.rt.endpointsOff()
	if text == "" {
		text = endpointKeys.Toggle.Help().Key + " starts one in this process: for development, on this machine alone, with a certificate of its own. It ends with the console."
		if s.rt.local.busy {
			text = "One is being started …"
		}
	}
	for _, line := range strings.Split(wrapWords(text, room), "\n") {
		lines = append(lines, gutter+line)
	}
	lines = append(lines, "", gutter+st.faint.Render(clip("keyward serve runs one that stays.", room)), "")
	return append(lines, s.consoleLines(max(s.height-len(lines)-1, 1))...)
}

// most of what is below the table: the picture, the address and what it is about
// take 4 lines, each console one.
const endpointBelow = 6

func (s *endpointScreen) layout() {
	rows := min(max(s.table.total, 1), max(s.height-2-endpointBelow-1-min(len(s.consoles), 3), 1))
	s.table.setSize(s.width, rows)
}

// below is more of the endpoint under the cursor, and the consoles.
func (s *endpointScreen) below() []string {
	st := s.rt.styles
	r, _ := s.table.current()
	label := func(name, text string) string {
		return gutter + st.label.Render(pad(name, 13)) + clip(text, s.width-17)
	}
	var lines []string
	if len(r.Addresses) > 1 {
		lines = append(lines, label("Addresses", clean(strings.Join(r.Addresses, ", "))))
	}
	room := s.width - 17
	since := fmt.Sprintf("since %s, %s", r.Since.Text(), whereText(r))
	if r.mine {
		since = fitting(room, fmt.Sprintf("since %s, in this console: it ends with it", r.Since.Text()), fmt.Sprintf("since %s, in this console", r.Since.Text()))
	}
	lines = append(lines,
		label("Runs", since),
		label("In all", fitting(room, allTexts(r.EndpointReport)...)),
		label(strings.TrimSpace("Last "+cmp.Or(spanText(r.over), "minute")), fitting(room, lateTexts(r)...)),
		label("Requests/s", ratesText(r, room)),
	)
	if off := s.rt.NoEndpoints; off != "" && s.height > len(lines)+s.table.height+6 { // the key says it as well
		for _, line := range strings.Split(wrapWords(off, min(s.width-4, 96)), "\n") {
			lines = append(lines, gutter+st.faint.Render(line))
		}
	}
	lines = append(lines, "")
	return append(lines, s.consoleLines(max(s.height-len(lines)-s.table.height-3, 1))...)
}

// consoleLines are the consoles that look at the store, in so many lines.
func (s *endpointScreen) consoleLines(room int) []string {
	st := s.rt.styles
	consoles := s.consoles
	if s.this().PID != 0 && !slices.ContainsFunc(consoles, s.isThis) { // it is an endpoint to the others, or was not told of yet
		consoles = append([]model.Peer{s.this()}, consoles...)
	}
	lines := []string{gutter + st.strong.Render(count(len(consoles), "console")+" on this store")}
	names, wide := make([]string, len(consoles)), 0
	for i, c := range consoles {
		names[i] = s.consoleName(c)
		wide = max(wide, cells(names[i]))
	}
	wide = min(max(wide, consoleWide), max(s.width-consoleSince, consoleWide))
	for i, c := range consoles {
		text := names[i]
		if c.Since != 0 {
			text = pad(text, wide) + "  " + st.faint.Render("since "+c.Since.Text()+versionText(c))
		}
		lines = append(lines, clip(gutter+"  "+text, s.width))
	}
	return cutLines(lines, room)
}

// How wide the name of a console is at least, and how much room since when it
// looks has beside it.
const (
	consoleWide  = 22
	consoleSince = 34
)

// this is what is known of this console without asking anybody.
func (s *endpointScreen) this() model.Peer {
	if s.rt.remote() {
		return s.rt.Remote.Self
	}
	return model.Peer{PID: s.rt.pid, Rank: model.RankConsole}
}

// isThis reports whether a console is this one.
func (s *endpointScreen) isThis(c model.Peer) bool {
	this := s.this()
	return c.PID == this.PID && c.Visit == this.Visit
}

// consoleName says where a console runs or, over SSH, who looks.
func (s *endpointScreen) consoleName(c model.Peer) string {
	name := "pid " + strconv.Itoa(c.PID)
	if c.Kind != "" && c.What() != c.Rank.String() { // a command that follows, a demo
		name = clip(clean(c.Kind), mostOwner) + " " + name
	}
	if !c.SSH.IsZero() {
		name = "ssh " + clean(cmp.Or(c.SSH.Comment, clip(c.SSH.Fingerprint, shortFingerprint)))
	}
	if s.isThis(c) {
		return "this console, " + name
	}
	return name
}

// shortFingerprint is how much of a fingerprint tells a key from the few others.
const shortFingerprint = 20

func versionText(p model.Peer) string {
	if p.Version == "" {
		return ""
	}
	return ", version " + clean(p.Version)
}
