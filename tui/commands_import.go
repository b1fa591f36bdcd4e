package tui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// documentMsg is an OpenAPI document that was read, or why not.
type documentMsg struct {
	request  int
	document Document
	source   string // where it came from, clean
	err      error
}

// readDocument reads the OpenAPI document in a file; the returned function gives
// it up.
func (rt *runtime) readDocument(request int, path string) (tea.Cmd, func()) {
	name := clean(filepath.Base(path))
	return rt.work(reads(name), func(ctx context.Context) tea.Msg {
		msg := documentMsg{request: request, source: name}
		return blocking(ctx, documentMsg{request: request, err: late}, func() documentMsg {
			msg.document, msg.err = rt.Documents.Read(ctx, path)
			return msg
		}).unlessStopped(ctx)
	})
}

// reads is the work of reading a file or a paste of that name. What reads it may
// not look at its context: it is left alone then.
func reads(name string) job {
	return job{title: "Reading " + name, stays: nothingChanged, looks: true, whole: true, limit: patient}
}

// late says that there was no answer in time, errNotRead that the user did not
// wait for it.
var (
	late       = context.DeadlineExceeded
	errNotRead = errors.New("reading it was stopped")
)

func (m documentMsg) unlessStopped(ctx context.Context) documentMsg {
	if m.err != nil && meterOf(ctx).stopping() {
		m.err = errNotRead
	}
	return m
}

// parseDocument takes an OpenAPI document out of a pasted text. Terminals send
// line ends as carriage returns. The returned function gives it up.
func (rt *runtime) parseDocument(request int, text string) (tea.Cmd, func()) {
	return rt.work(reads("what was pasted"), func(ctx context.Context) tea.Msg {
		text := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		msg := documentMsg{request: request, source: "what was pasted"}
		return blocking(ctx, documentMsg{request: request, err: late}, func() documentMsg {
			msg.document, msg.err = rt.Documents.Parse(ctx, []byte(text))
			return msg
		}).unlessStopped(ctx)
	})
}

// plannedMsg is a document compared with the store as it is.
type plannedMsg struct {
	request int
	plan    ImportPlan
	err     error
}

func (rt *runtime) planImport(request int, d Document, base string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		existing, err := rt.Backend.Workflows(ctx)
		if err != nil {
			return plannedMsg{request: request, err: err}
		}
		return plannedMsg{request: request, plan: d.Plan(existing, base)}
	})
}

// How much of an import one command does: it is shown in between, and can be
// stopped.
const (
	importBatch = 25
	importFor   = 100 * time.Millisecond
)

// importedMsg is the end of one part of an import: what was made, and why one
// was not. Without an error more may be left of the part.
type importedMsg struct {
	request int
	made    int
	err     error
	receipt model.Receipt // of the last one that was made

	workflows []model.WorkflowInfo // that were made, for the undo
}

// importPart makes the first of these workflows, until that took importFor.
func (rt *runtime) importPart(request int, rows []ImportRow) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := importedMsg{request: request}
		began := rt.Now()
		for _, row := range rows {
			r := model.Receipt{}
			w, err := rt.Backend.CreateWorkflow(model.WithReceipt(ctx, &r), model.WorkflowDraft{Name: row.Name, Method: row.Method, Path: row.Path})
			if err != nil {
				msg.err = fmt.Errorf("%q was not made: %w", row.Name, err)
				return msg
			}
			msg.made, msg.receipt, msg.workflows = msg.made+1, r, append(msg.workflows, w)
			if rt.Now().Sub(began) >= importFor {
				break
			}
		}
		return msg
	})
}
