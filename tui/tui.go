// Package tui is the console: Bubble Tea screens over small ports. One root
// model (app) owns routing, the mode, the size, the prompt and the status line;
// a handful of screens below it hold what they show; widgets are plain structs.
// Update and View never touch the backend, the disk, the clock or randomness:
// only the functions in the commands files do, each from a command that the
// root's runtime waits for before Run returns. It imports model and nothing
// else of keyward's; cli constructs it.
package tui

import (
	"context"
	"io"
	"os"
	"time"

	"dev.keyward/keyward/model"
)

// Keys is what the console needs to show and change keys. Errors are model's:
// tell them apart with errors.Is.
type Keys interface {
	Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error)
	Key(ctx context.Context, ref string) (model.KeyInfo, error)
	CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error)
	EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error)
	SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error)
	RegenerateKey(ctx context.Context, ref string, slot model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error)
	DeleteKey(ctx context.Context, ref string) error
	// DeletedKeys lists the bin, RestoreKey brings a key back, disabled, and Purge
	// removes those for good that were deleted longer ago than age.
	DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error)
	RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error)
	Purge(ctx context.Context, age time.Duration) (keys int, err error)
	// ChangeKeys does the same to several keys; its result counts also where the
	// error is not nil.
	ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error)
}

// Workflows is what the console needs to show and change workflows.
type Workflows interface {
	Workflows(ctx context.Context) ([]model.WorkflowInfo, error)
	Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error)
	// Overlaps names the workflows, but for the one called except, that some
	// request matches as well as that binding.
	Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error)
	CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error)
	EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error)
	// DeleteWorkflow returns how many keys may not call it any more.
	DeleteWorkflow(ctx context.Context, ref string) (keys int, err error)
}

// Environments is what the console needs to show and change environments.
type Environments interface {
	Environments(ctx context.Context) ([]model.EnvironmentInfo, error)
	Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error)
	CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error)
	EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error)
	DeleteEnvironment(ctx context.Context, ref string) error
}

// Registry is what the console needs to show the certificates of all keys.
type Registry interface {
	Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error)
	// Certificate returns the one in a key's slot with its DER.
	Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error)
}

// Record is what the console needs of the audit trail.
type Record interface {
	Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error)
	// VerifyAudit walks the whole chain and returns how many entries it has.
	VerifyAudit(ctx context.Context) (entries uint64, err error)
}

// Traffic is what the console needs to show what endpoints decide, and why.
type Traffic interface {
	Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error)
	Explain(ctx context.Context, a model.Activity) (model.Explanation, error)
	// Check decides about a call without making it.
	Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error)
}

// Backend is everything about the store that the console shows and changes.
// *model.Session is one.
type Backend interface {
	Keys
	Workflows
	Environments
	Registry
	Record
	Traffic
}

var _ Backend = (*model.Session)(nil)

// Sharing is how the console shares the store with other processes.
type Sharing interface {
	// Watch calls fn with where the console stands, at once and whenever that
	// changes, until ctx ends. fn does not wait for anything.
	Watch(ctx context.Context, fn func(model.Standing)) error
	// Suspend lets go of the store, so that others can have it while this
	// process is stopped; Resume takes part again.
	Suspend(ctx context.Context) error
	Resume(ctx context.Context) error
}

// Certificates reads and makes certificates. Its errors are sentences fit to be
// shown.
type Certificates interface {
	// Read takes a certificate from a file, Parse from pasted text.
	Read(ctx context.Context, path string) (model.Certificate, error)
	Parse(ctx context.Context, data []byte) (model.Certificate, error)
	// Generate makes a self-signed certificate and writes it and its private
	// key (0600) as NAME.crt and NAME.key into o.Dir; it overwrites nothing.
	Generate(ctx context.Context, o GenerateOptions) (Generated, error)
}

// GenerateOptions say which certificate to make.
type GenerateOptions struct {
	Dir       string
	Name      string // of the files, without an ending
	Subject   string // in OpenSSL's form, "/CN=x"; "" and "/" are empty
	Days      int
	Algorithm string // one of Options.Algorithms
}

// Generated is a certificate that was made, and where its files are.
type Generated struct {
	Certificate     model.Certificate
	CertificateFile string
	KeyFile         string
}

// Options are the console's surroundings.
type Options struct {
	Backend      Backend
	Sharing      Sharing // nil: nobody else has the store
	Certificates Certificates
	Endpoints    Endpoints // nil: none can be started here
	NoEndpoints  string    // why none is to be started here, as a sentence; "": one is
	Documents    Documents // reads OpenAPI documents
	Algorithms   []string  // what Generate can make, the recommended one first
	ReadOnly     bool      // every key that changes something is off; the backend has to refuse as well
	ASCII        bool      // nothing but ASCII is shown, as in a C locale
	Mouse        bool      // the mouse works from the start
	DataDir      string    // shown in the status line
	Endpoint     string    // base URL in the reveal screen's curl line, such as https://localhost:8443
	CAFile       string    // for its --cacert; "": none

	Input  *os.File // a terminal
	Output *os.File // a terminal
	Remote *Remote  // in the place of both: a terminal at the other end of a connection; Env is then what it says of itself
	Env    func(string) string
	Now    func() time.Time
	Random io.Reader
}
