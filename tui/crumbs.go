package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// crumbsCut stands before a breadcrumb whose first parts have no room.
const crumbsCut = "…"

// crumbs are what the header shows of the way to the top screen, and beside it.
type crumbs struct {
	lead   string   // before the first part that is shown
	first  int      // the number of that
	titles []string // the parts from it on, the last of them cut where it has to be
	owner  string   // of the store, at the right
}

// leastCrumb is how many cells of a part that is longer say which it is.
const leastCrumb = 20

// crumbs fits the breadcrumb into the header. Its last part says where one is:
// where the room is short the first parts go, then the program's name, then the
// end of a long last part, and who owns the store before so much of it that it
// could not be told.
func (a *app) crumbs() crumbs {
	for _, owner := range []string{a.owner(), a.rights()} {
		room := a.width
		if owner != "" {
			room -= cells(owner) + headApart
		}
		ways := a.crumbsOf(owner)
		for _, least := range []int{a.width, leastCrumb} {
			for _, c := range ways {
				if c.fits(room, least) {
					return c
				}
			}
		}
	}
	ways := a.crumbsOf("")
	return ways[len(ways)-1]
}

// crumbsOf are the ways to show the breadcrumb, each with less before its last
// part.
func (a *app) crumbsOf(owner string) (ways []crumbs) {
	titles := a.crumbTitles()
	last := len(titles) - 1
	for first := 0; first <= last; first++ {
		ways = append(ways, crumbs{a.crumbsLead(first, true), first, slices.Clone(titles[first:]), owner})
	}
	return append(ways, crumbs{a.crumbsLead(last, false), last, titles[last:], owner})
}

// fits reports whether the parts fit into room cells, with so many of the last one
// at least if that is longer, and cuts that to them.
func (c crumbs) fits(room, least int) bool {
	last := &c.titles[len(c.titles)-1]
	left := room - c.width() + cells(*last)
	if left < min(cells(*last), least) {
		return false
	}
	*last = clip(*last, left)
	return true
}

// crumbsLead is what stands before the part of that number: the program's name,
// if it has room, and a mark where parts are left out.
func (a *app) crumbsLead(first int, named bool) string {
	s, lead := a.rt.styles, " "
	if named {
		lead = crumbsLead(s)
	}
	if first > 0 {
		lead += s.faint.Render(crumbsCut + crumbGap)
	}
	return lead
}

func (c crumbs) width() int {
	return lipgloss.Width(c.lead) + cells(strings.Join(c.titles, crumbGap))
}

// view renders the breadcrumb.
func (c crumbs) view(s *styles) string {
	titles := make([]string, len(c.titles))
	for i, title := range c.titles {
		style := s.faint
		if i == len(titles)-1 {
			style = s.breadcrumb
		}
		titles[i] = style.Render(title)
	}
	return c.lead + strings.Join(titles, s.faint.Render(crumbGap))
}

// at is the number of the screen whose part is at x, -1 for none. The mark where
// parts are left out stands for the last of them.
func (c crumbs) at(x int) int {
	at := lipgloss.Width(c.lead)
	if mark := at - cells(crumbsCut+crumbGap); c.first > 0 && x >= mark && x < mark+cells(crumbsCut) {
		return c.first - 1
	}
	for i, title := range c.titles {
		if x >= at && x < at+cells(title) {
			return c.first + i
		}
		at += cells(title) + cells(crumbGap)
	}
	return -1
}
