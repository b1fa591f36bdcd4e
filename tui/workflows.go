package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowList is every workflow: what it is bound to, how many upstreams it
// has, how many keys may call it, how often they did and when last.
type workflowList struct {
	register[model.WorkflowInfo]
	at time.Time // of the newest answer

	marks marks
	asked int // the number of what is looked up about the marked ones, 0 when nothing is
}

func newWorkflowList(rt *runtime) screen {
	l := &workflowList{marks: marks{}}
	l.noun, l.about = "workflow", "its name, its method, its path, or an upstream"
	l.id = func(w model.WorkflowInfo) model.ID { return w.ID }
	l.words = workflowWords
	l.load = rt.loadWorkflows
	if rt.Documents != nil {
		l.also = "\n" + rt.styles.strong.Render(placeKeys.Import.Help().Key) + " imports them from an OpenAPI document."
	}
	l.note = clashNote
	l.marked = func() int { return len(l.marks) }
	l.form, l.remove = newWorkflowForm, askDeleteWorkflow
	l.orders = []order[model.WorkflowInfo]{
		{name: "name", compare: func(a, b model.WorkflowInfo) int { return strings.Compare(model.Fold(a.Name), model.Fold(b.Name)) }},
		{name: "calls", column: 5, most: true, compare: compared(func(w model.WorkflowInfo) uint64 { return w.Calls })},
		{name: "last call", column: 6, most: true, compare: compared(func(w model.WorkflowInfo) model.Instant { return w.LastCall })},
		{name: "keys", column: 4, most: true, compare: compared(func(w model.WorkflowInfo) int { return w.KeyCount })},
	}
	l.open(rt, l.columns(), "words in names, methods, paths, upstreams …")
	return l
}

// aim is the workflow under the cursor.
func (l *workflowList) aim() aim {
	row, _ := l.table.current()
	return aim{workflow: row.ID, workflowName: row.Name}
}

func workflowWords(w model.WorkflowInfo) string {
	words := []string{w.Name, w.Method, w.Path}
	for _, u := range w.Upstreams {
		words = append(words, u.Environment, u.URL)
	}
	if len(w.Overlaps) > 0 {
		words = append(words, "clash")
	}
	return strings.Join(words, " ")
}

func (l *workflowList) columns() []column[model.WorkflowInfo] {
	type row = model.WorkflowInfo
	return []column[row]{
		{title: "  Name", wide: 22, narrow: 17, grow: 2, most: 50, cell: l.nameCell},
		{title: "Method", wide: 7, narrow: 7, cell: methodCell},
		{title: "Path", wide: 24, narrow: 14, grow: 3, most: 100, cell: pathCell},
		{title: "Upstreams", wide: 9, narrow: 9, right: true, drop: 1,
			cell: func(w row, _ bool) (string, int) { return numberCell(len(w.Upstreams)) }},
		{title: "Keys", wide: 9, narrow: 4, right: true, drop: 4,
			cell: func(w row, wide bool) (string, int) { return amountCell(uint64(w.KeyCount), wide, 4) }},
		{title: "Calls", wide: 9, narrow: 6, right: true, drop: 2,
			cell: func(w row, wide bool) (string, int) { return amountCell(w.Calls, wide, 6) }},
		{title: "Last call", wide: 10, narrow: 9, drop: 3, cell: l.lastCell},
	}
}

// nameCell is workflowNameCell with the marks before it.
func (l *workflowList) nameCell(w model.WorkflowInfo, wide bool) (string, int) {
	text, colour := workflowNameCell(w, wide)
	return l.marks.sign(w.ID) + text, colour
}

func methodCell(w model.WorkflowInfo, _ bool) (string, int) {
	if !w.Bound {
		return "-", paintFaint
	}
	return clean(w.Method), paintText
}

// pathCell marks a binding that shares requests with another.
func pathCell(w model.WorkflowInfo, _ bool) (string, int) {
	switch {
	case !w.Bound:
		return "not bound", paintFaint
	case len(w.Overlaps) > 0:
		return "! " + clean(w.Path), paintWarning
	}
	return clean(w.Path), paintText
}

// clashNote names what shares requests with a workflow's binding.
func clashNote(w model.WorkflowInfo) string {
	if len(w.Overlaps) == 0 {
		return ""
	}
	c := w.Overlaps[0]
	text := fmt.Sprintf("! It clashes with %q: both match %s", c.Workflow, c.Example)
	if more := len(w.Overlaps) - 1; more > 0 {
		text = fmt.Sprintf("! It clashes with %q and %s more: both match %s", c.Workflow, thousands(more), c.Example)
	}
	return clean(text)
}

func numberCell(n int) (string, int) {
	if n == 0 {
		return "none", paintFaint
	}
	return thousands(n), paintText
}

// amountCell is a number that may be large: where the column is narrow, as short
// as it has to be.
func amountCell(n uint64, wide bool, narrow int) (string, int) {
	switch {
	case n == 0:
		return "none", paintFaint
	case wide:
		return quantity(n), paintText
	}
	return shortQuantity(n, narrow), paintText
}

// lastCell is when the workflow was called last. Below its title "ago" can be
// spared where the column is narrow.
func (l *workflowList) lastCell(w model.WorkflowInfo, wide bool) (string, int) {
	text := l.rt.lastUsed(w.LastCall, l.at)
	if !wide {
		text = strings.TrimSuffix(text, " ago")
	}
	return text, paintFaint
}

// Title is the screen's part of the breadcrumb.
func (l *workflowList) Title() string { return "Workflows" }

// Update takes answers; the rest is that of every register.
func (l *workflowList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if cmd, taken := l.markKey(msg); taken {
			return cmd
		}
	case lookedWorkflowsMsg:
		return l.looked(msg)
	case workflowsMsg:
		l.at = msg.at
		cmd := l.listed(msg.request, msg.workflows, msg.err)
		if msg.err == nil {
			l.dropGone()
		}
		return cmd
	case usedMsg:
		return l.changed(changedMsg{})
	}
	return l.update(msg)
}

// askDeleteWorkflow asks before a workflow is deleted: for its name, where keys
// lose something by it, which are looked up first.
func askDeleteWorkflow(rt *runtime, w model.WorkflowInfo) tea.Cmd {
	if w.KeyCount > 0 {
		return rt.askLosing(w)
	}
	return ask(deleteWorkflowPrompt(rt, w))
}

// deleteWorkflowPrompt is the question about a workflow with the names of the
// keys that lose it.
func deleteWorkflowPrompt(rt *runtime, w model.WorkflowInfo) prompt {
	p := prompt{
		Title: fmt.Sprintf("Delete the workflow %q?", clip(clean(w.Name), 40)),
		Lines: []string{"No key may call it: nobody loses anything."}, Confirm: "delete it", Danger: true,
	}
	if w.KeyCount > 0 {
		p.Lines, p.rows.all = losing(w), losingNames(w)
		p.After = []string{"There is no way back: one that is made again has to be permitted to each key again."}
		p.Word = w.Name
	}
	return p.twiceWorkflow("delete it", rt.deleteWorkflow(w.ID, w.Name), w)
}

func losing(w model.WorkflowInfo) []string {
	text := count(w.KeyCount, "key") + " lose it: their next calls are refused."
	if w.KeyCount == 1 {
		text = "1 key loses it: its next call is refused."
	}
	return append([]string{text}, losingProduction(w)...)
}

// losingNames are the keys that lose a workflow, as far as they are named, those
// that may invoke production first.
func losingNames(w model.WorkflowInfo) []string {
	var names []string
	for i, name := range w.Keys {
		sign := "    "
		if i < w.ProductionKeys {
			sign = "  ◆ "
		}
		names = append(names, sign+clean(name))
	}
	if more := w.KeyCount - len(names); more > 0 && len(names) > 0 {
		names = append(names, fmt.Sprintf("    and %s more", thousands(more)))
	}
	return names
}

// losingProduction says how many of the keys that lose a workflow may invoke
// production.
func losingProduction(w model.WorkflowInfo) []string {
	switch n := w.ProductionKeys; {
	case n == 0:
		return nil
	case n == w.KeyCount && n == 1:
		return []string{"◆ It may invoke production."}
	case n == w.KeyCount:
		return []string{fmt.Sprintf("◆ %s may invoke production.", allOf(n))}
	default:
		return []string{fmt.Sprintf("◆ %s of them may invoke production.", thousands(n))}
	}
}
