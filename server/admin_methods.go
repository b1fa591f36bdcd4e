package server

import (
	"context"

	"dev.keyward/keyward/model"
)

// adminMethod is one method of the admin API.
type adminMethod struct {
	kind  callKind
	serve func(*adminCall)
}

// short is a method that asks and answers.
func short[In, Out any](fn func(context.Context, *model.Session, In) (Out, error)) adminMethod {
	return adminMethod{kind: shortCall, serve: func(c *adminCall) { callSession(c, false, fn) }}
}

// long is a method that may take its time, and that tells also after an error
// what was done.
func long[In, Out any](fn func(context.Context, *model.Session, In) (Out, error)) adminMethod {
	return adminMethod{kind: longCall, serve: func(c *adminCall) { callSession(c, true, fn) }}
}

// adminMethods are the methods by name: those of *model.Session, and a few for
// the processes among themselves.
var adminMethods = map[string]adminMethod{
	"Keys": short(func(ctx context.Context, s *model.Session, q model.KeyQuery) (model.KeyPage, error) {
		return s.Keys(ctx, q)
	}),
	"Key": short(func(ctx context.Context, s *model.Session, in refRequest) (model.KeyInfo, error) {
		return s.Key(ctx, in.Ref)
	}),
	"CreateKey": short(func(ctx context.Context, s *model.Session, in createKeyRequest) (model.KeyInfo, error) {
		d, err := in.draft()
		if err != nil {
			return model.KeyInfo{}, err
		}
		return s.CreateKey(ctx, d)
	}),
	"EditKey": short(func(ctx context.Context, s *model.Session, in editKeyRequest) (model.KeyInfo, error) {
		e, err := in.edit()
		if err != nil {
			return model.KeyInfo{}, err
		}
		return s.EditKey(ctx, in.Ref, e)
	}),
	"SetKeyEnabled": short(func(ctx context.Context, s *model.Session, in enableRequest) (model.KeyInfo, error) {
		return s.SetKeyEnabled(ctx, in.Ref, in.Enabled)
	}),
	"RegenerateKey": short(func(ctx context.Context, s *model.Session, in regenerateRequest) (model.KeyInfo, error) {
		h, err := in.Holding.model()
		if err != nil {
			return model.KeyInfo{}, err
		}
		return s.RegenerateKey(ctx, in.Ref, in.Slot, h, in.Grace)
	}),
	"DeleteKey": short(func(ctx context.Context, s *model.Session, in refRequest) (none, error) {
		return none{}, s.DeleteKey(ctx, in.Ref)
	}),
	"DeletedKeys": short(func(ctx context.Context, s *model.Session, q model.BinQuery) (model.BinPage, error) {
		return s.DeletedKeys(ctx, q)
	}),
	"RestoreKey": short(func(ctx context.Context, s *model.Session, in restoreRequest) (model.RestoredKey, error) {
		return s.RestoreKey(ctx, in.Ref, in.Name)
	}),
	"ChangeKeys": long(func(ctx context.Context, s *model.Session, in changeKeysRequest) (model.BulkResult, error) {
		return s.ChangeKeys(ctx, in.Refs, in.Bulk)
	}),
	"Purge": long(func(ctx context.Context, s *model.Session, in purgeRequest) (countAnswer, error) {
		n, err := s.Purge(ctx, in.Age)
		return countAnswer{uint64(n)}, err
	}),

	"Workflows": short(func(ctx context.Context, s *model.Session, _ none) ([]model.WorkflowInfo, error) {
		return s.Workflows(ctx)
	}),
	"Workflow": short(func(ctx context.Context, s *model.Session, in refRequest) (model.WorkflowInfo, error) {
		return s.Workflow(ctx, in.Ref)
	}),
	"CreateWorkflow": short(func(ctx context.Context, s *model.Session, d model.WorkflowDraft) (model.WorkflowInfo, error) {
		return s.CreateWorkflow(ctx, d)
	}),
	"EditWorkflow": short(func(ctx context.Context, s *model.Session, in editWorkflowRequest) (model.WorkflowInfo, error) {
		return s.EditWorkflow(ctx, in.Ref, in.Edit)
	}),
	"DeleteWorkflow": short(func(ctx context.Context, s *model.Session, in refRequest) (countAnswer, error) {
		n, err := s.DeleteWorkflow(ctx, in.Ref)
		return countAnswer{uint64(n)}, err
	}),
	"Overlaps": short(func(ctx context.Context, s *model.Session, in overlapsRequest) ([]model.Clash, error) {
		return s.Overlaps(ctx, in.Method, in.Path, in.Except)
	}),

	"Environments": short(func(ctx context.Context, s *model.Session, _ none) ([]model.EnvironmentInfo, error) {
		return s.Environments(ctx)
	}),
	"Environment": short(func(ctx context.Context, s *model.Session, in refRequest) (model.EnvironmentInfo, error) {
		return s.Environment(ctx, in.Ref)
	}),
	"CreateEnvironment": short(func(ctx context.Context, s *model.Session, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
		return s.CreateEnvironment(ctx, d)
	}),
	"EditEnvironment": short(func(ctx context.Context, s *model.Session, in editEnvironmentRequest) (model.EnvironmentInfo, error) {
		return s.EditEnvironment(ctx, in.Ref, in.Edit)
	}),
	"DeleteEnvironment": short(func(ctx context.Context, s *model.Session, in refRequest) (none, error) {
		return none{}, s.DeleteEnvironment(ctx, in.Ref)
	}),

	"Check": short(func(ctx context.Context, s *model.Session, in checkRequest) (model.Verdict, error) {
		in.Query.Method, in.Query.URL = string(in.Method), string(in.URL)
		return s.Check(ctx, in.Query)
	}),
	"Certificates": short(func(ctx context.Context, s *model.Session, q model.CertificateQuery) (model.CertificatePage, error) {
		return s.Certificates(ctx, q)
	}),
	"Certificate": short(func(ctx context.Context, s *model.Session, in certificateRequest) (certificateAnswer, error) {
		c, err := s.Certificate(ctx, in.Ref, in.Slot)
		return certificateAnswer{c, c.DER}, err
	}),
	"Audit": short(func(ctx context.Context, s *model.Session, q model.AuditQuery) (model.AuditPage, error) {
		return s.Audit(ctx, q)
	}),
	"VerifyAudit": long(func(ctx context.Context, s *model.Session, _ none) (countAnswer, error) {
		n, err := s.VerifyAudit(ctx)
		return countAnswer{n}, err
	}),
	"Activity": short(func(ctx context.Context, s *model.Session, q model.ActivityQuery) (model.ActivityPage, error) {
		return s.Activity(ctx, q)
	}),
	"Explain": short(func(ctx context.Context, s *model.Session, a model.Activity) (model.Explanation, error) {
		return s.Explain(ctx, a)
	}),
	"Settle": {kind: shortCall, serve: func(c *adminCall) {
		callSession(c, true, func(ctx context.Context, s *model.Session, in settleRequest) (model.Settled, error) {
			return s.Settle(ctx, in.Request)
		})
	}},

	"AddUsage":    {kind: shortCall, serve: addUsage},
	"AddActivity": {kind: shortCall, serve: addActivity},
	"Follow":      {kind: streamCall, serve: follow},
	"HandOver":    {kind: handOverCall, serve: handOver},
	"Backup":      {kind: longCall, serve: backup},
	"Diagnose":    {kind: longCall, serve: diagnose},
}
