package sharing

import (
	"context"
	"time"

	"dev.keyward/keyward/model"
)

// Activity is Session.Activity. A console, and an endpoint that shows one over
// SSH, remembers what it was told: a list that is opened anew has it also when
// the endpoint that owned the store, and kept it, is gone; and what is told anew
// to the next owner is not shown twice.
func (m *Member) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	page, err := read(ctx, m, func(b backend) (model.ActivityPage, error) { return b.Activity(ctx, q) })
	if err == nil && m.o.Rank != model.RankCommand && !q.Serving {
		m.recall.Add(q, &page)
	}
	return page, err
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

// AnnounceSSH says that the console is shown over SSH at HOST:PORT by this process,
// an endpoint, whose host key has that fingerprint; "" for both: it is no more.
func (m *Member) AnnounceSSH(address, fingerprint string) {
	m.recorder.AnnounceSSH(address, fingerprint)
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
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTelling)
			defer cancel()
			t.tell(ctx) // what was decided since, and that it has ended
			return
		}
	}
}

// lastLook is how long an endpoint that owns the store and ends waits for those
// who watch to ask once more: they ask each second at least.
const lastLook = 1200 * time.Millisecond

// lastTelling bounds the last post of an endpoint that does not own it.
const lastTelling = time.Second

// awaitWatchers lets those who watch see what the endpoint decided last, before
// it takes that along. Nobody is waited for who does not watch.
func (m *Member) awaitWatchers() {
	if m.o.Rank != model.RankServe {
		return
	}
	since, tick := m.o.Now(), time.NewTicker(tellWatchedEvery/5)
	defer tick.Stop()
	for late := time.After(m.lastLook); !m.recorder.Caught(since, m.o.Now()); {
		select {
		case <-tick.C:
		case <-late:
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
