package server

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
)

// Keys returns part of the list of keys.
func (c *Client) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	return invoke[model.KeyPage](ctx, c, "Keys", q)
}

// Key returns everything about the key with that name or id.
func (c *Client) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	return invoke[model.KeyInfo](ctx, c, "Key", refRequest{ref})
}

// CreateKey makes a key, enabled.
func (c *Client) CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	primary, err := outgoing(d.Primary, "primary")
	if err != nil {
		return model.KeyInfo{}, err
	}
	secondary, err := outgoing(d.Secondary, "secondary")
	if err != nil {
		return model.KeyInfo{}, err
	}
	d.Primary, d.Secondary = model.Holding{}, model.Holding{}
	return invokeChange[model.KeyInfo](ctx, c, "CreateKey", createKeyRequest{d, primary, secondary})
}

// EditKey changes what e names and leaves the rest.
func (c *Client) EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error) {
	h, err := outgoing(model.Holding{Certificate: e.Certificate}, e.Slot.String())
	if err != nil {
		return model.KeyInfo{}, err
	}
	e.Certificate, e.Workflows = nil, emptyNotNil(e.Workflows)
	return invokeChange[model.KeyInfo](ctx, c, "EditKey", editKeyRequest{ref, e, h.Certificate})
}

// emptyNotNil keeps an empty list from travelling as none: as a field that is to
// stay as it is.
func emptyNotNil(list *[]string) *[]string {
	if list != nil && *list == nil {
		return &[]string{}
	}
	return list
}

// SetKeyEnabled lets the key work, or stops it.
func (c *Client) SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error) {
	return invokeChange[model.KeyInfo](ctx, c, "SetKeyEnabled", enableRequest{ref, enabled})
}

// RegenerateKey puts a new secret into a token key's slot.
func (c *Client) RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error) {
	out, err := outgoing(h, n.String())
	if err != nil {
		return model.KeyInfo{}, err
	}
	return invokeChange[model.KeyInfo](ctx, c, "RegenerateKey", regenerateRequest{ref, n, out, grace})
}

// DeleteKey ends a key for good.
func (c *Client) DeleteKey(ctx context.Context, ref string) error {
	_, err := invokeChange[none](ctx, c, "DeleteKey", refRequest{ref})
	return err
}

// ChangeKeys does the same to several keys, in batches. It draws no request id,
// which is good for one batch only: after a lost answer, look at the keys. What
// does not fit into 1 MiB is a model.ErrTooLarge: some thousands of references.
func (c *Client) ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error) {
	out, err := invoke[model.BulkResult](ctx, c, "ChangeKeys", changeKeysRequest{refs, b})
	if out.Done == nil {
		out.Done = []string{}
	}
	return out, err
}

// Purge removes keys that were deleted long ago. It draws no request id: after a
// lost answer, it can be called again.
func (c *Client) Purge(ctx context.Context, age time.Duration) (keys int, err error) {
	out, err := invoke[countAnswer](ctx, c, "Purge", purgeRequest{age})
	return int(out.Count), err
}

// Workflows lists the workflows.
func (c *Client) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	return invoke[[]model.WorkflowInfo](ctx, c, "Workflows", none{})
}

// Workflow returns everything about one workflow.
func (c *Client) Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error) {
	return invoke[model.WorkflowInfo](ctx, c, "Workflow", refRequest{ref})
}

// CreateWorkflow makes a workflow.
func (c *Client) CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	return invokeChange[model.WorkflowInfo](ctx, c, "CreateWorkflow", d)
}

// EditWorkflow changes what e names and leaves the rest.
func (c *Client) EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error) {
	return invokeChange[model.WorkflowInfo](ctx, c, "EditWorkflow", editWorkflowRequest{ref, e})
}

// DeleteWorkflow removes a workflow and returns how many keys permitted it.
func (c *Client) DeleteWorkflow(ctx context.Context, ref string) (keys int, err error) {
	out, err := invokeChange[countAnswer](ctx, c, "DeleteWorkflow", refRequest{ref})
	return int(out.Count), err
}

// Overlaps lists the workflows whose binding some request matches as well.
func (c *Client) Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error) {
	return invoke[[]model.Clash](ctx, c, "Overlaps", overlapsRequest{method, path, except})
}

// Environments lists the environments.
func (c *Client) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	return invoke[[]model.EnvironmentInfo](ctx, c, "Environments", none{})
}

// Environment returns everything about one environment.
func (c *Client) Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error) {
	return invoke[model.EnvironmentInfo](ctx, c, "Environment", refRequest{ref})
}

// CreateEnvironment makes an environment.
func (c *Client) CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	return invokeChange[model.EnvironmentInfo](ctx, c, "CreateEnvironment", d)
}

// EditEnvironment changes what e names and leaves the rest.
func (c *Client) EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	e.Hosts = emptyNotNil(e.Hosts)
	return invokeChange[model.EnvironmentInfo](ctx, c, "EditEnvironment", editEnvironmentRequest{ref, e})
}

// DeleteEnvironment removes an environment.
func (c *Client) DeleteEnvironment(ctx context.Context, ref string) error {
	_, err := invokeChange[none](ctx, c, "DeleteEnvironment", refRequest{ref})
	return err
}

// Check decides about a call without making it.
func (c *Client) Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error) {
	in := checkRequest{Query: q, Method: []byte(q.Method), URL: []byte(q.URL)}
	in.Query.Method, in.Query.URL = "", ""
	return invoke[model.Verdict](ctx, c, "Check", in)
}

// Certificates returns part of the list of all registered certificates.
func (c *Client) Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error) {
	return invoke[model.CertificatePage](ctx, c, "Certificates", q)
}

// Certificate returns the certificate in a key's slot with its DER.
func (c *Client) Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error) {
	out, err := invoke[certificateAnswer](ctx, c, "Certificate", certificateRequest{ref, n})
	out.Certificate.DER = out.DER
	return out.Certificate, err
}

// Audit returns part of the audit trail, newest first.
func (c *Client) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	return invoke[model.AuditPage](ctx, c, "Audit", q)
}

// VerifyAudit walks the whole chain and returns how many entries it has.
func (c *Client) VerifyAudit(ctx context.Context) (entries uint64, err error) {
	out, err := invoke[countAnswer](ctx, c, "VerifyAudit", none{})
	return out.Count, err
}

// Settle decides for good what became of the change with that request id.
func (c *Client) Settle(ctx context.Context, request string) (model.Settled, error) {
	return invoke[model.Settled](ctx, c, "Settle", settleRequest{request})
}
