package model_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// TestActivityGaps: whoever comes to watch is told when nobody did and how many
// calls were not kept then; where there were none, or refusals alone, nothing.
func TestActivityGaps(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	allowed, refused := get("/customers/7?_profile=Test", secret), get("/customers/7", secret)
	began := w.clock.Now()
	rec.Announce(7, began, []string{"https://127.0.0.1:1"})
	for range 3 {
		observe(w, rec, allowed, w.clock.Now())
	}
	observe(w, rec, refused, w.clock.Now())
	w.clock.Advance(time.Minute)
	first := w.clock.Now()
	page := activity(t, w.Session, model.ActivityQuery{})
	want := []model.ActivityGap{{Number: page.Next + 1, From: began.UTC(), To: first.UTC(), Calls: 3}}
	if diff := cmp.Diff(want, page.Gaps); diff != "" {
		t.Fatal(diff)
	}
	observe(w, rec, allowed, w.clock.Now())
	next := activity(t, w.Session, model.ActivityQuery{After: page.Next})
	if len(next.Gaps) != 1 || len(next.Records) != 1 || next.Gaps[0].Number > next.Records[0].Number {
		t.Errorf("%+v", next)
	}
	w.clock.Advance(time.Hour)
	observe(w, rec, refused, w.clock.Now())
	if quiet := activity(t, w.Session, model.ActivityQuery{After: next.Next}); len(quiet.Gaps) != 0 {
		t.Errorf("refusals alone make %+v", quiet.Gaps)
	}
	w.clock.Advance(time.Hour)
	observe(w, rec, allowed, w.clock.Now())
	last := activity(t, w.Session, model.ActivityQuery{})
	if len(last.Gaps) != 2 || last.Gaps[1].Calls != 1 || !last.Gaps[1].From.Equal(first.Add(time.Hour+5*time.Second).UTC()) {
		t.Errorf("%+v", last.Gaps)
	}
	for _, q := range []model.ActivityQuery{{Refused: true}, {Words: "customer"}} {
		if p := activity(t, w.Session, q); len(p.Gaps) != 0 {
			t.Errorf("%+v has %+v", q, p.Gaps)
		}
	}
}

// TestActivityGapsOfOthers: an endpoint in another process says how many calls
// it allowed, and brings them only while somebody watches.
func TestActivityGapsOfOthers(t *testing.T) {
	w, _, _ := recordingWorld(t)
	f := w.service.Follow(model.Following{Peer: model.Peer{PID: 77, Rank: model.RankServe}})
	defer f.Close()
	post := func(allowed uint64, records ...model.Activity) {
		w.service.AddActivity(77, model.ActivityPost{
			Report:  model.EndpointReport{PID: 77, Addresses: []string{"https://127.0.0.1:1"}, Allowed: allowed},
			Records: records,
		})
	}
	call := model.Activity{Reason: model.Allowed, Path: "/"}
	post(10)
	w.clock.Advance(time.Second)
	post(14)
	w.clock.Advance(time.Second)
	page := activity(t, w.Session, model.ActivityQuery{})
	if len(page.Gaps) != 1 || page.Gaps[0].Calls != 4 {
		t.Fatalf("%+v", page.Gaps)
	}
	post(16, call) // one came before somebody watched, the other after
	next := activity(t, w.Session, model.ActivityQuery{After: page.Next})
	if len(next.Records) != 1 || len(next.Gaps) != 1 || next.Gaps[0].Calls != 5 || next.Gaps[0].Number != page.Gaps[0].Number {
		t.Errorf("%+v", next)
	}
	post(17, call)
	post(18, call)
	if last := activity(t, w.Session, model.ActivityQuery{After: next.Next}); len(last.Gaps) != 0 || len(last.Records) != 2 {
		t.Errorf("%+v", last)
	}
}

// TestServingIsNoWatching: who asks which endpoints run has nothing recorded, and
// is waited for by nobody.
func TestServingIsNoWatching(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	allowed := get("/customers/7?_profile=Test", secret)
	rec.Announce(7, w.clock.Now(), []string{"https://127.0.0.1:1"})
	page := activity(t, w.Session, model.ActivityQuery{Serving: true})
	if len(page.Serving) != 1 || len(page.Records)+len(page.Gaps) != 0 {
		t.Errorf("%+v", page)
	}
	if rec.Count(true, w.clock.Now()) || !rec.Caught(w.clock.Now(), w.clock.Now()) {
		t.Error("somebody watches")
	}
	if watch := w.service.AddActivity(77, model.ActivityPost{}); len(watch.Filters) != 0 {
		t.Errorf("people watch for %+v", watch.Filters)
	}
	for range 20 {
		w.clock.Advance(time.Minute)
		observe(w, rec, allowed, w.clock.Now())
		activity(t, w.Session, model.ActivityQuery{Serving: true})
	}
	if page = activity(t, w.Session, model.ActivityQuery{}); len(page.Gaps) != 1 || page.Gaps[0].Calls != 21 {
		t.Errorf("%+v", page.Gaps)
	}
}

// TestOldGapsAreMadeOne: however often somebody looks for a moment, each call
// that was not kept is in a gap, here and where it was told before.
func TestOldGapsAreMadeOne(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	allowed := get("/customers/7?_profile=Test", secret)
	began := w.clock.Now()
	rec.Announce(7, began, []string{"https://127.0.0.1:1"})
	for range 1000 {
		observe(w, rec, allowed, w.clock.Now())
	}
	var recall model.Recall
	var page model.ActivityPage
	for range 20 {
		w.clock.Advance(time.Minute)
		observe(w, rec, allowed, w.clock.Now())
		page = activity(t, w.Session, model.ActivityQuery{})
		recall.Add(model.ActivityQuery{After: 1}, &page)
	}
	recalled := model.ActivityPage{Next: page.Next}
	recall.Add(model.ActivityQuery{}, &recalled)
	for _, gaps := range [][]model.ActivityGap{page.Gaps, recalled.Gaps} {
		calls := uint64(0)
		for i, g := range gaps {
			if calls += g.Calls; i > 0 && (g.Number <= gaps[i-1].Number || g.From.Before(gaps[i-1].To)) {
				t.Errorf("%+v comes after %+v", g, gaps[i-1])
			}
		}
		if len(gaps) != 16 || calls != 1020 || !gaps[0].From.Equal(began) {
			t.Errorf("%d calls in %d gaps: %+v", calls, len(gaps), gaps)
		}
	}
}

// TestGapsAreNotMissedToo: of the calls that nobody saw those that a gap tells of
// are told once; who is told of no gap learns their number.
func TestGapsAreNotMissedToo(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	allowed, refused := get("/customers/7?_profile=Test", secret), get("/customers/7", secret)
	rec.Announce(7, w.clock.Now(), []string{"https://127.0.0.1:1"})
	start := activity(t, w.Session, model.ActivityQuery{})
	for range 2 { // lapses after the cursor
		w.clock.Advance(time.Minute)
		for range 3 {
			observe(w, rec, allowed, w.clock.Now())
		}
		observe(w, rec, refused, w.clock.Now())
		activity(t, w.Session, model.ActivityQuery{}) // somebody else
	}
	rec.Omit() // and one that is told of by nothing else
	late := activity(t, w.Session, model.ActivityQuery{After: start.Next})
	if len(late.Gaps) != 2 || late.Gaps[0].Calls+late.Gaps[1].Calls != 6 || len(late.Records) != 2 || late.Missed != 1 {
		t.Errorf("%+v", late)
	}
	if p := activity(t, w.Session, model.ActivityQuery{After: start.Next, Words: "customers"}); len(p.Gaps) != 0 || p.Missed != 7 {
		t.Errorf("without gaps: %+v", p)
	}
	// The newest gap comes again, as it may grow; what is in it was not missed since.
	observe(w, rec, allowed, w.clock.Now())
	w.clock.Advance(time.Minute)
	observe(w, rec, allowed, w.clock.Now())
	seen := activity(t, w.Session, model.ActivityQuery{})
	rec.Omit()
	if p := activity(t, w.Session, model.ActivityQuery{After: seen.Next}); len(p.Gaps) != 1 || p.Missed != 1 {
		t.Errorf("after the newest gap: %+v", p)
	}
}
