package tui

import (
	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// importer shows what would be made of an OpenAPI document, and makes what is
// marked of it, part by part. What went wrong costs nothing: what was not made
// stays marked.
type importer struct {
	rt            *runtime
	table         table[int] // of plan.Rows
	width, height int

	document Document
	source   string
	plan     ImportPlan
	marked   map[int]bool
	failed   map[int]string // why a row was not made, by its place
	listing  latest
	loaded   bool
	err      error

	work *importing // what is under way, or nil
}

// importing is an import that is under way.
type importing struct {
	request  int
	left     []int // places of the rows that are not made yet
	all      int
	made     int
	refused  int
	stopping bool
	last     model.Receipt

	workflows []model.WorkflowInfo // that were made, for the undo
}

// newImport begins with the choice of a file.
func newImport(rt *runtime) screen {
	return newDocumentPicker(rt, "Import", func(d Document, source string) tea.Cmd { return push(newImporter(rt, d, source)) })
}

func newImporter(rt *runtime, d Document, source string) screen {
	i := &importer{rt: rt, document: d, source: source, failed: map[int]string{}}
	i.table = table[int]{columns: i.columns(), sorted: -1}
	return i
}

// Init compares the document with the store.
func (i *importer) Init() tea.Cmd { return i.compare() }

func (i *importer) compare() tea.Cmd { return i.rt.planImport(i.listing.ask(i.rt), i.document) }

// Update takes keys, plans and parts.
func (i *importer) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return i.key(msg)
	case plannedMsg:
		mine, again := i.listing.answered(msg.request)
		if mine {
			i.planned(msg)
		}
		if again {
			return i.compare()
		}
	case importedMsg:
		return i.imported(msg)
	case changedMsg:
		if i.work == nil && i.listing.changed(msg) {
			return i.compare()
		}
	}
	return nil
}

// planned takes a plan. At first everything that can be imported is marked;
// later what was marked stays so, as far as it can be imported still.
func (i *importer) planned(msg plannedMsg) {
	if i.err = msg.err; msg.err != nil {
		return
	}
	first := !i.loaded
	i.loaded, i.plan = true, msg.plan
	if first {
		i.marked = map[int]bool{}
	}
	rows := make([]int, len(i.plan.Rows))
	for place, row := range i.plan.Rows {
		rows[place] = place
		switch {
		case !row.State.fits():
			delete(i.marked, place)
		case first:
			i.marked[place] = true
		}
		if row.State == ImportThere {
			delete(i.failed, place)
		}
	}
	i.table.load(rows, 0, len(rows), -1)
}

// fits reports whether a row can be imported.
func (s ImportState) fits() bool { return s <= ImportRenamed }

func (i *importer) key(msg tea.KeyMsg) tea.Cmd {
	if msg.Paste {
		return nil
	}
	t := &i.table
	if n, ok := moveKeys.step(msg, t.height, t.total); ok {
		t.moveTo(t.cursor + n)
		return nil
	}
	if refusal := i.rt.refuse(); refusal != nil && matches(msg, importKeys.Mark, importKeys.MarkAll, importKeys.Import) {
		return refusal
	}
	k := i.keys()
	switch {
	case matches(msg, k.Stop):
		i.work.stopping = true
	case matches(msg, k.Mark):
		i.mark()
	case matches(msg, k.MarkAll):
		i.markAll()
	case matches(msg, k.Import):
		return i.begin()
	case matches(msg, k.Reload):
		return i.compare()
	case matches(msg, k.Back):
		return pop()
	}
	return nil
}

func (i *importer) mark() {
	place, ok := i.table.current()
	if !ok || !i.plan.Rows[place].State.fits() {
		return
	}
	if i.marked[place] {
		delete(i.marked, place)
	} else {
		i.marked[place] = true
	}
	i.table.moveTo(i.table.cursor + 1)
}

// markAll marks everything that can be imported, or nothing where that is so.
func (i *importer) markAll() {
	all := i.fitting()
	if len(all) == len(i.marked) {
		clear(i.marked)
		return
	}
	for _, place := range all {
		i.marked[place] = true
	}
}

func (i *importer) fitting() []int {
	var all []int
	for place, row := range i.plan.Rows {
		if row.State.fits() {
			all = append(all, place)
		}
	}
	return all
}

// SetSize gives the room.
func (i *importer) SetSize(width, height int) {
	i.width, i.height = width, height
	i.table.setSize(width, height-importAround)
}

// Title is the screen's part of the breadcrumb.
func (i *importer) Title() string { return "Preview" }

// Typing is never.
func (i *importer) Typing() bool { return false }

// Unsaved asks before an import that is under way is left.
func (i *importer) Unsaved() *prompt {
	if i.work == nil {
		return nil
	}
	return &prompt{
		Title: "Leave while workflows are imported?", Lines: []string{"What was made stays; the rest is not made."}, Confirm: "leave",
	}
}

func (i *importer) keys() importKeyMap {
	k := importKeys
	busy := i.work != nil
	k.Stop.SetEnabled(busy && !i.work.stopping)
	place, ok := i.table.current()
	k.Mark.SetEnabled(!busy && i.loaded && ok && i.plan.Rows[place].State.fits())
	k.MarkAll.SetEnabled(!busy && i.loaded && len(i.fitting()) > 0)
	k.Import.SetEnabled(!busy && i.loaded && len(i.fitting()) > 0)
	k.Reload.SetEnabled(!busy)
	k.Back.SetEnabled(!busy)
	if n := len(i.marked); n > 0 {
		k.Import.SetHelp(k.Import.Help().Key, "import "+thousands(n))
	}
	if i.rt.locked() {
		disable(&k.Mark, &k.MarkAll, &k.Import)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (i *importer) Keys() help.KeyMap {
	k := i.keys()
	all := []key.Binding{k.Import, k.Mark, k.MarkAll, k.Stop, k.Reload, k.Back}
	return bindings{short: all, full: [][]key.Binding{all, moveKeys.all()}}
}
