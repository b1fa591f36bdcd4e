//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync"
	"time"

	"dev.keyward/keyward/storage"
)

// kills is the state of the figure: an endpoint, two consoles and a loop of
// commands work on one directory and are killed at random moments.
type kills struct {
	rig *rig
	dir string
	t   *table

	endpoint *endpoint // nil: none runs
	consoles [2]*console
	ledgers  [3]*ledger // of the consoles, and of the commands

	mu      sync.Mutex
	command *exec.Cmd // that runs now

	lost, half, stuck []string
	victims           map[string]int
	owners            int   // victims that owned the store
	reopen            times // exec to ready, after everything was killed
	takeover          times // kill of the owner to the next confirmed change
}

// takeKills kills processes under writes.
func takeKills(ctx context.Context, r *rig, t *table) error {
	k := &kills{rig: r, dir: r.path("kills"), t: t, victims: map[string]int{}}
	if err := r.newStore(ctx, k.dir, r.killedKeys); err != nil {
		return err
	}
	for i, name := range []string{"first", "second", "command"} {
		k.ledgers[i] = newLedger(name)
	}
	for round := range r.kills {
		if err := k.round(ctx); err != nil {
			return fmt.Errorf("kill %d: %w", round+1, err)
		}
	}
	if err := k.last(ctx); err != nil {
		return err
	}
	return k.print(ctx)
}

// round runs the writers for a while, kills somebody, and looks.
func (k *kills) round(ctx context.Context) error {
	if err := k.assemble(ctx); err != nil {
		return err
	}
	writing, cancel := context.WithCancel(ctx)
	wait := k.writers(writing)
	time.Sleep(10*time.Millisecond + rand.N(120*time.Millisecond)) // the random moment
	victim, owner := k.kill(ctx, cancel)
	k.victims[victim]++
	killed := monotonic()
	before := len(k.takeover)
	var err error
	if victim != "all" {
		err = k.goesOn(ctx, victim, owner, killed)
	}
	k.rig.say("killed %s (owner: %v), an endpoint runs: %v; %v", victim, owner, k.endpoint != nil, k.takeover[before:])
	cancel()
	wait()
	if err != nil {
		return err
	}
	if victim == "all" {
		if err := k.reopenAlone(ctx); err != nil {
			return err
		}
	}
	return k.look(ctx, false)
}

// assemble starts who is missing. Now and then the endpoint stays away, so that
// a console or a command owns the store.
func (k *kills) assemble(ctx context.Context) (err error) {
	if k.endpoint == nil && rand.N(4) > 0 {
		if k.endpoint, err = k.rig.serve(ctx, k.dir); err != nil {
			return err
		}
	}
	for i := range k.consoles {
		if k.consoles[i] == nil {
			if k.consoles[i], err = k.rig.console(k.dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// writers starts all writers and returns what waits for their end.
func (k *kills) writers(ctx context.Context) (wait func()) {
	var wg sync.WaitGroup
	for i, c := range k.consoles {
		wg.Go(func() { k.ledgers[i].write(ctx, c) })
	}
	wg.Go(func() {
		k.ledgers[2].writeCommands(ctx, k.rig, k.dir, func(cmd *exec.Cmd) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.command = cmd
		})
	})
	return wg.Wait
}

// kill ends a random victim and says who it was, and whether it owned the store.
// Where that is everybody, no writer begins anything new before.
func (k *kills) kill(ctx context.Context, cancel func()) (victim string, owner bool) {
	pid := storage.HolderPID(k.dir)
	switch n := rand.N(10); {
	case n < 3 && k.endpoint != nil:
		owner = pid == k.endpoint.cmd.Process.Pid
		k.endpoint.kill()
		k.endpoint = nil
		return "serve", owner
	case n < 6:
		i := rand.N(2)
		owner = pid == k.consoles[i].cmd.Process.Pid
		k.consoles[i].kill()
		k.consoles[i] = nil
		return "console", owner
	case n < 8:
		return "command", k.killCommand(ctx, pid)
	}
	cancel()
	k.killAll()
	return "all", true
}

// killCommand waits for a command that runs, lets it get to a random point and
// kills it.
func (k *kills) killCommand(ctx context.Context, holder int) (owner bool) {
	time.Sleep(rand.N(20 * time.Millisecond)) // the random point
	_ = eventually(ctx, func() error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.command == nil {
			return errors.New("no command runs")
		}
		owner = holder == k.command.Process.Pid
		return k.command.Process.Kill()
	})
	return owner
}

// killAll kills everybody at once, and then waits for their ends.
func (k *kills) killAll() {
	var all []*process
	if k.endpoint != nil {
		all = append(all, k.endpoint.process)
	}
	for _, c := range k.consoles {
		if c != nil {
			all = append(all, c.process)
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, p := range all {
		_ = p.cmd.Process.Kill() // it may be gone already
	}
	k.mu.Lock()
	if k.command != nil {
		_ = k.command.Process.Kill() // likewise
	}
	k.mu.Unlock()
	for _, p := range all {
		p.kill()
	}
	k.endpoint, k.consoles = nil, [2]*console{}
}

// goesOn waits until a console that is left had a change confirmed.
func (k *kills) goesOn(ctx context.Context, victim string, owner bool, killed time.Duration) error {
	err := eventually(ctx, func() error {
		for i, c := range k.consoles {
			k.ledgers[i].mu.Lock()
			last := k.ledgers[i].lastAck
			k.ledgers[i].mu.Unlock()
			if c != nil && last > killed {
				if owner {
					k.takeover = append(k.takeover, last-killed)
				}
				return nil
			}
		}
		return errors.New("no console that is left gets a change confirmed")
	})
	if owner {
		k.owners++
	}
	if err != nil {
		k.stuck = append(k.stuck, fmt.Sprintf("after the kill of a %s (owner: %v): %v", victim, owner, err))
	}
	return ctx.Err()
}

// reopenAlone opens what the kills of everybody left, with one endpoint.
func (k *kills) reopenAlone(ctx context.Context) (err error) {
	k.owners++
	began := time.Now()
	if k.endpoint, err = k.rig.serve(ctx, k.dir); err != nil {
		return fmt.Errorf("opening what was left: %w", err)
	}
	k.reopen = append(k.reopen, time.Since(began))
	return nil
}

// look compares the store with the ledgers.
func (k *kills) look(ctx context.Context, everything bool) error {
	if err := k.assemble(ctx); err != nil {
		return err
	}
	for _, l := range k.ledgers {
		flaws, err := l.verify(k.consoles[rand.N(2)], everything)
		if err != nil {
			return err
		}
		for _, f := range flaws {
			if f.half {
				k.half = append(k.half, f.text)
			} else {
				k.lost = append(k.lost, f.text)
			}
		}
	}
	return nil
}

// last looks at everything once more, with the real program's own checks too.
func (k *kills) last(ctx context.Context) error {
	k.killAll()
	if err := k.look(ctx, true); err != nil {
		return err
	}
	if _, err := k.rig.run(ctx, "audit", "verify", "--data", k.dir); err != nil {
		k.lost = append(k.lost, err.Error())
	}
	if _, err := k.rig.run(ctx, "doctor", "--data", k.dir); err != nil {
		k.half = append(k.half, err.Error())
	}
	k.killAll()
	if _, err := k.rig.run(ctx, "doctor", "--data", k.dir); err != nil {
		k.half = append(k.half, "nobody being there: "+err.Error())
	}
	return nil
}

func (k *kills) print(ctx context.Context) error {
	floor, err := k.rig.bareProcess(ctx)
	if err != nil {
		return err
	}
	confirmed := 0
	var faults []string
	for _, l := range k.ledgers {
		confirmed += l.acks
		faults = append(faults, l.faults...)
	}
	n := k.rig.kills
	k.t.gate(fmt.Sprintf("kill -9 under writes: confirmed changes lost (of %d)", confirmed), n, len(k.lost), k.lost)
	k.t.gate("    half changes; keyward doctor and audit verify", n, len(k.half), k.half)
	k.t.gate("    who is left does not go on by itself", n, len(k.stuck), k.stuck)
	k.t.gate("    errors that a console or a command met that was not killed", n, len(faults), faults)
	k.t.figure("    victims", n, fmt.Sprintf("serve %d, console %d, command %d, all %d", k.victims["serve"], k.victims["console"], k.victims["command"], k.victims["all"]),
		"", fmt.Sprintf("%d owned the store", k.owners))
	k.t.figure(fmt.Sprintf("    reopen after all were killed: exec to ready, %d keys", k.rig.killedKeys), len(k.reopen), k.reopen.String(), "< 1 s", "keyward version "+floor.String())
	k.t.figure("    owner killed: to the next confirmed change of another", len(k.takeover), k.takeover.String(), "< 1 s", "")
	return nil
}
