package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// ends has the endpoint be gone.
func (w *world) ends() { w.backend.serving = nil }

// An endpoint that ends is told, with its address and when; the rows stay, and
// nothing is called live, also for a list that is opened anew.
func TestEndpointEnds(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.backend.serving = []model.EndpointReport{{PID: 77, Addresses: []string{"https://127.0.0.1:18443"}}}
	w.resize(120, 40)
	w.watches()
	w.sees("live")
	w.ends()
	w.ticks()
	said := "! the endpoint at https://127.0.0.1:18443 ended " + w.now.Format(time.TimeOnly) + " UTC: no new decisions until one runs again"
	w.sees(said, "9 of 9")
	w.seesNot("live")
	w.press("K", "L")
	w.sees(said, "9 of 9")
	w.resize(60, 16)
	w.sees("! the endpoint ended")
	traffic2 := flood(1)
	w.serves()
	w.brought(traffic2...)
	w.ticks()
	w.sees("live", "10 of 10")
}

// What nobody watched is a row of its own, that no call is behind, and may grow.
func TestGapRows(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.resize(80, 24)
	l := w.watches()
	newest := l.next
	gap := model.ActivityGap{Number: newest + 1, From: testNow, To: testNow.Add(90 * time.Second), Calls: 1}
	answer := func(p model.ActivityPage) {
		p.Serving = w.backend.serving
		l.waiting, l.fresh = true, false
		w.app.Update(activityMsg{l.newest, model.ActivityQuery{}, p, w.now, nil})
	}
	answer(model.ActivityPage{Gaps: []model.ActivityGap{gap}, Next: newest})
	from, to := l.gapTimes(gap)
	w.sees("! nobody watched from "+from+" to "+to+": 1 allowed call not kept", "9 of 9")
	w.seesNot("› ! nobody watched") // the cursor is on the newest call
	w.press("down")
	w.sees("› ! nobody watched from "+from+" to "+to, "9 of 9", "only refusals were kept", "enter what this is")
	before := len(w.app.stack)
	if w.press("enter"); len(w.app.stack) != before {
		t.Error("a gap is explained")
	}
	w.sees("This is a note, no call: nobody watched from "+from+" to "+to, "allowed call was not kept", "goes to the call before")
	w.press("up", "enter")
	if _, explains := w.app.top().(*why); !explains {
		t.Errorf("enter on the call above opens %T", w.app.top())
	}
	w.press("esc", "G")
	w.seesNot("› ! nobody watched")
	gap.Calls = 3
	after := flood(2)
	after[0].Number, after[1].Number = newest+1, newest+2
	answer(model.ActivityPage{Gaps: []model.ActivityGap{gap}, Records: after, Next: newest + 2})
	w.sees("3 allowed calls not kept", "11 of 11")
	if n := strings.Count(w.screen(), "nobody watched"); n != 1 {
		t.Errorf("the gap is there %d times", n)
	}
	if l.table.rows[9].gap == nil {
		t.Errorf("the gap is not where it belongs")
	}
	if l.lately.all != 6 {
		t.Errorf("%d refusals", l.lately.all)
	}
	gap.To = gap.From.Add(40 * time.Hour)
	if from, to = l.gapTimes(gap); from == to || !strings.Contains(to, " ") {
		t.Errorf("from %s to %s", from, to)
	}
}

// An answer of the owner before, that comes when the next one was asked already,
// is taken, and nothing twice.
func TestLateAnswer(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	l := w.watches()
	asked := l.query()
	asked.After, asked.Limit = l.next, activityPage
	last := flood(1)
	last[0].Number = l.next + 1
	page := model.ActivityPage{Records: last, Next: l.next + 1, Serving: w.backend.serving}
	l.newest, l.waiting, l.fresh = w.rt.next(), true, false // as when the owner changed
	w.app.Update(activityMsg{l.newest - 1, asked, page, w.now, nil})
	w.sees("10 of 10")
	page.Next = l.next + 5
	w.app.Update(activityMsg{l.newest, asked, page, w.now, nil})
	w.sees("10 of 10")
	other := asked
	other.Words = "other"
	w.app.Update(activityMsg{l.newest - 1, other, model.ActivityPage{Records: slices.Clone(last), Next: l.next + 9}, w.now, nil})
	w.sees("10 of 10")
}
