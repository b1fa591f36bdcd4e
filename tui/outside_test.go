package tui

import (
	"context"
	"errors"
	"reflect"
	"time"

	"dev.keyward/keyward/model"
)

// outside is a backend in which every text is the same one, whatever it is the
// text of, and which refuses every change in that text's words. What a method
// returns is gone through by reflection: a new field is tainted as well.
type outside struct {
	Backend
	text string
}

// tainted returns a copy of v in which every text that is not empty is the one
// given. Types of their own, such as reasons, are no texts from outside.
func tainted[T any](v T, text string) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	out.Set(taint(reflect.ValueOf(v), text))
	return out.Interface().(T)
}

func taint(v reflect.Value, text string) reflect.Value {
	if !v.IsValid() || v.Type() == reflect.TypeFor[time.Time]() {
		return v
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.Len() > 0 {
			return reflect.ValueOf(text)
		}
	case reflect.Struct:
		return taintFields(v, text)
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(taint(v.Index(i), text))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMap(v.Type())
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(taint(it.Key(), text), taint(it.Value(), text))
		}
		return out
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(taint(v.Elem(), text))
		return out
	}
	return v
}

func taintFields(v reflect.Value, text string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			out.Field(i).Set(taint(v.Field(i), text))
		}
	}
	return out
}

func (o outside) refuses() error { return errors.New(o.text) }

func (o outside) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	q.Filter = "" // whatever is looked for is found
	v, err := o.Backend.Keys(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	v, err := o.Backend.Key(ctx, ref)
	return tainted(v, o.text), err
}

func (o outside) DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error) {
	v, err := o.Backend.DeletedKeys(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	v, err := o.Backend.Workflows(ctx)
	return tainted(v, o.text), err
}

func (o outside) Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error) {
	v, err := o.Backend.Workflow(ctx, ref)
	return tainted(v, o.text), err
}

func (o outside) Overlaps(context.Context, string, string, string) ([]model.Clash, error) {
	return tainted([]model.Clash{{Workflow: "a", Example: "/b"}}, o.text), nil
}

func (o outside) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	v, err := o.Backend.Environments(ctx)
	return tainted(v, o.text), err
}

func (o outside) Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error) {
	v, err := o.Backend.Environment(ctx, ref)
	return tainted(v, o.text), err
}

func (o outside) Certificates(ctx context.Context, q model.CertificateQuery) (model.CertificatePage, error) {
	q.Filter = ""
	v, err := o.Backend.Certificates(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error) {
	v, err := o.Backend.Certificate(ctx, ref, n)
	return tainted(v, o.text), err
}

func (o outside) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	q.Filter = ""
	v, err := o.Backend.Audit(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	v, err := o.Backend.Activity(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) Explain(ctx context.Context, a model.Activity) (model.Explanation, error) {
	v, err := o.Backend.Explain(ctx, a)
	return tainted(v, o.text), err
}

func (o outside) Check(ctx context.Context, q model.CheckQuery) (model.Verdict, error) {
	v, err := o.Backend.Check(ctx, q)
	return tainted(v, o.text), err
}

func (o outside) VerifyAudit(context.Context) (uint64, error) { return 0, o.refuses() }

func (o outside) CreateKey(context.Context, model.KeyDraft) (model.KeyInfo, error) {
	return model.KeyInfo{}, o.refuses()
}

func (o outside) EditKey(context.Context, string, model.KeyEdit) (model.KeyInfo, error) {
	return model.KeyInfo{}, o.refuses()
}

func (o outside) SetKeyEnabled(context.Context, string, bool) (model.KeyInfo, error) {
	return model.KeyInfo{}, o.refuses()
}

func (o outside) RegenerateKey(context.Context, string, model.SlotName, model.Holding, time.Duration) (model.KeyInfo, error) {
	return model.KeyInfo{}, o.refuses()
}

func (o outside) DeleteKey(context.Context, string) error { return o.refuses() }

func (o outside) RestoreKey(context.Context, string, string) (model.RestoredKey, error) {
	return model.RestoredKey{}, o.refuses()
}

func (o outside) Purge(context.Context, time.Duration) (int, error) { return 0, o.refuses() }

func (o outside) ChangeKeys(_ context.Context, refs []string, _ model.KeyBulk) (model.BulkResult, error) {
	return model.BulkResult{Done: refs[:1]}, o.refuses()
}

func (o outside) CreateWorkflow(context.Context, model.WorkflowDraft) (model.WorkflowInfo, error) {
	return model.WorkflowInfo{}, o.refuses()
}

func (o outside) EditWorkflow(context.Context, string, model.WorkflowEdit) (model.WorkflowInfo, error) {
	return model.WorkflowInfo{}, o.refuses()
}

func (o outside) DeleteWorkflow(context.Context, string) (int, error) { return 0, o.refuses() }

func (o outside) CreateEnvironment(context.Context, model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	return model.EnvironmentInfo{}, o.refuses()
}

func (o outside) EditEnvironment(context.Context, string, model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	return model.EnvironmentInfo{}, o.refuses()
}

func (o outside) DeleteEnvironment(context.Context, string) error { return o.refuses() }
