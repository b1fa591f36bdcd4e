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
		p.Records = append(p.Records, a)
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

// TestRecallIsBounded: however long somebody watches.
func TestRecallIsBounded(t *testing.T) {
	var r model.Recall
	for n := uint64(1); n < 20000; n += 2 {
		r.Add(model.ActivityQuery{After: n}, told(n, n+1))
	}
	p := &model.ActivityPage{}
	r.Add(model.ActivityQuery{Limit: model.MaxPage}, p)
	if len(p.Records) != model.MaxPage || p.Records[len(p.Records)-1].Number != 20000 {
		t.Errorf("%d records, the newest %d", len(p.Records), p.Records[len(p.Records)-1].Number)
	}
	if kept := model.RecallLen(&r); kept > 5200 {
		t.Errorf("%d are kept", kept)
	}
}
