package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// why explains one decision: the call, each check, what would help. What can be
// done from here is done by a key press, and then it explains anew.
type why struct {
	rt            *runtime
	call          model.Activity
	width, height int

	explanation model.Explanation
	key         *model.KeyInfo // as it is now; nil: none, or gone
	workflow    string         // that permitting would add
	upstream    model.WorkflowInfo
	deleted     *model.DeletedKey    // nil: the key is not in the bin
	clashing    []model.WorkflowInfo // whose binding may be changed
	more        neededToOpen
	at          time.Time
	loaded      bool
	mended      bool // it was refused when first explained, and would not be now
	refused     bool // it was so when first explained
	err         error
	latest

	cursor int // which stop
	top    int // first visible line
	copied int // number of the newest copy
}

func newWhy(rt *runtime, a model.Activity) screen {
	return &why{rt: rt, call: a}
}

// Init asks for the explanation.
func (w *why) Init() tea.Cmd { return w.load() }

func (w *why) load() tea.Cmd { return w.rt.explain(w.ask(w.rt), w.call) }

// Title is the screen's part of the breadcrumb.
func (w *why) Title() string { return "Why" }

// Typing is never.
func (w *why) Typing() bool { return false }

// Unsaved is never.
func (w *why) Unsaved() *prompt { return nil }

// SetSize lays the explanation out.
func (w *why) SetSize(width, height int) {
	w.width, w.height = width, height
	w.show()
}

// Update takes keys, the explanation and news.
func (w *why) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if !msg.Paste {
			return w.press(msg)
		}
	case explainedMsg:
		mine, again := w.answered(msg.number)
		if mine {
			w.explained(msg)
		}
		if again {
			return w.load()
		}
	case changedMsg:
		if w.changed(msg) {
			return w.load()
		}
	case copiedMsg:
		if msg.request == w.copied {
			return callCopied(msg)
		}
	}
	return nil
}

func (w *why) explained(msg explainedMsg) {
	if w.err = msg.err; w.err != nil {
		return
	}
	was, had := w.on()
	w.explanation, w.key, w.workflow, w.at = msg.explanation, msg.key, msg.workflow, msg.at
	w.upstream, w.deleted, w.clashing, w.more = msg.upstream, msg.deleted, msg.clashing, msg.more
	now := w.explanation.Now
	if !w.loaded {
		w.refused = now != model.Allowed && now != model.Undecided
	}
	w.mended = w.refused && now == model.Allowed
	first := !w.loaded
	if first {
		w.loaded = true
		w.cursor = w.firstRemedy()
	}
	w.cursor = min(w.cursor, max(len(w.stops())-1, 0))
	if had {
		w.comeBack(was)
	}
	if first {
		w.showRemedies()
	}
	w.show()
	if w.mended {
		w.top = 0
	}
}

// whyStop is one place of the cursor: the key, or a remedy that enter carries
// out.
type whyStop struct{ remedy int } // -1: the key

func (w *why) stops() []whyStop {
	var list []whyStop
	if w.key != nil {
		list = append(list, whyStop{-1})
	}
	for i, r := range w.explanation.Remedies {
		if w.applies(r) {
			list = append(list, whyStop{i})
		}
	}
	return list
}

// firstRemedy is the stop of the first remedy that can be carried out, but for one
// that opens production to a key.
func (w *why) firstRemedy() int {
	for i, s := range w.stops() {
		if s.remedy >= 0 && !w.retargets(w.explanation.Remedies[s.remedy]) {
			return i
		}
	}
	return 0
}

func (w *why) here() (whyStop, bool) {
	stops := w.stops()
	if w.cursor >= len(stops) {
		return whyStop{}, false
	}
	return stops[w.cursor], true
}

// applies reports whether the console can do what a remedy says.
func (w *why) applies(r model.Remedy) bool {
	switch r.Kind {
	case model.Advice:
		return false
	case model.CallAgain:
		return true // Try it changes nothing
	case model.BindWorkflow:
		return !w.rt.locked()
	case model.RegisterCertificate, model.MakeKey, model.ChangeEnvironment, model.MakeEnvironment:
		return w.more.opens(r) && !w.rt.locked()
	case model.ChangeUpstream:
		return w.upstream.ID != 0 && !w.rt.locked()
	case model.ChangeBinding:
		_, there := w.clashes(r.Workflow)
		return there && !w.rt.locked()
	case model.RestoreKey:
		return w.deleted != nil && !w.rt.locked()
	case model.EnableKey, model.PermitWorkflow, model.ExtendKey, model.ChangeTarget, model.RegenerateSlot, model.RenewCertificate, model.AcceptQuery:
		return w.key != nil && !w.rt.locked()
	}
	return false // of a newer owner
}

// remedy is the first one of a kind that can be carried out.
func (w *why) remedy(kind model.RemedyKind) (model.Remedy, bool) {
	for _, r := range w.explanation.Remedies {
		if r.Kind == kind && w.applies(r) {
			return r, true
		}
	}
	return model.Remedy{}, false
}

func (w *why) press(msg tea.KeyMsg) tea.Cmd {
	k := w.keys()
	switch {
	case matches(msg, globalKeys.Back):
		return pop()
	case matches(msg, k.Reload):
		return w.load()
	case matches(msg, k.Enable):
		return w.apply(model.EnableKey)
	case matches(msg, k.Permit):
		return w.apply(model.PermitWorkflow)
	case matches(msg, k.Regenerate):
		return w.apply(w.renewal())
	case matches(msg, k.Restore):
		return w.apply(model.RestoreKey)
	case matches(msg, k.New):
		return w.apply(w.making())
	case matches(msg, k.Open):
		return w.open()
	case matches(msg, k.CopyCall):
		return w.copyCall()
	}
	if refusal := w.rt.refuse(); refusal != nil && matches(msg, whyKeys.Enable, whyKeys.Permit, whyKeys.Regenerate, whyKeys.Restore, whyKeys.New) {
		return refusal
	}
	w.move(msg)
	return nil
}

func (w *why) apply(kind model.RemedyKind) tea.Cmd {
	r, ok := w.remedy(kind)
	if !ok {
		return nil
	}
	return w.carryOut(r)
}

// open carries out the remedy under the cursor, or shows the key.
func (w *why) open() tea.Cmd {
	s, ok := w.here()
	switch {
	case !ok:
		return nil
	case s.remedy < 0:
		return push(newDetail(w.rt, w.key.ID, w.key.Name))
	}
	return w.carryOut(w.explanation.Remedies[s.remedy])
}

// carryOut asks before what changes something at once, and opens the screen for
// what needs a thought.
func (w *why) carryOut(r model.Remedy) tea.Cmd {
	switch r.Kind {
	case model.CallAgain:
		return push(newTry(w.rt, w.aim()))
	case model.EnableKey:
		if w.key.Enabled {
			return status(statusInfo, "The key is enabled already.")
		}
		return askEnabled(w.rt, w.key.KeyRow)
	case model.PermitWorkflow:
		return askPermit(w.rt, *w.key, r.Workflow, w.workflow)
	case model.ExtendKey:
		return push(newEdit(w.rt, *w.key, w.at, partExpires))
	case model.ChangeTarget:
		return push(newEdit(w.rt, *w.key, w.at, partEnvironment))
	case model.RegenerateSlot:
		return push(newRenewal(w.rt, w.key.ID, w.key.Name, w.call.Slot))
	case model.RenewCertificate:
		return push(newRenewal(w.rt, w.key.ID, w.key.Name, slotToFill(*w.key, w.call.Slot, w.at)))
	case model.BindWorkflow:
		return push(newBoundWorkflowForm(w.rt, w.call.Method, w.call.Path))
	case model.ChangeUpstream:
		return push(newUpstreamForm(w.rt, w.upstream, r.Environment, w.call.Environment))
	case model.ChangeBinding:
		clashing, _ := w.clashes(r.Workflow)
		return push(newBindingForm(w.rt, clashing))
	case model.RestoreKey:
		return askRestoreHere(w.rt, *w.deleted)
	case model.AcceptQuery:
		return push(newEdit(w.rt, *w.key, w.at, partQuery))
	}
	return w.openFor(r)
}

// move goes to the next stop or, where there is none on that side, scrolls.
func (w *why) move(msg tea.KeyMsg) {
	n, ok := moveKeys.step(msg, max(w.room()-1, 1), len(w.lines().text))
	if !ok {
		return
	}
	if next := w.cursor + n; (n == 1 || n == -1) && next >= 0 && next < len(w.stops()) {
		w.cursor = next
		w.show()
		return
	}
	w.scroll(n)
}

func (w *why) scroll(n int) { w.top = max(min(w.top+n, len(w.lines().text)-w.room()), 0) }

// show scrolls so that the stop under the cursor is seen.
func (w *why) show() {
	if w.height == 0 {
		return
	}
	l := w.lines()
	if at, ok := l.stops[w.cursor]; ok && len(l.text) > w.room() {
		w.top = min(w.top, max(at[0]-1, 0))  // one line says how many are above,
		w.top = max(w.top, at[1]-w.room()+2) // and one how many follow
	}
	w.scroll(0)
}

// keys switches off what has no meaning now.
func (w *why) keys() whyKeyMap {
	k := whyKeys
	has := func(kind model.RemedyKind) bool { _, ok := w.remedy(kind); return ok }
	k.Enable.SetEnabled(has(model.EnableKey))
	k.Permit.SetEnabled(has(model.PermitWorkflow))
	k.Regenerate.SetEnabled(has(model.RegenerateSlot) || has(model.RenewCertificate) || has(model.RegisterCertificate))
	k.Restore.SetEnabled(has(model.RestoreKey))
	k.New.SetEnabled(has(model.BindWorkflow) || has(model.MakeKey))
	if has(model.MakeKey) {
		k.New.SetHelp(k.New.Help().Key, "new key")
	}
	if has(model.RegisterCertificate) {
		k.Regenerate.SetHelp(k.Regenerate.Help().Key, "put it into a key")
	}
	k.CopyCall = w.rt.callBinding(k.CopyCall)
	k.CopyCall.SetEnabled(w.loaded)
	s, ok := w.here()
	k.Open.SetEnabled(ok)
	switch {
	case ok && s.remedy < 0:
		k.Open.SetHelp(k.Open.Help().Key, "open the key")
	case ok && w.explanation.Remedies[s.remedy].Kind == model.CallAgain:
		k.Open.SetHelp(k.Open.Help().Key, "try it again")
	}
	if w.key != nil && w.key.Kind == model.CertificateKey {
		k.Regenerate.SetHelp(k.Regenerate.Help().Key, renewVerb(w.key.Kind))
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (w *why) Keys() help.KeyMap {
	k := w.keys()
	return bindings{
		short: []key.Binding{k.Enable, k.Permit, k.Regenerate, k.Restore, k.New, k.Open, k.CopyCall, globalKeys.Back},
		full:  [][]key.Binding{{k.Open, k.Enable, k.Permit, k.Regenerate, k.Restore, k.New, k.CopyCall, k.Reload}, moveKeys.all()},
	}
}

// aim is the key of the call, and its workflow.
func (w *why) aim() aim {
	on := aim{key: w.call.Key, name: w.call.KeyName, workflow: w.call.Workflow, call: &w.call}
	if w.key == nil {
		on.key, on.name = 0, ""
	}
	return on
}
