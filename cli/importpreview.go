package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"dev.keyward/keyward/model"
)

// needImportConfirmation refuses an import that nobody can confirm.
func (a *app) needImportConfirmation(o *workflowImport) error {
	if _, ok := terminal(a.env.Stdin); ok || o.yes || o.dryRun {
		return nil
	}
	return &usageError{"importing asks for a confirmation, and there is no terminal to ask at: add --yes, or --dry-run to look only"}
}

// previewImport shows the plan: on standard output, or, before a question whose
// answer is followed by JSON, on standard error.
func (a *app) previewImport(o *workflowImport) error {
	var out io.Writer = a.out
	switch {
	case a.json && (o.yes || o.dryRun):
		return nil
	case a.json:
		out = a.env.Stderr
	}
	instead := ""
	if o.own != o.doc.base {
		instead = " (in the document " + model.Clean(baseText(o.own)) + ")"
	}
	if _, err := fmt.Fprintf(out, "Base path: %s%s\n", model.Clean(o.answer.Base), instead); err != nil {
		return err
	}
	var rows [][]string
	for _, r := range o.answer.Workflows {
		note := r.Note
		switch {
		case r.Reason.conflicts():
			note = "left out, in conflict: " + note
		case r.Reason == reasonUnsupported:
			note = "left out, unsupported: " + note
		case r.Conflict:
			note = "left out: " + note
		}
		rows = append(rows, []string{r.Name, orDash(r.Method), r.Path, note})
	}
	if len(rows) == 0 {
		a.notef("The document has no operations.")
		return nil
	}
	t := &table{w: out, width: a.width(), header: []string{"NAME", "METHOD", "PATH", "NOTE"}}
	return t.add(rows)
}

func (a *app) confirmImport(ctx context.Context, fit int) error {
	if err := a.flush(); err != nil {
		return err
	}
	answer, err := a.ask(ctx, fmt.Sprintf("Type yes to create %s:", plural(fit, "workflow")))
	if err != nil {
		return err
	}
	if !strings.EqualFold(answer, "yes") {
		return errors.New("no workflow was created: the answer was not yes")
	}
	return nil
}
