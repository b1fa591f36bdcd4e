package model_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

const testDay = 24 * time.Hour

// certificateKey makes a key with a certificate for each end, in days from now.
func (w *world) certificateKey(name string, expires time.Time, days ...int) {
	w.t.Helper()
	d := model.KeyDraft{Name: name, Kind: model.CertificateKey, Environment: "Test", Expires: expires}
	for i, n := range days {
		c := certificate(fmt.Sprint(name, i), now.Add(-testDay), now.Add(time.Duration(n)*testDay))
		*[]*model.Holding{&d.Primary, &d.Secondary}[i] = model.Holding{Digest: c.SHA256, Certificate: c}
	}
	if _, err := w.CreateKey(w.t.Context(), d); err != nil {
		w.t.Fatalf("creating %q: %v", name, err)
	}
}

func (w *world) page(q model.KeyQuery) model.KeyPage {
	w.t.Helper()
	page, err := w.Keys(w.t.Context(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	return page
}

func TestKeysDue(t *testing.T) {
	w := newWorld(t)
	in := func(days int) time.Time { return now.Add(time.Duration(days) * testDay) }
	expire := func(name string, days int) {
		w.token(name, "Test")
		must(t)(w.EditKey(t.Context(), name, model.KeyEdit{Expires: ptr(in(days))}))
	}
	w.token("lasting", "Test")
	w.token("retiring", "Test")
	must(t)(w.RegenerateKey(t.Context(), "retiring", model.Primary, w.secret().Hold(), 2*testDay))
	expire("soon", 10)
	expire("edge", 30)
	expire("late", 31)
	expire("off", 5)
	must(t)(w.SetKeyEnabled(t.Context(), "off", false))
	expire("gone", 5)
	if err := w.DeleteKey(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	w.certificateKey("both", in(20), 3, 25)
	w.certificateKey("renewed", time.Time{}, 400, 7)
	w.certificateKey("alone", time.Time{}, 7)
	gap := certificate("gap1", now.Add(9*testDay), in(500))
	first := certificate("gap0", now.Add(-testDay), in(8))
	if _, err := w.CreateKey(t.Context(), model.KeyDraft{Name: "gap", Kind: model.CertificateKey, Environment: "Test",
		Primary:   model.Holding{Digest: first.SHA256, Certificate: first},
		Secondary: model.Holding{Digest: gap.SHA256, Certificate: gap}}); err != nil {
		t.Fatal(err)
	}
	retiring, err := w.Key(t.Context(), "retiring")
	if err != nil {
		t.Fatal(err)
	}
	key := func(days int) model.Due { return model.Due{Ends: model.At(in(days))} }
	end := func(n, renew model.SlotName, days int) model.Due {
		return model.Due{Slot: n, Ends: model.At(in(days)), Renew: renew}
	}
	grace := model.Due{Slot: model.Primary, Ends: model.At(in(2)), Secret: retiring.Slots[0].Retiring[0].Hint}
	within := map[string][]model.Due{
		"alone":    {end(model.Primary, model.Secondary, 7)},                                                 // into the empty slot
		"both":     {key(20), end(model.Primary, model.Primary, 3), end(model.Secondary, model.Primary, 25)}, // in place of the first to end
		"edge":     {key(30)},
		"gap":      {end(model.Primary, model.Primary, 8)}, // the next one begins too late
		"off":      {key(5)},
		"retiring": {grace},
		"soon":     {key(10)},
	}
	for _, test := range []struct {
		name    string
		advance time.Duration
		q       model.KeyQuery
		want    map[string][]model.Due
	}{
		{"thirty days", 0, model.KeyQuery{Within: 30 * testDay}, within},
		{"filtered", 0, model.KeyQuery{Within: 30 * testDay, Filter: "alone"}, map[string][]model.Due{"alone": within["alone"]}},
		{"a renewal that ends within the span too", 0, model.KeyQuery{Within: 401 * testDay, Filter: "renewed"}, map[string][]model.Due{
			"renewed": {end(model.Primary, model.Secondary, 400), end(model.Secondary, model.Secondary, 7)},
		}},
		{"an hour", 0, model.KeyQuery{Within: time.Hour}, map[string][]model.Due{}},
		{"ended ones too", 8 * testDay, model.KeyQuery{Within: time.Hour}, map[string][]model.Due{
			"alone": within["alone"], "gap": within["gap"], "off": within["off"], // both is renewed by its secondary one, retiring's old secret is gone
		}},
		{"the gap is over", 2 * testDay, model.KeyQuery{Within: time.Hour, Filter: "gap"}, map[string][]model.Due{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.clock.Advance(test.advance)
			for _, sort := range model.KeySorts {
				test.q.Sort = sort
				page := w.page(test.q)
				got := map[string][]model.Due{}
				for _, k := range page.Keys {
					got[k.Name] = k.Due
				}
				if diff := cmp.Diff(test.want, got); diff != "" || page.Total != len(test.want) {
					t.Errorf("by %s, total %d (-want +got):\n%s", sort, page.Total, diff)
				}
				paged := test.q
				paged.Limit = 2
				checkPages(t, w, paged, page.Keys)
			}
		})
	}
	if _, err := w.Keys(t.Context(), model.KeyQuery{Within: -1}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a negative span: %v", err)
	}
	for _, k := range w.page(model.KeyQuery{}).Keys {
		if k.Due != nil {
			t.Errorf("without a span %q is due %v", k.Name, k.Due)
		}
	}
}
