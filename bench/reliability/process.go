//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one that this program started. Nothing else is ever ended.
type process struct {
	rig  *rig
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  tail          // what it wrote on standard error
}

// start starts the command; its standard error goes to the process's log.
func (r *rig) start(cmd *exec.Cmd) (*process, error) {
	p := &process{rig: r, cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = &p.log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	r.mu.Lock()
	r.processes[p] = true
	r.mu.Unlock()
	go func() {
		_ = cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	return p, nil
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be gone already
	p.forget()
}

func (p *process) forget() {
	<-p.done
	p.rig.mu.Lock()
	delete(p.rig.processes, p)
	p.rig.mu.Unlock()
}

// stop ends the process in good order, or kills it where that takes too long.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may be gone already
	select {
	case <-p.done:
		p.forget()
		return nil
	case <-time.After(patience):
		p.kill()
		return fmt.Errorf("pid %d did not end when it was interrupted: %s", p.cmd.Process.Pid, p.log.String())
	}
}

// ended reports whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// freeze stops the process as SIGSTOP does and waits until it stands still.
func (p *process) freeze(ctx context.Context) error {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return eventually(ctx, func() error {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		if err != nil {
			return err
		}
		if _, rest, _ := bytes.Cut(stat, []byte(") ")); len(rest) == 0 || rest[0] != 'T' {
			return fmt.Errorf("pid %d does not stand still", p.cmd.Process.Pid)
		}
		return nil
	})
}

// thaw lets a frozen process go on.
func (p *process) thaw() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// endpoint is a "keyward serve" of its own.
type endpoint struct {
	*process
	secure string // HOST:PORT of HTTPS
	plain  string // HOST:PORT of HTTP
}

// quick is a client for probes: a connection each.
var quick = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// serve starts an endpoint and returns once it is ready: it has keys to decide
// from.
func (r *rig) serve(ctx context.Context, dir string, flags ...string) (*endpoint, error) {
	e, err := r.launch(ctx, dir, flags...)
	if err != nil {
		return nil, err
	}
	return e, eventually(ctx, func() error {
		if e.ended() {
			return nil // and the caller's first request says so
		}
		status, err := e.probe(ctx, "/_keyward/ready")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("an endpoint is not ready: status %d: %s", status, e.log.String())
		}
		return err
	})
}

var serving = regexp.MustCompile(`serving http://(\S+)[^\n]*\n(?s:.*?)serving https://(\S+)`)

// launch starts an endpoint and returns once it listens.
func (r *rig) launch(ctx context.Context, dir string, flags ...string) (*endpoint, error) {
	// What is judged here is the decision: all callers come from one address, many
	// of them with keys that are disabled.
	arguments := append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--failure-limit", "0"}, flags...)
	p, err := r.start(exec.Command(r.keyward, arguments...))
	if err != nil {
		return nil, err
	}
	e := &endpoint{process: p}
	err = eventually(ctx, func() error {
		if m := serving.FindStringSubmatch(p.log.String()); m != nil {
			e.plain, e.secure = m[1], m[2]
			return nil
		}
		if p.ended() {
			return nil
		}
		return fmt.Errorf("keyward serve does not listen: %s", p.log.String())
	})
	if err == nil && e.plain == "" {
		err = &refusedError{p.log.String()}
	}
	if err != nil {
		p.kill()
	}
	return e, err
}

// refusedError is what an endpoint said that ended before it listened.
type refusedError struct{ log string }

func (e *refusedError) Error() string { return "keyward serve ended: " + strings.TrimSpace(e.log) }

// probe makes one request without TLS and returns its status.
func (e *endpoint) probe(ctx context.Context, target string, header ...string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.plain+target, nil)
	if err != nil {
		return 0, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := quick.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// readiness returns what the endpoint says of itself.
func (e *endpoint) readiness(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.plain+"/_keyward/ready", nil)
	if err != nil {
		return "", err
	}
	response, err := quick.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	return string(body), errors.Join(err, response.Body.Close())
}

// tail keeps the beginning and the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	head []byte
	rest []byte
}

const (
	headSize = 4 << 10
	restSize = 160 << 10
)

// Write keeps p, or its end.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(headSize-len(t.head), len(p))
	t.head = append(t.head, p[:n]...)
	if t.rest = append(t.rest, p[n:]...); len(t.rest) > 2*restSize {
		t.rest = append([]byte(nil), t.rest[len(t.rest)-restSize:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.head) + string(t.rest)
}

// panickedText reports whether a Go program said that it panicked.
func panickedText(text string) bool {
	return strings.Contains(text, "goroutine ") && (strings.Contains(text, "panic: ") || strings.Contains(text, "fatal error: ")) ||
		strings.Contains(text, "unexpected fault address")
}
