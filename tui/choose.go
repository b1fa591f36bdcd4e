package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// chooser is the screen on which the workflows of a key are chosen.
type chooser struct {
	rt      *runtime
	title   string
	before  []string // folded names, sorted
	choices *workflowChoices
	done    func(names []string) tea.Cmd
	live    string // which of the keys may invoke production, "" for none
}

// newChooser makes a screen that begins with the workflows called chosen. On
// enter it closes itself and runs done with the names then chosen.
func newChooser(rt *runtime, title string, chosen []string, done func(names []string) tea.Cmd) screen {
	c := &chooser{rt: rt, title: title, choices: newWorkflowChoices(rt, chosen), done: done}
	c.before = c.choices.sorted()
	return c
}

// Init loads the workflows.
func (c *chooser) Init() tea.Cmd { return c.choices.load() }

// Update takes a message.
func (c *chooser) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case workflowsMsg:
		return c.choices.loaded(msg)
	case changedMsg:
		return c.choices.news(msg)
	case tea.KeyMsg:
		return c.key(msg)
	}
	return nil
}

func (c *chooser) key(msg tea.KeyMsg) tea.Cmd {
	if cmd, taken := c.choices.key(msg); taken {
		return cmd
	}
	switch {
	case matches(msg, chooserKeys.Back):
		return pop()
	case matches(msg, chooserKeys.Done) && c.choices.ready():
		return c.finish()
	}
	return nil
}

// finish hands the choice over. To choose none may be meant, but is also what
// happens to those who take enter for the key that marks: it asks.
func (c *chooser) finish() tea.Cmd {
	if c.choices.adds && len(c.choices.names()) == 0 {
		return status(statusWarning, "No workflow is marked: "+chooserKeys.Mark.Help().Key+" marks one.")
	}
	cmd := tea.Sequence(send(popMsg{asked: true}), c.done(c.choices.names()))
	if !c.choices.unmarked() {
		return cmd
	}
	return ask(prompt{
		Title:   "Permit no workflow at all?",
		Lines:   []string{"None is marked, so the key can then call nothing. Space marks a workflow."},
		Confirm: "permit none", OnYes: cmd,
	})
}

// View renders the list.
func (c *chooser) View() string { return c.choices.view() }

// SetSize gives the room.
func (c *chooser) SetSize(width, height int) { c.choices.setSize(width, height) }

// Title is what the chooser was opened for.
func (c *chooser) Title() string { return c.title }

// Typing holds while the filter is typed.
func (c *chooser) Typing() bool { return c.choices.filter.typing }

// Keys are those of the list.
func (c *chooser) Keys() help.KeyMap {
	return c.choices.keys(chooserKeys.Done, chooserKeys.Back)
}

// Unsaved asks when another choice was made than the one it began with.
func (c *chooser) Unsaved() *prompt {
	if slices.Equal(c.before, c.choices.sorted()) {
		return nil
	}
	return &prompt{
		Title:   "Leave without keeping this choice of workflows?",
		Lines:   []string{"The key stays as it is. Enter, in the list, keeps the choice."},
		Confirm: "leave",
	}
}

// ready reports whether the list was loaded, so that a choice means something.
func (c *workflowChoices) ready() bool { return c.known && c.err == nil && (c.quiet || !c.loading) }

// keys returns the key map of the list, with what ends it.
func (c *workflowChoices) keys(done ...key.Binding) bindings {
	if c.filter.typing {
		return c.filter.bindings()
	}
	k := chooserKeys
	k.Mark.SetEnabled(len(c.shown) > 0 && !c.rt.locked())
	k.All.SetEnabled(len(c.shown) > 0 && !c.rt.locked())
	k.Filter.SetEnabled(len(c.all) > 0)
	return bindings{
		short: append([]key.Binding{k.Mark, k.All, k.Filter}, done...),
		full:  [][]key.Binding{append([]key.Binding{k.Mark, k.All, k.Filter, k.Reload}, done...), moveKeys.all()},
	}
}
