package tui

import tea "github.com/charmbracelet/bubbletea"

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

// crumbsLead is what stands before the first part.
func crumbsLead(s *styles) string { return " " + s.header.Render("keyward") + "  " }

// clickedCrumb goes back to the screen whose part of the breadcrumb was clicked
// on: as often as the key that goes back would, and asking as that does where
// something would be lost.
func (a *app) clickedCrumb(x int) tea.Cmd {
	if a.prompt != nil || a.working() != nil || a.help != nil || a.palette != nil {
		return nil
	}
	n := a.crumbs().at(x)
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
