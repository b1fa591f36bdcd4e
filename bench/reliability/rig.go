//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// patience bounds every wait for something that comes by itself: what takes
// longer hangs.
const patience = 20 * time.Second

// rig is what the figures have in common: the real program, a temporary
// directory, and what was started and mounted, so that all of it ends.
type rig struct {
	counts
	tmp     string // removed at the end
	keyward string // the real program
	fill    string // bench/fill
	self    string // this program, which is its own helpers
	verbose bool

	mu        sync.Mutex
	processes map[*process]bool
	mounts    []func() // undone in reverse order
	made      int
}

func newRig(ctx context.Context, n counts, verbose bool) (*rig, error) {
	tmp, err := os.MkdirTemp("", "keyward-reliability-")
	if err != nil {
		return nil, err
	}
	r := &rig{counts: n, tmp: tmp, verbose: verbose, processes: map[*process]bool{}}
	r.keyward, r.fill = filepath.Join(tmp, "keyward"), filepath.Join(tmp, "fill")
	if r.self, err = os.Executable(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	for _, build := range [][]string{{r.keyward, "dev.keyward/keyward"}, {r.fill, "dev.keyward/keyward/bench/fill"}} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", build[0], build[1]).CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("building %s: %w: %s", build[1], err, out), os.RemoveAll(tmp))
		}
	}
	return r, nil
}

// close ends what runs, undoes the mounts and removes the directory.
func (r *rig) close() {
	r.endAll()
	if err := os.RemoveAll(r.tmp); err != nil {
		fmt.Fprintln(os.Stderr, "reliability: removing what was made:", err)
	}
}

// endAll kills every process of a figure and undoes its mounts.
func (r *rig) endAll() {
	r.killProcesses()
	for i := len(r.mounts) - 1; i >= 0; i-- {
		r.mounts[i]()
	}
	r.mounts = nil
}

// killProcesses kills every process that was started.
func (r *rig) killProcesses() {
	r.mu.Lock()
	var running []*process
	for p := range r.processes {
		running = append(running, p)
	}
	r.mu.Unlock()
	for _, p := range running {
		p.kill()
	}
}

// undo remembers what takes a mount or a device away again.
func (r *rig) undo(name string, arguments ...string) {
	r.mounts = append(r.mounts, func() {
		if out, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
			r.say("%s %s: %v: %s", name, strings.Join(arguments, " "), err, out)
		}
	})
}

// path returns a new name in the temporary directory.
func (r *rig) path(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made++
	return filepath.Join(r.tmp, fmt.Sprintf("%s-%d", name, r.made))
}

// say tells what goes on.
func (r *rig) say(format string, arguments ...any) {
	if r.verbose {
		fmt.Fprintf(os.Stderr, "# "+format+"\n", arguments...)
	}
}

// run runs a command of the real program to its end and returns what it printed
// on standard output.
func (r *rig) run(ctx context.Context, arguments ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, r.keyward, arguments...).Output()
	if err != nil {
		err = fmt.Errorf("keyward %s: %w: %s %s", strings.Join(arguments, " "), err, stderrOf(err), strings.TrimSpace(string(out)))
	}
	return out, err
}

func stderrOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}

// newStore makes a data directory with that many keys, which bench/fill makes,
// and a workflow "ping" that is bound to GET /ping/{id}.
func (r *rig) newStore(ctx context.Context, dir string, keys int) error {
	if keys > 0 {
		if out, err := exec.CommandContext(ctx, r.fill, "--data", dir, "--keys", fmt.Sprint(keys), "--secrets", r.path("secrets")).CombinedOutput(); err != nil {
			return fmt.Errorf("filling a store: %w: %s", err, out)
		}
	}
	_, err := r.run(ctx, "workflow", "create", "ping", "--method", "GET", "--path", "/ping/{id}", "--data", dir)
	return err
}

// eventually calls fn until it returns nil, for as long as patience.
func eventually(ctx context.Context, fn func() error) error {
	for deadline := time.Now().Add(patience); ; {
		err := fn()
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return errors.Join(err, ctx.Err())
		}
		time.Sleep(2 * time.Millisecond)
	}
}
