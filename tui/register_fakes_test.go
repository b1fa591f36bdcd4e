package tui

import (
	"context"

	"dev.keyward/keyward/model"
)

func (s *makeStore) Workflow(context.Context, string) (model.WorkflowInfo, error) {
	return model.WorkflowInfo{}, errUnused
}

func (s *makeStore) Overlaps(context.Context, string, string, string) ([]model.Clash, error) {
	return nil, errUnused
}

func (s *makeStore) EditWorkflow(context.Context, string, model.WorkflowEdit) (model.WorkflowInfo, error) {
	return model.WorkflowInfo{}, errUnused
}

func (s *makeStore) DeleteWorkflow(context.Context, string) (int, error) { return 0, errUnused }

func (s *makeStore) Environment(context.Context, string) (model.EnvironmentInfo, error) {
	return model.EnvironmentInfo{}, errUnused
}

func (s *makeStore) CreateEnvironment(context.Context, model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	return model.EnvironmentInfo{}, errUnused
}

func (s *makeStore) EditEnvironment(context.Context, string, model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	return model.EnvironmentInfo{}, errUnused
}

func (s *makeStore) DeleteEnvironment(context.Context, string) error { return errUnused }

func (f *flaky) EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error) {
	if f.wrote != nil {
		return model.WorkflowInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.EditWorkflow(ctx, ref, e)
}

func (f *flaky) DeleteWorkflow(ctx context.Context, ref string) (int, error) {
	if f.wrote != nil {
		return 0, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.DeleteWorkflow(ctx, ref)
}

func (f *flaky) CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	if f.wrote != nil {
		return model.EnvironmentInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.CreateEnvironment(ctx, d)
}

func (f *flaky) EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	if f.wrote != nil {
		return model.EnvironmentInfo{}, f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.EditEnvironment(ctx, ref, e)
}

func (f *flaky) DeleteEnvironment(ctx context.Context, ref string) error {
	if f.wrote != nil {
		return f.wrote
	}
	defer f.tell(ctx)
	return f.Backend.DeleteEnvironment(ctx, ref)
}
