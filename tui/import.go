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
	filteredList[int] // of places in plan.Rows

	document Document
	source   string
	plan     ImportPlan
	marked   map[int]bool
	failed   map[int]string // why a row was not made, by its place
	listing  latest
	held     map[int]bool // would be marked if they could be imported
	on       int          // the place of the row under the cursor
	prefix   pathPrefix

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
	i := &importer{document: d, source: source, failed: map[int]string{}}
	i.prefix = newPathPrefix(rt.styles, d.Base())
	i.begin(rt, "words in names, methods, paths, statuses …", i.follow)
	i.table = table[int]{columns: i.columns(), sorted: -1}
	return i
}

// Init compares the document with the store.
func (i *importer) Init() tea.Cmd { return i.compare() }

func (i *importer) compare() tea.Cmd {
	return i.rt.planImport(i.listing.ask(i.rt), i.document, i.prefix.base)
}

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
	case importConfirmedMsg:
		if msg.owner == i && i.work == nil {
			return i.start(msg.places)
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
	first, moved := !i.loaded, msg.plan.Base != i.plan.Base
	i.loaded, i.plan = true, msg.plan
	if first {
		i.marked, i.held, i.on = map[int]bool{}, map[int]bool{}, -1 // the cursor begins at the top
	}
	if moved {
		clear(i.failed)
	}
	i.remark(first, moved)
	i.put()
}

// fine reports whether nothing is wrong with a row: the others stand first.
func (s ImportState) fine() bool { return s.fits() || s == ImportThere }

// fits reports whether a row can be imported.
func (s ImportState) fits() bool { return s <= ImportRenamed }

func (i *importer) key(msg tea.KeyMsg) tea.Cmd {
	if i.filter.typing {
		if i.filterKey(msg, i.moveKey) {
			i.put()
		}
		return nil
	}
	if i.prefix.typing {
		return i.prefixKey(msg)
	}
	if msg.Paste || i.moveKey(msg, moveKeys) {
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
		return i.askImport()
	case matches(msg, k.Prefix):
		i.prefix.open()
	case matches(msg, k.Filter):
		i.openFilter(i.on)
	case matches(msg, k.Clear):
		i.clearFilter()
		i.put()
	case matches(msg, k.Reload):
		return i.compare()
	case matches(msg, k.Back):
		return pop()
	}
	return nil
}

// SetSize gives the room.
func (i *importer) SetSize(width, height int) {
	i.width, i.height = width, height
	i.table.setSize(width, height-importAround)
}

// Typing reports whether the filter or the path prefix is being entered.
func (i *importer) Typing() bool { return i.filter.typing || i.prefix.typing }

// Title is the screen's part of the breadcrumb.
func (i *importer) Title() string { return "Preview" }

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
	idle := i.loaded && i.work == nil
	k.Stop.SetEnabled(i.work != nil && !i.work.stopping)
	place, ok := i.table.current()
	k.Mark.SetEnabled(idle && ok && i.plan.Rows[place].State.fits())
	k.MarkAll.SetEnabled(idle && len(i.shown()) > 0)
	k.Import.SetEnabled(idle && len(i.fitting()) > 0)
	k.Prefix.SetEnabled(idle && len(i.plan.Rows) > 0)
	k.Filter.SetEnabled(idle && len(i.plan.Rows) > 0)
	k.Clear.SetEnabled(idle && i.filter.Value() != "")
	k.Reload.SetEnabled(i.work == nil)
	k.Back.SetEnabled(i.work == nil && !k.Clear.Enabled())
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
	if i.filter.typing {
		return i.filter.bindings()
	}
	if i.prefix.typing {
		return i.prefix.bindings()
	}
	k := i.keys()
	all := []key.Binding{k.Clear, k.Import, k.Mark, k.Prefix, k.Filter, k.MarkAll, k.Stop, k.Reload, k.Back}
	return bindings{short: all, full: [][]key.Binding{all, moveKeys.all()}}
}
