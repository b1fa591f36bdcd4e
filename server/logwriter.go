package server

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// How much log waits in memory, and for how long.
const (
	logChunk  = 64 << 10 // bytes; a full one wakes the writing goroutine at once
	logChunks = 64       // beyond them lines are dropped and counted
	logSpare  = 8        // empty ones that are kept
	logDelay  = 50 * time.Millisecond
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
	many chan struct{} // a chunk of them is
	done chan struct{} // closed once the last line is written
	wmu  sync.Mutex    // orders writes to out

	mu      sync.Mutex
	chunks  [][]byte // to be written; lines go to the last one
	spare   [][]byte
	dropped int
	closed  bool
	err     error
}

var _ io.WriteCloser = (*LogWriter)(nil)

// NewLogWriter returns a writer to out, one Write a line. Close it before out.
func NewLogWriter(out io.Writer) *LogWriter {
	l := &LogWriter{
		out: out, wake: make(chan struct{}, 1), many: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// Write takes one line. It never fails and never waits.
func (l *LogWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last])+len(line) > logChunk {
		if l.closed || len(l.chunks) == logChunks {
			l.dropped++
			return len(line), nil
		}
		l.addChunk()
		last++
	}
	l.chunks[last] = append(l.chunks[last], line...)
	return len(line), nil
}

// addChunk makes room, and tells the writing goroutine.
func (l *LogWriter) addChunk() {
	if len(l.chunks) == 0 {
		signal(l.wake)
	} else {
		signal(l.many)
	}
	var chunk []byte
	if n := len(l.spare); n > 0 {
		chunk, l.spare = l.spare[n-1], l.spare[:n-1]
	} else {
		chunk = make([]byte, 0, logChunk)
	}
	l.chunks = append(l.chunks, chunk)
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
		case <-l.many:
		}
		_ = l.Flush() // Close returns the first error.
	}
	timer.Stop()
	_ = l.Flush()
}

// Flush writes what is waiting and returns the first error that writing ever
// met.
func (l *LogWriter) Flush() error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	l.mu.Lock()
	chunks, dropped := l.chunks, l.dropped
	l.chunks, l.dropped = nil, 0
	l.mu.Unlock()
	if dropped > 0 {
		chunks = append(chunks, droppedLine(chunks, dropped))
	}
	var err error
	for _, chunk := range chunks {
		if _, failed := l.out.Write(chunk); err == nil {
			err = failed
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, chunk := range chunks {
		if cap(chunk) == logChunk && len(l.spare) < logSpare {
			l.spare = append(l.spare, chunk[:0])
		}
	}
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("writing the log: %w", err)
	}
	return l.err
}

// droppedLine tells how many lines are missing, in the format of the others.
func droppedLine(chunks [][]byte, dropped int) []byte {
	if len(chunks) > 0 && bytes.HasPrefix(chunks[0], []byte("{")) {
		return fmt.Appendf(nil, "{\"level\":\"WARN\",\"msg\":\"log lines dropped\",\"count\":%d}\n", dropped)
	}
	return fmt.Appendf(nil, "level=WARN msg=\"log lines dropped\" count=%d\n", dropped)
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
