package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/dgraph-io/badger/v4"
)

// protect runs fn, which calls Badger, and turns a panic of it into an error;
// so also a fault in a mapped file that was cut short. It can do nothing for
// Badger's own goroutines.
func protect(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{text: firstLine(fmt.Sprint(p))}
		}
	}()
	return fn()
}

// panicError is a panic that protect caught.
type panicError struct{ text string }

func (e *panicError) Error() string { return "internal failure: " + e.text }

// mustStop says that after err the engine must not go on: what is on disk is
// not known, or Badger may have been left with its locks held.
func mustStop(err error) bool {
	var p *panicError
	return errors.Is(err, ErrUnknown) || errors.As(err, &p)
}

// unavailable turns an error of Badger into one of ours. Errors that are ours
// already stay as they are.
func unavailable(err error) error {
	switch {
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrNoSpace):
		return err
	case errors.Is(err, badger.ErrTxnTooBig):
		return ErrTooLarge
	case isNoSpace(err):
		return fmt.Errorf("%w: %w", ErrNoSpace, &badgerError{err})
	case isTooManyFiles(err):
		return &tooManyFilesError{err}
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, &badgerError{err})
	}
}

// unknown turns an error of Badger while it wrote into one of ours. It is not
// ErrUnavailable, which would mean that nothing was written.
func unknown(err error) error {
	if isNoSpace(err) {
		return fmt.Errorf("%w: %w: %w", ErrUnknown, ErrNoSpace, &badgerError{err})
	}
	return fmt.Errorf("%w: %w", ErrUnknown, &badgerError{err})
}

// damaged says that what was read at a key of Badger makes no sense.
func damaged(key string) error {
	return fmt.Errorf("%w: the record at %s is damaged", ErrUnavailable, quoteKey(key))
}

// isNoSpace recognizes a full disk or quota. Badger loses the type of most
// errors on the way, so the text has to serve.
func isNoSpace(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{"no space left on device", "quota exceeded", "not enough space on the disk"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// raiseLimit is what to do when no more files can be opened.
const raiseLimit = "too many files are open: raise the limit (ulimit -n), or end programs that have many open"

// tooManyFilesError says that the store cannot open its files for now. It is
// ErrUnavailable.
type tooManyFilesError struct{ err error }

func (e *tooManyFilesError) Error() string { return raiseLimit }

func (e *tooManyFilesError) Unwrap() []error { return []error{ErrUnavailable, e.err} }

// isTooManyFiles recognizes that this process, or the system, can open no more
// files.
// IsTooManyFiles reports whether err is for want of file descriptors, which
// passes.
func IsTooManyFiles(err error) bool { return isTooManyFiles(err) }

func isTooManyFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		strings.Contains(err.Error(), "too many open files")
}

// badgerError shows the first line of an error of Badger only: further lines
// may be a hexadecimal dump of a value.
type badgerError struct{ err error }

func (e *badgerError) Error() string { return firstLine(e.err.Error()) }

func (e *badgerError) Unwrap() error { return e.err }

// firstLine cuts text to one line of bearable length.
func firstLine(text string) string {
	const most = 240
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}

// badgerLogger passes on what Badger says, a line at a time.
type badgerLogger struct{ log *slog.Logger }

// newBadgerLogger returns nil for a nil logger, which silences Badger.
func newBadgerLogger(log *slog.Logger) badger.Logger {
	if log == nil {
		return nil
	}
	return badgerLogger{log.With("component", "badger")}
}

func (l badgerLogger) Errorf(f string, a ...any)   { l.log.Error(firstLine(fmt.Sprintf(f, a...))) }
func (l badgerLogger) Warningf(f string, a ...any) { l.log.Warn(firstLine(fmt.Sprintf(f, a...))) }
func (l badgerLogger) Infof(f string, a ...any)    { l.log.Debug(firstLine(fmt.Sprintf(f, a...))) }
func (l badgerLogger) Debugf(f string, a ...any)   { l.log.Debug(firstLine(fmt.Sprintf(f, a...))) }
