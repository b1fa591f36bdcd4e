package cli

import (
	"fmt"
	"strings"

	"dev.keyward/keyward/model"
)

// importRow is an operation and the workflow that is to be made of it.
type importRow struct {
	Name     string `json:"name"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	Conflict bool   `json:"conflict"`
	Reason   reason `json:"reason,omitempty"` // why it is not made
	Created  bool   `json:"created"`
	Note     string `json:"note,omitempty"`

	renamed bool // its name is not the document's
}

// reason is why an operation cannot become a workflow, for programs; "" where it
// can.
type reason string

const (
	reasonThere       reason = "there"       // the very same workflow is in the store
	reasonName        reason = "name"        // another workflow in the store has its name
	reasonBinding     reason = "binding"     // another workflow would match calls of it
	reasonUnsupported reason = "unsupported" // no workflow can be made of it
)

// conflicts reports whether something else is in its way.
func (r reason) conflicts() bool { return r == reasonName || r == reasonBinding }

// importPlan names the workflows and finds what cannot be made: a name that is
// taken, a path that cannot be bound, a binding that overlaps with one that is
// there or comes before it. Since a document's second import finds its names
// taken, names are only counted on (-2) among the document's own.
type importPlan struct {
	names  map[string]bool               // of this document, folded
	taken  map[string]*model.WorkflowRef // of the store, folded
	stored model.Bindings                // of the store
	made   model.Bindings                // of this document
}

// obstacle is why an operation cannot become a workflow, and what to do.
type obstacle struct {
	reason reason
	note   string
}

func unsupported(note string) *obstacle { return &obstacle{reasonUnsupported, note} }

func planImport(operations []operation, existing []model.WorkflowInfo, prefix string) []importRow {
	p := &importPlan{names: map[string]bool{}, taken: map[string]*model.WorkflowRef{}}
	for i := range existing {
		w := &existing[i].WorkflowRef
		p.taken[model.Fold(w.Name)] = w
		if b, err := model.ParseBinding(w.Method, w.Path); err == nil {
			p.stored.Add(w.Name, b)
		}
	}
	rows := make([]importRow, 0, len(operations))
	for _, op := range operations {
		rows = append(rows, p.row(op, prefix))
	}
	return rows
}

func (p *importPlan) row(op operation, prefix string) importRow {
	r := importRow{Name: p.name(op, prefix), Method: op.method, Path: op.path}
	binding, trouble := p.trouble(op, r.Name)
	if trouble != nil {
		r.Conflict, r.Reason, r.Note = true, trouble.reason, trouble.note
		return r
	}
	if want := prefix + op.id; op.id != "" && r.Name != want {
		r.renamed = true
		r.Note = fmt.Sprintf("named %q in the document", model.Clean(cut(op.id, 80)))
	}
	p.made.Add(r.Name, binding)
	return r
}

// trouble says why the workflow cannot be made, or gives its binding.
func (p *importPlan) trouble(op operation, name string) (*model.Binding, *obstacle) {
	if op.trouble != "" {
		return nil, unsupported(op.trouble)
	}
	if strings.Contains(op.path, "?") {
		return nil, unsupported("a path may not have a query part: take it away in the document")
	}
	b, err := model.ParseBinding(op.method, op.path)
	if err != nil {
		return nil, unsupported(err.Error())
	}
	if err := model.CheckName(name); err != nil {
		return nil, unsupported(err.Error())
	}
	if w := p.taken[model.Fold(name)]; w != nil {
		if w.Method == op.method && w.Path == op.path {
			return nil, &obstacle{reasonThere, "it is there already"}
		}
		return nil, &obstacle{reasonName, fmt.Sprintf("the name is taken by %q, bound to %s", w.Name, binding(*w)) + usePrefix}
	}
	if note := p.inTheWay(b); note != "" {
		return nil, &obstacle{reasonBinding, note}
	}
	return b, nil
}

// inTheWay says which workflow matches calls of an operation too, with one of
// them; "" where none does. Of several it names the first by name, those of the
// store before those of the document.
func (p *importPlan) inTheWay(b *model.Binding) string {
	if name, example := firstOverlap(&p.stored, b); example != "" {
		return fmt.Sprintf("already bound by %q: both match %s %s; change the path there or in the document", name, b.Method, example)
	}
	if name, example := firstOverlap(&p.made, b); example != "" {
		return fmt.Sprintf("already bound by %q of this document: both match %s %s; change one of the two paths", name, b.Method, example)
	}
	return ""
}

// firstOverlap is the first workflow by name of those that some request matches
// as well as b, and the path of such a request; "" where there is none.
func firstOverlap(set *model.Bindings, b *model.Binding) (first, path string) {
	set.Overlaps(b, func(name, example string) bool {
		if path == "" || model.Fold(name) < model.Fold(first) {
			first, path = name, example
		}
		return true
	})
	return first, path
}

// name is the operationId, else the method and the path, with "-" for each run
// of characters that a name cannot have, cut to 64, and -2, -3, … where the
// document has the name already.
func (p *importPlan) name(op operation, prefix string) string {
	base := plainName(op.id)
	if base == "" {
		base = strings.Trim(plainName(op.method+"/"+op.path), "-")
	}
	base = prefix + base
	name := strings.TrimRight(cutBytes(base, model.MaxName), " ")
	for n := 2; p.names[model.Fold(name)]; n++ {
		suffix := fmt.Sprintf("-%d", n)
		name = cutBytes(base, model.MaxName-len(suffix)) + suffix
	}
	p.names[model.Fold(name)] = true
	return name
}

// plainName replaces what a name cannot hold; "" where nothing else is there.
func plainName(s string) string {
	var b strings.Builder
	plain, gap := false, false
	for _, r := range s {
		fits := r < 0x80 && model.CheckName("x"+string(r)+"x") == nil
		switch {
		case fits:
			b.WriteRune(r)
			plain = plain || r != ' '
		case !gap:
			b.WriteByte('-')
		}
		gap = !fits
	}
	if !plain {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// cutBytes cuts a name, which is ASCII.
func cutBytes(s string, n int) string { return s[:min(n, len(s))] }

// The advice about a name that is taken: only a command has a prefix.
const (
	usePrefix = "; use --prefix"
	useName   = "; rename that workflow, or the operation in the document"
)
