package server_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// operator is what both a Session and a Client do.
type operator interface {
	Keys(context.Context, model.KeyQuery) (model.KeyPage, error)
	Key(context.Context, string) (model.KeyInfo, error)
	CreateKey(context.Context, model.KeyDraft) (model.KeyInfo, error)
	EditKey(context.Context, string, model.KeyEdit) (model.KeyInfo, error)
	SetKeyEnabled(context.Context, string, bool) (model.KeyInfo, error)
	DeletedKeys(context.Context, model.BinQuery) (model.BinPage, error)
	RestoreKey(context.Context, string, string) (model.RestoredKey, error)
	RegenerateKey(context.Context, string, model.SlotName, model.Holding, time.Duration) (model.KeyInfo, error)
	DeleteKey(context.Context, string) error
	ChangeKeys(context.Context, []string, model.KeyBulk) (model.BulkResult, error)
	Purge(context.Context, time.Duration) (int, error)
	Workflows(context.Context) ([]model.WorkflowInfo, error)
	Workflow(context.Context, string) (model.WorkflowInfo, error)
	CreateWorkflow(context.Context, model.WorkflowDraft) (model.WorkflowInfo, error)
	EditWorkflow(context.Context, string, model.WorkflowEdit) (model.WorkflowInfo, error)
	DeleteWorkflow(context.Context, string) (int, error)
	Overlaps(ctx context.Context, method, path, except string) ([]model.Clash, error)
	Environments(context.Context) ([]model.EnvironmentInfo, error)
	Environment(context.Context, string) (model.EnvironmentInfo, error)
	CreateEnvironment(context.Context, model.EnvironmentDraft) (model.EnvironmentInfo, error)
	EditEnvironment(context.Context, string, model.EnvironmentEdit) (model.EnvironmentInfo, error)
	DeleteEnvironment(context.Context, string) error
	Check(context.Context, model.CheckQuery) (model.Verdict, error)
	Certificates(context.Context, model.CertificateQuery) (model.CertificatePage, error)
	Certificate(context.Context, string, model.SlotName) (model.Certificate, error)
	Audit(context.Context, model.AuditQuery) (model.AuditPage, error)
	VerifyAudit(context.Context) (uint64, error)
	Settle(context.Context, string) (model.Settled, error)
	Activity(context.Context, model.ActivityQuery) (model.ActivityPage, error)
	Explain(context.Context, model.Activity) (model.Explanation, error)
}

var (
	_ operator = (*model.Session)(nil)
	_ operator = (*server.Client)(nil)
)

// script is what the table does to an operator. The same seed brings the same
// secrets, certificates and times.
type script struct {
	ctx context.Context
	op  operator
	// where the decisions of endpoints arrive
	service *model.Service
	store   *faultyStore
	first   model.Certificate
	other   model.Certificate
	d       map[string]model.KeyDraft
}

func newScript(t testing.TB) *script {
	s := &script{ctx: t.Context(), d: map[string]model.KeyDraft{}}
	for i, c := range []*model.Certificate{&s.first, &s.other} {
		pair := newPair(t, ecdsaKey(t), func(x *x509.Certificate) {
			x.NotBefore, x.NotAfter = adminStart.AddDate(-1, 0, i), adminStart.AddDate(10, 0, 0)
			x.Subject.CommonName = "café \x1b[31m\u202e" // what nobody should be able to slip in
		})
		var err error
		if *c, err = model.NewCertificate(pair.Certificate[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"one", "two", "three", "new", "Two"} {
		s.d[name] = tokenDraft(t, name)
	}
	return s
}

func set[T any](v T) *T { return &v }

// steps are the table: in order, on both, with equal answers and errors.
var steps = []struct {
	name string
	want error // the kind of the error, nil for none
	do   func(*script) (any, error)
}{
	{"no keys", nil, func(s *script) (any, error) { return s.op.Keys(s.ctx, model.KeyQuery{}) }},
	{"create workflow", nil, func(s *script) (any, error) {
		return s.op.CreateWorkflow(s.ctx, model.WorkflowDraft{Name: "Lookup", Method: "GET", Path: "/c/{id}?q={x}", Upstreams: map[string]string{"Test": "https://up.example/"}})
	}},
	{"create overlapping workflow", nil, func(s *script) (any, error) {
		return s.op.CreateWorkflow(s.ctx, model.WorkflowDraft{Name: "Other", Method: "GET", Path: "/c/fixed?q={x}"})
	}},
	{"create unbound workflow", nil, func(s *script) (any, error) {
		return s.op.CreateWorkflow(s.ctx, model.WorkflowDraft{Name: "Unbound"})
	}},
	{"bad workflow", model.ErrInvalid, func(s *script) (any, error) {
		return s.op.CreateWorkflow(s.ctx, model.WorkflowDraft{Name: "Bad", Method: "GET", Path: "no slash"})
	}},
	{"overlaps", nil, func(s *script) (any, error) { return s.op.Overlaps(s.ctx, "GET", "/c/other?q={x}", "") }},
	{"overlaps of nonsense", model.ErrInvalid, func(s *script) (any, error) { return s.op.Overlaps(s.ctx, "GET", "{", "") }},
	{"edit workflow", nil, func(s *script) (any, error) {
		return s.op.EditWorkflow(s.ctx, "other", model.WorkflowEdit{Upstreams: map[string]string{"Production": "http://up.example"}})
	}},
	{"workflow", nil, func(s *script) (any, error) { return s.op.Workflow(s.ctx, "lookup") }},
	{"workflows", nil, func(s *script) (any, error) { return s.op.Workflows(s.ctx) }},
	{"no such workflow", model.ErrNotFound, func(s *script) (any, error) { return s.op.Workflow(s.ctx, "no\xffne") }},
	{"create environment", nil, func(s *script) (any, error) {
		return s.op.CreateEnvironment(s.ctx, model.EnvironmentDraft{Name: "Stage", Hosts: []string{"stage.example.com"}})
	}},
	{"taken environment", model.ErrConflict, func(s *script) (any, error) {
		return s.op.CreateEnvironment(s.ctx, model.EnvironmentDraft{Name: "STAGE"})
	}},
	{"no hosts any more", nil, func(s *script) (any, error) {
		return s.op.EditEnvironment(s.ctx, "Stage", model.EnvironmentEdit{Hosts: new([]string)})
	}},
	{"environment", nil, func(s *script) (any, error) { return s.op.Environment(s.ctx, "stage") }},
	{"environments", nil, func(s *script) (any, error) { return s.op.Environments(s.ctx) }},
	{"delete environment", nil, func(s *script) (any, error) { return nil, s.op.DeleteEnvironment(s.ctx, "Stage") }},
	{"delete production", model.ErrConflict, func(s *script) (any, error) { return nil, s.op.DeleteEnvironment(s.ctx, "Production") }},

	{"create key", nil, func(s *script) (any, error) {
		d := s.d["one"]
		d.Workflows, d.Environment, d.Expires = []string{"Lookup"}, "test", adminStart.AddDate(1, 0, 0)
		return s.op.CreateKey(s.ctx, d)
	}},
	{"create second key", nil, func(s *script) (any, error) { return s.op.CreateKey(s.ctx, s.d["two"]) }},
	{"taken name", model.ErrConflict, func(s *script) (any, error) { return s.op.CreateKey(s.ctx, s.d["Two"]) }},
	{"no kind", model.ErrInvalid, func(s *script) (any, error) { return s.op.CreateKey(s.ctx, model.KeyDraft{Name: "x"}) }},
	{"certificate in a token key", model.ErrInvalid, func(s *script) (any, error) {
		d := s.d["three"]
		d.Primary.Certificate = &s.first
		return s.op.CreateKey(s.ctx, d)
	}},
	{"create certificate key", nil, func(s *script) (any, error) {
		return s.op.CreateKey(s.ctx, model.KeyDraft{Name: "cert", Kind: model.CertificateKey, Primary: model.Holding{Certificate: &s.first}})
	}},
	{"certificate taken", model.ErrConflict, func(s *script) (any, error) {
		return s.op.CreateKey(s.ctx, model.KeyDraft{Name: "cert2", Kind: model.CertificateKey, Primary: model.Holding{Certificate: &s.first}})
	}},
	{"certificate without a slot", model.ErrInvalid, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "cert", model.KeyEdit{Certificate: &s.other})
	}},
	{"second certificate", nil, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "cert", model.KeyEdit{Slot: model.Secondary, Certificate: &s.other})
	}},
	{"certificate", nil, func(s *script) (any, error) { return s.op.Certificate(s.ctx, "cert", model.Secondary) }},
	{"certificates", nil, func(s *script) (any, error) {
		return s.op.Certificates(s.ctx, model.CertificateQuery{Around: s.other.SHA256, Filter: "cert", Limit: 1})
	}},
	{"certificate of a token key", model.ErrNotFound, func(s *script) (any, error) { return s.op.Certificate(s.ctx, "one", model.Primary) }},
	{"empty a slot", nil, func(s *script) (any, error) { return s.op.EditKey(s.ctx, "cert", model.KeyEdit{Slot: model.Secondary}) }},
	{"empty the other slot", model.ErrInvalid, func(s *script) (any, error) { return s.op.EditKey(s.ctx, "cert", model.KeyEdit{Slot: model.Primary}) }},
	{"rename", nil, func(s *script) (any, error) { return s.op.EditKey(s.ctx, "two", model.KeyEdit{Name: set("second")}) }},
	{"edit what was changed", model.ErrConflict, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "second", model.KeyEdit{Name: set("two"), Seen: model.At(adminStart)})
	}},
	{"never expires", nil, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "one", model.KeyEdit{Expires: new(time.Time)})
	}},
	{"permit nothing", nil, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "one", model.KeyEdit{Workflows: new([]string)})
	}},
	{"permit", nil, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "one", model.KeyEdit{Permit: []string{"Lookup"}, NoQuery: set(true), Environment: set("")})
	}},
	{"permit what is unbound", model.ErrInvalid, func(s *script) (any, error) {
		return s.op.EditKey(s.ctx, "one", model.KeyEdit{Permit: []string{"Unbound"}})
	}},
	{"disable", nil, func(s *script) (any, error) { return s.op.SetKeyEnabled(s.ctx, "one", false) }},
	{"disable again", nil, func(s *script) (any, error) { return s.op.SetKeyEnabled(s.ctx, "one", false) }},
	{"enable", nil, func(s *script) (any, error) { return s.op.SetKeyEnabled(s.ctx, "one", true) }},
	{"enable nobody", model.ErrNotFound, func(s *script) (any, error) { return s.op.SetKeyEnabled(s.ctx, "nobody", true) }},
	{"regenerate", nil, func(s *script) (any, error) {
		return s.op.RegenerateKey(s.ctx, "one", model.Secondary, s.d["new"].Primary, 90*time.Minute)
	}},
	{"regenerate for ever", model.ErrInvalid, func(s *script) (any, error) {
		return s.op.RegenerateKey(s.ctx, "one", model.Secondary, s.d["new"].Primary, 90*24*time.Hour)
	}},
	{"regenerate into a certificate", model.ErrInvalid, func(s *script) (any, error) {
		return s.op.RegenerateKey(s.ctx, "one", model.Secondary, model.Holding{Certificate: &s.other}, 0)
	}},
	{"key", nil, func(s *script) (any, error) { return s.op.Key(s.ctx, "ONE") }},
	{"no such key", model.ErrNotFound, func(s *script) (any, error) { return s.op.Key(s.ctx, "\x1b]0;x") }},
	{"keys", nil, func(s *script) (any, error) {
		return s.op.Keys(s.ctx, model.KeyQuery{Sort: model.SortCreated, Desc: true, Limit: 2, Filter: "t"})
	}},
	{"keys after a bad cursor", model.ErrInvalid, func(s *script) (any, error) { return s.op.Keys(s.ctx, model.KeyQuery{Cursor: "\x00?"}) }},

	{"check", nil, func(s *script) (any, error) {
		return s.op.Check(s.ctx, model.CheckQuery{Method: "GET", URL: "https://any.example/c/7?q=a%20b", Key: "one"})
	}},
	{"check a secret", nil, func(s *script) (any, error) {
		return s.op.Check(s.ctx, model.CheckQuery{Method: "GET", URL: "/c/7?q=1", Secret: s.d["new"].Primary.Digest})
	}},
	{"check raw bytes", nil, func(s *script) (any, error) {
		return s.op.Check(s.ctx, model.CheckQuery{Method: "G\xffT", URL: "/c/\xff\xfe?q=\xff", Key: "one"})
	}},
	{"check nonsense", model.ErrInvalid, func(s *script) (any, error) { return s.op.Check(s.ctx, model.CheckQuery{URL: "ftp:"}) }},

	{"no activity", nil, func(s *script) (any, error) { return s.op.Activity(s.ctx, model.ActivityQuery{After: 7, Words: "x"}) }},
	{"activity", nil, func(s *script) (any, error) {
		s.service.AddActivity(99, model.ActivityPost{Records: []model.Activity{
			{At: adminStart, Method: "GET", Path: "/c/7", Reason: model.SecretUnknown, Certificate: model.Digest{1}},
			{At: adminStart, Method: "GET", Path: "/c/7", Query: "q=1", Reason: model.Allowed, Slot: model.Secondary, Credential: model.QueryCredential},
		}, Missed: 3})
		return s.op.Activity(s.ctx, model.ActivityQuery{})
	}},
	{"who serves", nil, func(s *script) (any, error) { return s.op.Activity(s.ctx, model.ActivityQuery{Serving: true}) }},
	{"activity that was refused", nil, func(s *script) (any, error) {
		return s.op.Activity(s.ctx, model.ActivityQuery{Refused: true, Limit: 1, Words: "c/7"})
	}},
	{"explain", nil, func(s *script) (any, error) {
		k, err := s.op.Key(s.ctx, "one")
		if err != nil {
			return nil, err
		}
		return s.op.Explain(s.ctx, model.Activity{
			At: adminStart.AddDate(1, 0, 0), Method: "GET", Path: "/c/7", Reason: model.RouteUnknown, Key: k.ID, KeyName: "one", Slot: model.Primary,
			Credential: model.HeaderCredential, Environment: "Test",
		})
	}},
	{"explain a stranger", nil, func(s *script) (any, error) {
		return s.op.Explain(s.ctx, model.Activity{Reason: model.CertificateUnknown, Certificate: model.Digest{7}, Credential: model.CertificateCredential})
	}},

	{"bulk disable", nil, func(s *script) (any, error) {
		return s.op.ChangeKeys(s.ctx, []string{"one", "second", "one", "cert"}, model.KeyBulk{Disable: true, Permit: []string{"Other"}})
	}},
	{"bulk nothing", model.ErrInvalid, func(s *script) (any, error) { return s.op.ChangeKeys(s.ctx, []string{"one"}, model.KeyBulk{}) }},
	{"bulk nobody", model.ErrNotFound, func(s *script) (any, error) {
		return s.op.ChangeKeys(s.ctx, []string{"one", "nobody"}, model.KeyBulk{Enable: true})
	}},
	{"bulk too large, halved", nil, func(s *script) (any, error) {
		s.store.failNext(model.ErrTooLarge)
		return s.op.ChangeKeys(s.ctx, []string{"one", "second"}, model.KeyBulk{Enable: true})
	}},

	{"no space", model.ErrNoSpace, func(s *script) (any, error) {
		s.store.failNext(model.ErrNoSpace)
		return s.op.SetKeyEnabled(s.ctx, "one", false)
	}},
	{"degraded", model.ErrDegraded, func(s *script) (any, error) {
		s.store.failNext(model.ErrDegraded)
		return nil, s.op.DeleteKey(s.ctx, "one")
	}},
	{"too large", model.ErrTooLarge, func(s *script) (any, error) {
		s.store.failNext(model.ErrTooLarge)
		return s.op.SetKeyEnabled(s.ctx, "one", false)
	}},
	{"unavailable", model.ErrUnavailable, func(s *script) (any, error) {
		s.store.failNext(model.ErrUnavailable)
		return s.op.SetKeyEnabled(s.ctx, "one", false)
	}},
	{"disk on fire", errAny, func(s *script) (any, error) {
		s.store.failNext(errors.New("the disk is on fire"))
		return s.op.SetKeyEnabled(s.ctx, "one", false)
	}},

	{"delete key", nil, func(s *script) (any, error) { return nil, s.op.DeleteKey(s.ctx, "second") }},
	{"the bin", nil, func(s *script) (any, error) { return s.op.DeletedKeys(s.ctx, model.BinQuery{Limit: 1}) }},
	{"restore nobody", model.ErrNotFound, func(s *script) (any, error) { return s.op.RestoreKey(s.ctx, "nobody", "") }},
	{"restore under a taken name", model.ErrConflict, func(s *script) (any, error) { return s.op.RestoreKey(s.ctx, "second", "one") }},
	{"restore", nil, func(s *script) (any, error) { return s.op.RestoreKey(s.ctx, "second", "third") }},
	{"restored", nil, func(s *script) (any, error) { return s.op.Key(s.ctx, "third") }},
	{"the empty bin", nil, func(s *script) (any, error) { return s.op.DeletedKeys(s.ctx, model.BinQuery{}) }},
	{"delete it again", nil, func(s *script) (any, error) { return nil, s.op.DeleteKey(s.ctx, "third") }},
	{"purge nothing", nil, func(s *script) (any, error) { return s.op.Purge(s.ctx, 0) }},
	{"purge too early", model.ErrInvalid, func(s *script) (any, error) { return s.op.Purge(s.ctx, time.Hour) }},
	{"delete workflow", nil, func(s *script) (any, error) { return s.op.DeleteWorkflow(s.ctx, "Other") }},
	{"settle what never was", nil, func(s *script) (any, error) { return s.op.Settle(s.ctx, "00112233445566778899aabbccddeeff") }},
	{"make what was settled", errAny, func(s *script) (any, error) {
		r := model.Receipt{Request: "00112233445566778899aabbccddeeff"}
		return s.op.SetKeyEnabled(model.WithReceipt(s.ctx, &r), "one", false)
	}},
	{"named change", nil, func(s *script) (any, error) {
		r := model.Receipt{Request: "ffeeddccbbaa99887766554433221100"}
		_, err := s.op.SetKeyEnabled(model.WithReceipt(s.ctx, &r), "one", false)
		r.Took = 0
		return r, err
	}},
	{"settle what was", nil, func(s *script) (any, error) { return s.op.Settle(s.ctx, "ffeeddccbbaa99887766554433221100") }},
	{"audit", nil, func(s *script) (any, error) { return s.op.Audit(s.ctx, model.AuditQuery{}) }},
	{"audit of one", nil, func(s *script) (any, error) {
		return s.op.Audit(s.ctx, model.AuditQuery{Object: "one", Filter: "disabled", Limit: 1, Since: adminStart})
	}},
	{"verify", nil, func(s *script) (any, error) { return s.op.VerifyAudit(s.ctx) }},
	{"canceled", context.Canceled, func(s *script) (any, error) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		return s.op.SetKeyEnabled(ctx, "one", true)
	}},
}

// errAny is the kind of an error without one.
var errAny = errors.New("any")

// TestOneTable does the same to a session and, over the socket, to a client.
func TestOneTable(t *testing.T) {
	here, there := newScript(t), newScript(t)
	there.first, there.other = here.first, here.other
	service, store := newAdminService(t)
	here.store, here.service = store, service
	ssh := model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43), Comment: "ada % ü"}
	here.op = service.As(model.Caller{Actor: model.Actor{UID: os.Getuid(), PID: os.Getpid(), User: userName(t), Claimed: "al ice�", SSH: ssh}, Reason: "why? 100% \n ü"})
	o := newOwner(t, nil)
	there.store, there.service = o.store, o.service
	there.op = o.dial(t, server.ClientOptions{}).As(model.Caller{Actor: model.Actor{Claimed: "al ice\x00", SSH: ssh}, Reason: "why? 100% \n ü"})
	// What is random on either side.
	ignore := cmp.Options{
		cmpopts.IgnoreTypes(model.ID(0)),
		cmpopts.IgnoreFields(model.Entry{}, "Prev", "Hash", "Request"),
		cmpopts.IgnoreFields(model.KeyPage{}, "Next"),
	}
	for _, step := range steps {
		got, gotErr := step.do(there)
		want, wantErr := step.do(here)
		if (wantErr == nil) != (step.want == nil) || step.want != nil && step.want != errAny && !errors.Is(wantErr, step.want) {
			t.Errorf("%s: the session says %v, want %v", step.name, wantErr, step.want)
		}
		sameErrors(t, step.name, gotErr, wantErr)
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Errorf("%s: the client answers otherwise (-session +client):\n%s", step.name, diff)
		}
	}
}

// sameErrors: each kind is found on both sides or on neither, and the sentence
// is the same, but for a call that its caller gave up.
func sameErrors(t *testing.T, name string, got, want error) {
	t.Helper()
	for _, kind := range []error{
		model.ErrInvalid, model.ErrNotFound, model.ErrConflict, model.ErrForbidden, model.ErrChanged, model.ErrUnknownOutcome, model.ErrNoSpace,
		model.ErrTooLarge, model.ErrDegraded, model.ErrUnavailable, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(got, kind) != errors.Is(want, kind) {
			t.Errorf("%s: errors.Is %q: client %t (%v), session %t (%v)", name, kind, errors.Is(got, kind), got, errors.Is(want, kind), want)
		}
	}
	var gotInput, wantInput *model.InputError
	if errors.As(got, &gotInput) != errors.As(want, &wantInput) || gotInput != nil && gotInput.Field != wantInput.Field {
		t.Errorf("%s: input error %+v, the session's %+v", name, gotInput, wantInput)
	}
	if (got == nil) != (want == nil) || got != nil && !errors.Is(want, context.Canceled) && got.Error() != want.Error() {
		t.Errorf("%s: the client says\n%v\nthe session\n%v", name, got, want)
	}
}
