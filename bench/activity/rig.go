//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// callers is how many connections call.
const callers = 16

// How long who watches waits after an answer, as the console does: longer where
// calls were left out of it.
const (
	pollEvery = 100 * time.Millisecond
	pollFlood = 200 * time.Millisecond
)

// rig is the endpoint's process, and who calls and watches it.
type rig struct {
	dir     string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	lines   *bufio.Scanner
	targets [len(arms)]endpoint
	console *sharing.Member
	seen    int    // calls that the console was told of, also as missed
	cursor  uint64 // of the console
	flood   bool   // the last answer left calls out
}

// endpoint is that of one arm.
type endpoint struct {
	address string
	request []byte
}

func newRig(ctx context.Context) (r *rig, err error) {
	r = &rig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.dir, err = os.MkdirTemp("", "keyward-activity-"); err != nil {
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, self, "-serve", r.dir)
	cmd.Stderr = os.Stderr
	if r.stdin, err = cmd.StdinPipe(); err != nil {
		return r, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err = cmd.Start(); err != nil {
		return r, err
	}
	r.cmd, r.lines = cmd, bufio.NewScanner(stdout)
	for arm := range arms {
		text, err := r.line()
		if err != nil {
			return r, err
		}
		address, secret, _ := strings.Cut(text, " ")
		r.targets[arm] = endpoint{address, fmt.Appendf(nil,
			"GET /customers/7?since=2026 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench/1.0\r\nAuthorization: Key=%s\r\n\r\n", secret)}
	}
	r.console, err = sharing.Join(ctx, sharing.Options{Dir: storeOf(r.dir, len(arms)-1), Rank: model.RankConsole})
	return r, err
}

func (r *rig) close() error {
	var errs []error
	if r.console != nil {
		errs = append(errs, r.console.Close())
	}
	if r.cmd != nil {
		errs = append(errs, r.stdin.Close(), r.cmd.Wait())
	}
	return errors.Join(append(errs, os.RemoveAll(r.dir))...)
}

func (r *rig) line() (string, error) {
	if !r.lines.Scan() {
		return "", errors.Join(errors.New("the endpoint's process ended"), r.lines.Err())
	}
	return r.lines.Text(), nil
}

// cpu is the processor time that the endpoint's process has used.
func (r *rig) cpu() (time.Duration, error) {
	if _, err := io.WriteString(r.stdin, "\n"); err != nil {
		return 0, err
	}
	text, err := r.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(n), err
}

// round calls the endpoint of an arm at that rate for that long.
func (r *rig) round(ctx context.Context, arm, rate int, length time.Duration) (s sample, err error) {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watch sync.WaitGroup
	var watchErr error
	if arm == len(arms)-1 {
		if err := r.poll(ctx); err != nil { // from now on it is watched
			return s, err
		}
		watch.Go(func() { watchErr = r.watch(watching) })
	}
	before, err := r.cpu()
	if err != nil {
		return s, err
	}
	began := time.Now()
	s.requests, err = load(r.targets[arm], rate, length)
	s.elapsed = time.Since(began)
	if err != nil {
		return s, err
	}
	after, err := r.cpu()
	s.cpu = after - before
	stop()
	watch.Wait()
	if arm == len(arms)-1 && err == nil && watchErr == nil {
		watchErr = r.poll(ctx)
	}
	return s, errors.Join(err, watchErr)
}

// watch asks as a console does.
func (r *rig) watch(ctx context.Context) error {
	for {
		pause := pollEvery
		if r.flood {
			pause = pollFlood
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		if err := r.poll(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
}

func (r *rig) poll(ctx context.Context) error {
	page, err := r.console.Activity(ctx, model.ActivityQuery{After: r.cursor})
	if err != nil {
		return err
	}
	r.flood = page.Missed > 0
	r.seen, r.cursor = r.seen+len(page.Records)+int(page.Missed), page.Next
	return nil
}

// load calls at that rate, as far as the machine can, and returns how many calls
// were answered.
func load(e endpoint, rate int, length time.Duration) (requests int, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	begin := time.Now()
	every := time.Duration(float64(callers) / float64(rate) * float64(time.Second))
	for i := range callers {
		wg.Go(func() {
			n, cerr := callUntil(e, begin.Add(every*time.Duration(i)/callers), every, begin.Add(length))
			mu.Lock()
			defer mu.Unlock()
			requests, err = requests+n, errors.Join(err, cerr)
		})
	}
	wg.Wait()
	return requests, err
}

// callUntil calls on one connection, each time that a call is due. One that is
// late does not make up for more than a few.
func callUntil(e endpoint, due time.Time, every time.Duration, end time.Time) (n int, err error) {
	conn, err := net.Dial("tcp", e.address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 8<<10)
	for ; due.Before(end); n++ {
		now := time.Now()
		if wait := due.Sub(now); wait > 0 {
			time.Sleep(wait)
		}
		due = due.Add(every)
		if oldest := now.Add(-8 * every); due.Before(oldest) {
			due = oldest
		}
		if time.Now().After(end) {
			return n, nil
		}
		if err := call(conn, e.request, buf); err != nil {
			return n, err
		}
	}
	return n, nil
}

// call makes one call. On loopback its answer comes whole: nothing else is under
// way on the connection.
func call(conn net.Conn, request, buf []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	for n := 0; ; {
		m, err := conn.Read(buf[n:])
		if err != nil {
			return err
		}
		if n += m; n < 12 || !bytes.HasSuffix(buf[:n], []byte("}\n")) {
			continue
		}
		if string(buf[9:12]) != "200" {
			return fmt.Errorf("answered %q", buf[:n])
		}
		return nil
	}
}
