package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/tui"
)

// documents is the console's port to OpenAPI documents: what "workflow import"
// reads, with its limits.
type documents struct{ app *app }

// Read takes a document from a file.
func (d documents) Read(ctx context.Context, path string) (tui.Document, error) {
	data, err := readDocumentFile(path)
	if err != nil {
		return nil, err
	}
	return d.Parse(ctx, data)
}

// readDocumentFile reads an ordinary file: a pipe might never end.
func readDocumentFile(path string) (data []byte, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fileError(path, err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no ordinary file: choose one that is")
	case info.Size() > importLimit:
		return nil, fmt.Errorf("it has %d MiB, and %d MiB are the most: divide it", info.Size()>>20, importLimit>>20)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, importLimit+1))
}

// Parse takes a document from text.
func (d documents) Parse(ctx context.Context, data []byte) (tui.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(data) > importLimit {
		return nil, fmt.Errorf("it has more than %d MiB: divide it", importLimit>>20)
	}
	doc, err := readDocument(data)
	if err != nil {
		return nil, err
	}
	return readDoc{doc}, nil
}

// readDoc is a document that was read, for the console.
type readDoc struct{ doc document }

// Base is the path of the document's first server.
func (d readDoc) Base() string { return d.doc.base }

// Plan is what "workflow import" shows first, without a prefix of the names.
func (d readDoc) Plan(existing []model.WorkflowInfo, base string) tui.ImportPlan {
	plan := tui.ImportPlan{Base: base}
	for _, r := range planImport(d.doc.under(base).operations, existing, "") {
		row := tui.ImportRow{Name: r.Name, Method: r.Method, Path: r.Path, Note: r.Note}
		switch {
		case r.Reason == reasonThere:
			row.State = tui.ImportThere
		case r.Reason.conflicts():
			row.State = tui.ImportConflict
			row.Note = strings.Replace(r.Note, usePrefix, useName, 1)
		case r.Reason == reasonUnsupported:
			row.State = tui.ImportUnsupported
		case r.renamed:
			row.State = tui.ImportRenamed
		}
		plan.Rows = append(plan.Rows, row)
	}
	return plan
}

// pastedDocuments is documents where there are no files.
type pastedDocuments struct{ documents }

// Read refuses: the file would be the server's.
func (pastedDocuments) Read(context.Context, string) (tui.Document, error) {
	return nil, errors.New("over SSH no files are read, for they would be the server's: paste the document")
}
