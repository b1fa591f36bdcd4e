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
	Created  bool   `json:"created"`
	Note     string `json:"note,omitempty"`

	there, renamed bool // the same workflow is in the store; its name is not the document's
}

// importPlan names the workflows and finds what cannot be made: a name that is
// taken, a path that cannot be bound, a binding that overlaps with one that is
// there or comes before it. Since a document's second import finds its names
// taken, names are only counted on (-2) among the document's own.
type importPlan struct {
	names  map[string]bool               // of this document, folded
	taken  map[string]*model.WorkflowRef // of the store, folded
	routes map[string][]route            // by method and number of segments: others never overlap
}

type route struct {
	name    string
	binding *model.Binding
}

// alreadyThere is why an operation is left out whose workflow is in the store.
const alreadyThere = "it is there already"

func planImport(operations []operation, existing []model.WorkflowInfo, prefix string) []importRow {
	p := &importPlan{names: map[string]bool{}, taken: map[string]*model.WorkflowRef{}, routes: map[string][]route{}}
	for i := range existing {
		w := &existing[i].WorkflowRef
		p.taken[model.Fold(w.Name)] = w
		if b, err := model.ParseBinding(w.Method, w.Path); err == nil {
			p.add(w.Name, w.Method, w.Path, b)
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
	if r.Conflict = trouble != ""; r.Conflict {
		r.Note, r.there = trouble, trouble == alreadyThere
		return r
	}
	if want := prefix + op.id; op.id != "" && r.Name != want {
		r.renamed = true
		r.Note = fmt.Sprintf("named %q in the document", model.Clean(cut(op.id, 80)))
	}
	p.add(r.Name, r.Method, r.Path, binding)
	return r
}

// trouble says why the workflow cannot be made, or gives its binding.
func (p *importPlan) trouble(op operation, name string) (*model.Binding, string) {
	if op.trouble != "" {
		return nil, op.trouble
	}
	if strings.Contains(op.path, "?") {
		return nil, "a path may not have a query part"
	}
	b, err := model.ParseBinding(op.method, op.path)
	if err != nil {
		return nil, err.Error()
	}
	if err := model.CheckName(name); err != nil {
		return nil, err.Error()
	}
	if w := p.taken[model.Fold(name)]; w != nil {
		if w.Method == op.method && w.Path == op.path {
			return nil, alreadyThere
		}
		return nil, fmt.Sprintf("the name is taken by %s", binding(*w)) + usePrefix
	}
	for _, other := range p.routes[routeClass(op.method, op.path)] {
		if example := model.Overlap(b, other.binding); example != "" {
			return nil, fmt.Sprintf("%q matches %s %s too", other.name, op.method, example)
		}
	}
	return b, ""
}

func (p *importPlan) add(name, method, path string, b *model.Binding) {
	class := routeClass(method, path)
	p.routes[class] = append(p.routes[class], route{name, b})
}

func routeClass(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	if path == "/" {
		return method + " 0"
	}
	return fmt.Sprint(method, " ", strings.Count(path, "/"))
}

// name is the operationId, else the method and the path, with "-" for each run
// of characters that a name cannot have, cut to 64, and -2, -3, … where the
// document has the name already.
func (p *importPlan) name(op operation, prefix string) string {
	base := plainName(op.id)
	if base == "" {
		base = strings.Trim(plainName(op.method+op.path), "-")
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

// usePrefix is the advice about a name that is taken, which only a command can
// follow.
const usePrefix = ": use --prefix"
