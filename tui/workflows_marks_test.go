package tui

import (
	"slices"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// shownWorkflows are the names of the rows, in their order.
func (w *world) shownWorkflows() string {
	w.t.Helper()
	var names []string
	for _, r := range w.app.top().(*workflowList).table.rows {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

// allWorkflows are the names of those that there are.
func (w *world) allWorkflows() []string {
	w.t.Helper()
	list, err := w.session.Workflows(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	return names
}

// Workflows are sorted by what their columns have, and back; the cursor stays on
// its workflow.
func TestWorkflowsSort(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(120, 24)
	w.start()
	w.press("W")
	byName := w.shownWorkflows()
	w.press("down")
	on := w.app.top().(*workflowList).on
	w.press("s")
	w.sees("by calls, most first", "Calls▼")
	w.press("s")
	w.sees("by last call, most first")
	w.press("s")
	w.sees("by keys, most first", "Keys▼")
	if got := w.shownWorkflows(); !strings.HasPrefix(got, "get-customer create-order") {
		t.Errorf("by keys it is %s", got)
	}
	w.press("O")
	w.sees("by keys", "Keys▲")
	if got := w.shownWorkflows(); !strings.HasSuffix(got, "get-customer") {
		t.Errorf("by keys, the fewest first, it is %s", got)
	}
	if now := w.app.top().(*workflowList).on; now != on {
		t.Error("the cursor left its workflow")
	}
	w.press("/")
	w.write("order")
	w.press("enter")
	if got := w.shownWorkflows(); !strings.HasSuffix(got, "create-order") {
		t.Errorf("filtered it is %s", got)
	}
	w.press("esc", "s")
	w.sees("by name")
	if got := w.shownWorkflows(); got != byName {
		t.Errorf("by name it is %s, at first it was %s", got, byName)
	}
	w.press("O")
	w.sees("by name, reversed", "Name▼")
	w.press("E")
	w.seesNot("▲", "▼")
}

// A click on a heading sorts by that column, a second one the other way round.
func TestClickOnAHeadingSorts(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(120, 24)
	w.start()
	w.press("m")
	w.clickHeading("Expires")
	w.sees("by expiry", "Expires▲")
	w.clickHeading("Expires")
	w.sees("by expiry, reversed", "Expires▼")
	w.clickHeading("Used")
	w.sees("by expiry, reversed")
	w.press("W")
	w.clickHeading("Calls")
	w.sees("Calls▼")
	w.clickHeading("Calls")
	w.sees("Calls▲")
	w.clickHeading("Upstreams")
	w.sees("Calls▲")
}

// clickHeading clicks on a title of the list that is seen.
func (w *world) clickHeading(title string) {
	w.t.Helper()
	lines := strings.Split(w.screen(), "\n")
	x := strings.Index(lines[3], title)
	if x < 0 {
		w.t.Fatalf("%q is no title:\n%s", title, w.screen())
	}
	w.clickAt(len([]rune(lines[3][:x])), 3)
}

// Marked workflows are deleted after one question that names the keys which lose
// them, and made again as far as no key lost them.
func TestMarkedWorkflowsAreDeleted(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(120, 24)
	w.start()
	w.press("W", "*")
	all := w.allWorkflows()
	w.sees("7 marked", "d delete 7")
	w.press("d")
	w.sees("Delete 7 workflows?", "get-customer · ", "partner_portal", "Keys that may invoke production lose")
	w.press("y", "esc")
	if len(w.allWorkflows()) != len(all) {
		t.Fatal("they were deleted without the word")
	}
	w.press("d")
	w.write("delete 7")
	before := len(w.store.entries)
	w.press("enter")
	if left := w.allWorkflows(); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
	if made := len(w.store.entries) - before; made != 7 {
		t.Errorf("%d audit entries, want one each", made)
	}
	w.sees("7 workflows deleted.")
	w.seesNot("marked")
	w.press("undo")
	w.sees("made again", "that keys lost")
	for _, name := range w.allWorkflows() {
		if k := w.workflow(name).KeyCount; k > 0 {
			t.Errorf("%s is permitted again", name)
		}
	}
	if left := w.allWorkflows(); len(left) == 0 || slices.Contains(left, "get-customer") {
		t.Errorf("after the undo there are %v", left)
	}
}

// Workflows that no key may call need no word, and come back whole.
func TestMarkedWorkflowsThatNobodyLoses(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.start()
	w.press("W", "space", "down", "down", "space", "s")
	w.sees("2 marked", "* ")
	all := w.allWorkflows()
	first, third := w.workflow(all[0]), w.workflow(all[2])
	w.press("d")
	w.sees("Delete 2 workflows?", "nobody loses anything")
	w.press("yes")
	if left := w.allWorkflows(); len(left) != len(all)-2 {
		t.Fatalf("left: %v", left)
	}
	w.press("undo")
	w.sees("2 workflows are made again.")
	for _, was := range []model.WorkflowInfo{first, third} {
		now := w.workflow(was.Name)
		if now.Method != was.Method || now.Path != was.Path || len(now.Upstreams) != len(was.Upstreams) {
			t.Errorf("%s is %+v, was %+v", was.Name, now, was)
		}
	}
}

// What somebody else does meanwhile is said, and an error leaves the rest marked.
func TestMarkedWorkflowsWhileOthersChange(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.start()
	w.press("W", "*")
	if _, err := w.session.DeleteWorkflow(t.Context(), "create-order"); err != nil {
		t.Fatal(err)
	}
	w.press("d")
	w.sees("Delete 6 workflows?", "1 of the marked ones is gone")
	w.backend.wrote = errTest
	w.press("yes")
	w.sees("✗")
	w.backend.wrote = nil
	w.send(changedMsg{})
	w.sees("6 marked")
	w.press("esc")
	w.seesNot("marked")
	w.readOnly()
	w.press("*")
	w.seesNot("marked")
}

func TestMarkedWorkflowViews(t *testing.T) {
	everySize(t, "marked", func(w *world) { variety(w); w.start(); w.press("W", "space", "down", "space") })
	everySize(t, "asked", func(w *world) { variety(w); w.start(); w.press("W", "*", "d"); w.write("delete") })
	everySize(t, "by calls", func(w *world) { variety(w); w.start(); w.press("W", "s", "s", "O") })
}
