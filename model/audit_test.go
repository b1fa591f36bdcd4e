package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// trail is everything on record, oldest first.
func (w *world) trail() []model.Entry {
	w.t.Helper()
	page, err := w.Audit(w.t.Context(), model.AuditQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	out := make([]model.Entry, 0, len(page.Entries))
	for i := len(page.Entries) - 1; i >= 0; i-- {
		out = append(out, page.Entries[i])
	}
	return out
}

// TestEveryChangeIsOnRecord: each use case that changes something commits one
// entry that says who, what and which fields, and no secret.
func TestEveryChangeIsOnRecord(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	alice := model.Actor{UID: 1000, PID: 42, User: "alice"}
	w.Session = w.service.As(model.Caller{Actor: alice, Reason: "ticket 7"})
	w.workflow("customer", "GET", "/customers/{id}")
	_, a, b := w.token("app", "Test", "customer")
	c := w.secret()
	must(t)(w.SetKeyEnabled(ctx, "app", false))
	must(t)(w.SetKeyEnabled(ctx, "app", false)) // changes nothing: no entry
	must(t)(w.SetKeyEnabled(ctx, "app", true))
	must(t)(w.RegenerateKey(ctx, "app", model.Secondary, c.Hold(), time.Hour))
	must(t)(w.EditKey(ctx, "app", model.KeyEdit{Name: ptr("App"), Environment: ptr(""), Forbid: []string{"customer"}}))
	if _, err := w.EditEnvironment(ctx, "Test", model.EnvironmentEdit{Production: true}); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteKey(ctx, "app"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range w.trail() {
		if e.Actor != alice || e.Reason != "ticket 7" || e.Time != model.At(now) || e.Refused {
			t.Errorf("entry %d: %+v", e.Seq, e)
		}
		var changes []string
		for _, c := range e.Changes {
			changes = append(changes, c.Field+": "+c.From+" > "+c.To)
		}
		got = append(got, string(e.Action)+" "+e.Object.Name+"; "+strings.Join(changes, "; "))
	}
	hint := func(s model.Secret) string { return "secret " + s.Hint().String() }
	want := []string{
		"workflow.create customer; name:  > customer; method:  > GET; path:  > /customers/{id}",
		"key.create app; name:  > app; kind:  > token; state:  > enabled; environment:  > Test; secrets in the query:  > accepted; permitted:  > customer; primary:  > " + hint(a) + "; secondary:  > " + hint(b),
		"key.disable app; state: enabled > disabled",
		"key.enable app; state: disabled > enabled",
		"key.regenerate app; secondary: " + hint(b) + " > " + hint(c) + "; secondary grace:  > " + b.Hint().String() + " works until 2026-11-21 13:00 UTC",
		"key.edit App; name: app > App; environment: Test > any; no longer permitted:  > customer",
		"environment.edit Test; production:  > yes; production flag taken from:  > Production",
		"key.delete App; state: enabled > deleted",
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d:\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
	for _, s := range []model.Secret{a, b, c} {
		if strings.Contains(strings.Join(got, "\n"), s.Reveal()[7:20]) {
			t.Error("the trail holds a part of a secret")
		}
	}
	if n, err := w.VerifyAudit(ctx); err != nil || n != uint64(len(want)) {
		t.Errorf("verifying: %d, %v", n, err)
	}
}

// TestAuditFindsTampering: any single edit, swap, loss, repetition or cut of
// the trail is found, at the first entry that it touches.
func TestAuditFindsTampering(t *testing.T) {
	build := func(t *testing.T) *world {
		w, _, _ := fixture(t)
		for range 3 {
			must(t)(w.SetKeyEnabled(t.Context(), "app", false))
			must(t)(w.SetKeyEnabled(t.Context(), "app", true))
		}
		return w
	}
	for name, tt := range map[string]struct {
		tamper func(w *world)
		at     uint64
	}{
		"an altered actor":  {func(w *world) { w.store.entries[4].Actor.UID++ }, 5},
		"an altered time":   {func(w *world) { w.store.entries[4].Time++ }, 5},
		"an altered change": {func(w *world) { w.store.entries[4].Changes[0].To = "x" }, 5},
		"a moved boundary": {func(w *world) {
			c := &w.store.entries[4].Changes[0]
			c.From, c.To = c.From+c.To[:1], c.To[1:]
		}, 5},
		"an altered entry with a new hash": {func(w *world) {
			e := w.store.entries[4]
			e.Reason = "x"
			e.Hash = e.Sum()
		}, 6},
		"a missing entry": {func(w *world) { w.store.entries = append(w.store.entries[:4:4], w.store.entries[5:]...) }, 5},
		"a swap": {func(w *world) {
			a, b := w.store.entries[4], w.store.entries[5]
			a.Seq, b.Seq = b.Seq, a.Seq
			w.store.entries[4], w.store.entries[5] = b, a
		}, 5},
		"a cut tail": {func(w *world) { w.store.entries = w.store.entries[:9] }, 10},
		"a new tail": {func(w *world) {
			last := w.store.entries[len(w.store.entries)-1]
			last.Reason = "x"
			last.Hash = last.Sum()
		}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(t)
			if n, err := w.VerifyAudit(t.Context()); err != nil || n != 10 {
				t.Fatalf("before: %d, %v", n, err)
			}
			for i, e := range w.store.entries { // records share nothing with the test
				c := *e
				c.Changes = append([]model.FieldChange(nil), e.Changes...)
				w.store.entries[i] = &c
			}
			tt.tamper(w)
			_, err := w.VerifyAudit(t.Context())
			var fault *model.AuditFault
			if !errors.As(err, &fault) || fault.Seq != tt.at {
				t.Errorf("got %v, want a fault at %d", err, tt.at)
			}
		})
	}
}

func TestAuditQuery(t *testing.T) {
	w, _, _ := fixture(t)
	ctx := t.Context()
	for i := range 600 {
		w.clock.Advance(time.Minute)
		must(t)(w.SetKeyEnabled(ctx, "app", i%2 == 1))
	}
	w.token("other", "")
	ask := func(q model.AuditQuery) model.AuditPage {
		t.Helper()
		page, err := w.Audit(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	var got []uint64
	for q := (model.AuditQuery{Limit: 100}); ; {
		page := ask(q)
		for _, e := range page.Entries {
			got = append(got, e.Seq)
		}
		if page.Next == 0 {
			break
		}
		q.Before = page.Next
	}
	if len(got) != 605 || got[0] != 605 || got[604] != 1 {
		t.Errorf("%d entries by pages, from %d to %d", len(got), got[0], got[len(got)-1])
	}
	for name, tt := range map[string]struct {
		query model.AuditQuery
		want  int
	}{
		"since":            {model.AuditQuery{Since: now.Add(591 * time.Minute)}, 11},
		"after":            {model.AuditQuery{After: 600}, 5},
		"object":           {model.AuditQuery{Object: "OTHER"}, 1},
		"filter":           {model.AuditQuery{Filter: "key.ENABLE app"}, 300},
		"filter by change": {model.AuditQuery{Filter: "/customers/{id}"}, 1},
		"filter in words":  {model.AuditQuery{Filter: "App Key Created"}, 1},
		"filter refusals":  {model.AuditQuery{Filter: "refused:"}, 0},
		"nothing":          {model.AuditQuery{Filter: "nothing"}, 0},
	} {
		if page := ask(tt.query); len(page.Entries) != tt.want {
			t.Errorf("%s: %d entries, want %d", name, len(page.Entries), tt.want)
		}
	}
}

// TestAuditInWords: how lists put an entry.
func TestAuditInWords(t *testing.T) {
	unnamed := model.Actor{UID: -1, PID: -1}
	for _, tt := range []struct {
		entry        model.Entry
		who, did, on string
	}{
		{model.FirstEntry(1), "unknown", "store created", ""},
		{model.Entry{Actor: model.Actor{UID: 7}, Action: model.KeyCreated, Changes: []model.FieldChange{{Field: "name", To: "app"}, {Field: "environment", To: "Test"}}},
			"uid 7", "key created", "environment Test"},
		{model.Entry{Actor: model.Actor{User: "root", Claimed: "eve\x1b"}, Action: model.KeyEdited, Reason: "why", Changes: []model.FieldChange{{Field: "name", From: "a", To: "b"}, {Field: "expires", From: "x"}}},
			"root (claims eve\uFFFD)", "key edited", "name a → b; expires x removed; reason: why"},
		{model.Entry{Actor: unnamed, Action: model.KeyDisabledAction, Changes: []model.FieldChange{{Field: "state", From: "enabled", To: "disabled"}}},
			"unknown", "key disabled", ""},
		{model.Entry{Actor: unnamed, Action: model.EnvironmentDeleted, Refused: true}, "unknown", "refused: environment delete", ""},
		{model.Entry{Actor: unnamed, Action: "odd"}, "unknown", "odd", ""},
	} {
		e := tt.entry
		if e.Actor.String() != tt.who || e.Did() != tt.did || e.Summary() != tt.on {
			t.Errorf("got %q %q %q, want %q %q %q", e.Actor.String(), e.Did(), e.Summary(), tt.who, tt.did, tt.on)
		}
	}
}

// TestRefusalsAreOnRecord: an operator without the right to change leaves an
// entry, and cannot fill the store with them.
func TestRefusalsAreOnRecord(t *testing.T) {
	w, _, _ := fixture(t)
	mallory := w.service.As(model.Caller{Actor: model.Actor{UID: 666, User: "mallory"}, ReadOnly: true})
	before := len(w.trail())
	for range 50 {
		_, err := mallory.SetKeyEnabled(t.Context(), "app", false)
		wantError(t, err, model.ErrForbidden, "disabling a key is not allowed")
	}
	trail := w.trail()
	if len(trail) != before+1 {
		t.Fatalf("%d entries for 50 refusals", len(trail)-before)
	}
	if last := trail[before]; !last.Refused || last.Actor.User != "mallory" || last.Action != model.KeyDisabledAction {
		t.Errorf("got %+v", last)
	}
	w.clock.Advance(time.Minute)
	if err := mallory.DeleteEnvironment(t.Context(), "Test"); !errors.Is(err, model.ErrForbidden) {
		t.Error(err)
	}
	if got := w.trail(); len(got) != before+2 {
		t.Errorf("%d entries a minute later", len(got)-before)
	}
	w.Session = w.service.As(model.Caller{Reason: strings.Repeat("x", 501)})
	_, err := w.SetKeyEnabled(t.Context(), "app", false)
	wantError(t, err, model.ErrInvalid, "501 characters")
}
