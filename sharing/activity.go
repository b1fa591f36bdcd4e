package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
)

// Activity is Session.Activity.
func (m *Member) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	return read(ctx, m, func(b backend) (model.ActivityPage, error) { return b.Activity(ctx, q) })
}

// Explain is Session.Explain.
func (m *Member) Explain(ctx context.Context, a model.Activity) (model.Explanation, error) {
	return read(ctx, m, func(b backend) (model.Explanation, error) { return b.Explain(ctx, a) })
}

// Recorder keeps what the endpoint of this process decides. Whoever watches sees
// it, whichever process owns the store.
func (m *Member) Recorder() *model.Recorder { return m.recorder }

// Announce says at which addresses, such as https://127.0.0.1:8443, an endpoint
// in this process answers from now on; none: it does not any more. Others hear of
// it where the member has an endpoint's rank.
func (m *Member) Announce(addresses []string) {
	m.recorder.Announce(m.self.PID, m.o.Now(), addresses)
}

// Look says that a console is shown to somebody who came to this process, an
// endpoint, over SSH with that key: others see it then among the consoles, as the
// peer that is returned. leave takes it back.
func (m *Member) Look(key model.SSHKey) (console model.Peer, leave func()) {
	return m.recorder.Look(m.self, key, m.o.Now())
}

// How often an endpoint tells the owner of the store what it decides.
const (
	tellWatchedEvery = 100 * time.Millisecond // and looks whether somebody watches
	tellReportEvery  = 2 * time.Second        // how it is, while nobody does
	tellPatience     = 2 * time.Second        // with one answer
	mostWatched      = time.Minute            // a time further off is no time
)

// tellActivity brings what the endpoint of this process decides to the owner of
// the store while somebody watches, and that it runs at other times.
func (p *place) tellActivity(ctx context.Context) {
	t := telling{place: p}
	tick := time.NewTicker(tellWatchedEvery)
	defer tick.Stop()
	for {
		t.tell(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// telling is what was told at one place.
type telling struct {
	*place
	cursor   uint64 // of the recorder; 0: nothing was told yet
	filters  []model.ActivityQuery
	goes     bool      // what is decided is on its way, for somebody watches
	last     time.Time // of the newest answer
	answered bool
}

// tell posts what there is to be told now, if anything is.
func (t *telling) tell(ctx context.Context) {
	m := t.m
	now := m.o.Now()
	_, runs := m.recorder.Report(now)
	if !runs && !t.answered {
		return // no endpoint, and none that the owner knows of
	}
	watched := t.watched(now)
	if !watched && runs && time.Since(t.last) < tellReportEvery {
		return
	}
	var post model.ActivityPost
	cursor := t.cursor
	if watched {
		post, cursor = m.recorder.Post(now, t.cursor, t.filters)
	} else {
		post.Report, _ = m.recorder.Report(now)
	}
	if watched && !t.goes {
		post.Missed = 0 // nobody watched when that went by
	}
	if watched && cursor == t.cursor && time.Since(t.last) < time.Second && runs {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellPatience)
	defer cancel()
	watch, err := t.client.AddActivity(ctx, post)
	if err != nil { // the place is lost, or the next time brings it
		return
	}
	if watched {
		t.cursor = cursor
		m.recorder.Posted(cursor)
	}
	t.filters, t.last, t.answered, t.goes = watch.Filters, time.Now(), runs, watched
}

// watched reports whether somebody watches, and has what is decided recorded
// while that is so.
func (t *telling) watched(now time.Time) bool {
	r := t.m.region.Load()
	if r == nil {
		return false
	}
	until := r.watched()
	if !until.After(now) || until.Sub(now) > mostWatched {
		return false
	}
	t.m.recorder.Watch(now, until)
	return true
}
