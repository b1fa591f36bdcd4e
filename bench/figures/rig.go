//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// rig is a directory with the programs that are driven, and how much they are.
type rig struct {
	dir string
	effort
}

// effort is how often each is measured. A p99 needs some hundreds.
type effort struct{ opens, moves, pages, filter int }

var (
	thorough = effort{opens: 5, moves: 300, pages: 300, filter: 120}
	brief    = effort{opens: 2, moves: 40, pages: 10, filter: 12} // medians and bytes
)

func newRig(e effort) (*rig, error) {
	dir, err := os.MkdirTemp("", "keyward-figures-")
	if err != nil {
		return nil, err
	}
	r := &rig{dir, e}
	for name, path := range map[string]string{"keyward": ".", "fill": "./bench/fill"} {
		out, err := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, name), path).CombinedOutput()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("building %s, from the repository's root: %w: %s", path, err, out), r.remove())
		}
	}
	return r, nil
}

func (r *rig) remove() error { return os.RemoveAll(r.dir) }

func (r *rig) program(name string) string { return filepath.Join(r.dir, name) }

// fill makes a store with that many keys, each of them used.
func (r *rig) fill(ctx context.Context, keys int) (dir string, err error) {
	dir = filepath.Join(r.dir, "data-"+strconv.Itoa(keys))
	out, err := exec.CommandContext(ctx, r.program("fill"), "--data", dir, "--keys", strconv.Itoa(keys), "--used").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("filling a store: %w: %s", err, out)
	}
	return dir, err
}

// serve runs an endpoint, which has the store then, until stop is called.
func (r *rig) serve(ctx context.Context, dir string) (stop func() error, err error) {
	cmd := exec.CommandContext(ctx, r.program("keyward"), "serve", "--data", dir, "--listen", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // the store is closed in good order
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() error { return errors.Join(cmd.Process.Signal(syscall.SIGINT), cmd.Wait()) }
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "serving https") {
			go func() {
				for lines.Scan() { // so that it can go on saying things
				}
			}()
			return stop, nil
		}
	}
	return nil, errors.Join(errors.New("keyward serve ended before it served"), cmd.Wait())
}

// results are the figures of one program.
type results struct {
	exec, open             []time.Duration // to the rows, since exec and since the store was open
	down, page, filter     []time.Duration
	moveBytes, scrollBytes []int
	resident, peak         int // MB; 0: unknown
}

// console measures the console on a data directory. own says that it opens the
// store itself.
func (r *rig) console(ctx context.Context, dir string, keys int, own bool) (res results, err error) {
	for i := range r.opens {
		opened := make(chan time.Time, 1)
		watching, stop := context.WithCancel(ctx)
		if own {
			go func() { opened <- storeOpen(watching, dir) }()
		}
		t, err := start(ctx, r.program("keyward"), "--data", dir)
		if err != nil {
			stop()
			return res, err
		}
		shown, err := t.until(" of "+thousands(keys), t.started)
		since := t.started
		if err == nil && own {
			since = <-opened
		}
		stop()
		if err == nil {
			res.exec = append(res.exec, shown.took)
			res.open = append(res.open, t.started.Add(shown.took).Sub(since))
			if i == r.opens-1 {
				err = res.drive(t, r.effort, keys, true)
			}
		}
		if err = errors.Join(err, t.leave()); err != nil {
			return res, err
		}
	}
	return res, nil
}

// storeOpen returns when the process that is opening the store has it open, at
// the latest: it is asked every 10 ms, and the time is that of the last no.
func storeOpen(ctx context.Context, dir string) time.Time {
	for ctx.Err() == nil {
		if c, err := server.Dial(ctx, dir, server.ClientOptions{Self: model.Peer{PID: os.Getpid()}}); err == nil {
			c.Close()
			return time.Now().Add(-10 * time.Millisecond)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Now()
}

// bare measures the bare program.
func (r *rig) bare(ctx context.Context, keys int) (res results, err error) {
	self, err := os.Executable()
	if err != nil {
		return res, err
	}
	for i := range r.opens {
		t, err := start(ctx, self, "-bare", strconv.Itoa(keys))
		if err != nil {
			return res, err
		}
		shown, err := t.until(" of "+thousands(keys), t.started)
		if err == nil {
			res.exec, res.open = append(res.exec, shown.took), append(res.open, shown.took)
			if i == r.opens-1 {
				err = res.drive(t, r.effort, keys, false)
			}
		}
		if err = errors.Join(err, t.leave()); err != nil {
			return res, err
		}
	}
	return res, nil
}

// The keys that are pressed.
const (
	keyDown      = "\x1b[B"
	keyPageDown  = "\x1b[6~"
	keyHome      = "\x1b[H"
	keyBackspace = "\x7f"
)

// drive presses keys in a program that shows its rows. answers says that its
// filter has an effect.
func (res *results) drive(t *terminal, e effort, keys int, answers bool) error {
	t.drain()
	for i := range min(e.moves, keys-1) {
		f, err := t.press(keyDown, "")
		if err != nil {
			return err
		}
		res.down = append(res.down, f.took)
		if i < rows/2 {
			res.moveBytes = append(res.moveBytes, f.bytes)
		} else {
			res.scrollBytes = append(res.scrollBytes, f.bytes)
		}
	}
	for range min(e.pages, keys/rows-e.moves/rows-2) {
		f, err := t.press(keyPageDown, "")
		if err != nil {
			return err
		}
		res.page = append(res.page, f.took)
	}
	if err := res.driveFilter(t, e.filter, keys, answers); err != nil {
		return err
	}
	var err error
	res.resident, res.peak, err = memory(t.cmd.Process.Pid)
	return err
}

// driveFilter types and takes back: each keystroke changes how many match.
func (res *results) driveFilter(t *terminal, presses, keys int, answers bool) error {
	if answers {
		if _, err := t.press(keyHome, ""); err != nil {
			return err
		}
		if _, err := t.press("/", ""); err != nil {
			return err
		}
	}
	matching := map[string]int{"": keys, "9": 0, "98": 0, "987": 0}
	for i := range keys {
		name := fmt.Sprintf("key-%06d", i)
		for text := range matching {
			if text != "" && strings.Contains(name, text) {
				matching[text]++
			}
		}
	}
	typed := ""
	for _, key := range slices.Repeat([]string{"9", "8", "7", keyBackspace, keyBackspace, keyBackspace}, presses/6) {
		if key == keyBackspace {
			typed = typed[:len(typed)-1]
		} else {
			typed += key
		}
		want := ""
		if answers {
			want = " of " + thousands(matching[typed])
		}
		f, err := t.press(key, want)
		if err != nil {
			return err
		}
		res.filter = append(res.filter, f.took)
	}
	return nil
}

// memory returns how much memory a process has, and had at most, in MB; 0 where
// the system does not say.
func memory(pid int) (resident, peak int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch n, _ := strconv.Atoi(fields[1]); fields[0] {
		case "VmRSS:":
			resident = n / 1000
		case "VmHWM:":
			peak = n / 1000
		}
	}
	return resident, peak, err
}
