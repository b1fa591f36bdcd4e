package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
)

// Guest is the use cases for an operator who came to this process, an endpoint,
// over SSH. Whoever owns the store records both: the process, for which the
// system vouches, and the operator, for whom the process does. It is safe for
// concurrent use and costs nothing to make.
type Guest struct {
	m      *Member
	caller model.Caller
	login  Login // nil: nobody looks again
}

var _ backend = (*Guest)(nil)

// As returns the use cases as caller may use them, whoever owns the store. The
// caller's user and process are this one's.
func (m *Member) As(caller model.Caller) *Guest {
	own := m.o.Caller.Actor
	caller.Actor.UID, caller.Actor.PID, caller.Actor.User, caller.Actor.Claimed = own.UID, own.PID, own.User, own.Claimed
	return &Guest{m: m, caller: caller}
}

func (g *Guest) as(ctx context.Context) context.Context {
	return context.WithValue(ctx, guestKey{}, *g)
}

// backendFor is the use cases at this place for the operator of the call: the
// guest that it is made for, or whoever runs this process.
func (p *place) backendFor(ctx context.Context) backend {
	g, guest := ctx.Value(guestKey{}).(Guest)
	switch {
	case !guest:
		return p.backend()
	case p.owner():
		return p.service.As(g.caller)
	}
	return p.client.As(g.caller)
}

// Keys is Session.Keys.
func (g *Guest) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	return g.m.Keys(g.as(ctx), q)
}

// Key is Session.Key.
func (g *Guest) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	return g.m.Key(g.as(ctx), ref)
}

// Workflows is Session.Workflows.
func (g *Guest) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	return g.m.Workflows(g.as(ctx))
}

// Workflow is Session.Workflow.
func (g *Guest) Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error) {
	return g.m.Workflow(g.as(ctx), ref)
}

// Overlaps is Session.Overlaps.
func (g *Guest) Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error) {
	return g.m.Overlaps(g.as(ctx), method, path, except)
}

// Environments is Session.Environments.
func (g *Guest) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	return g.m.Environments(g.as(ctx))
}

// Environment is Session.Environment.
func (g *Guest) Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error) {
	return g.m.Environment(g.as(ctx), ref)
}

// Check is Session.Check.
func (g *Guest) Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error) {
	return g.m.Check(g.as(ctx), q)
}

// Certificates is Session.Certificates.
func (g *Guest) Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error) {
	return g.m.Certificates(g.as(ctx), q)
}

// Certificate is Session.Certificate.
func (g *Guest) Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error) {
	return g.m.Certificate(g.as(ctx), ref, n)
}

// Audit is Session.Audit.
func (g *Guest) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	return g.m.Audit(g.as(ctx), q)
}

// VerifyAudit is Session.VerifyAudit.
func (g *Guest) VerifyAudit(ctx context.Context) (uint64, error) { return g.m.VerifyAudit(g.as(ctx)) }

// Settle is Session.Settle.
func (g *Guest) Settle(ctx context.Context, request string) (model.Settled, error) {
	return g.m.Settle(g.as(ctx), request)
}

// CreateKey is Session.CreateKey.
func (g *Guest) CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	return g.m.CreateKey(g.as(ctx), d)
}

// EditKey is Session.EditKey.
func (g *Guest) EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error) {
	return g.m.EditKey(g.as(ctx), ref, e)
}

// SetKeyEnabled is Session.SetKeyEnabled.
func (g *Guest) SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error) {
	return g.m.SetKeyEnabled(g.as(ctx), ref, enabled)
}

// RegenerateKey is Session.RegenerateKey.
func (g *Guest) RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error) {
	return g.m.RegenerateKey(g.as(ctx), ref, n, h, grace)
}

// CreateWorkflow is Session.CreateWorkflow.
func (g *Guest) CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	return g.m.CreateWorkflow(g.as(ctx), d)
}

// EditWorkflow is Session.EditWorkflow.
func (g *Guest) EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error) {
	return g.m.EditWorkflow(g.as(ctx), ref, e)
}

// CreateEnvironment is Session.CreateEnvironment.
func (g *Guest) CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	return g.m.CreateEnvironment(g.as(ctx), d)
}

// EditEnvironment is Session.EditEnvironment.
func (g *Guest) EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	return g.m.EditEnvironment(g.as(ctx), ref, e)
}

// DeleteKey is Session.DeleteKey.
func (g *Guest) DeleteKey(ctx context.Context, ref string) error {
	return g.m.DeleteKey(g.as(ctx), ref)
}

// DeletedKeys is Session.DeletedKeys.
func (g *Guest) DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error) {
	return g.m.DeletedKeys(g.as(ctx), q)
}

// RestoreKey is Session.RestoreKey.
func (g *Guest) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	return g.m.RestoreKey(g.as(ctx), ref, name)
}

// DeleteWorkflow is Session.DeleteWorkflow.
func (g *Guest) DeleteWorkflow(ctx context.Context, ref string) (keys int, err error) {
	return g.m.DeleteWorkflow(g.as(ctx), ref)
}

// DeleteEnvironment is Session.DeleteEnvironment.
func (g *Guest) DeleteEnvironment(ctx context.Context, ref string) error {
	return g.m.DeleteEnvironment(g.as(ctx), ref)
}

// ChangeKeys is Session.ChangeKeys.
func (g *Guest) ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error) {
	return g.m.ChangeKeys(g.as(ctx), refs, b)
}

// Purge is Session.Purge.
func (g *Guest) Purge(ctx context.Context, age time.Duration) (keys int, err error) {
	return g.m.Purge(g.as(ctx), age)
}

// Activity is Session.Activity.
func (g *Guest) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	return g.m.Activity(g.as(ctx), q)
}

// Explain is Session.Explain.
func (g *Guest) Explain(ctx context.Context, a model.Activity) (model.Explanation, error) {
	return g.m.Explain(g.as(ctx), a)
}
