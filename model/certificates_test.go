package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// ends is the list of certificates in short: name, slot, days left.
func (w *world) ends(q model.CertificateQuery) (rows []string, page model.CertificatePage) {
	w.t.Helper()
	page, err := w.Certificates(w.t.Context(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	rows = []string{}
	for _, c := range page.Certificates {
		rows = append(rows, fmt.Sprintf("%s %s %d", c.Name, c.Slot, c.DaysLeft))
	}
	return rows, page
}

func TestCertificates(t *testing.T) {
	w, _, _ := fixture(t)
	if rows, page := w.ends(model.CertificateQuery{}); len(rows) != 0 || page.All != 0 || page.Certificates == nil {
		t.Errorf("of none: %+v", page)
	}
	w.certificateKey("b", time.Time{}, 400, 20)
	w.certificateKey("a", time.Time{}, 90)
	w.certificateKey("c", time.Time{}, 3, 500)
	w.clock.Advance(10 * testDay)
	wantRows := func(what string, q model.CertificateQuery, want ...string) {
		t.Helper()
		rows, _ := w.ends(q)
		if diff := cmp.Diff(append([]string{}, want...), rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	all := []string{"c primary -7", "b secondary 10", "a primary 80", "b primary 390", "c secondary 490"}
	wantRows("all", model.CertificateQuery{}, all...)
	wantRows("part", model.CertificateQuery{Offset: 1, Limit: 2}, all[1:3]...)
	wantRows("behind the end", model.CertificateQuery{Offset: 99})
	wantRows("before the beginning", model.CertificateQuery{Offset: -9, Limit: 1}, all[0])
	wantRows("expired", model.CertificateQuery{Filter: "EXPIRED"}, all[0])
	wantRows("by subject and key", model.CertificateQuery{Filter: "b0 b"}, all[3])
	wantRows("by environment", model.CertificateQuery{Filter: "test b1"}, all[1])
	wantRows("nothing", model.CertificateQuery{Filter: "zzz"})
	_, page := w.ends(model.CertificateQuery{})
	first := page.Certificates[0]
	if first.Key == 0 || first.Subject == "" || !first.Renewed || first.Environment != "Test" || first.Production || first.Status != model.StatusEnabled {
		t.Errorf("%+v", first)
	}
	if page.Certificates[3].Renewed || page.Certificates[1].Renewed != true {
		t.Errorf("renewed: %+v", page.Certificates)
	}
	w.clock.Advance(600 * testDay) // nothing works any more
	if _, page := w.ends(model.CertificateQuery{}); page.Certificates[0].Renewed {
		t.Errorf("renewed by one that has ended: %+v", page.Certificates[0])
	}
	w.clock.Advance(-600 * testDay)
	wantRows("by digest", model.CertificateQuery{Filter: first.SHA256.String()}, all[0])
	last := page.Certificates[4]
	wantRows("around", model.CertificateQuery{Around: last.SHA256, Limit: 2}, all[3:]...)
	wantRows("around one that is not there", model.CertificateQuery{Around: model.Digest{1}, Offset: 4}, all[4:]...)
	w.service.AddUsage([]model.Usage{{Key: last.Key, Slot: model.Secondary, Last: model.At(now), Allowed: 1}})
	if _, page := w.ends(model.CertificateQuery{}); page.Certificates[4].LastUsed != model.At(now) || page.Certificates[0].LastUsed != 0 {
		t.Errorf("last used: %+v", page.Certificates)
	}

	// The list is kept right: renamed, emptied, disabled, replaced, deleted.
	ctx := t.Context()
	must(t)(w.EditKey(ctx, "b", model.KeyEdit{Name: ptr("z")}))
	must(t)(w.EditKey(ctx, "c", model.KeyEdit{Slot: model.Primary}))
	must(t)(w.SetKeyEnabled(ctx, "a", false))
	if err := w.DeleteKey(ctx, "z"); err != nil {
		t.Fatal(err)
	}
	w.certificateKey("d", time.Time{}, 81)
	want := []string{"d primary 71", "a primary 80", "c secondary 490"}
	wantRows("after changes", model.CertificateQuery{}, want...)
	wantRows("disabled", model.CertificateQuery{Filter: "disab"}, want[1])
	w.reopen()
	wantRows("after reopening", model.CertificateQuery{}, want...)

	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := w.Certificates(gone, model.CertificateQuery{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Two keys may have certificates that end in the same second, under names that
// differ in case alone after a change: the list stays as a new one would be.
func TestCertificatesOfOneEnd(t *testing.T) {
	w, _, _ := fixture(t)
	for i := range 20 {
		w.certificateKey(fmt.Sprintf("k%02d", i), time.Time{}, 90, 90)
	}
	w.ends(model.CertificateQuery{})
	for i := range 20 {
		name := fmt.Sprintf("k%02d", i)
		must(t)(w.EditKey(t.Context(), name, model.KeyEdit{Name: ptr(fmt.Sprintf("K%02d", 19-i) + "x")}))
		if i%3 == 0 {
			must(t)(w.EditKey(t.Context(), fmt.Sprintf("k%02dx", 19-i), model.KeyEdit{Slot: model.Primary}))
		}
	}
	kept, _ := w.ends(model.CertificateQuery{})
	w.reopen()
	anew, _ := w.ends(model.CertificateQuery{})
	if len(kept) != 33 || !slices.Equal(kept, anew) {
		t.Errorf("%d: %v, anew %v", len(kept), kept, anew)
	}
}

// BenchmarkCertificates lists 1,000 of 100,000 certificates: at first, again, by
// a filter and after a change.
func BenchmarkCertificates(b *testing.B) {
	w := newWorld(b)
	for i := range 100_000 {
		name := fmt.Sprintf("key %06d", i)
		c := certificate(name, now.Add(-testDay), now.Add(time.Duration(i*7919%700_000)*time.Hour))
		id := model.ID(i + 1)
		w.store.keys[id] = &model.Key{
			ID: id, Name: name, Kind: model.CertificateKey, State: model.Enabled, Primary: model.Slot{Digest: c.SHA256, Certificate: c},
		}
	}
	w.reopen()
	page := func(b *testing.B, q model.CertificateQuery) {
		if page, err := w.Certificates(b.Context(), q); err != nil || page.All != 100_000 {
			b.Fatal(page.All, err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			w.reopen()
			b.StartTimer()
			page(b, model.CertificateQuery{})
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			page(b, model.CertificateQuery{Offset: 50_000})
		}
	})
	b.Run("filter", func(b *testing.B) {
		for b.Loop() {
			page(b, model.CertificateQuery{Filter: "key 99"})
		}
	})
	b.Run("around", func(b *testing.B) {
		for b.Loop() {
			page(b, model.CertificateQuery{Around: model.Digest{1}})
		}
	})
}
