package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// crumbGap is between two parts of the breadcrumb.
const crumbGap = " › "

// crumbTitles are the parts of the breadcrumb, from the first screen to the top
// one.
func (a *app) crumbTitles() []string {
	titles := make([]string, len(a.stack))
	for i, s := range a.stack {
		titles[i] = clean(s.Title())
	}
	return titles
}

// crumb is a part of the breadcrumb, and the screen that it is of.
type crumb struct {
	screen int
	text   string
}

// cutCrumbs stands for the parts at the beginning that there is no room for.
const cutCrumbs = "…"

// crumbs are the parts of the breadcrumb that fit in so many cells. Where the way
// is long its beginning goes: the last part says where one is.
func (a *app) crumbs(room int) []crumb {
	var all []crumb
	for i, title := range a.crumbTitles() {
		all = append(all, crumb{i, title})
	}
	cut := all
	for crumbsWidth(cut) > room && len(all) > 1 {
		all = all[1:]
		cut = append([]crumb{{all[0].screen - 1, cutCrumbs}}, all...)
	}
	return cut
}

func crumbsWidth(list []crumb) int {
	width := -cells(crumbGap)
	for _, c := range list {
		width += cells(c.text) + cells(crumbGap)
	}
	return width
}

// breadcrumb is the beginning of the header: the program, and the way to the top
// screen.
func (a *app) breadcrumb() string {
	s := a.rt.styles
	lead, shown := a.laidCrumbs()
	parts := make([]string, len(shown))
	for i, c := range shown {
		style := s.faint
		if c.screen == len(a.stack)-1 {
			style = s.breadcrumb
		}
		parts[i] = style.Render(c.text)
	}
	return lead + strings.Join(parts, s.faint.Render(crumbGap))
}

// laidCrumbs are the parts that are seen, and what stands before the first: not
// even the program's name where the last one needs its room.
func (a *app) laidCrumbs() (lead string, shown []crumb) {
	lead = crumbsLead(a.rt.styles)
	room := a.headRoom()
	if shown = a.crumbs(room - lipgloss.Width(lead)); crumbsWidth(shown) > room-lipgloss.Width(lead) {
		lead = " "
		shown = a.crumbs(room - len(lead))
	}
	return lead, shown
}

// crumbsLead is what stands before the first part.
func crumbsLead(s *styles) string { return " " + s.header.Render("keyward") + "  " }

// clickedCrumb goes back to the screen whose part of the breadcrumb was clicked
// on: as often as the key that goes back would, and asking as that does where
// something would be lost.
func (a *app) clickedCrumb(x int) tea.Cmd {
	if a.prompt != nil || a.working() != nil || a.help != nil || a.palette != nil {
		return nil
	}
	n := a.crumbAt(x)
	if n < 0 || n == len(a.stack)-1 {
		return nil
	}
	a.status = statusMsg{}
	leave := send(closeMsg{a.stack[n+1]})
	for i := len(a.stack) - 1; i > n; i-- {
		if p := a.stack[i].Unsaved(); p != nil {
			p.OnYes = leave
			return a.ask(*p)
		}
	}
	return leave
}

// crumbAt is the number of the screen whose part of the breadcrumb is at x, -1 for
// none: what the header had no room for is not there.
func (a *app) crumbAt(x int) int {
	if x >= lipgloss.Width(a.headLeft(a.breadcrumb())) {
		return -1
	}
	lead, shown := a.laidCrumbs()
	at := lipgloss.Width(lead)
	for _, c := range shown {
		if x >= at && x < at+cells(c.text) {
			return c.screen
		}
		at += cells(c.text) + cells(crumbGap)
	}
	return -1
}
