//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
)

// The targets of the Activity screen.
const (
	targetCore   = 0.25 // of one core
	targetFrames = 30   // a second
)

// watched is for how long each screen is looked at, after it has settled.
const (
	watched = 8 * time.Second
	settled = 2 * time.Second
)

// measureConsole prints what the Activity screen takes.
func measureConsole(ctx context.Context, rate int) (err error) {
	dir, err := os.MkdirTemp("", "keyward-activity-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	keyward := filepath.Join(dir, "keyward")
	if out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", keyward, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("building keyward, from the repository's root: %w: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	feeding := func(name string, more ...string) []string {
		return append([]string{self, "-feed", filepath.Join(dir, name), "-rate", strconv.Itoa(rate)}, more...)
	}
	for _, name := range []string{"attached", "own"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
	}
	attached, err := attachedConsole(ctx, feeding("attached"), keyward, storeOf(filepath.Join(dir, "attached"), 0))
	if err != nil {
		return err
	}
	own, err := lookAt(ctx, feeding("own", "-show"))
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %10s %10s\n", "", "of a core", "frames/s")
	over := attached.print("attached", 0)
	over = own.print("in the deciding process", own.list.core) || over
	for _, name := range []string{"attached", "own"} {
		made, err := os.ReadFile(filepath.Join(dir, name, "decisions"))
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s decisions were made\n", name, made)
	}
	if over {
		return errors.New("over the target")
	}
	return nil
}

// attachedConsole looks at a console while another process decides.
func attachedConsole(ctx context.Context, feeding []string, keyward, store string) (l looks, err error) {
	cmd := exec.CommandContext(ctx, feeding[0], feeding[1:]...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return l, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return l, err
	}
	if err := cmd.Start(); err != nil {
		return l, err
	}
	if _, err = stdout.Read(make([]byte, 64)); err == nil { // it is ready
		l, err = lookAt(ctx, []string{keyward, "--data", store})
	}
	return l, errors.Join(err, stdin.Close(), cmd.Wait())
}

// look is what a screen takes.
type look struct {
	core   float64 // processor time over wall time
	frames float64 // a second
}

// looks are at both screens.
type looks struct{ list, activity look }

// print prints them; base is what the process takes without the screen. It
// reports whether a target is missed.
func (l looks) print(where string, base float64) (over bool) {
	fmt.Printf("%-34s %9.1f%% %10.1f\n", where+", the list of keys", 100*l.list.core, l.list.frames)
	fmt.Printf("%-34s %9.1f%% %10.1f\n", where+", Activity", 100*l.activity.core, l.activity.frames)
	took := l.activity.core - base
	fmt.Printf("%-34s %9.1f%% %10.1f  (targets: %.0f%%, %d)\n", "  the screen itself", 100*took, l.activity.frames, 100*targetCore, targetFrames)
	return took > targetCore || l.activity.frames > targetFrames
}

// lookAt runs a console and looks at its list of keys, then at Activity.
func lookAt(ctx context.Context, command []string) (l looks, err error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "NO_COLOR=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		return l, err
	}
	s := &screen{tty: tty}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.read()
	}()
	defer func() {
		_, _ = tty.Write([]byte{3}) // ctrl+c
		<-ended
		err = errors.Join(err, cmd.Wait(), tty.Close())
	}()
	if err = s.await(ctx, "caller"); err != nil {
		return l, err
	}
	if l.list, err = s.look(cmd.Process.Pid); err != nil {
		return l, err
	}
	if _, err = tty.WriteString("L"); err != nil {
		return l, err
	}
	if err = s.await(ctx, "allowed"); err != nil {
		return l, err
	}
	l.activity, err = s.look(cmd.Process.Pid)
	return l, err
}

// screen is a console's terminal, which answers what terminals are asked.
type screen struct {
	tty *os.File

	mu     sync.Mutex
	shown  []byte
	frames int
	last   time.Time
}

// apart is how far two frames are apart at least: Bubble Tea draws 60 a second
// at most. What is read of one frame in parts is closer.
const apart = 4 * time.Millisecond

func (s *screen) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		now := time.Now()
		if now.Sub(s.last) > apart {
			s.frames++
		}
		s.last = now
		s.shown = append(s.shown[max(0, len(s.shown)-64<<10):], buf[:n]...)
		s.mu.Unlock()
		for question, answer := range map[string]string{
			"\x1b]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b[6n": "\x1b[1;1R", "\x1b[c": "\x1b[?62;c",
		} {
			if bytes.Contains(buf[:n], []byte(question)) {
				_, _ = s.tty.WriteString(answer)
			}
		}
		if err != nil {
			return
		}
	}
}

// await waits until the text was shown.
func (s *screen) await(ctx context.Context, text string) error {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		s.mu.Lock()
		shown := bytes.Contains(s.shown, []byte(text))
		s.mu.Unlock()
		switch {
		case shown:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(end):
			return fmt.Errorf("%q was not shown in 30 s", text)
		}
	}
}

// look lets the screen settle, and then looks at it.
func (s *screen) look(pid int) (l look, err error) {
	time.Sleep(settled)
	count := func() (cpu time.Duration, frames int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			cpu, err = cpuOf(pid)
		}
		return cpu, s.frames
	}
	began := time.Now()
	cpu, frames := count()
	time.Sleep(watched)
	cpuAfter, framesAfter := count()
	took := time.Since(began)
	return look{float64(cpuAfter-cpu) / float64(took), float64(framesAfter-frames) / took.Seconds()}, err
}

// cpuOf is the processor time that a process has used: fields 14 and 15 of
// proc(5)'s stat, in hundredths of a second. Only Linux says it so.
func cpuOf(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("this system does not say what a process uses: %w", err)
	}
	_, rest, _ := strings.Cut(string(data), ") ") // behind the program's name
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("this system does not say what a process uses")
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
