package model_test

import (
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// observe decides as the endpoint does, and tells the recorder.
func observe(w *world, rec *model.Recorder, r *model.Request, at time.Time) model.Reason {
	r.Now = at
	d := w.service.Snapshot().Decide(r)
	if rec.Count(d.Allowed(), at) {
		rec.Keep(r, &d, model.Observed{At: at, Took: time.Millisecond, PID: 7, Remote: "10.0.0.7:4242", Agent: "curl/8"})
	}
	return d.Reason
}

// recordingWorld is fixture with a recorder.
func recordingWorld(t testing.TB) (*world, *model.Recorder, model.Secret) {
	t.Helper()
	w, secret, _ := fixture(t)
	rec := &model.Recorder{}
	s, err := model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now, Random: w.random, Recorder: rec})
	if err != nil {
		t.Fatal(err)
	}
	w.service, w.Session = s, s.As(model.Caller{})
	return w, rec, secret
}

func activity(t testing.TB, s *model.Session, q model.ActivityQuery) model.ActivityPage {
	t.Helper()
	page, err := s.Activity(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestActivityWhileNobodyWatches(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	allowed, refused := get("/customers/7?_profile=Test", secret), get("/customers/7", secret)
	for range 3 {
		observe(w, rec, allowed, w.clock.Now())
	}
	observe(w, rec, refused, w.clock.Now())
	first := activity(t, w.Session, model.ActivityQuery{})
	if len(first.Records) != 1 || first.Records[0].Reason != model.EnvironmentNotPermitted || first.Missed != 0 {
		t.Fatalf("the refusal alone should be there: %+v", first)
	}
	got := first.Records[0]
	want := model.Activity{
		Number: got.Number, At: now, Took: time.Millisecond, PID: 7, Remote: "10.0.0.7:4242", Method: "GET", Host: got.Host, Path: "/customers/7",
		Agent: "curl/8", Credential: model.HeaderCredential, Reason: model.EnvironmentNotPermitted, Key: got.Key, KeyName: "app",
		Slot: model.Primary, Environment: "Production", Production: true,
	}
	if got != want || got.Key == 0 {
		t.Errorf("recorded\n%+v\nwant\n%+v", got, want)
	}
	observe(w, rec, allowed, w.clock.Now()) // somebody watches now
	next := activity(t, w.Session, model.ActivityQuery{After: first.Next})
	if len(next.Records) != 1 || next.Records[0].Bound != "customer" || next.Records[0].Number <= got.Number || next.Missed != 0 {
		t.Errorf("after %d: %+v", first.Next, next)
	}
	w.clock.Advance(time.Minute)
	for range 5 {
		observe(w, rec, allowed, w.clock.Now())
	}
	if late := activity(t, w.Session, model.ActivityQuery{After: next.Next}); len(late.Records) != 0 || late.Missed != 0 || len(late.Gaps) == 0 || late.Gaps[len(late.Gaps)-1].Calls != 5 {
		t.Errorf("five calls went by unseen: %+v", late)
	}
	if _, runs := rec.Report(w.clock.Now()); runs {
		t.Error("an endpoint is reported that was not announced")
	}
	rec.Announce(7, now, []string{"https://127.0.0.1:8443"})
	page := activity(t, w.Session, model.ActivityQuery{})
	if len(page.Serving) != 1 || page.Serving[0].Allowed != 9 || page.Serving[0].Denied != 1 || page.Serving[0].PID != 7 {
		t.Errorf("the endpoint says %+v", page.Serving)
	}
}

// TestActivityRing: what does not fit is counted, refusals stay beside a flood of
// what is allowed, and a rare key is found in it.
func TestActivityRing(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	_, rare, _ := w.token("rare", "Test", "customer")
	start := activity(t, w.Session, model.ActivityQuery{})
	allowed := get("/customers/7?_profile=Test", secret)
	refuse := get("/customers/7", secret)
	for i := range 3 * model.AllowedKept {
		switch i {
		case 10:
			observe(w, rec, refuse, w.clock.Now())
		case 3*model.AllowedKept - 1000:
			observe(w, rec, get("/customers/9?_profile=Test", rare), w.clock.Now())
		}
		observe(w, rec, allowed, w.clock.Now())
	}
	all := uint64(3*model.AllowedKept + 2)
	page := activity(t, w.Session, model.ActivityQuery{After: start.Next, Limit: 100})
	if len(page.Records) != 100 || page.Missed != all-100 || page.Next != start.Next+all {
		t.Errorf("%d records, %d missed, next %d of %d", len(page.Records), page.Missed, page.Next, start.Next+all)
	}
	for i, r := range page.Records {
		if want := page.Next - 99 + uint64(i); r.Number != want {
			t.Fatalf("record %d has the number %d, want %d", i, r.Number, want)
		}
	}
	page = activity(t, w.Session, model.ActivityQuery{After: start.Next, Refused: true})
	if len(page.Records) != 1 || page.Missed != 0 {
		t.Errorf("refusals: %d, %d missed", len(page.Records), page.Missed)
	}
	key := must(t)(w.Key(t.Context(), "rare"))
	for _, q := range []model.ActivityQuery{{Key: key.ID}, {Words: "RARE customer 10.0.0.7"}, {Words: "/customers/9"}, {After: start.Next, Key: key.ID}} {
		page = activity(t, w.Session, q)
		if len(page.Records) != 1 || page.Records[0].KeyName != "rare" {
			t.Errorf("%+v finds %d", q, len(page.Records))
		}
	}
	for _, q := range []model.ActivityQuery{{Words: "rare order"}, {Workflow: 1}, {Key: key.ID, Refused: true}} {
		if page = activity(t, w.Session, q); len(page.Records) != 0 {
			t.Errorf("%+v finds %d", q, len(page.Records))
		}
	}
	workflow, err := w.Workflow(t.Context(), "customer")
	if err != nil {
		t.Fatal(err)
	}
	if page = activity(t, w.Session, model.ActivityQuery{Workflow: workflow.ID, Limit: 5000}); len(page.Records) != model.MaxPage {
		t.Errorf("of one workflow: %d", len(page.Records))
	}
}

// TestActivityCursors: cursors of other owners neither hang nor skip.
func TestActivityCursors(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	observe(w, rec, get("/customers/7", secret), w.clock.Now())
	page := activity(t, w.Session, model.ActivityQuery{After: 1 << 60})
	if len(page.Records) != 1 || page.Next >= 1<<60 {
		t.Errorf("a cursor from the future: %+v", page)
	}
	w.clock.Advance(time.Second)
	next, err := model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	next.AddActivity(9, model.ActivityPost{Records: []model.Activity{page.Records[0]}})
	follow := activity(t, next.As(model.Caller{}), model.ActivityQuery{After: page.Next})
	if len(follow.Records) != 1 || follow.Records[0].PID != 9 || follow.Records[0].Number <= page.Next {
		t.Errorf("the next owner's records after the last one's cursor: %+v", follow)
	}
	// An endpoint becomes the owner: what it told the last owner keeps out of the
	// way, what it did not tell comes.
	serve := &model.Recorder{}
	observe(w, serve, get("/customers/1", secret), w.clock.Now())
	_, cursor := serve.Post(w.clock.Now(), 0, nil)
	serve.Posted(cursor)
	observe(w, serve, get("/customers/2", secret), w.clock.Now())
	w.clock.Advance(time.Second)
	own, err := model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now, Recorder: serve})
	if err != nil {
		t.Fatal(err)
	}
	taken := activity(t, own.As(model.Caller{}), model.ActivityQuery{After: follow.Next})
	if len(taken.Records) != 1 || taken.Records[0].Path != "/customers/2" {
		t.Errorf("the endpoint that owns the store now tells %+v", taken.Records)
	}
	// It opens the store again: nothing comes twice.
	serve.Posted(math.MaxUint64)
	observe(w, serve, get("/customers/3", secret), w.clock.Now())
	w.clock.Advance(time.Second)
	if own, err = model.NewService(t.Context(), w.store, model.Options{Now: w.clock.Now, Recorder: serve}); err != nil {
		t.Fatal(err)
	}
	again := activity(t, own.As(model.Caller{}), model.ActivityQuery{After: taken.Next})
	if len(again.Records) != 1 || again.Records[0].Path != "/customers/3" || again.Missed != 0 {
		t.Errorf("opened again, it tells %+v", again)
	}
}

func TestActivityPosts(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	_, rare, _ := w.token("rare", "Test", "customer")
	start := activity(t, w.Session, model.ActivityQuery{})
	serve := &model.Recorder{}
	serve.Announce(1, w.clock.Now(), []string{"http://127.0.0.1:1"})
	serve.Watch(w.clock.Now(), w.clock.Now().Add(time.Second))
	observe(w, serve, get("/customers/0", secret), w.clock.Now())
	_, cursor := serve.Post(w.clock.Now(), 0, nil)
	observe(w, serve, get("/customers/9?_profile=Test", rare), w.clock.Now())
	for range 2 * model.PostMost {
		observe(w, serve, get("/customers/1", secret), w.clock.Now())
		observe(w, serve, get("/customers/1?_profile=Test", secret), w.clock.Now())
	}
	key := must(t)(w.Key(t.Context(), "rare"))
	post, next := serve.Post(w.clock.Now(), cursor, []model.ActivityQuery{{}, {Key: key.ID}})
	if len(post.Records) != 2*model.PostMost || post.Missed != 2*model.PostMost+1 || post.Records[0].KeyName != "rare" {
		t.Errorf("%d records, %d missed, the first of %q", len(post.Records), post.Missed, post.Records[0].KeyName)
	}
	if again, end := serve.Post(w.clock.Now(), next, nil); len(again.Records) != 0 || again.Missed != 0 || end != next {
		t.Errorf("once more: %d records", len(again.Records))
	}
	watch := w.service.AddActivity(4242, post)
	if len(watch.Filters) != 1 {
		t.Errorf("people watch for %+v", watch.Filters)
	}
	page := activity(t, w.Session, model.ActivityQuery{After: start.Next, Limit: model.MaxPage})
	if len(page.Records) != 2*model.PostMost || page.Missed != post.Missed || page.Records[0].PID != 4242 {
		t.Errorf("the owner has %d records, %d missed", len(page.Records), page.Missed)
	}
	if len(page.Serving) != 0 {
		t.Errorf("a process that does not follow serves: %+v", page.Serving)
	}
	f := w.service.Follow(model.Following{Peer: model.Peer{PID: 4242, Rank: model.RankServe}})
	c := w.service.Follow(model.Following{Peer: model.Peer{PID: 4243, Rank: model.RankConsole}})
	page = activity(t, w.Session, model.ActivityQuery{})
	if len(page.Serving) != 1 || page.Serving[0].Denied != 2*model.PostMost+1 || len(page.Consoles) != 1 || page.Consoles[0].PID != 4243 {
		t.Errorf("serving %+v, consoles %+v", page.Serving, page.Consoles)
	}
	w.clock.Advance(time.Minute) // it is stopped
	if page = activity(t, w.Session, model.ActivityQuery{}); len(page.Serving) != 0 {
		t.Errorf("a silent endpoint serves: %+v", page.Serving)
	}
	w.service.AddActivity(4242, post)
	f.Close()
	c.Close()
	if page = activity(t, w.Session, model.ActivityQuery{}); len(page.Serving)+len(page.Consoles) != 0 {
		t.Errorf("who is gone serves: %+v, looks: %+v", page.Serving, page.Consoles)
	}
	w.service.AddActivity(4242, model.ActivityPost{})
	_ = rec
}

// TestRecorderIsConcurrent: with many at work, each number comes once and in
// order, and nothing is counted twice.
func TestRecorderIsConcurrent(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	start := activity(t, w.Session, model.ActivityQuery{})
	const workers, each = 8, 2000
	var busy sync.WaitGroup
	for i := range workers {
		busy.Go(func() {
			for n := range each {
				path := fmt.Sprintf("/customers/%d", i)
				if n%4 != 0 {
					path += "?_profile=Test"
				}
				observe(w, rec, get(path, secret), now)
			}
		})
	}
	var done atomic.Bool
	var watching sync.WaitGroup
	var seen, missed uint64
	watching.Go(func() {
		last, end := start.Next, false
		for !end {
			end = done.Load() // once more after that
			page, err := w.Activity(t.Context(), model.ActivityQuery{After: last, Limit: model.MaxPage})
			if err != nil {
				t.Error(err)
				return
			}
			if !slices.IsSortedFunc(page.Records, func(a, b model.Activity) int { return int(int64(a.Number - b.Number)) }) {
				t.Error("a page is out of order")
			}
			for _, r := range page.Records {
				if r.Number <= last || r.Number > page.Next || !strings.HasPrefix(r.Path, "/customers/") {
					t.Errorf("after %d up to %d comes %+v", last, page.Next, r)
				}
			}
			seen, missed, last = seen+uint64(len(page.Records)), missed+page.Missed, page.Next
		}
	})
	busy.Wait()
	done.Store(true)
	watching.Wait()
	if seen+missed != workers*each || seen == 0 {
		t.Errorf("%d seen and %d missed of %d", seen, missed, workers*each)
	}
}

// TestRecorderKeepsNoSecret: neither header nor query, however encoded, gets in.
func TestRecorderKeepsNoSecret(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	s := secret.Reveal()
	encoded := strings.ReplaceAll(s, "kw_", "%6bw%5F")
	for _, tt := range []struct{ path, header, query string }{
		{"/customers/7", "Key=" + s, ""},
		{"/customers/7?auth-key=" + s, "", "auth-key="},
		{"/customers/7?a=1&auth-key=" + s + "&b=2", "", "a=1&auth-key=&b=2"},
		{"/customers/7?a=1&auth-key=" + s + "&b=2", "Key=" + s, "a=1&auth-key=&b=2"},
		{"/customers/7?%61uth%2Dkey=" + encoded, "", "%61uth%2Dkey="},
		{"/customers/7?AUTH-Key=" + s[:20], "", "AUTH-Key="},
		{"/customers/7?auth-key=mistyped", "", "auth-key="},
		{"/customers/7?auth-key=mis;typed", "", "auth-key="},
		{"/customers/7?%2561uth-key=mistyped", "", "auth-key="},
		{"/customers/7?+auth-key%20=mistyped", "", "auth-key="},
		{"/customers/7?auth-key%3Dmistyped", "", "auth-key="},
		{"/customers/7?a=b;auth-key=mistyped;c", "", "a=b;auth-key=;c"},
		{"/customers/7?token=" + s, "", "[secret]"},
		{"/customers/7?token=" + strings.ReplaceAll(encoded, "%", "%25") + "&x", "", "[secret]&x"},
		{"/customers/7?" + s, "", "[secret]"},
		{"/customers/7?a=\xff", "", "a=\ufffd"},
		{"/customers/7?a=" + strings.Repeat("x", 2000), "", "a=" + strings.Repeat("x", 1022)},
		{"/customers/7?" + strings.Repeat("é", 600), "", strings.Repeat("é", 512)},
		{"/customers/" + s, "Key=" + s, ""},
		{"/customers/" + strings.Repeat("%25", 3) + "6bw%5f" + s[3:], "Key=" + s, ""},
	} {
		r := get(tt.path, model.Secret{})
		if tt.header != "" {
			r.Authorization = []string{tt.header}
		}
		d := w.service.Snapshot().Decide(r)
		rec.Keep(r, &d, model.Observed{At: now, Remote: "10.0.0.7:1", Agent: "agent of " + tt.header})
		page := activity(t, w.Session, model.ActivityQuery{Limit: 1})
		got := page.Records[0]
		if got.Query != tt.query {
			t.Errorf("%s: the query is %q, want %q", tt.path, got.Query, tt.query)
		}
		all := fmt.Sprintf("%+v", got)
		for _, part := range []string{s, s[3:20], s[20:40], encoded, "mistyped", "typed"} {
			if strings.Contains(all, part) {
				t.Errorf("%s: recorded %s, with %q", tt.path, all, part)
			}
		}
		if shown := strings.Contains(all, "[secret]") || strings.Contains(all, "\ufffd") || len(tt.path) > 1000; shown != got.Partial {
			t.Errorf("%s: partial is %v", tt.path, got.Partial)
		}
	}
}

// TestRecorderAllocatesNothing: once its rings are full, in either state.
func TestRecorderAllocatesNothing(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	r := get("/customers/7?_profile=Test&auth-key=x", secret)
	d := model.Decision{Reason: model.Allowed}
	record := func() {
		if rec.Count(true, now) {
			rec.Keep(r, &d, model.Observed{At: now, Remote: "10.0.0.7:4242", Agent: "curl/8"})
		}
	}
	if n := testing.AllocsPerRun(100, record); n != 0 {
		t.Errorf("%v allocations while nobody watches", n)
	}
	activity(t, w.Session, model.ActivityQuery{})
	for range model.AllowedKept {
		record()
	}
	if n := testing.AllocsPerRun(100, record); n != 0 {
		t.Errorf("%v allocations while somebody watches", n)
	}
}

func BenchmarkRecorder(b *testing.B) {
	w, rec, secret := recordingWorld(b)
	r := get("/customers/7?_profile=Test", secret)
	d := w.service.Snapshot().Decide(r)
	for _, watched := range []bool{false, true} {
		b.Run(fmt.Sprintf("watched=%v", watched), func(b *testing.B) {
			if watched {
				rec.Watch(now, now.Add(time.Hour))
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if rec.Count(true, now) {
						rec.Keep(r, &d, model.Observed{At: now, Remote: "10.0.0.7:4242", Agent: "curl/8"})
					}
				}
			})
		})
	}
}

// BenchmarkActivity is one question of who watches, after as many calls as come
// in 100 ms.
func BenchmarkActivity(b *testing.B) {
	w, rec, secret := recordingWorld(b)
	r := get("/customers/7?_profile=Test", secret)
	d := w.service.Snapshot().Decide(r)
	next := activity(b, w.Session, model.ActivityQuery{}).Next
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for range 1000 {
			rec.Keep(r, &d, model.Observed{At: now, Remote: "10.0.0.7:4242", Agent: "curl/8"})
		}
		b.StartTimer()
		next = activity(b, w.Session, model.ActivityQuery{After: next}).Next
	}
}

// TestRecorderRedactsAnyName: however the name of auth-key is written, its value
// is not kept, nor is a secret under any name.
func TestRecorderRedactsAnyName(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	random := mathrand.New(mathrand.NewPCG(1, 2))
	encode := func(text string) string {
		for range random.IntN(4) {
			var b strings.Builder
			for _, c := range []byte(text) {
				switch random.IntN(3) {
				case 0:
					fmt.Fprintf(&b, "%%%02x", c)
				case 1:
					b.WriteString(strings.ToUpper(string(c)))
				default:
					b.WriteByte(c)
				}
			}
			text = b.String()
		}
		return text
	}
	mistyped := "Q9mistyped8value7"
	for range race.Sample(5000, 500) {
		name, value := encode("auth-key"), mistyped
		if random.IntN(4) == 0 {
			name, value = encode("token"), secret.Reveal()
			for range random.IntN(3) {
				value = strings.ReplaceAll(value, "_", "%5f")
				value = strings.ReplaceAll(value, "%", []string{"%", "%25"}[random.IntN(2)])
			}
		}
		pair := []string{"", " ", "+", "%20"}[random.IntN(4)] + name + []string{"", "+"}[random.IntN(2)] + "=" + value
		query := []string{"", "a=1&", "b;", "&&"}[random.IntN(4)] + pair + []string{"", "&c", ";d=e", "=f"}[random.IntN(4)]
		r := get("/customers/7?"+query, model.Secret{})
		d := w.service.Snapshot().Decide(r)
		rec.Keep(r, &d, model.Observed{At: now})
		got := activity(t, w.Session, model.ActivityQuery{Limit: 1}).Records[0].Query
		if strings.Contains(got, mistyped) || strings.Contains(got, secret.Reveal()[3:]) {
			t.Fatalf("%q is recorded as %q", query, got)
		}
	}
}
