package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// workflowForm makes or changes a workflow. While its binding is typed it says
// which others some request matches as well.
type workflowForm struct {
	sheet
	seen  model.WorkflowInfo // as it was when the form opened, or was taken anew; no id: it is being made
	newer *model.WorkflowInfo

	counted bool // how many keys of production may call it is known: a list does not say

	environments []model.EnvironmentInfo
	clashes      []model.Clash // of the binding as it is typed

	listing  latest // of the environments
	looking  latest // of the workflow as it is now
	clashing latest // of the clashes
	held     bool   // a save waits for them: it may have to ask
}

// upstreamField begins the name of an upstream's field; its environment's id
// follows.
const upstreamField = "upstream of "

func newWorkflowForm(rt *runtime, w model.WorkflowInfo) screen {
	f := &workflowForm{seen: w, clashes: w.Overlaps}
	f.rt, f.fresh = rt, w.ID == 0
	name := f.text("name", "Name", w.Name, 2*model.MaxName)
	name.note = func() string {
		return "Upstreams get it as X-Keyward-Workflow. Keys that may call it still may when it has a new name."
	}
	method := choiceField("method", "Method", w.Method, append([]string{""}, model.Methods()...))
	method.show, method.note = shownMethod, f.bindingNote
	path := f.text("path", "Path", w.Path, 2048)
	path.note, path.warning = f.bindingNote, f.clashText
	f.fields = []*sheetField{name, method, path}
	f.save, f.take, f.edit = f.send, f.takeNewer, f.edited
	f.focus()
	return f
}

func shownMethod(method string) string {
	if method == "" {
		return "none"
	}
	return clean(method)
}

// Title is the form's part of the breadcrumb.
func (f *workflowForm) Title() string {
	if f.fresh {
		return "New workflow"
	}
	return environmentSign(f.seen.Production) + f.seen.Name
}

// Init asks which environments there are, and for the workflow as it is now: the
// list that it was opened from may be older.
func (f *workflowForm) Init() tea.Cmd {
	if f.fresh {
		return f.list()
	}
	return tea.Batch(f.look(), f.list())
}

func (f *workflowForm) list() tea.Cmd { return f.rt.loadEnvironments(f.listing.ask(f.rt)) }

func (f *workflowForm) look() tea.Cmd { return f.rt.lookAtWorkflow(f.looking.ask(f.rt), f.seen.ID) }

// Update takes keys, answers and news.
func (f *workflowForm) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return f.press(msg)
	case environmentsMsg:
		return f.listed(msg)
	case overlapsMsg:
		return f.overlapped(msg)
	case workflowAgreedMsg:
		if msg.form == f && !f.saving {
			return f.agreed(msg)
		}
	case storedMsg[model.WorkflowInfo]:
		if f.saving && msg.number == f.newest {
			return f.stored(msg)
		}
	case openedOneMsg[model.WorkflowInfo]:
		return f.shown(msg)
	case changedMsg:
		return f.news(msg)
	}
	return nil
}

// news asks anew for what others may have changed.
func (f *workflowForm) news(msg changedMsg) tea.Cmd {
	var cmds []tea.Cmd
	if f.listing.changed(msg) {
		cmds = append(cmds, f.list())
	}
	if !f.fresh && f.looking.changed(msg) {
		cmds = append(cmds, f.look())
	}
	return tea.Batch(append(cmds, f.compare(msg.anew))...)
}

// listed makes a field for each environment's upstream. One whose environment is
// no more stays as long as something is in it.
func (f *workflowForm) listed(msg environmentsMsg) tea.Cmd {
	mine, again := f.listing.answered(msg.request)
	switch {
	case mine && msg.err == nil:
		f.environments = msg.environments
		f.layUpstreams()
	case mine && f.environments == nil:
		f.problem = "The environments could not be loaded, so upstreams cannot be changed: " + lowerFirst(sentence(msg.err))
	}
	if again {
		return f.list()
	}
	return nil
}

func (f *workflowForm) layUpstreams() {
	on := f.current()
	fields := slices.Clone(f.fields[:3])
	for _, e := range f.environments {
		name := upstreamField + e.ID.String()
		u := f.field(name)
		if u == nil {
			u = f.text(name, e.Name, upstreamOf(f.seen, e.Name), 4096)
			u.about = "Upstream: "
		}
		u.label, u.production, u.heading = e.Name, e.Production, ""
		u.note = func() string { return upstreamNote(e) }
		fields = append(fields, u)
	}
	if len(fields) > 3 {
		fields[3].heading = "Upstreams, one for each environment"
	}
	for _, u := range f.fields[3:] {
		if !slices.Contains(fields, u) && u.changed() {
			fields = append(fields, u)
		}
	}
	f.fields = fields
	if f.at = slices.Index(fields, on); f.at < 0 {
		f.at = len(fields)
	}
	f.focus()
}

func upstreamOf(w model.WorkflowInfo, environment string) string {
	for _, u := range w.Upstreams {
		if u.Environment == environment {
			return u.URL
		}
	}
	return ""
}

func upstreamNote(e model.EnvironmentInfo) string {
	where := fmt.Sprintf("Upstream in %q", e.Name)
	if e.Production {
		where += ", which is production"
	}
	return where + ": where its calls go, as in http://HOST:PORT or https://HOST/PATH. Empty: allowed calls are answered, nothing is invoked."
}

// edited looks for clashes whenever the binding is another.
func (f *workflowForm) edited(field *sheetField) tea.Cmd {
	f.held = false
	if field.name != "method" && field.name != "path" {
		return nil
	}
	return f.compare(false)
}

func (f *workflowForm) binding() binding {
	return binding{f.field("method").value(), strings.TrimSpace(f.field("path").value())}
}

// compare asks which workflows clash with the binding as it is typed.
func (f *workflowForm) compare(anew bool) tea.Cmd {
	b := f.binding()
	if _, err := model.ParseBinding(b.method, b.path); err != nil {
		f.clashes = nil
		return nil
	}
	if f.clashing.loading && !anew {
		f.clashing.again = true
		return nil
	}
	return f.rt.findOverlaps(f.clashing.ask(f.rt), b, f.seen.ID)
}

func (f *workflowForm) overlapped(msg overlapsMsg) tea.Cmd {
	mine, again := f.clashing.answered(msg.number)
	if mine && msg.binding == f.binding() {
		f.clashes = msg.clashes // none after a failure: the save tells of them
	}
	if again {
		return f.compare(false)
	}
	if mine && f.held && !f.saving {
		return f.send()
	}
	return nil
}

// bindingNote says what the binding means as it is typed.
func (f *workflowForm) bindingNote() string {
	b := f.binding()
	parsed, err := model.ParseBinding(b.method, b.path)
	switch {
	case b == binding{}:
		return "Not bound: nothing calls it, and no key can permit it. A path is such as /customers/{id}?since={from}."
	case b.path == "":
		return "Give it a path too, such as /customers/{id}?since={from}."
	case b.method == "":
		return "Give it a method too, such as GET."
	case err != nil:
		return sentence(err)
	}
	text := "It is called with " + b.String() + "."
	if names := parsed.Variables(); len(names) > 0 {
		text += " Variables: " + strings.Join(names, ", ") + "."
	}
	if !f.fresh && f.seen.KeyCount > 0 && b != (binding{f.seen.Method, f.seen.Path}) {
		text += fmt.Sprintf(" %s may call it: calls the old way are refused from the save on.", count(f.seen.KeyCount, "key"))
	}
	return text
}

// clashText names the first clash, with a path that both match.
func (f *workflowForm) clashText() string {
	if len(f.clashes) == 0 {
		return ""
	}
	c := f.clashes[0]
	text := fmt.Sprintf("It clashes with %q: both match %s, and such a call is refused (409).", c.Workflow, c.Example)
	if more := len(f.clashes) - 1; more > 0 {
		text += fmt.Sprintf(" So does it with %s more.", thousands(more))
	}
	return text
}
