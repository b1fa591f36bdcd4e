package tui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"dev.keyward/keyward/model"
)

// The chrome is what stands around every screen: the header with who owns the
// store, banners as long as they hold, the status line, the help line.

// chromeHeight is how many lines headerView and footerView render.
func (a *app) chromeHeight() int {
	return 1 + len(a.banners()) + len(a.tourLines()) + len(a.statusLines()) + 1
}

// headerView is the breadcrumb, the data directory and who owns the store; below
// them the banners, or a blank line.
func (a *app) headerView() string {
	s := a.rt.styles
	head := a.headLine(a.headLeft(a.breadcrumb()))
	for _, line := range a.banners() {
		if line != "" {
			line = s.warning.Render(line)
		}
		head += "\n" + line
	}
	return head
}

// headLine sets the data directory and the owner at the right of the breadcrumb.
// Where the room is short the directory's beginning goes first, then the whole
// of it, then the breadcrumb's end: the owner is always seen.
func (a *app) headLine(left string) string {
	const least = 8 // cells of a directory that say something
	owner := a.owner()
	right, between := owner, ""
	if owner != "" {
		between = " · "
	}
	if room := a.width - lipgloss.Width(left) - headApart - cells(owner) - cells(between); room >= least {
		right = clipLeft(clean(a.rt.DataDir), room) + between + owner
	}
	if right == "" {
		return clip(left, a.width)
	}
	return left + blank(a.width-lipgloss.Width(left)-cells(right)-1) + a.rt.styles.faint.Render(right)
}

// headApart is how many blanks are around the right part of the header.
const headApart = 4

// headLeft is the breadcrumb as far as the owner leaves it room.
func (a *app) headLeft(left string) string { return clip(left, a.headRoom()) }

// headRoom is how many cells the owner leaves the breadcrumb.
func (a *app) headRoom() int {
	if owner := a.owner(); owner != "" {
		return a.width - cells(owner) - headApart
	}
	return a.width
}

// wideHeader is the width from which the header says what the owner is.
const wideHeader = 100

// owner names the process that owns the store, "" while that is not told. That
// the console is read-only stands before it: the header never loses the two.
func (a *app) owner() string {
	if !a.shared.known {
		return a.rights()
	}
	text := ownerText(a.shared.standing)
	if a.rt.remote() && a.shared.standing.Mine {
		text = "this endpoint" // it is nobody's process but the server's
	}
	if a.width >= wideHeader {
		text = "owner: " + text
	}
	if rights := a.rights(); rights != "" {
		return rights + " · " + text
	}
	return text
}

// rights says that nothing can be changed here, "" where something can.
func (a *app) rights() string {
	if a.rt.ReadOnly {
		return "read-only"
	}
	return ""
}

func ownerText(st model.Standing) string {
	switch {
	case st.Mine:
		return "this process"
	case st.Owner.PID == 0:
		return unowned(st)
	}
	return clip(clean(st.Owner.What()), mostOwner) + " pid " + strconv.Itoa(st.Owner.PID)
}

// mostOwner is how wide the name of what the owner is may be: the longest command
// has its place, and what another program says of itself does not take the line.
const mostOwner = 28

// banners say what holds for every screen until it is over, whatever is pressed:
// that nothing can be changed, that what is shown may be old. Each is one line,
// which the help screen tells in full. A blank line is among them where there is
// room.
func (a *app) banners() []string {
	var lines []string
	degraded, stale := a.shared.standing.Degraded, a.stale()
	if degraded != "" {
		lines = append(lines, a.banner(degradedBy(degraded).banner))
	}
	if stale != "" && (degraded == "" || staleBy(stale) != degradedBy(degraded).short) {
		lines = append(lines, a.banner("view may be old: "+staleBy(stale)))
	}
	if len(lines) == 0 || a.height >= smallHeight {
		lines = append(lines, "") // apart from the screen
	}
	return lines
}

// banner is a line that says where there is more of it, if there is room.
func (a *app) banner(text string) string {
	text = " ! " + text
	if more := "; " + globalKeys.Help.Help().Key + " tells more"; cells(text)+cells(more) < a.width {
		text += more
	}
	return clip(text, a.width)
}

// notes are the whole sentences of the banners, for the help screen.
func (a *app) notes() []string {
	var notes []string
	degraded, stale := a.shared.standing.Degraded, a.stale()
	if degraded != "" {
		notes = append(notes, "Nothing can be changed: "+clean(degraded)+".")
	}
	if stale != "" && stale != degraded {
		notes = append(notes, "What is shown may be old: "+clean(stale)+".")
	}
	return notes
}

// mostLines bounds the status, mostErrorLines that of an error where there is room;
// below smallHeight no line is left blank around the banners.
const (
	mostLines      = 3
	mostErrorLines = 6
	smallHeight    = 20
)

// statusLines are the status line; more than one where the text is long, since
// its end says what to do.
func (a *app) statusLines() []string {
	status := a.status
	if status.text == "" && a.shared.resuming {
		status = statusMsg{statusInfo, "Taking part again …"}
	}
	if status.text == "" && a.doubts > 0 {
		status = statusMsg{statusInfo, "Waiting for the owner: the change may still be made."}
	}
	if status.text == "" && a.undoes() {
		return []string{" " + statusSign(statusInfo) + " " + clip(clean(a.undoText()), a.width-4)}
	}
	if status.text == "" {
		return []string{""}
	}
	status.text += a.undoHint(status.text)
	text := " " + statusSign(status.kind) + " " + clean(status.text)
	if cells(text) <= a.width {
		return []string{text}
	}
	most := mostLines
	if status.kind == statusError { // which may name what is in the way
		most = max(most, min(mostErrorLines, a.height/3))
	}
	lines := cutLines(strings.Split(wrapWords(clean(status.text), a.width-4), "\n"), most)
	for i, line := range lines {
		lead := "   "
		if i == 0 {
			lead = " " + statusSign(status.kind) + " "
		}
		lines[i] = clip(lead+line, a.width)
	}
	return lines
}

// footerView is the status line and the help line.
func (a *app) footerView() string {
	style := a.rt.styles.statusStyle(a.status.kind)
	var out []string
	for _, line := range a.tourLines() {
		out = append(out, a.rt.styles.accent.Render(line))
	}
	for _, line := range a.statusLines() {
		if line != "" {
			line = style.Render(line)
		}
		out = append(out, line)
	}
	return strings.Join(append(out, a.helpLine()), "\n")
}
