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

// principals is how many keys are disabled in turn; each has four clients.
const principals = 50

// revocation is the state of the figure.
type revocation struct {
	rig      *rig
	on       [2]*endpoint // the first owns the store
	console  *console
	disk     *disk
	total    tally
	accepted []string // requests sent after a confirmed disable that were accepted
	denied   []string // requests sent after a confirmed enable that were denied
	checked  int      // requests sent after a confirmed disable
	frozen   int      // of them, to an endpoint that had been stopped
	disable  times    // from the order to the confirmation, both endpoints running
	bare     times    // a read over the same socket
	whole    int      // "in force at 2 of 2 endpoints"
}

// takeRevocation disables keys under the hands of clients that use them.
func takeRevocation(ctx context.Context, r *rig, t *table) error {
	v := &revocation{rig: r}
	dir := r.path("revocation")
	if err := r.newStore(ctx, dir, 0); err != nil {
		return err
	}
	var err error
	for i := range v.on {
		if v.on[i], err = r.serve(ctx, dir); err != nil {
			return err
		}
	}
	if v.console, err = r.console(dir); err != nil {
		return err
	}
	if v.disk, err = newDisk(dir); err != nil {
		return err
	}
	defer v.disk.close()
	list, err := r.newPrincipals(ctx, dir, principals, v.console, v.on, &v.total)
	if err != nil {
		return err
	}
	if err := v.underLoad(ctx, list); err != nil {
		return err
	}
	v.print(t, len(list))
	_, err = v.console.must(order{Op: "verify"})
	return err
}

// underLoad runs all clients while the keys are disabled and enabled in turn.
func (v *revocation) underLoad(ctx context.Context, list []*principal) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for _, p := range list {
		for _, c := range p.callers {
			wg.Go(func() { c.run(ctx) })
		}
	}
	for round := range v.rig.disables {
		p := list[round%len(list)]
		every := v.rig.disables / v.rig.stops
		stop := round%every == every/2
		if err := v.round(ctx, p, stop); err != nil {
			return fmt.Errorf("disable %d, of %s: %w", round+1, p.name, err)
		}
	}
	return nil
}

// round disables a key and enables it again; its clients call all the while.
func (v *revocation) round(ctx context.Context, p *principal, stop bool) error {
	p.turn(eager)
	if err := p.await(ctx, monotonic(), 1, allAccepted); err != nil {
		return fmt.Errorf("before the disable: %w", err)
	}
	confirmed, err := v.disableIt(ctx, p, stop)
	if err != nil {
		return err
	}
	if err := p.await(ctx, confirmed, 3, nil); err != nil {
		return fmt.Errorf("after the disable: %w", err)
	}
	v.checked += p.note(&v.accepted, confirmed, func(status int) bool { return status == http.StatusOK })
	a, err := v.console.must(order{Op: "enable", Name: p.name, Enabled: true})
	if err != nil {
		return err
	}
	p.take()
	if err := p.await(ctx, a.Ended, 1, nil); err != nil {
		return fmt.Errorf("after the enable: %w", err)
	}
	p.note(&v.denied, a.Ended, func(status int) bool { return status != http.StatusOK && status != http.StatusServiceUnavailable })
	err = v.floors() // while the clients are at it
	p.turn(paced)
	p.take()
	return err
}

// disableIt returns when the disable was confirmed.
func (v *revocation) disableIt(ctx context.Context, p *principal, stop bool) (time.Duration, error) {
	if stop {
		return v.disableStopped(ctx, p)
	}
	a, err := v.console.must(order{Op: "enable", Name: p.name})
	if err != nil {
		return 0, err
	}
	v.disable = append(v.disable, a.Ended-a.Began)
	if a.Receipt.Serves == 2 && a.Receipt.InForce == 2 {
		v.whole++
	}
	return a.Ended, nil
}

// disableStopped disables while the second endpoint stands still. Its clients
// send their next requests into its silence, after the confirmation; then it
// goes on, and answers them first.
func (v *revocation) disableStopped(ctx context.Context, p *principal) (time.Duration, error) {
	var mute []*caller
	for _, c := range p.callers {
		if c.server == 1 {
			c.turn(paused)
			mute = append(mute, c)
		}
	}
	for _, c := range mute {
		if err := eventually(ctx, c.resting); err != nil {
			return 0, err
		}
	}
	if err := v.on[1].freeze(ctx); err != nil {
		return 0, err
	}
	a, err := v.console.must(order{Op: "enable", Name: p.name})
	for _, c := range mute {
		c.turn(eager)
	}
	time.Sleep(20 * time.Millisecond) // so that the requests lie in its socket; that they do is checked by their times
	thawed := monotonic()
	if err := errors.Join(err, v.on[1].thaw()); err != nil {
		return 0, err
	}
	if err := p.await(ctx, a.Ended, 1, nil); err != nil {
		return 0, fmt.Errorf("once the endpoint goes on: %w", err)
	}
	for _, c := range mute {
		for _, s := range c.copyNoted() {
			if s.at > a.Ended && s.at < thawed {
				v.frozen++
			}
		}
	}
	return a.Ended, nil
}

func (c *caller) resting() error {
	if !c.idle.Load() {
		return fmt.Errorf("%s does not rest", c.name)
	}
	return nil
}

func (c *caller) copyNoted() []sent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]sent(nil), c.noted...)
}

func (p *principal) turn(mode int32) {
	for _, c := range p.callers {
		c.turn(mode)
	}
}

func (p *principal) take() {
	for _, c := range p.callers {
		c.take()
	}
}

var allAccepted = func(answered, accepted int) bool { return accepted > 0 }

// await waits until every client has that many answers to requests that it sent
// after the time, and enough holds for each.
func (p *principal) await(ctx context.Context, after time.Duration, answers int, enough func(answered, accepted int) bool) error {
	return eventually(ctx, func() error {
		for _, c := range p.callers {
			answered, accepted := c.since(after)
			if answered < answers || enough != nil && !enough(answered, accepted) {
				return fmt.Errorf("%s has %d answers, %d of them accepted", c.name, answered, accepted)
			}
		}
		return nil
	})
}

// note adds the requests sent after the time whose status is wrong to the list,
// and returns how many there were in all.
func (p *principal) note(list *[]string, after time.Duration, wrong func(status int) bool) (n int) {
	for _, c := range p.callers {
		for _, s := range c.take() {
			if s.at <= after || s.status == 0 {
				continue
			}
			n++
			if wrong(s.status) {
				*list = append(*list, fmt.Sprintf("%s: sent %s after the confirmation, answered %d", c.name, text(s.at-after), s.status))
			}
		}
	}
	return n
}

// floors measures what the same moment's disk and socket take by themselves.
func (v *revocation) floors() error {
	a, err := v.console.must(order{Op: "count"})
	if err != nil {
		return err
	}
	v.bare = append(v.bare, a.Ended-a.Began)
	return v.disk.sync()
}

func (v *revocation) print(t *table, keys int) {
	clients := 4 * keys
	n := v.rig.disables
	t.gate(fmt.Sprintf("revocation: acceptances after the confirmation, %d clients", clients), n, len(v.accepted), v.accepted)
	t.must("    requests judged that were sent after a confirmation", v.checked, v.checked >= 3*n, "every client, every time")
	t.must("    of them, into an endpoint that was stopped, before it went on", v.frozen, v.frozen >= v.rig.stops, fmt.Sprintf("in %d rounds", v.rig.stops))
	t.gate("    denials after an enable was confirmed", n, len(v.denied), v.denied)
	t.gate("    denials of keys that were left alone", int(v.total.requests.Load()), int(v.total.denied.Load()+v.total.failed.Load()), nil)
	t.figure("    disables in force at 2 of 2 endpoints when confirmed", len(v.disable), fmt.Sprintf("%d of %d", v.whole, len(v.disable)), "all", "")
	t.figure("    order to confirmation, console attached to serve", len(v.disable), v.disable.String(),
		"p99 < 50 ms", fmt.Sprintf("%d bare fdatasync %s; a read by the same way %s", syncsAChange, v.disk.took, v.bare))
	t.figure("    its p99 less the disk's", len(v.disable), text(v.disable.at(0.99)-v.disk.took.at(0.99)), "< 50 ms", "")
}
