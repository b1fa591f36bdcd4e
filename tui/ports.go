package tui

import (
	"context"

	"dev.keyward/keyward/model"
)

// Endpoints starts and stops an endpoint in the console's process, for
// development. Its errors are sentences fit to be shown.
type Endpoints interface {
	// Start starts it on this machine alone.
	Start(ctx context.Context) (StartedEndpoint, error)
	// Recent returns how many requests it got in the last minute.
	Recent(ctx context.Context) (requests uint64, err error)
	// Stop stops it, and returns once the requests in flight are answered.
	Stop(ctx context.Context) error
}

// StartedEndpoint is an endpoint that was started.
type StartedEndpoint struct {
	Address string // such as https://localhost:8443
	// Taken is the HOST:PORT on which it would have been, which another program
	// has; "": it is there.
	Taken string
	// Ended gives the error of an endpoint that ended by itself, and is closed
	// when one was stopped.
	Ended <-chan error
}

// Documents reads OpenAPI documents. Its errors are sentences fit to be shown.
type Documents interface {
	// Read takes a document from a file, Parse from pasted text.
	Read(ctx context.Context, path string) (Document, error)
	Parse(ctx context.Context, data []byte) (Document, error)
}

// Document is an OpenAPI document that was read.
type Document interface {
	// Base is the path of its first server, which stands before the paths of its
	// operations; "" for none.
	Base() string

	// Plan says which workflow each of its operations would become in a store
	// with these workflows, where base stands before the paths in the place of
	// Base. The order of the operations is the same each time, and so are the
	// names, as far as the workflows and base are.
	Plan(existing []model.WorkflowInfo, base string) ImportPlan
}

// ImportPlan is what would be made of a document.
type ImportPlan struct {
	Base string // what stands before the paths, "" for nothing
	Rows []ImportRow
}

// ImportRow is an operation, and the workflow that it would become.
type ImportRow struct {
	Name, Method, Path string
	State              ImportState
	Note               string // of what cannot be imported why, and what to do; of what is renamed the name that it has in the document
}

// ImportState is what can be done with an ImportRow.
type ImportState int

// The states of an operation. Those up to ImportRenamed can be imported.
const (
	ImportNew         ImportState = iota
	ImportRenamed                 // it cannot have the name that the document gives it
	ImportConflict                // another workflow is in its way
	ImportThere                   // the very same workflow is there already
	ImportUnsupported             // no workflow can be made of it
)
