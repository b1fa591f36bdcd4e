package sshd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

// What a client may say of its terminal.
const (
	mostCells     = 1000 // each way
	mostVariables = 24
	mostValue     = 256 // bytes
	defaultWidth  = 80
	defaultHeight = 24
)

// takeTerminal takes a pty-req: which terminal it is and how large.
func (s *session) takeTerminal(payload []byte) bool {
	var m struct {
		Term                         string
		Columns, Rows, Width, Height uint32
		Modes                        string
	}
	if ssh.Unmarshal(payload, &m) != nil {
		return false
	}
	if s.env["TERM"] = m.Term; !isTerm(m.Term) {
		s.env["TERM"] = "dumb"
	}
	s.pty = true
	if m.Columns == 0 || m.Rows == 0 {
		m.Columns, m.Rows = defaultWidth, defaultHeight
	}
	s.resize(m.Columns, m.Rows)
	return true
}

// isTerm reports whether a terminal's name is of the form that they have.
func isTerm(name string) bool {
	const form = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._"
	return name != "" && len(name) <= 64 && strings.Trim(name, form) == ""
}

// resize has the newest size in sizes, in the place of one that nobody took yet.
// No size (0) says nothing (RFC 4254 §6.2).
func (s *session) resize(columns, rows uint32) {
	if columns == 0 || rows == 0 {
		return
	}
	size := Size{int(min(columns, mostCells)), int(min(rows, mostCells))}
	select {
	case <-s.sizes:
	default:
	}
	s.sizes <- size // only this goroutine puts any in
}

// takeVariable takes an env request for one of the few variables that mean
// something to the console.
func (s *session) takeVariable(payload []byte) bool {
	var m struct{ Name, Value string }
	if ssh.Unmarshal(payload, &m) != nil || !isVariable(m.Name) || len(m.Value) > mostValue || len(s.env) >= mostVariables {
		return false
	}
	if strings.ContainsFunc(m.Value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return false
	}
	s.env[m.Name] = m.Value
	return true
}

// isVariable reports whether a client may set the variable. TERM comes with the
// terminal; STY tells that GNU screen stands between.
func isVariable(name string) bool {
	switch name {
	case "COLORTERM", "NO_COLOR", "LANG", "STY":
		return true
	}
	rest, ok := strings.CutPrefix(name, "LC_")
	return ok && rest != "" && len(rest) <= 32 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// input is what the client types. It ends with the session, whether or not the
// connection does.
type input struct {
	ctx  context.Context
	data chan []byte // closed at the end of the input
	rest []byte
}

// input begins to read what the client types. Where that is the console's, its
// end is the session's.
func (s *session) input(ends bool) *input {
	in := &input{ctx: s.ctx, data: make(chan []byte)}
	s.c.late.Go(func() {
		defer close(in.data)
		buffer := make([]byte, 4<<10)
		for {
			n, err := s.ch.Read(buffer)
			if n > 0 {
				s.touch()
				select {
				case in.data <- bytes.Clone(buffer[:n]):
				case <-s.ctx.Done(): // nobody reads on
				}
			}
			switch {
			case err != nil && ends:
				s.end(errInputEnded)
				return
			case err != nil:
				return
			}
		}
	})
	return in
}

// Read reads what was typed.
func (in *input) Read(p []byte) (int, error) {
	if len(in.rest) == 0 {
		select {
		case data, ok := <-in.data:
			if !ok {
				return 0, io.EOF
			}
			in.rest = data
		case <-in.ctx.Done():
			return 0, io.EOF
		}
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// The control characters that end a command. There is no line discipline here
// that would make a signal of them.
const (
	controlC = 0x03
	controlD = 0x04
)

var errGivenUp = errors.New("given up")

// watchInput throws away what is typed while a command runs, but for what gives
// it up at a terminal.
func (s *session) watchInput(in io.Reader) {
	buffer := make([]byte, 256)
	for {
		n, err := in.Read(buffer)
		if s.pty && bytes.ContainsAny(buffer[:n], string(rune(controlC))+string(rune(controlD))) {
			s.end(errGivenUp)
		}
		if err != nil {
			return
		}
	}
}

// writer is a stream to the client, at whose terminal a line feed alone does not
// go back to the line's beginning. Whoever gets something is there.
func (s *session) writer(to io.Writer) io.Writer { return &lineWriter{s, to} }

type lineWriter struct {
	s  *session
	to io.Writer
}

// Write writes b.
func (w *lineWriter) Write(b []byte) (int, error) {
	out := b
	if w.s.pty {
		out = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
	}
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	w.s.touch()
	return len(b), nil
}
