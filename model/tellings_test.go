package model_test

import (
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

// decided is what an endpoint tells: one decision for each sequence.
func decided(id model.ID, sequences ...uint64) []model.Activity {
	var list []model.Activity
	for _, n := range sequences {
		list = append(list, model.Activity{Run: id, Sequence: n, Reason: model.Allowed, Path: fmt.Sprintf("/%d", n)})
	}
	return list
}

// numbered is an answer with records whose numbers begin with first.
func numbered(first uint64, list []model.Activity) *model.ActivityPage {
	p := &model.ActivityPage{Next: first - 1}
	for _, a := range list {
		p.Next++
		a.Number = p.Next
		p.Records = append(p.Records, a)
	}
	return p
}

func paths(list []model.Activity) (out []string) {
	for _, a := range list {
		out = append(out, a.Path)
	}
	return out
}

// TestPostIsTakenOnce: an endpoint whose connection broke before the answer came
// tells again, and its calls are there once. Whose process it is does not matter,
// and what has no run is taken as it comes.
func TestPostIsTakenOnce(t *testing.T) {
	w, _, _ := recordingWorld(t)
	post := func(pid int, allowed uint64, list []model.Activity) {
		w.service.AddActivity(pid, model.ActivityPost{Report: model.EndpointReport{Addresses: []string{"https://[::1]:1"}, Allowed: allowed}, Records: list})
	}
	activity(t, w.Session, model.ActivityQuery{})
	post(77, 2, decided(7, 1, 2))
	post(77, 3, decided(7, 1, 2, 3))
	post(78, 1, decided(8, 1))
	post(79, 3, decided(7, 2, 3))
	post(77, 1, decided(9, 1)) // the process that has the pid now
	post(80, 2, decided(0, 0, 0))
	page := activity(t, w.Session, model.ActivityQuery{})
	if got, want := fmt.Sprint(paths(page.Records)), "[/1 /2 /3 /1 /1 /0 /0]"; got != want || len(page.Gaps) != 0 {
		t.Errorf("got %s with gaps %+v, want %s", got, page.Gaps, want)
	}
	for id := model.ID(100); id < 1100; id++ { // endless endpoints take no endless room
		post(77, 1, decided(id, 1))
	}
	post(77, 1, decided(1099, 1))
	if n := len(activity(t, w.Session, model.ActivityQuery{After: page.Next, Limit: model.MaxPage}).Records); n != 1000 {
		t.Errorf("%d came of 1000", n)
	}
}

// TestRecallOfRepeats: what is told anew under another number is left out of a
// list that has gone past it, and stands in any other one where it was told first.
func TestRecallOfRepeats(t *testing.T) {
	again := numbered(901, append(decided(7, 1, 2, 3, 4), decided(8, 1)...))
	for _, tt := range []struct {
		name string
		q    model.ActivityQuery
		want string
	}{
		{"a list that goes on", model.ActivityQuery{After: 12}, "[3@13 4@904 1@905]"},
		{"one that had it all", model.ActivityQuery{After: 13}, "[4@904 1@905]"},
		{"one that is opened anew", model.ActivityQuery{}, "[1@11 2@12 3@13 4@904 1@905]"},
		{"the newest of it", model.ActivityQuery{Limit: 3}, "[3@13 4@904 1@905]"},
		{"one whose owner's clock was ahead", model.ActivityQuery{After: 2000}, "[4@904 1@905]"},
	} {
		var r model.Recall
		r.Add(model.ActivityQuery{}, numbered(11, decided(7, 1, 2, 3)))
		for range 2 { // an answer is no other one for being there already
			p := *again
			p.Missed, p.Cut = 5, 3
			r.Add(tt.q, &p)
			var got []string
			for _, a := range p.Records {
				got = append(got, fmt.Sprintf("%d@%d", a.Sequence, a.Number))
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
			}
			if want := map[bool]uint64{true: 2, false: 5}[tt.q.After != 0]; p.Missed != want {
				t.Errorf("%s: %d are missed, want %d", tt.name, p.Missed, want)
			}
			if tt.q.After == 2000 {
				break
			}
		}
	}
}

// TestRecallOfOldRepeats: what there was no room for is not taken for new when it
// is told anew, and does not drive out what is newer.
func TestRecallOfOldRepeats(t *testing.T) {
	var r model.Recall
	var sequences []uint64
	for n := uint64(1); n <= 8000; n++ {
		sequences = append(sequences, n)
	}
	first := numbered(1, decided(7, sequences...))
	r.Add(model.ActivityQuery{}, &model.ActivityPage{Records: first.Records[:4000], Next: 4000})
	r.Add(model.ActivityQuery{After: 4000}, &model.ActivityPage{Records: first.Records[4000:], Next: 8000})
	p := numbered(90_001, decided(7, 3, 7999, 8001))
	r.Add(model.ActivityQuery{After: 8000}, p)
	if got := fmt.Sprint(paths(p.Records)); got != "[/8001]" {
		t.Errorf("a list that goes on gets %s", got)
	}
	p = numbered(90_001, decided(7, 3, 7999, 8001))
	r.Add(model.ActivityQuery{Limit: 3}, p)
	if got := fmt.Sprint(paths(p.Records)); got != "[/8001 /3 /8001]" && got != "[/8000 /3 /8001]" {
		t.Errorf("one that is opened anew gets %s", got)
	}
}
