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
	w.certificateKey("fresh", time.Time{}, 400)

	end := func(n model.SlotName, days int) model.Due { return model.Due{Slot: n, Ends: model.At(in(days))} }
	within := map[string][]model.Due{
		"both":    {end(model.NoSlot, 20), end(model.Primary, 3), end(model.Secondary, 25)},
		"edge":    {end(model.NoSlot, 30)},
		"off":     {end(model.NoSlot, 5)},
		"renewed": {end(model.Secondary, 7)},
		"soon":    {end(model.NoSlot, 10)},
	}
	for _, test := range []struct {
		name    string
		advance time.Duration
		q       model.KeyQuery
		want    map[string][]model.Due
	}{
		{"thirty days", 0, model.KeyQuery{Within: 30 * testDay}, within},
		{"filtered", 0, model.KeyQuery{Within: 30 * testDay, Filter: "renewed"}, map[string][]model.Due{"renewed": within["renewed"]}},
		{"an hour", 0, model.KeyQuery{Within: time.Hour}, map[string][]model.Due{}},
		{"ended ones too", 8 * testDay, model.KeyQuery{Within: time.Hour}, map[string][]model.Due{
			"both": {end(model.Primary, 3)}, "off": within["off"], "renewed": within["renewed"],
		}},
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
