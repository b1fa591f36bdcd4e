//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// attached is how many consoles are there when the owner is killed.
const attached = 5

// callsEvery paces the caller of the endpoint that stays: 500 requests a second.
const callsEvery = 2 * time.Millisecond

// takeover is the state of the figure.
type takeover struct {
	rig *rig
	dir string

	keys  []*principal // one for each console, one that stays disabled, one that stays enabled
	took  times        // kill of the owner to the last of the six
	first times        // to the first
	idle  []string     // who did not work again
	bare  times

	mu       sync.Mutex
	requests int
	wrong    []string // requests answered wrongly meanwhile
}

// judged counts a request and notes a wrong answer.
func (o *takeover) judged(what string, status, want int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.requests++; status != want {
		o.wrong = append(o.wrong, fmt.Sprintf("%s: answered %d, want %d", what, status, want))
	}
}

// takeTakeover kills owners to whom five consoles and an endpoint are attached.
func takeTakeover(ctx context.Context, r *rig, t *table) error {
	o := &takeover{rig: r, dir: r.path("takeover")}
	if err := r.newStore(ctx, o.dir, 10_000); err != nil {
		return err
	}
	for i := range attached + 2 {
		p := &principal{name: fmt.Sprint("mine-", i)}
		if err := r.tokenFor(ctx, p, o.dir); err != nil {
			return err
		}
		o.keys = append(o.keys, p)
	}
	if _, err := r.run(ctx, "key", "disable", o.keys[attached].name, "--data", o.dir); err != nil {
		return err
	}
	for i := range r.takeovers {
		if err := o.round(ctx); err != nil {
			return fmt.Errorf("take-over %d: %w", i+1, err)
		}
	}
	var err error
	if o.bare, err = bareRequests(ctx, 200); err != nil {
		return err
	}
	t.gate("owner killed, 5 consoles and 1 serve attached: not working again", 6*r.takeovers, len(o.idle), o.idle)
	t.gate("    requests at the serve answered wrongly meanwhile", o.requests, len(o.wrong), o.wrong)
	t.figure("    kill to all six working again, 10,000 keys", len(o.took), o.took.String(), "< 1 s", "a bare request "+o.bare.String())
	t.figure("    kill to the first of the consoles", len(o.first), o.first.String(), "", "")
	return nil
}

// round kills an owner and waits until everybody works again.
func (o *takeover) round(ctx context.Context) error {
	owner, err := o.rig.serve(ctx, o.dir)
	if err != nil {
		return err
	}
	var consoles []*console
	for range attached {
		c, err := o.rig.console(o.dir)
		if err != nil {
			return err
		}
		consoles = append(consoles, c)
	}
	stays, err := o.rig.serve(ctx, o.dir)
	if err != nil {
		return err
	}
	if err := followsAll(ctx, consoles[0], o.keys[0].name); err != nil {
		return err
	}
	calling, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { o.call(calling, stays) })
	time.Sleep(50 * time.Millisecond) // some requests before
	killed := monotonic()
	owner.kill()
	ended := o.everyone(consoles)
	err = o.inForce(ctx, stays)
	time.Sleep(50 * time.Millisecond) // and some after
	stop()
	wg.Wait()
	o.add(killed, ended)
	for _, c := range consoles {
		err = errors.Join(err, c.leave())
	}
	return errors.Join(err, stays.stop())
}

// followsAll changes a key until the change is in force on both endpoints.
func followsAll(ctx context.Context, c *console, name string) error {
	return eventually(ctx, func() error {
		for _, enabled := range []bool{false, true} {
			a, err := c.must(order{Op: "enable", Name: name, Enabled: enabled})
			if err != nil {
				return err
			}
			if a.Receipt.InForce != 2 {
				return fmt.Errorf("in force at %d of %d endpoints", a.Receipt.InForce, a.Receipt.Serves)
			}
		}
		return nil
	})
}

// everyone lets each console read and change, and returns when each was done;
// 0 where it was not.
func (o *takeover) everyone(consoles []*console) []time.Duration {
	ended := make([]time.Duration, len(consoles))
	var wg sync.WaitGroup
	for i, c := range consoles {
		wg.Go(func() {
			if _, err := c.must(order{Op: "count"}); err != nil {
				o.rig.say("console %d reads: %v", i, err)
				return
			}
			a, err := c.must(order{Op: "enable", Name: o.keys[i].name})
			if err != nil {
				o.rig.say("console %d changes: %v", i, err)
				return
			}
			ended[i] = a.Ended
		})
	}
	wg.Wait()
	return ended
}

// inForce checks that what the consoles disabled is denied at the endpoint, and
// enables it again. Its own reading and deciding is the sixth to work.
func (o *takeover) inForce(ctx context.Context, e *endpoint) error {
	c, err := o.rig.console(o.dir)
	if err != nil {
		return err
	}
	for _, p := range o.keys[:attached] {
		status, err := e.probe(ctx, "/ping/1?_profile=Test", "Authorization", "Key="+p.secret)
		if err != nil {
			return err
		}
		o.judged(p.name+", disabled after the take-over", status, http.StatusUnauthorized)
		if _, err := c.must(order{Op: "enable", Name: p.name, Enabled: true}); err != nil {
			return err
		}
	}
	return c.leave()
}

func (o *takeover) add(killed time.Duration, ended []time.Duration) {
	var first, last time.Duration
	for i, at := range ended {
		if at == 0 {
			o.idle = append(o.idle, fmt.Sprint("console ", i))
			continue
		}
		if first == 0 || at < first {
			first = at
		}
		last = max(last, at)
	}
	if last > 0 {
		o.took, o.first = append(o.took, last-killed), append(o.first, first-killed)
	}
}

// call makes requests at the endpoint that stays, in turn with a key that is
// enabled and one that is not, over connections that it keeps.
func (o *takeover) call(ctx context.Context, e *endpoint) {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(callsEvery)
	defer tick.Stop()
	enabled, disabled := o.keys[attached+1], o.keys[attached]
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p, want := enabled, http.StatusOK
		if n%2 == 1 {
			p, want = disabled, http.StatusUnauthorized
		}
		c := caller{http: client, url: "http://" + e.plain + "/ping/1?_profile=Test", header: "Key=" + p.secret}
		s := c.call(ctx)
		if ctx.Err() != nil {
			return
		}
		o.judged(p.name, s.status, want)
	}
}
