package tui

import "slices"

// names returns what is chosen, in the order of the list. Names that are not in
// the list are left out: they cannot be permitted.
func (c *workflowChoices) names() []string {
	names := []string{}
	for i := range c.all {
		if c.chosen[c.all[i].folded] {
			names = append(names, c.all[i].name)
		}
	}
	return names
}

func (c *workflowChoices) mark() {
	if c.window.cursor < len(c.shown) {
		name := c.all[c.shown[c.window.cursor]].folded
		if c.permitted(name) {
			c.note = c.alreadyText()
			return
		}
		c.set(name, !c.chosen[name])
		c.recount()
		c.window.move(1)
	}
}

// unmarked reports whether nothing is chosen though there is something to
// choose from.
func (c *workflowChoices) unmarked() bool { return c.picked == 0 && len(c.all) > 0 }

// markThis chooses the row under the cursor, which stays there, and says so.
func (c *workflowChoices) markThis() {
	if c.window.cursor >= len(c.shown) {
		c.note = "None is chosen: esc shows all again, space marks one."
		return
	}
	w := c.all[c.shown[c.window.cursor]]
	c.set(w.folded, true)
	c.note = "Marked " + clean(w.name) + "; enter again goes on."
	c.recount()
}

// markAll chooses every row that is shown, or none of them if all are.
func (c *workflowChoices) markAll() {
	all := !slices.ContainsFunc(c.shown, func(i int) bool { return !c.chosen[c.all[i].folded] && !c.permitted(c.all[i].folded) })
	for _, i := range c.shown {
		if c.permitted(c.all[i].folded) {
			continue
		}
		c.set(c.all[i].folded, !all)
	}
	c.recount()
}

func (c *workflowChoices) recount() {
	c.picked = 0
	for i := range c.all {
		if c.chosen[c.all[i].folded] {
			c.picked++
		}
	}
	c.resized()
}

func (c *workflowChoices) set(folded string, chosen bool) {
	if chosen {
		c.chosen[folded] = true
	} else {
		delete(c.chosen, folded)
	}
}

// sorted is the set of chosen names, folded.
func (c *workflowChoices) sorted() []string {
	names := make([]string, 0, len(c.chosen))
	for name := range c.chosen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
