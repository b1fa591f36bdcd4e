package model_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestRefusalsOfEachOperator: one operator's refusals hide no other's, and
// neither a new process nor another claim makes another operator.
func TestRefusalsOfEachOperator(t *testing.T) {
	over := func(fingerprint, comment string) model.SSHKey {
		return model.SSHKey{Fingerprint: "SHA256:" + fingerprint, Comment: comment}
	}
	w, _, _ := fixture(t)
	w.refuses(t, model.Actor{UID: 7, User: "ada", PID: 1}, 1)
	for _, tt := range []struct {
		name  string
		actor model.Actor
		after time.Duration
		want  int
	}{
		{"the same", model.Actor{UID: 7, User: "ada", PID: 1}, 0, 0},
		{"another process", model.Actor{UID: 7, User: "ada", PID: 2}, 0, 0},
		{"another claim", model.Actor{UID: 7, User: "ada", PID: 1, Claimed: "eve"}, 0, 0},
		{"another user", model.Actor{UID: 8, User: "eve", PID: 1}, 0, 1},
		{"another user without a uid", model.Actor{UID: -1, User: "ada"}, 0, 1},
		{"over SSH", model.Actor{UID: 7, User: "ada", PID: 1, SSH: over("a", "x")}, 0, 1},
		{"with another SSH key", model.Actor{UID: 7, User: "ada", PID: 1, SSH: over("b", "x")}, 0, 1},
		{"with a new comment", model.Actor{UID: 7, User: "ada", PID: 1, SSH: over("b", "y")}, 0, 0},
		{"almost ten seconds later", model.Actor{UID: 7, User: "ada"}, 10*time.Second - 1, 0},
		{"ten seconds later", model.Actor{UID: 7, User: "ada"}, 1, 1},
		{"once the clock is set back", model.Actor{UID: 7, User: "ada"}, -time.Hour, 1},
		{"just after that", model.Actor{UID: 7, User: "ada"}, time.Second, 0},
	} {
		w.clock.Advance(tt.after)
		t.Run(tt.name, func(t *testing.T) { w.refuses(t, tt.actor, tt.want) })
	}
}

// TestRefusalsAreBounded: whoever gives itself many names cannot fill the store,
// nor take the turn of who has one.
func TestRefusalsAreBounded(t *testing.T) {
	w, _, _ := fixture(t)
	before := w.seq()
	for i := range 10 * model.RefusalsKept {
		w.refused(t, model.Actor{UID: 7, SSH: model.SSHKey{Fingerprint: fmt.Sprint(i)}})
	}
	if got := w.seq() - before; got != model.RefusalsKept+1 {
		t.Errorf("%d refusals of as many operators as one likes are on record, want %d", got, model.RefusalsKept+1)
	}
	w.clock.Advance(5 * time.Second)
	w.refuses(t, model.Actor{UID: 8}, 0) // the rest had its turn
	w.clock.Advance(5 * time.Second)
	w.refuses(t, model.Actor{UID: 7, SSH: model.SSHKey{Fingerprint: "1"}}, 1)
	w.refuses(t, model.Actor{UID: 8}, 1)
	w.refuses(t, model.Actor{UID: 9}, 1)
	w.refuses(t, model.Actor{UID: 9}, 0)
}

// refused has an operator without rights try a change.
func (w *world) refused(t *testing.T, a model.Actor) {
	t.Helper()
	if _, err := w.service.As(model.Caller{Actor: a, ReadOnly: true}).SetKeyEnabled(t.Context(), "app", false); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

// refuses is refused, which must bring so many entries.
func (w *world) refuses(t *testing.T, a model.Actor, want int) {
	t.Helper()
	before := len(w.trail())
	w.refused(t, a)
	trail := w.trail()
	if len(trail) != before+want {
		t.Fatalf("%d entries, want %d", len(trail)-before, want)
	}
	if want > 0 && (!trail[before].Refused || trail[before].Actor != a) {
		t.Errorf("on record is %+v", trail[before])
	}
}
