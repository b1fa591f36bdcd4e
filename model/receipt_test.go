package model_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func TestReceiptWords(t *testing.T) {
	for _, tt := range []struct {
		receipt model.Receipt
		want    string
	}{
		{model.Receipt{}, ""},
		{model.Receipt{Serves: 2, InForce: 2}, ""},
		{model.Receipt{Seq: 7}, ""},
		{model.Receipt{Seq: 7, Serves: 2, InForce: 2, Took: 3 * time.Millisecond}, "in force at 2 of 2 endpoints in 3 ms"},
		{model.Receipt{Seq: 7, Serves: 1, InForce: 1, Took: 300 * time.Microsecond}, "in force at 1 of 1 endpoints in under 1 ms"},
		{model.Receipt{Seq: 7, Serves: 1, InForce: 1, Took: 999_700 * time.Microsecond}, "in force at 1 of 1 endpoints in 1.0 s"},
		{model.Receipt{Seq: 7, Serves: 2, InForce: 1, Missing: []string{"serve\x1b"}, Took: 1004 * time.Millisecond}, "in force at 1 of 2 endpoints in 1.0 s; " + model.Clean("serve\x1b") + " has not acknowledged, and denies until it does"},
		{model.Receipt{Seq: 7, Serves: 2, Missing: []string{"a", "b"}, Took: 1240 * time.Millisecond}, "in force at 0 of 2 endpoints in 1.2 s; a, b have not acknowledged, and deny until they do"},
	} {
		if got := tt.receipt.Words(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if model.ReceiptOf(t.Context()) == nil || model.ReceiptOf(model.WithReceipt(t.Context(), nil)) == nil {
		t.Error("there is no receipt")
	}
}

// endpoint follows like a serve: it takes each update and acknowledges it.
func (w *world) endpoint(name string) *model.Follower {
	w.t.Helper()
	f := w.follow(model.Following{Name: name, Records: true, Decides: true})
	go func() {
		for {
			u, err := f.Next(context.Background())
			if err != nil {
				return
			}
			f.Ack(u.Head.Seq)
		}
	}()
	return f
}

// toggle changes the key app and returns the receipt.
func (w *world) toggle(ctx context.Context) model.Receipt {
	w.t.Helper()
	info := must(w.t)(w.Key(ctx, "app"))
	var r model.Receipt
	if got := must(w.t)(w.SetKeyEnabled(model.WithReceipt(ctx, &r), "app", !info.Enabled)); got.Enabled == info.Enabled {
		w.t.Error("the change was not made")
	}
	if r.Seq != w.seq() {
		w.t.Errorf("the receipt is for change %d, the newest is %d", r.Seq, w.seq())
	}
	return r
}

func TestReceiptOfTwo(t *testing.T) {
	w, _, _ := fixture(t)
	if r := w.toggle(t.Context()); r.Serves != 0 || r.Words() != "" {
		t.Errorf("without endpoints: %+v", r)
	}
	w.service.SetPatience(time.Minute)
	w.endpoint("b")
	w.endpoint("a")
	w.follow(model.Following{Name: "console"}) // does not decide, and is not waited for
	if r := w.toggle(t.Context()); r.Serves != 2 || r.InForce != 2 || r.Missing != nil || r.Took <= 0 {
		t.Errorf("with two endpoints: %+v", r)
	}
	var nothing model.Receipt
	info := must(t)(w.Key(t.Context(), "app"))
	must(t)(w.SetKeyEnabled(model.WithReceipt(t.Context(), &nothing), "app", info.Enabled))
	if nothing.Seq != 0 || nothing.Words() != "" {
		t.Errorf("a change of nothing: %+v", nothing)
	}
}

// TestReceiptOfTheLate: one that does not acknowledge is waited for once, named,
// and waited for again when it does.
func TestReceiptOfTheLate(t *testing.T) {
	w, _, _ := fixture(t)
	late := w.follow(model.Following{Name: "late", Decides: true})
	w.next(late)
	w.service.SetPatience(time.Millisecond)
	if r := w.toggle(t.Context()); r.Serves != 1 || r.InForce != 0 || !slices.Equal(r.Missing, []string{"late"}) {
		t.Errorf("with one that does not acknowledge: %+v", r)
	}
	w.service.SetPatience(time.Hour) // were it waited for, the test would end
	for range 3 {
		if r := w.toggle(t.Context()); r.InForce != 0 || !slices.Equal(r.Missing, []string{"late"}) {
			t.Errorf("with one that was late before: %+v", r)
		}
	}
	for range 4 {
		late.Ack(w.next(late).Head.Seq)
	}
	answer := make(chan model.Receipt)
	go func() { answer <- w.toggle(t.Context()) }()
	u := w.next(late)
	late.Ack(u.Head.Seq - 1) // not yet
	late.Ack(u.Head.Seq)
	if r := <-answer; r.InForce != 1 || r.Missing != nil {
		t.Errorf("with one that acknowledges again: %+v", r)
	}
}

// TestReceiptCountsItself: the process that owns the store and decides from it
// has the change before anybody.
func TestReceiptCountsItself(t *testing.T) {
	s, err := model.NewService(t.Context(), newMemory(), model.Options{Decides: true})
	if err != nil {
		t.Fatal(err)
	}
	var r model.Receipt
	if _, err := s.As(model.Caller{}).CreateWorkflow(model.WithReceipt(t.Context(), &r), model.WorkflowDraft{Name: "w"}); err != nil {
		t.Fatal(err)
	}
	if r.Serves != 1 || r.InForce != 1 || r.Missing != nil {
		t.Errorf("got %+v", r)
	}
}

// TestReceiptOfOneThatLeaves: an endpoint that goes away while it is waited for
// ends the wait, for every change that waits.
func TestReceiptOfOneThatLeaves(t *testing.T) {
	w, _, _ := fixture(t)
	w.service.SetPatience(time.Hour)
	f := w.follow(model.Following{Name: "leaving", Decides: true})
	last := w.seq() + 3
	answers := make(chan model.Receipt)
	for _, name := range []string{"x", "y", "z"} {
		go func() {
			var r model.Receipt
			if _, err := w.CreateWorkflow(model.WithReceipt(t.Context(), &r), model.WorkflowDraft{Name: name}); err != nil {
				t.Error(err)
			}
			answers <- r
		}()
	}
	for at := uint64(0); at < last; { // a wait does not hold up other changes
		u := w.next(f)
		at = u.Head.Seq
	}
	f.Ack(last - 2)
	if r := <-answers; r.Seq != last-2 || r.InForce != 1 {
		t.Errorf("the acknowledged change: %+v", r)
	}
	f.Close()
	for range 2 {
		if r := <-answers; r.Seq > last-2 && (r.Serves != 0 && !slices.Equal(r.Missing, []string{"leaving"})) {
			t.Errorf("with one that left: %+v", r)
		}
	}
}

// ended is a context that ends as its own does, with another error.
type ended struct {
	context.Context
	why error
}

func (e ended) Err() error {
	if e.Context.Err() == nil {
		return nil
	}
	return e.why
}

// TestReceiptOfAnImpatientCaller: a caller that gives up waiting has made the
// change, and says nothing about the endpoint, which is waited for the next
// time.
func TestReceiptOfAnImpatientCaller(t *testing.T) {
	w, _, _ := fixture(t)
	w.service.SetPatience(time.Hour)
	f := w.follow(model.Following{Name: "busy", Decides: true})
	w.next(f)
	for _, why := range []error{context.Canceled, context.DeadlineExceeded} {
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan model.Receipt)
		go func() { answer <- w.toggle(ended{ctx, why}) }()
		w.next(f) // the change is made, and waits
		cancel()
		if r := <-answer; r.Serves != 1 || r.InForce != 0 || !slices.Equal(r.Missing, []string{"busy"}) {
			t.Errorf("with a caller that gave up: %+v", r)
		}
	}
	answer := make(chan model.Receipt)
	go func() { answer <- w.toggle(t.Context()) }()
	f.Ack(w.next(f).Head.Seq)
	if r := <-answer; r.InForce != 1 {
		t.Errorf("the endpoint is not waited for after a caller gave up: %+v", r)
	}
}

func TestReadOnlyIsNotWaitedFor(t *testing.T) {
	w, _, _ := fixture(t)
	w.service.SetPatience(time.Hour)
	w.follow(model.Following{Name: "busy", Decides: true})
	s := w.service.As(model.Caller{ReadOnly: true, Reason: string(make([]byte, 501))})
	if _, err := s.SetKeyEnabled(t.Context(), "app", false); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a reason that is too long gets on record with a refusal: %v", err)
	}
	before := w.seq()
	s = w.service.As(model.Caller{ReadOnly: true})
	for range 3 {
		if _, err := s.SetKeyEnabled(t.Context(), "app", false); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("got %v", err)
		}
	}
	if w.seq() != before+1 {
		t.Errorf("%d refusals are on record, want 1", w.seq()-before)
	}
}
