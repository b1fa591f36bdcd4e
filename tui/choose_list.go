package tui

import (
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
	before  *window // where the cursor was when the filter began to be typed; nil: it was moved since
	filter  filterField
	adds    bool           // what is chosen is added to what keys may call
	have    map[string]int // how many of those keys may call a workflow already, by folded name
	of      int            // of how many keys; 0: not known
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
		name, method, path := clean(w.Name), clean(w.Method), clean(w.Path)
		c.all = append(c.all, choice{w.Name, method, path, model.Fold(w.Name), strings.ToLower(name + " " + method + " " + path)})
		c.widest = [2]int{max(c.widest[0], cells(name)), max(c.widest[1], cells(method))}
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
		c.before = c.beforeFilter()
		c.filter.open()
		c.resized()
	case matches(msg, chooserKeys.Reload):
		return c.load(), true
	case matches(msg, placeKeys.Workflows):
		return push(newWorkflowList(c.rt)), true // what is entered stays below it
	case c.rt.Documents != nil && !c.rt.locked() && matches(msg, placeKeys.Import):
		return push(newImport(c.rt)), true
	case c.rt.locked() && matches(msg, chooserKeys.Mark, chooserKeys.All):
		return c.rt.refuse(), true
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
	changed := c.filter.key(msg, func(msg tea.KeyMsg, k moveKeyMap) bool {
		moved := c.window.key(msg, k)
		if moved {
			c.before = nil
		}
		return moved
	})
	switch {
	case changed && c.filter.typing:
		c.window.cursor = 0
	case !c.filter.shown() && c.before != nil: // given up: back to where it was
		c.window, c.before = *c.before, nil
		changed = true
	}
	if changed {
		c.refilter()
	}
	c.resized()
}

// beforeFilter is where the cursor is among all workflows, nil where a filter
// holds.
func (c *workflowChoices) beforeFilter() *window {
	if c.filter.Value() != "" {
		return nil
	}
	before := c.window
	return &before
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
