package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func ptr[T any](v T) *T { return &v }

// wantError checks the kind of an error and a part of its sentence.
func wantError(t *testing.T, err, kind error, part string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got the error %v, want one that is %q", err, kind)
		return
	}
	if !strings.Contains(err.Error(), part) {
		t.Errorf("the error %q does not say %q", err, part)
	}
}

func TestCreateKeyRefuses(t *testing.T) {
	w, _, _ := fixture(t)
	w.workflow("idle", "", "")
	cert := certificate("c", now.Add(-time.Hour), now.Add(time.Hour))
	hold := func() model.Holding { return w.secret().Hold() }
	taken := model.KeyDraft{Name: "certs", Kind: model.CertificateKey, Primary: model.Holding{Certificate: cert}}
	must(t)(w.CreateKey(t.Context(), taken))
	for _, tt := range []struct {
		name  string
		draft model.KeyDraft
		kind  error
		part  string
	}{
		{"no kind", model.KeyDraft{Name: "x"}, model.ErrInvalid, "token-based or certificate-based"},
		{"no name", model.KeyDraft{Kind: model.TokenKey}, model.ErrInvalid, "a name is needed"},
		{"name taken in another case", model.KeyDraft{Kind: model.TokenKey, Name: "APP"}, model.ErrConflict, `"app" is taken`},
		{"no such environment", model.KeyDraft{Kind: model.TokenKey, Name: "x", Environment: "Moon"}, model.ErrNotFound, `"Moon"`},
		{"no such workflow", model.KeyDraft{Kind: model.TokenKey, Name: "x", Workflows: []string{"nope"}}, model.ErrNotFound, `"nope"`},
		{"unbound workflow", model.KeyDraft{Kind: model.TokenKey, Name: "x", Workflows: []string{"idle"}}, model.ErrInvalid, "not bound"},
		{"expiry past", model.KeyDraft{Kind: model.TokenKey, Name: "x", Expires: now}, model.ErrInvalid, "is past"},
		{"no secret", model.KeyDraft{Kind: model.TokenKey, Name: "x"}, model.ErrInvalid, "secret"},
		{"one secret", model.KeyDraft{Kind: model.TokenKey, Name: "x", Primary: hold()}, model.ErrInvalid, "secret"},
		{"token with certificate", model.KeyDraft{Kind: model.TokenKey, Name: "x", Primary: model.Holding{Certificate: cert}, Secondary: hold()}, model.ErrInvalid, "not a certificate"},
		{"certificate with secret", model.KeyDraft{Kind: model.CertificateKey, Name: "x", Primary: hold()}, model.ErrInvalid, "not a secret"},
		{"certificate taken", model.KeyDraft{Kind: model.CertificateKey, Name: "x", Primary: model.Holding{Certificate: cert}}, model.ErrConflict, `the primary one of the key "certs"`},
		{"certificate expired", model.KeyDraft{Kind: model.CertificateKey, Name: "x", Primary: model.Holding{Certificate: certificate("old", now.Add(-2*time.Hour), now.Add(-time.Hour))}}, model.ErrInvalid, "expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := w.service.Snapshot().Seq()
			_, err := w.CreateKey(t.Context(), tt.draft)
			wantError(t, err, tt.kind, tt.part)
			if got := w.service.Snapshot().Seq(); got != before {
				t.Errorf("the refusal was change %d", got)
			}
		})
	}
	both := certificate("both", now.Add(-time.Hour), now.Add(time.Hour))
	_, err := w.CreateKey(t.Context(), model.KeyDraft{
		Name: "x", Kind: model.CertificateKey, Primary: model.Holding{Certificate: both}, Secondary: model.Holding{Certificate: both},
	})
	wantError(t, err, model.ErrConflict, "this key's primary one already")
}

func TestCertificateSlots(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("customer", "GET", "/customers/{id}")
	cert := func(name string) *model.Certificate {
		return certificate(name, now.Add(-time.Hour), now.Add(time.Hour))
	}
	one, two, three := cert("one"), cert("two"), cert("three")
	must(t)(w.CreateKey(ctx, model.KeyDraft{Name: "k", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: one}}))
	by := func(c *model.Certificate, want model.Reason) {
		t.Helper()
		r := get("/customers/1", model.Secret{})
		r.Certificate = c.SHA256
		w.want(r, want)
	}
	_, err := w.EditKey(ctx, "k", model.KeyEdit{Slot: model.Primary})
	wantError(t, err, model.ErrInvalid, "only one")
	must(t)(w.EditKey(ctx, "k", model.KeyEdit{Slot: model.Secondary, Certificate: two}))
	by(one, model.Allowed)
	by(two, model.Allowed)
	must(t)(w.EditKey(ctx, "k", model.KeyEdit{Slot: model.Primary, Certificate: three}))
	by(one, model.CertificateUnknown)
	by(two, model.Allowed)
	by(three, model.Allowed)
	must(t)(w.EditKey(ctx, "k", model.KeyEdit{Slot: model.Secondary}))
	by(two, model.CertificateUnknown)
	_, err = w.RegenerateKey(ctx, "k", model.Primary, w.secret().Hold(), 0)
	wantError(t, err, model.ErrInvalid, "certificate-based")
	_, err = w.EditKey(ctx, "k", model.KeyEdit{NoQuery: ptr(true)})
	wantError(t, err, model.ErrInvalid, "no secret that a query")
	got, err := w.Certificate(ctx, "k", model.Primary)
	if err != nil || string(got.DER) != string(three.DER) {
		t.Errorf("exporting: %v, %q", err, got.DER)
	}
	_, err = w.Certificate(ctx, "k", model.Secondary)
	wantError(t, err, model.ErrNotFound, "secondary")
	if err := w.DeleteKey(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	by(three, model.CertificateUnknown)
	must(t)(w.CreateKey(ctx, model.KeyDraft{Name: "K", Kind: model.CertificateKey, Workflows: []string{"customer"}, Primary: model.Holding{Certificate: three}}))
	by(three, model.Allowed)
}

func TestEditKey(t *testing.T) {
	w, a, _ := fixture(t)
	ctx := t.Context()
	info := must(t)(w.EditKey(ctx, "app", model.KeyEdit{Name: ptr("App 2"), Permit: []string{"order"}, Forbid: []string{"search"}}))
	if info.Name != "App 2" || info.WorkflowCount != 2 || info.Workflows[0].Name != "customer" || info.Workflows[1].Name != "order" {
		t.Errorf("got %+v", info)
	}
	w.want(get("/customers/1?_profile=Test", a), model.Allowed)
	w.want(get("/customers?since=1&_profile=Test", a), model.WorkflowNotPermitted)
	if _, err := w.Key(ctx, "app"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the old name is still there: %v", err)
	}
	if byID, err := w.Key(ctx, info.ID.String()); err != nil || byID.Name != "App 2" {
		t.Errorf("by id: %v, %q", err, byID.Name)
	}
	same := must(t)(w.EditKey(ctx, "app 2", model.KeyEdit{Name: ptr("App 2")}))
	if same.Changed != info.Changed {
		t.Error("an edit that changes nothing is a change")
	}
	must(t)(w.EditKey(ctx, "app 2", model.KeyEdit{Name: ptr("APP 2"), Seen: info.Changed}))
	_, err := w.EditKey(ctx, "app 2", model.KeyEdit{Name: ptr("x"), Seen: info.Changed})
	wantError(t, err, model.ErrConflict, "changed meanwhile")
	w.reopen()
	if got := must(t)(w.Key(ctx, "app 2")); got.Name != "APP 2" || got.Environment != "Test" {
		t.Errorf("after reopening: %+v", got)
	}
}

// TestNameLikeAnID: what is meant for an id reaches that key, whatever others
// are called.
func TestNameLikeAnID(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	app := must(t)(w.Key(ctx, "app"))
	a, b := w.secret(), w.secret()
	_, err := w.CreateKey(ctx, model.KeyDraft{Name: app.ID.String(), Kind: model.TokenKey, Primary: a.Hold(), Secondary: b.Hold()})
	wantError(t, err, model.ErrConflict, "taken")
	w.token("00000000000000aa", "")
	if got := must(t)(w.Key(ctx, "00000000000000aa")); got.Name != "00000000000000aa" {
		t.Errorf("got %q", got.Name)
	}
	if got := must(t)(w.Key(ctx, app.ID.String())); got.Name != "app" {
		t.Errorf("got %q", got.Name)
	}
}

func TestRetiringIsBounded(t *testing.T) {
	w, _, _ := fixture(t)
	var err error
	for range 9 {
		_, err = w.RegenerateKey(t.Context(), "app", model.Primary, w.secret().Hold(), time.Hour)
	}
	wantError(t, err, model.ErrInvalid, "still work")
	w.clock.Advance(time.Hour)
	must(t)(w.RegenerateKey(t.Context(), "app", model.Primary, w.secret().Hold(), time.Hour))
	_, err = w.RegenerateKey(t.Context(), "app", model.Primary, w.secret().Hold(), -1)
	wantError(t, err, model.ErrInvalid, "grace")
	_, err = w.RegenerateKey(t.Context(), "app", model.NoSlot, w.secret().Hold(), 0)
	wantError(t, err, model.ErrInvalid, "slot")
}

// TestGoneWorkflows: a permission for a workflow that is gone neither shows nor
// counts, and an edit lets go of it.
func TestGoneWorkflows(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	w.token("one", "", "order")
	if _, err := w.Keys(ctx, model.KeyQuery{Sort: model.SortWorkflows}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"customer", "search"} {
		if _, err := w.DeleteWorkflow(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.Keys(ctx, model.KeyQuery{Sort: model.SortWorkflows})
	if err != nil || page.Keys[0].Name != "app" || page.Keys[0].WorkflowCount != 0 || page.Keys[1].WorkflowCount != 1 {
		t.Errorf("got %+v, %v", page.Keys, err)
	}
	must(t)(w.EditKey(ctx, "app", model.KeyEdit{Permit: []string{"order"}}))
	for _, k := range w.store.keys {
		if k.Name == "app" && len(k.Workflows) != 1 {
			t.Errorf("the record keeps %d workflows", len(k.Workflows))
		}
	}
}

func TestCertificateStatus(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		from, to time.Time
		want     model.Status
	}{
		"valid":    {now.Add(-time.Hour), now.AddDate(1, 0, 0), model.StatusEnabled},
		"soon":     {now.Add(-time.Hour), now.AddDate(0, 0, 10), model.StatusExpiring},
		"not yet":  {now.Add(time.Hour), now.AddDate(1, 0, 0), model.StatusPending},
		"for ever": {now.Add(-time.Hour), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), model.StatusEnabled},
	} {
		cert := certificate(name, tt.from, tt.to)
		info := must(t)(w.CreateKey(t.Context(), model.KeyDraft{Name: name, Kind: model.CertificateKey, Primary: model.Holding{Certificate: cert}}))
		if info.Status != tt.want {
			t.Errorf("%s: got %s, want %s", name, info.Status, tt.want)
		}
		if name == "for ever" && (info.Ends.DayText() != "no end" || cert.LeftText(now) != "no end") {
			t.Errorf("a certificate without an end ends %s, %s", info.Ends.DayText(), cert.LeftText(now))
		}
	}
}

func TestCheckDocument(t *testing.T) {
	w, _, _ := fixture(t)
	for url, want := range map[string]model.Reason{
		"/openapi.yml?_profile=Test": model.Allowed, "/openapi.yml": model.EnvironmentNotPermitted,
		"https://h/_keyward/x": model.PathReserved, "/openapi%2eyml": model.PathReserved,
	} {
		v, err := w.Check(t.Context(), model.CheckQuery{Method: "GET", URL: url, Key: "app"})
		if err != nil || v.Reason != want || v.Steps[len(v.Steps)-1].Passed != (want == model.Allowed) {
			t.Errorf("%s: got %s, %v; want %s", url, v.Reason, err, want)
		}
	}
}

func TestReadOnlySession(t *testing.T) {
	w, _, _ := fixture(t)
	s := w.service.As(model.Caller{ReadOnly: true})
	ctx := t.Context()
	if _, err := s.Key(ctx, "app"); err != nil {
		t.Error(err)
	}
	_, created := s.CreateWorkflow(ctx, model.WorkflowDraft{Name: "x"})
	_, disabled := s.SetKeyEnabled(ctx, "app", false)
	_, edited := s.EditEnvironment(ctx, "Test", model.EnvironmentEdit{Production: true})
	for _, err := range []error{created, disabled, edited, s.DeleteKey(ctx, "app"), s.DeleteEnvironment(ctx, "Test")} {
		wantError(t, err, model.ErrForbidden, "read-only")
	}
}

func TestWorkflowCases(t *testing.T) {
	w, a, _ := fixture(t)
	ctx := t.Context()
	info, err := w.EditWorkflow(ctx, "CUSTOMER", model.WorkflowEdit{
		Name: ptr("Client"), Path: ptr("/clients/{id}"), Upstreams: map[string]string{"test": "http://127.0.0.1:9000/base"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if info.KeyCount != 1 || len(info.Upstreams) != 1 || info.Upstreams[0].Environment != "Test" || info.Variables[0] != "id" {
		t.Errorf("got %+v", info)
	}
	w.want(get("/customers/1?_profile=Test", a), model.RouteUnknown)
	w.want(get("/clients/1?_profile=Test", a), model.Allowed)

	me := w.workflow("me", "GET", "/clients/me")
	if len(me.Overlaps) != 1 || me.Overlaps[0] != (model.Clash{Workflow: "Client", Example: "/clients/me"}) {
		t.Errorf("overlaps: %+v", me.Overlaps)
	}
	clashes, err := w.Overlaps(ctx, "GET", "/{a}/{b}?q={c}", "me")
	if err != nil || len(clashes) != 1 || clashes[0].Example != "/clients/x?q=x" {
		t.Errorf("overlaps while typing: %+v, %v", clashes, err)
	}
	_, err = w.EditWorkflow(ctx, "me", model.WorkflowEdit{Path: ptr("/x"), Seen: me.Changed - 1})
	wantError(t, err, model.ErrConflict, "changed meanwhile")
	_, err = w.CreateWorkflow(ctx, model.WorkflowDraft{Name: "ME"})
	wantError(t, err, model.ErrConflict, "taken")
	_, err = w.CreateWorkflow(ctx, model.WorkflowDraft{Name: "y", Method: "GET"})
	wantError(t, err, model.ErrInvalid, "path template too")
	_, err = w.CreateWorkflow(ctx, model.WorkflowDraft{Name: "y", Path: "/y"})
	wantError(t, err, model.ErrInvalid, "method too")
	_, err = w.CreateWorkflow(ctx, model.WorkflowDraft{Name: "y", Upstreams: map[string]string{"Moon": "http://x"}})
	wantError(t, err, model.ErrNotFound, "Moon")

	keys, err := w.DeleteWorkflow(ctx, "client")
	if err != nil || keys != 1 {
		t.Errorf("deleting: %d keys, %v", keys, err)
	}
	w.want(get("/clients/1?_profile=Test", a), model.RouteUnknown)
	if k := must(t)(w.Key(ctx, "app")); k.WorkflowCount != 1 {
		t.Errorf("the key still lists %d workflows", k.WorkflowCount)
	}
	if w.workflow("Client", "GET", "/clients/{id}"); w.decide(get("/clients/1?_profile=Test", a)).Allowed() {
		t.Error("a workflow made anew under an old name is permitted")
	}
}

func TestEnvironmentCases(t *testing.T) {
	w, a, _ := fixture(t)
	ctx := t.Context()
	err := w.DeleteEnvironment(ctx, "Test")
	wantError(t, err, model.ErrConflict, "1 key (app)")
	err = w.DeleteEnvironment(ctx, "Production")
	wantError(t, err, model.ErrConflict, "production flag")
	info, err := w.EditEnvironment(ctx, "test", model.EnvironmentEdit{Name: ptr("QA"), Hosts: ptr([]string{"QA.example.com.", "qa.example.com", "[::1]"})})
	if err != nil || !slices.Equal(info.Hosts, []string{"::1", "qa.example.com"}) || info.KeyCount != 1 {
		t.Fatalf("got %+v, %v", info, err)
	}
	w.want(get("/customers/1?_profile=Test", a), model.EnvironmentUnknown)
	r := get("/customers/1", a)
	r.Host = "[::1]:8443"
	w.want(r, model.Allowed)
	_, err = w.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "X", Hosts: []string{"qa.example.com"}})
	wantError(t, err, model.ErrConflict, `"QA"`)
	_, err = w.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "qa"})
	wantError(t, err, model.ErrConflict, "taken")
	for _, host := range []string{"https://x", "a b", "x:80", "", "-a.b", "a..b", "[::", "::]", "[::1]:80", "fe80::1%eth0", "1:2:3"} {
		_, err = w.CreateEnvironment(ctx, model.EnvironmentDraft{Name: "X", Hosts: []string{host}})
		wantError(t, err, model.ErrInvalid, "")
	}
	if _, err := w.EditEnvironment(ctx, "QA", model.EnvironmentEdit{Production: true}); err != nil {
		t.Fatal(err)
	}
	envs, err := w.Environments(ctx)
	if err != nil || len(envs) != 2 || envs[0].Production || !envs[1].Production {
		t.Errorf("the flag did not move: %+v, %v", envs, err)
	}
	w.want(get("/customers/1", a), model.Allowed)
	w.reopen()
	w.want(get("/customers/1", a), model.Allowed)
	if err := w.DeleteEnvironment(ctx, "Production"); err != nil {
		t.Errorf("deleting what was Production: %v", err)
	}
}

func TestUnknownOutcome(t *testing.T) {
	w, _, _ := fixture(t)
	w.store.vanish = true
	info := must(t)(w.SetKeyEnabled(t.Context(), "app", false))
	if info.Enabled {
		t.Error("the change that was made is not seen")
	}
	w.store.fail = model.ErrUnknownOutcome // and it was not made
	if info = must(t)(w.SetKeyEnabled(t.Context(), "app", true)); !info.Enabled {
		t.Error("the change that was lost was not made again")
	}
	w.store.vanish, w.store.silent = true, true // made, and nobody can say so
	if _, err := w.SetKeyEnabled(t.Context(), "app", false); !errors.Is(err, model.ErrUnknownOutcome) {
		t.Errorf("got %v, want an unknown outcome", err)
	}
	if k := must(t)(w.Key(t.Context(), "app")); k.Enabled {
		t.Error("decisions go on with the state before a change that was made")
	}
	w.store.silent = false
	must(t)(w.SetKeyEnabled(t.Context(), "app", true))
	w.store.fail = errors.New("disk on fire")
	if _, err := w.SetKeyEnabled(t.Context(), "app", false); err == nil {
		t.Error("the failure is hidden")
	}
	if k := must(t)(w.Key(t.Context(), "app")); !k.Enabled {
		t.Error("a change that failed is seen")
	}
}

// TestTwoServices: two owners of one store, as no engine but a distributed one
// allows, lose no update of each other.
func TestTwoServices(t *testing.T) {
	w, _, _ := fixture(t)
	other, err := model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	must(t)(other.As(model.Caller{}).EditKey(t.Context(), "app", model.KeyEdit{Permit: []string{"order"}}))
	info := must(t)(w.EditKey(t.Context(), "app", model.KeyEdit{Forbid: []string{"search"}}))
	if info.WorkflowCount != 2 {
		t.Errorf("got %+v, want customer and order", info.Workflows)
	}
	_, err = other.As(model.Caller{}).CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "order"})
	wantError(t, err, model.ErrConflict, "taken")
}

func TestConcurrentChanges(t *testing.T) {
	w, _, _ := fixture(t)
	var wg sync.WaitGroup
	created := make(chan string, 64)
	for i := range 64 {
		a, b := w.secret(), w.secret()
		wg.Go(func() {
			name := fmt.Sprintf("race-%d", i/2) // each name twice
			_, err := w.CreateKey(t.Context(), model.KeyDraft{Name: name, Kind: model.TokenKey, Primary: a.Hold(), Secondary: b.Hold()})
			if err == nil {
				created <- name
			} else if !errors.Is(err, model.ErrConflict) {
				t.Error(err)
			}
			if _, err := w.Keys(t.Context(), model.KeyQuery{Sort: model.SortCreated, Filter: "race"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(created) != 32 {
		t.Errorf("%d keys were made, want 32", len(created))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.DeleteKey(ctx, "app"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled change: %v", err)
	}
}

func TestKeyList(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.workflow("a", "GET", "/a")
	for i := range 57 {
		w.clock.Advance(time.Second)
		env := []string{"", "Test", "Production"}[i%3]
		info, _, _ := w.token(fmt.Sprintf("Key-%02d", (i*23)%57), env)
		if i%5 == 0 {
			must(t)(w.SetKeyEnabled(ctx, info.Name, false))
		}
		if i%4 == 0 {
			must(t)(w.EditKey(ctx, info.Name, model.KeyEdit{Permit: []string{"a"}, Expires: ptr(now.Add(time.Duration(i+1) * 24 * time.Hour))}))
		}
	}
	for _, sort := range model.KeySorts {
		for _, desc := range []bool{false, true} {
			all, err := w.Keys(ctx, model.KeyQuery{Sort: sort, Desc: desc})
			if err != nil || all.Total != 57 || len(all.Keys) != 57 || all.Next != "" {
				t.Fatalf("%s: %d of %d, %v", sort, len(all.Keys), all.Total, err)
			}
			checkPages(t, w, model.KeyQuery{Sort: sort, Desc: desc, Limit: 10}, all.Keys)
			page, err := w.Keys(ctx, model.KeyQuery{Sort: sort, Desc: desc, Limit: 5, Around: all.Keys[40].ID})
			if err != nil || !slices.ContainsFunc(page.Keys, func(k model.KeyRow) bool { return k.ID == all.Keys[40].ID }) || all.Keys[page.Offset].ID != page.Keys[0].ID {
				t.Errorf("%s: around gives %+v, %v", sort, page, err)
			}
		}
	}
	for filter, want := range map[string]int{"key-1": 10, "KEY-1 test": -1, "disabled": 12, "nothing": 0, "prod": 19, "token": 57, "": 57, "  ": 57} {
		page, err := w.Keys(ctx, model.KeyQuery{Filter: filter, Limit: 3})
		if err != nil || want >= 0 && page.Total != want || page.All != 57 {
			t.Errorf("filter %q: %d of %d, want %d, %v", filter, page.Total, page.All, want, err)
		}
	}
	if _, err := w.Keys(ctx, model.KeyQuery{Cursor: "!"}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a bad cursor: %v", err)
	}
}

// checkPages walks the list by cursor and by offset.
func checkPages(t *testing.T, w *world, q model.KeyQuery, want []model.KeyRow) {
	t.Helper()
	var got []model.KeyRow
	for range 100 {
		page, err := w.Keys(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Offset != len(got) {
			t.Fatalf("%s desc=%t: the page after %d rows begins at %d", q.Sort, q.Desc, len(got), page.Offset)
		}
		got = append(got, page.Keys...)
		if page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	if !slices.EqualFunc(got, want, func(a, b model.KeyRow) bool { return a.ID == b.ID }) {
		t.Errorf("%s desc=%t: %d rows by cursor differ from %d", q.Sort, q.Desc, len(got), len(want))
	}
}
