package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// choice is a bound workflow that can be chosen.
type choice struct {
	name, method, path string
	folded             string // the name, as chosen has it
	haystack           string // what the filter looks through
}

// workflowChoices is the list in which workflows are chosen: the body of the
// chooser and of the wizard's step. What is chosen survives filtering and
// loading anew.
type workflowChoices struct {
	rt *runtime
	latest
	known bool // an answer came
	err   error

	all     []choice
	unbound int
	shown   []int // of all, those that the filter lets through
	chosen  map[string]bool
	picked  int    // how many of all are chosen
	note    string // what the last key press did, where the rows do not show it
	widest  [2]int // name and method
	window  window
	filter  filterField
	adds    bool // what is chosen is added to what keys may call
	width   int
	height  int
}

func newWorkflowChoices(rt *runtime, chosen []string) *workflowChoices {
	c := &workflowChoices{rt: rt, chosen: map[string]bool{}, filter: newFilterField(rt.styles, "part of a name, method or path")}
	for _, name := range chosen {
		c.chosen[model.Fold(name)] = true
	}
	return c
}

// load asks for the workflows.
func (c *workflowChoices) load() tea.Cmd {
	return c.rt.loadWorkflows(c.ask(c.rt))
}

// news asks again for what others did, unless that is being asked.
func (c *workflowChoices) news(msg changedMsg) tea.Cmd {
	if !c.changed(msg) {
		return nil
	}
	cmd := c.load()
	c.quiet = c.known
	return cmd
}

// noneText says what it means that nothing is chosen.
func (c *workflowChoices) noneText() string {
	if c.adds {
		return "! None is chosen yet: what is chosen is added to what the keys may call."
	}
	return "! With none chosen the key can call nothing."
}

// loaded takes the answer to load; others are dropped. The cursor stays on its
// workflow, as long as that is there.
func (c *workflowChoices) loaded(msg workflowsMsg) tea.Cmd {
	quiet := c.quiet
	mine, again := c.answered(msg.request)
	if !mine {
		return nil
	}
	c.take(msg, quiet)
	if again {
		return c.news(changedMsg{})
	}
	return nil
}

func (c *workflowChoices) take(msg workflowsMsg, quiet bool) {
	if msg.err != nil && quiet {
		return
	}
	if c.err = msg.err; msg.err != nil {
		return
	}
	c.known = true
	on := ""
	if c.window.cursor < len(c.shown) {
		on = c.all[c.shown[c.window.cursor]].folded
	}
	c.all, c.unbound, c.widest = c.all[:0], 0, [2]int{8, 4}
	for _, w := range msg.workflows {
		if !w.Bound {
			c.unbound++
			continue
		}
		name, path := clean(w.Name), clean(w.Path)
		c.all = append(c.all, choice{w.Name, w.Method, path, model.Fold(w.Name), strings.ToLower(name + " " + w.Method + " " + path)})
		c.widest = [2]int{max(c.widest[0], len(name)), max(c.widest[1], len(w.Method))}
	}
	c.recount()
	c.refilter()
	if i := slices.IndexFunc(c.shown, func(i int) bool { return c.all[i].folded == on }); i >= 0 {
		c.window.move(i - c.window.cursor)
	}
}

// refilter finds the rows that hold every word of the filter.
func (c *workflowChoices) refilter() {
	words := strings.Fields(strings.ToLower(c.filter.Value()))
	c.shown = c.shown[:0]
	for i := range c.all {
		if holdsAll(c.all[i].haystack, words) {
			c.shown = append(c.shown, i)
		}
	}
	c.window.resize(len(c.shown), c.rows())
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

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

// key takes a key press; taken is false for one that means nothing here.
func (c *workflowChoices) key(msg tea.KeyMsg) (cmd tea.Cmd, taken bool) {
	c.note = ""
	if c.filter.typing {
		c.filterKey(msg)
		return nil, true
	}
	switch {
	case msg.Paste:
		return nil, true
	case matches(msg, chooserKeys.Filter):
		c.filter.open()
		c.resized()
	case matches(msg, chooserKeys.Reload):
		return c.load(), true
	case matches(msg, chooserKeys.Mark):
		c.mark()
	case matches(msg, chooserKeys.All):
		c.markAll()
	case matches(msg, chooserKeys.Back) && c.filter.Value() != "":
		c.filter.clear()
		c.refilter()
	default:
		return nil, c.window.key(msg, moveKeys)
	}
	return nil, true
}

// filterKey takes a key press while the filter is typed. What is typed puts the
// cursor on the first row that it lets through.
func (c *workflowChoices) filterKey(msg tea.KeyMsg) {
	if c.filter.key(msg, c.window.key) {
		if c.filter.typing {
			c.window.cursor = 0
		}
		c.refilter()
	}
	c.resized()
}

func (c *workflowChoices) mark() {
	if c.window.cursor < len(c.shown) {
		name := c.all[c.shown[c.window.cursor]].folded
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
	all := !slices.ContainsFunc(c.shown, func(i int) bool { return !c.chosen[c.all[i].folded] })
	for _, i := range c.shown {
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

func (c *workflowChoices) setSize(width, height int) {
	c.width, c.height = width, height
	c.resized()
}

func (c *workflowChoices) resized() {
	c.window.resize(len(c.shown), c.rows())
}

// rows is how many workflows there is room for.
func (c *workflowChoices) rows() int {
	return max(1, c.height-len(c.head())-len(c.foot()))
}

func (c *workflowChoices) view() string {
	s := c.rt.styles
	switch {
	case c.loading && c.all == nil:
		return gutter + s.faint.Render("Loading the workflows…")
	case c.err != nil:
		return errorLines(s, sentence(c.err)+" ctrl+r loads again.", c.width)
	}
	lines := c.head()
	if len(c.all) > 0 {
		lines = append(lines, c.list()...)
	}
	return strings.Join(append(lines, c.foot()...), "\n")
}

// head is the count and the filter.
func (c *workflowChoices) head() []string {
	s := c.rt.styles
	if len(c.all) == 0 {
		return nil
	}
	count := gutter + s.strong.Render(fmt.Sprintf("%s of %s chosen", thousands(c.picked), thousands(len(c.all))))
	if c.filter.Value() != "" {
		count += s.faint.Render(fmt.Sprintf("   %s shown", thousands(len(c.shown))))
	}
	lines := []string{count}
	if c.filter.shown() {
		lines = append(lines, gutter+c.filter.view(s, c.width-2*len(gutter)))
	}
	return lines
}

// list is the visible part of the rows.
func (c *workflowChoices) list() []string {
	s := c.rt.styles
	if len(c.shown) == 0 {
		return []string{s.faint.Render("  Nothing matches the filter; esc shows all again.")}
	}
	from, to := c.window.visible()
	nameWidth, methodWidth := c.columns()
	var lines []string
	for i := from; i < to; i++ {
		w := c.all[c.shown[i]]
		chosen := c.chosen[w.folded]
		box := "[ ] "
		if chosen {
			box = "[x] "
		}
		text := box + pad(clean(w.name), nameWidth) + "  " + pad(w.method, methodWidth) + "  " + w.path
		lines = append(lines, rowLine(s, text, i == c.window.cursor, chosen, c.width))
	}
	return lines
}

// columns are the widths of name and method, the same wherever the list is
// scrolled to.
func (c *workflowChoices) columns() (name, method int) {
	return min(c.widest[0], max(12, c.width*2/5)), c.widest[1]
}

// foot says what is missing from the list, and warns of an empty choice.
func (c *workflowChoices) foot() []string {
	s := c.rt.styles
	var lines []string
	note := func(text string) { lines = append(lines, faintLines(s, text, c.width)...) }
	const how = "keyward workflow edit NAME --method GET --path /…"
	switch {
	case len(c.all) == 0 && c.unbound == 0:
		note("There are no workflows yet. A key made now can call nothing until it is given some:")
		note("  keyward workflow create NAME --method GET --path '/customers/{id}'")
	case len(c.all) == 0:
		note(fmt.Sprintf("%s there, but none is bound to a REST path, and only bound ones can be permitted:", areOrIs(c.unbound, "workflow")))
		note("  " + how)
	case c.note != "":
		lines = append(lines, s.accent.Render(clip("✓ "+c.note, c.width)))
	case c.picked == 0:
		lines = append(lines, s.warning.Render(clip(c.noneText(), c.width)))
	}
	if len(c.all) > 0 && c.unbound > 0 {
		note(fmt.Sprintf("%s not listed, for want of a REST path. To bind one:", areOrIs(c.unbound, "workflow")))
		note("  " + how)
	}
	if len(lines) > 0 && len(c.all) > 0 && c.height >= 10 {
		lines = append([]string{""}, lines...)
	}
	return lines
}

// areOrIs is "1 workflow is" or "2 workflows are".
func areOrIs(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " is"
	}
	return count(n, noun) + " are"
}
