package model_test

import (
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

func told(numbers ...uint64) *model.ActivityPage {
	p := &model.ActivityPage{}
	for _, n := range numbers {
		a := model.Activity{Number: n, Reason: model.Allowed, Path: fmt.Sprintf("/%d", n)}
		if n%2 == 0 {
			a.Reason = model.RouteUnknown
		}
		p.Records, p.Next = append(p.Records, a), n
	}
	return p
}

// TestRecall: what the owner before told is there when somebody asks anew, once
// and in order, as far as it fits what is asked for.
func TestRecall(t *testing.T) {
	var r model.Recall
	first := told(1, 2, 3)
	first.Gaps = []model.ActivityGap{{Number: 2, Calls: 5}}
	r.Add(model.ActivityQuery{}, first)
	r.Add(model.ActivityQuery{After: 3}, told(4, 5))
	r.Add(model.ActivityQuery{}, told(3, 4, 5)) // as a list that is opened anew gets them
	for _, tt := range []struct {
		q    model.ActivityQuery
		gaps int
		want string
	}{
		{model.ActivityQuery{}, 1, "[1 2 3 4 5 101]"},
		{model.ActivityQuery{Limit: 2}, 1, "[5 101]"},
		{model.ActivityQuery{Words: "route"}, 0, "[2 4 101]"}, // the page is as the owner filtered it
		{model.ActivityQuery{Refused: true}, 0, "[2 4 101]"},
		{model.ActivityQuery{After: 100}, 0, "[101]"},
	} {
		p := told(101)
		r.Add(tt.q, p)
		var got []uint64
		for _, a := range p.Records {
			got = append(got, a.Number)
		}
		if fmt.Sprint(got) != tt.want || len(p.Gaps) != tt.gaps {
			t.Errorf("%+v: %v and %d gaps, want %s and %d", tt.q, got, len(p.Gaps), tt.want, tt.gaps)
		}
	}
}

// TestRecallOfAClockSetBack: an owner whose clock is behind numbers below the one
// before it. What that one decided last hides nothing of what is new.
func TestRecallOfAClockSetBack(t *testing.T) {
	for name, q := range map[string]model.ActivityQuery{"opened anew": {Limit: 200}, "asked on": {After: 1400}} {
		var r model.Recall
		var numbers []uint64
		for n := uint64(1001); n <= 1400; n++ {
			numbers = append(numbers, n)
		}
		old := told(numbers...)
		old.Gaps = []model.ActivityGap{{Number: 1001, Calls: 5}, {Number: 1401, Calls: 5}}
		r.Add(model.ActivityQuery{}, old)
		p := told(10)
		p.Gaps = []model.ActivityGap{{Number: 11, Calls: 1}}
		r.Add(q, p)
		r.Add(model.ActivityQuery{After: 10}, told(11, 12))
		again := told(12)
		r.Add(model.ActivityQuery{}, again)
		if len(p.Records) != 1 || p.Records[0].Number != 10 || len(p.Gaps) != 1 {
			t.Errorf("%s: %d records, %d gaps", name, len(p.Records), len(p.Gaps))
		}
		if len(again.Records) != 3 || again.Records[0].Number != 10 || len(again.Gaps) != 1 {
			t.Errorf("%s, and again: %d records, %d gaps", name, len(again.Records), len(again.Gaps))
		}
	}
}

// TestRecallIsBounded: however long somebody watches.
func TestRecallIsBounded(t *testing.T) {
	var r model.Recall
	for n := uint64(1); n < 20000; n += 2 {
		r.Add(model.ActivityQuery{After: n}, told(n, n+1))
	}
	p := &model.ActivityPage{Next: 20000}
	r.Add(model.ActivityQuery{Limit: model.MaxPage}, p)
	if len(p.Records) != model.MaxPage || p.Records[len(p.Records)-1].Number != 20000 {
		t.Errorf("%d records, the newest %d", len(p.Records), p.Records[len(p.Records)-1].Number)
	}
	if kept := model.RecallLen(&r); kept > 5200 {
		t.Errorf("%d are kept", kept)
	}
}
