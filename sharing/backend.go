package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// backend is every use case. A session in this process has them, and a client
// of the process that owns the store.
type backend interface {
	Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error)
	Key(ctx context.Context, ref string) (model.KeyInfo, error)
	Workflows(ctx context.Context) ([]model.WorkflowInfo, error)
	Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error)
	Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error)
	Environments(ctx context.Context) ([]model.EnvironmentInfo, error)
	Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error)
	Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error)
	Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error)
	Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error)
	Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error)
	VerifyAudit(ctx context.Context) (uint64, error)
	CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error)
	EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error)
	SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error)
	RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error)
	CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error)
	EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error)
	CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error)
	EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error)
	DeleteKey(ctx context.Context, ref string) error
	DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error)
	RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error)
	DeleteWorkflow(ctx context.Context, ref string) (keys int, err error)
	DeleteEnvironment(ctx context.Context, ref string) error
	ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error)
	Purge(ctx context.Context, age time.Duration) (keys int, err error)
	Settle(ctx context.Context, request string) (model.Settled, error)
	Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error)
	Explain(ctx context.Context, a model.Activity) (model.Explanation, error)
}

var (
	_ backend = (*model.Session)(nil)
	_ backend = (*server.Client)(nil)
	_ backend = (*Member)(nil)
)

// The use cases, as a session has them, whoever owns the store.

// Keys is Session.Keys.
func (m *Member) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	return read(ctx, m, func(b backend) (model.KeyPage, error) { return b.Keys(ctx, q) })
}

// Key is Session.Key.
func (m *Member) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	return read(ctx, m, func(b backend) (model.KeyInfo, error) { return b.Key(ctx, ref) })
}

// Workflows is Session.Workflows.
func (m *Member) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	return read(ctx, m, func(b backend) ([]model.WorkflowInfo, error) { return b.Workflows(ctx) })
}

// Workflow is Session.Workflow.
func (m *Member) Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error) {
	return read(ctx, m, func(b backend) (model.WorkflowInfo, error) { return b.Workflow(ctx, ref) })
}

// Overlaps is Session.Overlaps.
func (m *Member) Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error) {
	return read(ctx, m, func(b backend) ([]model.Clash, error) { return b.Overlaps(ctx, method, path, except) })
}

// Environments is Session.Environments.
func (m *Member) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	return read(ctx, m, func(b backend) ([]model.EnvironmentInfo, error) { return b.Environments(ctx) })
}

// Environment is Session.Environment.
func (m *Member) Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error) {
	return read(ctx, m, func(b backend) (model.EnvironmentInfo, error) { return b.Environment(ctx, ref) })
}

// Check is Session.Check.
func (m *Member) Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error) {
	return read(ctx, m, func(b backend) (model.Verdict, error) { return b.Check(ctx, q) })
}

// Certificates is Session.Certificates.
func (m *Member) Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error) {
	return read(ctx, m, func(b backend) (model.CertificatePage, error) { return b.Certificates(ctx, q) })
}

// Certificate is Session.Certificate.
func (m *Member) Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error) {
	return read(ctx, m, func(b backend) (model.Certificate, error) { return b.Certificate(ctx, ref, n) })
}

// Audit is Session.Audit.
func (m *Member) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	return read(ctx, m, func(b backend) (model.AuditPage, error) { return b.Audit(ctx, q) })
}

// VerifyAudit is Session.VerifyAudit.
func (m *Member) VerifyAudit(ctx context.Context) (uint64, error) {
	return read(ctx, m, func(b backend) (uint64, error) { return b.VerifyAudit(ctx) })
}

// CreateKey is Session.CreateKey.
func (m *Member) CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.KeyInfo, error) { return b.CreateKey(ctx, d) }, theKey)
}

// EditKey is Session.EditKey.
func (m *Member) EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.KeyInfo, error) { return b.EditKey(ctx, ref, e) }, theKey)
}

// SetKeyEnabled is Session.SetKeyEnabled.
func (m *Member) SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.KeyInfo, error) { return b.SetKeyEnabled(ctx, ref, enabled) }, theKey)
}

// RegenerateKey is Session.RegenerateKey.
func (m *Member) RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.KeyInfo, error) {
		return b.RegenerateKey(ctx, ref, n, h, grace)
	}, theKey)
}

// CreateWorkflow is Session.CreateWorkflow.
func (m *Member) CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.WorkflowInfo, error) { return b.CreateWorkflow(ctx, d) }, theWorkflow)
}

// EditWorkflow is Session.EditWorkflow.
func (m *Member) EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.WorkflowInfo, error) { return b.EditWorkflow(ctx, ref, e) }, theWorkflow)
}

// CreateEnvironment is Session.CreateEnvironment.
func (m *Member) CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.EnvironmentInfo, error) {
		return b.CreateEnvironment(ctx, d)
	}, theEnvironment)
}

// EditEnvironment is Session.EditEnvironment.
func (m *Member) EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	return change(ctx, m, func(ctx context.Context, b backend) (model.EnvironmentInfo, error) {
		return b.EditEnvironment(ctx, ref, e)
	}, theEnvironment)
}

// DeleteKey is Session.DeleteKey.
func (m *Member) DeleteKey(ctx context.Context, ref string) error {
	_, err := change(ctx, m, func(ctx context.Context, b backend) (struct{}, error) { return struct{}{}, b.DeleteKey(ctx, ref) }, nothing)
	return err
}

// DeleteEnvironment is Session.DeleteEnvironment.
func (m *Member) DeleteEnvironment(ctx context.Context, ref string) error {
	_, err := change(ctx, m, func(ctx context.Context, b backend) (struct{}, error) {
		return struct{}{}, b.DeleteEnvironment(ctx, ref)
	}, nothing)
	return err
}

// DeleteWorkflow is Session.DeleteWorkflow. Where the answer was lost, how many
// keys lost a permission is not known any more, and said to be none.
func (m *Member) DeleteWorkflow(ctx context.Context, ref string) (keys int, err error) {
	return change(ctx, m, func(ctx context.Context, b backend) (int, error) { return b.DeleteWorkflow(ctx, ref) },
		func(context.Context, backend, model.Settled) (int, error) { return 0, nil })
}

// Settle is Session.Settle.
func (m *Member) Settle(ctx context.Context, request string) (model.Settled, error) {
	return read(ctx, m, func(b backend) (model.Settled, error) { return b.Settle(ctx, request) })
}

// mostRefs bounds how many keys are named in one call.
const mostRefs = 5000

// ChangeKeys is Session.ChangeKeys. Where the owner goes away in the middle, the
// next one goes on with what is left.
func (m *Member) ChangeKeys(ctx context.Context, refs []string, bulk model.KeyBulk) (model.BulkResult, error) {
	out := model.BulkResult{Done: []string{}}
	for first := true; first || len(refs) > 0; first = false {
		part := refs[:min(len(refs), mostRefs)]
		var made []model.Object
		r, err := change(ctx, m, func(ctx context.Context, b backend) (model.BulkResult, error) { return b.ChangeKeys(ctx, part, bulk) },
			func(_ context.Context, _ backend, s model.Settled) (r model.BulkResult, _ error) {
				made = s.Objects
				return r, nil
			})
		out.Done = append(out.Done, r.Done...)
		out.Changed += r.Changed
		if err != nil {
			return out, err
		}
		if made == nil {
			refs = refs[len(part):]
			continue
		}
		for _, o := range made {
			out.Done = append(out.Done, o.Name)
		}
		out.Changed += len(made)
		refs = without(refs, made)
	}
	return out, nil
}

// without leaves out the references to objects.
func without(refs []string, made []model.Object) []string {
	known := map[string]bool{}
	for _, o := range made {
		known[model.Fold(o.Name)], known[o.ID.String()] = true, true
	}
	var left []string
	for _, ref := range refs {
		if !known[model.Fold(ref)] {
			left = append(left, ref)
		}
	}
	return left
}

// Purge is Session.Purge. Where the owner goes away in the middle, the next one
// goes on.
func (m *Member) Purge(ctx context.Context, age time.Duration) (keys int, err error) {
	for {
		lost := false
		n, err := change(ctx, m, func(ctx context.Context, b backend) (int, error) { return b.Purge(ctx, age) },
			func(_ context.Context, _ backend, s model.Settled) (int, error) {
				lost = true
				return len(s.Objects), nil
			})
		keys += n
		if err != nil || !lost {
			return keys, err
		}
	}
}
