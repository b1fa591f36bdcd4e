package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// newChooserTest opens a chooser; done is where its choice goes.
func newChooserTest(t *testing.T, chosen ...string) (m *maker, done *[]string) {
	t.Helper()
	m, done = newMaker(t), new([]string)
	return m, m.choose(done, chosen...)
}

func (m *maker) choose(done *[]string, chosen ...string) *[]string {
	m.push(newChooser(m.rt, "Workflows", chosen, func(names []string) tea.Cmd {
		*done = append([]string{}, names...)
		return nil
	}))
	return done
}

func TestChooserViews(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		list []model.WorkflowInfo
		do   func(m *maker)
	}{
		{"some", newMakeStore().workflows, func(m *maker) { m.keys("down", " ") }},
		{"filtered", newMakeStore().workflows, func(m *maker) { m.keys("*", "/", "ord post") }},
		{"no_match", newMakeStore().workflows, func(m *maker) { m.keys("/", "zzz", "enter") }},
		{"empty", nil, func(*maker) {}},
		{"unbound", []model.WorkflowInfo{workflow("Cleanup", "", "")}, func(*maker) {}},
		{"many", manyWorkflows(5000), func(m *maker) { m.keys("*", "end") }},
		{"hostile", []model.WorkflowInfo{
			workflow("A name that is as long as a name may be, which is 64 characters", "DELETE", "/注文/{id}/\u202eevil\x1b]52;c;AA\a/"+strings.Repeat("x", 200)),
			workflow("b", "GET", "/b"),
		}, func(*maker) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMaker(t)
			m.store.workflows = tt.list
			m.choose(new([]string))
			tt.do(m)
			m.fits()
			m.goldens("view")
		})
	}
}

func manyWorkflows(n int) []model.WorkflowInfo {
	list := make([]model.WorkflowInfo, n)
	for i := range list {
		list[i] = workflow(fmt.Sprintf("Workflow %04d", i), "GET", fmt.Sprintf("/w/%d/{id}", i))
	}
	return list
}

func TestChooserChooses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before []string
		keys   []string
		want   []string
	}{
		{"space", nil, []string{" ", " "}, []string{"Create order", "Get customer"}},
		{"space twice", nil, []string{" ", "up", " "}, []string{}},
		{"all", nil, []string{"*"}, []string{"Create order", "Get customer", "Remove a line"}},
		{"none", nil, []string{"*", "*"}, []string{}},
		{"survives filtering", nil, []string{" ", "/", "customer", "enter", "*", "esc"}, []string{"Create order", "Get customer"}},
		{"all shown, then none shown", nil, []string{"*", "/", "get", "enter", "*"}, []string{"Create order", "Remove a line"}},
		{"any case before", []string{"CREATE ORDER"}, nil, []string{"Create order"}},
		{"unbound and unknown ones are left out", []string{"Nightly", "Gone", "get customer"}, nil, []string{"Get customer"}},
		{"filter by method and path", nil, []string{"/", "DELETE lines", "tab", " "}, []string{"Remove a line"}},
		{"arrows while filtering", nil, []string{"/", "e", "down", "enter", " "}, []string{"Get customer"}},
		{"vim keys", nil, []string{"G", " ", "g", " "}, []string{"Create order", "Remove a line"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, done := newChooserTest(t, tt.before...)
			m.keys(tt.keys...)
			m.keys("enter")
			if len(tt.want) == 0 {
				m.sees("Permit no workflow at all?", "None is marked")
				m.keys("n", "enter")
				m.yes()
			}
			if !slices.Equal(*done, tt.want) || len(m.app.stack) != 1 {
				t.Errorf("got %q and %d screens, want %q and 1", *done, len(m.app.stack), tt.want)
			}
		})
	}
}

func TestChooserAsksBeforeThrowingAChoiceAway(t *testing.T) {
	t.Parallel()
	m, _ := newChooserTest(t, "Create order")
	m.keys("esc")
	if len(m.app.stack) != 1 {
		t.Fatal("nothing was chosen anew, and leaving asked")
	}
	m.choose(new([]string), "Create order")
	m.keys("*", "esc")
	m.sees("Leave without keeping this choice")
	m.keys("n", "q")
	m.yes()
	if len(m.app.stack) != 1 {
		t.Error("the chooser did not leave")
	}
}

func TestChooserKeepsTheChoiceWhenTheListChanges(t *testing.T) {
	t.Parallel()
	m, done := newChooserTest(t)
	m.keys(" ")
	m.store.workflows = append([]model.WorkflowInfo{workflow("A new one", "GET", "/new")}, m.store.workflows...)
	m.send(changedMsg{})
	m.sees("1 of 4 chosen")
	m.send(workflowsMsg{request: 1})
	m.sees("1 of 4 chosen")
	m.keys("ctrl+r", "enter")
	if !slices.Equal(*done, []string{"Create order"}) {
		t.Errorf("got %q", *done)
	}
}

func TestChooserSays(t *testing.T) {
	t.Parallel()
	m, _ := newChooserTest(t)
	m.sees("0 of 3 chosen", "With none chosen the key can call nothing",
		"2 workflows are not listed, for want of a REST path. W has the list of workflows: enter there gives one a method and a path.")
	m.keys(" ")
	m.seesNo("can call nothing")
	m.paste("a")
	m.sees("1 of 3 chosen")
}

// TestChooserWithThousands: what a key press and its frame allocate does not grow
// with the workflows that there are, but for the marks on all of them.
func TestChooserWithThousands(t *testing.T) {
	allocations := func(workflows int) float64 {
		m := newMaker(t)
		m.store.workflows = manyWorkflows(workflows)
		m.choose(new([]string))
		return testing.AllocsPerRun(20, func() {
			m.keys("down", " ", "pgdown", "up")
			_ = m.app.View()
		})
	}
	if few, many := allocations(50), allocations(5000); many > 1.5*few {
		t.Errorf("four key presses make %v allocations with 5,000 workflows, and %v with 50", many, few)
	}
}

// A word that is typed before the filter is open chooses nothing by itself: only
// the key that the footer shows takes all.
func TestChooserLettersChooseNothing(t *testing.T) {
	t.Parallel()
	m, _ := newChooserTest(t)
	m.keys("c", "a", "n", "c", "e", "l")
	m.sees("0 of 3 chosen")
	m.keys("*")
	m.sees("3 of 3 chosen")
}
