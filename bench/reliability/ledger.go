//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// version is what a key is at one moment. The zero version is a key that is not
// there.
type version struct {
	exists  bool
	enabled bool
	wide    bool
	primary string // hint of the secret; "" is any, of a secret that was never seen
}

func (v version) String() string {
	if !v.exists {
		return "absent"
	}
	return fmt.Sprintf("enabled %v, wide %v, primary %s", v.enabled, v.wide, v.primary)
}

func (v version) is(other version) bool {
	if !v.exists || !other.exists {
		return v.exists == other.exists
	}
	return v.enabled == other.enabled && v.wide == other.wide && (v.primary == other.primary || v.primary == "" || other.primary == "")
}

// account is what is known of one key: what was confirmed, and what may have
// become of changes whose answers were lost.
type account struct {
	name      string
	confirmed version
	possible  []version
	secret    string // of the confirmed version
}

// ledger is one writer's keys. It is kept in this program, out of the store's
// reach.
type ledger struct {
	mu       sync.Mutex
	writer   string
	accounts []*account // of keys that are there, or may be
	buried   []*account // of keys that were deleted, as confirmed
	made     int
	acks     int      // changes confirmed
	faults   []string // errors of writers that were not killed
	lastAck  time.Duration
	touched  map[*account]bool // since they were last verified
	dead     []string          // secrets that were replaced or deleted, as confirmed
}

func newLedger(writer string) *ledger {
	return &ledger{writer: writer, touched: map[*account]bool{}}
}

// mostKeys bounds the keys of one writer.
const mostKeys = 40

// next chooses a change: its order, and what it makes of which account.
func (l *ledger) next() (*account, order, version) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.accounts) < mostKeys && (len(l.accounts) < 3 || rand.N(4) == 0) {
		l.made++
		a := &account{name: fmt.Sprintf("%s-%05d", l.writer, l.made)}
		l.accounts = append(l.accounts, a)
		return a, order{Op: "create", Name: a.name, Workflow: "ping"}, version{exists: true, enabled: true}
	}
	a := l.accounts[rand.N(len(l.accounts))]
	v := a.confirmed
	if len(a.possible) > 0 || !v.exists {
		return a, order{}, v // what became of it is not settled yet
	}
	switch rand.N(8) {
	case 0, 1, 2:
		v.enabled = !v.enabled
		return a, order{Op: "enable", Name: a.name, Enabled: v.enabled}, v
	case 3, 4:
		v.primary = ""
		return a, order{Op: "regenerate", Name: a.name}, v
	case 5, 6:
		v.wide = !v.wide
		return a, order{Op: "widen", Name: a.name, Wide: v.wide}, v
	default:
		return a, order{Op: "delete", Name: a.name}, version{}
	}
}

// note writes down how a change went: done, refused, or (nil) not known.
func (l *ledger) note(a *account, o order, v version, got *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.touched[a] = true
	if got != nil && got.Fault != "" {
		l.faults = append(l.faults, fmt.Sprintf("%s %s: %s", o.Op, a.name, got.Fault))
	}
	switch {
	case got == nil || got.Fault != "" && got.Unknown:
		a.possible = append(a.possible, v)
	case got.Fault != "":
	default:
		l.acks++
		l.lastAck = monotonic()
		if a.secret != "" && (len(got.Secrets) > 0 || !v.exists) {
			l.dead = append(l.dead, a.secret)
			a.secret = ""
		}
		if len(got.Secrets) > 0 {
			a.secret = got.Secrets[0]
			v.primary = hintOf(a.secret)
		}
		a.confirmed, a.possible = v, nil
		l.bury()
	}
}

// bury moves the keys that are not there to the buried. The caller holds mu.
func (l *ledger) bury() {
	l.accounts = slices.DeleteFunc(l.accounts, func(a *account) bool {
		over := !a.confirmed.exists && len(a.possible) == 0
		if over {
			l.buried = append(l.buried, a)
		}
		return over
	})
}

func hintOf(secret string) string {
	s, ok := model.ParseSecret(secret)
	if !ok {
		return "no secret"
	}
	return s.Hint().String()
}

// write changes keys through the console until ctx ends or the console does.
func (l *ledger) write(ctx context.Context, c *console) {
	for ctx.Err() == nil {
		a, o, v := l.next()
		if o.Op == "" {
			time.Sleep(time.Millisecond) // and then another key's turn comes
			continue
		}
		got, err := c.tell(o)
		if err != nil {
			l.note(a, o, v, nil)
			return
		}
		l.note(a, o, v, &got)
	}
}

// writeCommands makes and switches keys with the real commands, one process a
// change, until ctx ends. running gets each process while it runs.
func (l *ledger) writeCommands(ctx context.Context, r *rig, dir string, running func(*exec.Cmd)) {
	for ctx.Err() == nil {
		a, o, v := l.next()
		var arguments []string
		switch {
		case o.Op == "create":
			arguments = []string{"key", "create", a.name, "--environment", "Test", "--workflow", "ping", "--query", "--json"}
		case o.Op == "enable" && o.Enabled:
			arguments = []string{"key", "enable", a.name}
		case o.Op == "enable":
			arguments = []string{"key", "disable", a.name}
		default:
			continue
		}
		l.note(a, o, v, r.command(append(arguments, "--data", dir), running))
	}
}

// command runs one change to its end; nil means that it was killed.
func (r *rig) command(arguments []string, running func(*exec.Cmd)) *answer {
	bounded, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(bounded, r.keyward, arguments...)
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	if err := cmd.Start(); err != nil {
		return &answer{Fault: err.Error()}
	}
	running(cmd)
	err := cmd.Wait()
	running(nil)
	switch {
	case bounded.Err() != nil:
		return &answer{Fault: "the command did not end", Unknown: true}
	case err != nil && cmd.ProcessState.ExitCode() < 0:
		return nil
	case err != nil:
		return &answer{Fault: strings.TrimSpace(fault.String()), Unknown: true}
	}
	got := &answer{}
	if secret, err := primaryOf(out.Bytes()); err == nil && secret != "" {
		got.Secrets = []string{secret}
	}
	return got
}

// flaw is a key that is not what it has to be.
type flaw struct {
	half bool // neither what was confirmed nor what was asked for
	text string
}

// verify compares what was touched since the last time, or everything, with
// what the store has now, and settles what was not known.
func (l *ledger) verify(c *console, everything bool) (flaws []flaw, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*account
	for _, a := range slices.Concat(l.accounts, l.buried) {
		if everything || l.touched[a] {
			list = append(list, a)
		}
	}
	for some := range slices.Chunk(list, mostShown) {
		var names []string
		for _, a := range some {
			names = append(names, a.name)
		}
		got, err := c.must(order{Op: "show", Names: names})
		if err != nil {
			return nil, err
		}
		for _, a := range some {
			if f := a.settle(got.Shown[a.name]); f != nil {
				flaws = append(flaws, *f)
			}
		}
	}
	l.touched = map[*account]bool{}
	l.bury()
	return flaws, nil
}

// mostShown bounds the keys of one order to show.
const mostShown = 500

// settle takes what the store says for confirmed from now on, after judging it.
func (a *account) settle(s *shown) *flaw {
	now := version{}
	if s != nil {
		now = version{exists: true, enabled: s.Enabled, wide: s.Wide, primary: s.Primary}
	}
	was, possible := a.confirmed, a.possible
	a.confirmed, a.possible = now, nil
	if s != nil && (s.Mixed || s.Primary == "" || s.Secondary == "") {
		return &flaw{true, fmt.Sprintf("%s is half changed: %s", a.name, now)}
	}
	if was.is(now) {
		return nil
	}
	for _, v := range possible {
		if v.is(now) {
			return nil
		}
	}
	return &flaw{false, fmt.Sprintf("%s was confirmed as %s, may have become %v, and is %s", a.name, was, possible, now)}
}
