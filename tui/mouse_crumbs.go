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

// breadcrumb is the beginning of the header: the program, and the way to the top
// screen.
func (a *app) breadcrumb() string {
	s, titles := a.rt.styles, a.crumbTitles()
	for i := range titles {
		style := s.faint
		if i == len(titles)-1 {
			style = s.breadcrumb
		}
		titles[i] = style.Render(titles[i])
	}
	return crumbsLead(s) + strings.Join(titles, s.faint.Render(crumbGap))
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
	at := lipgloss.Width(crumbsLead(a.rt.styles))
	for i, title := range a.crumbTitles() {
		if x >= at && x < at+cells(title) {
			return i
		}
		at += cells(title) + cells(crumbGap)
	}
	return -1
}
