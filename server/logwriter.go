package server

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// How much log waits in memory, in bytes, and for how long.
const (
	logFlush = 64 << 10 // wakes the writing goroutine at once
	logLimit = 4 << 20  // beyond it lines are dropped and counted
	logDelay = 50 * time.Millisecond
	// logPatience is how long Close waits for a reader that takes nothing.
	logPatience = 2 * time.Second
)

// LogWriter takes log lines without making whoever logs wait for a disk or a
// pipe: it gathers them and writes them within 50 ms, or sooner when there are
// many. A reader that stalls costs lines, never decisions; a line tells how
// many. Lines written in the last 50 ms before a crash are lost. An idle one
// costs nothing. It is safe for concurrent use.
type LogWriter struct {
	out  io.Writer
	wake chan struct{} // lines are there
	full chan struct{} // many are
	done chan struct{} // closed once the last line is written
	wmu  sync.Mutex    // orders writes to out

	mu      sync.Mutex
	lines   []byte
	spare   []byte
	dropped int
	closed  bool
	err     error
}

var _ io.WriteCloser = (*LogWriter)(nil)

// NewLogWriter returns a writer to out, one Write a line. Close it before out.
func NewLogWriter(out io.Writer) *LogWriter {
	l := &LogWriter{
		out: out, wake: make(chan struct{}, 1), full: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// Write takes one line. It never fails and never waits.
func (l *LogWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.lines)+len(line) > logLimit {
		l.dropped++
		return len(line), nil
	}
	if len(l.lines) == 0 {
		signal(l.wake)
	}
	l.lines = append(l.lines, line...)
	if len(l.lines) >= logFlush {
		signal(l.full)
	}
	return len(line), nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *LogWriter) run() {
	defer close(l.done)
	timer := time.NewTimer(logDelay)
	for range l.wake {
		timer.Reset(logDelay)
		select {
		case <-timer.C:
		case <-l.full:
		}
		l.Flush() //nolint:errcheck // Close returns the first error.
	}
	timer.Stop()
	l.Flush() //nolint:errcheck // As above.
}

// Flush writes what is waiting and returns the first error that writing ever
// met.
func (l *LogWriter) Flush() error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	l.mu.Lock()
	lines, dropped := l.lines, l.dropped
	l.lines, l.dropped = l.spare[:0], 0
	l.mu.Unlock()
	lines = appendDropped(lines, dropped)
	var err error
	if len(lines) > 0 {
		_, err = l.out.Write(lines)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = lines[:0]
	if cap(lines) > 4*logFlush {
		l.spare = nil
	}
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("writing the log: %w", err)
	}
	return l.err
}

// appendDropped tells how many lines are missing, in the format of the others.
func appendDropped(lines []byte, dropped int) []byte {
	switch {
	case dropped == 0:
		return lines
	case bytes.HasPrefix(lines, []byte("{")):
		return fmt.Appendf(lines, "{\"level\":\"WARN\",\"msg\":\"log lines dropped\",\"count\":%d}\n", dropped)
	}
	return fmt.Appendf(lines, "level=WARN msg=\"log lines dropped\" count=%d\n", dropped)
}

// Close writes what is waiting, and returns the first error that writing ever
// met. Lines written afterwards are lost. The second call does nothing more.
func (l *LogWriter) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.wake)
	}
	l.mu.Unlock()
	stalled := time.NewTimer(logPatience)
	defer stalled.Stop()
	select {
	case <-l.done:
		return l.Flush()
	case <-stalled.C:
		return fmt.Errorf("writing the log: its reader took nothing for %v, so the last lines are lost", logPatience)
	}
}
