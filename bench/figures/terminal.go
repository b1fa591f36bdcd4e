//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
)

// The size of the terminal.
const (
	columns = 120
	rows    = 40
)

// chunk is what one read of the terminal brought.
type chunk struct {
	at   time.Time
	data []byte
}

// terminal is a program in a pseudo-terminal, which answers what terminals are
// asked.
type terminal struct {
	cmd     *exec.Cmd
	tty     *os.File
	started time.Time
	chunks  chan chunk // closed when the program has ended
}

func start(ctx context.Context, command ...string) (*terminal, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "NO_COLOR=")
	t := &terminal{cmd: cmd, started: time.Now(), chunks: make(chan chunk, 4096)}
	var err error
	if t.tty, err = pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		return nil, fmt.Errorf("starting %s: %w", command[0], err)
	}
	go t.read()
	return t, nil
}

// answers are what is asked of a terminal, and what this one says.
var answers = map[string]string{
	"\x1b]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\",
	"\x1b[6n":   "\x1b[1;1R",
	"\x1b[c":    "\x1b[?62;c",
}

func (t *terminal) read() {
	defer close(t.chunks)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.tty.Read(buf)
		if n > 0 {
			data := bytes.Clone(buf[:n])
			t.chunks <- chunk{time.Now(), data}
			for question, answer := range answers {
				if bytes.Contains(data, []byte(question)) {
					_, _ = t.tty.WriteString(answer)
				}
			}
		}
		if err != nil {
			return
		}
	}
}

// quiet is how long nothing comes after the last byte of a frame: several
// frames' time, so that a second one is taken for part of the first.
const quiet = 60 * time.Millisecond

// frame is what came of a key press.
type frame struct {
	took  time.Duration // to the last byte
	bytes int
}

// most is how long a frame may take.
const most = 60 * time.Second

// until reads until the text has come, and then to the last byte of the frame.
// An empty text has come with the first byte.
func (t *terminal) until(text string, from time.Time) (f frame, err error) {
	var seen []byte
	for wait := most; ; {
		select {
		case c, ok := <-t.chunks:
			if !ok {
				return f, fmt.Errorf("the program ended; its last words: %q", tail(seen))
			}
			seen = append(seen, c.data...)
			f = frame{c.at.Sub(from), len(seen)}
			if bytes.Contains(seen, []byte(text)) {
				wait = quiet
			}
		case <-time.After(wait):
			if wait == quiet {
				return f, nil
			}
			return f, fmt.Errorf("%q was not shown in %v; what was: %q", text, most, tail(seen))
		}
	}
}

func tail(b []byte) []byte { return b[max(len(b)-2000, 0):] }

// drain takes what came unasked.
func (t *terminal) drain() {
	for {
		select {
		case _, ok := <-t.chunks:
			if !ok {
				return
			}
		case <-time.After(quiet):
			return
		}
	}
}

// press presses a key and returns its frame, which shows the text. Frames come
// at a beat: the key comes at no fixed place of it.
func (t *terminal) press(key, text string) (frame, error) {
	time.Sleep(rand.N(17 * time.Millisecond))
	from := time.Now()
	if _, err := t.tty.WriteString(key); err != nil {
		return frame{}, fmt.Errorf("pressing a key: %w", err)
	}
	return t.until(text, from)
}

// leave ends the program with ctrl+c.
func (t *terminal) leave() error {
	_, _ = t.tty.Write([]byte{3})
	for range t.chunks { // until it has ended
	}
	err := t.cmd.Wait()
	_ = t.tty.Close()
	return err
}
