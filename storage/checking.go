package storage

import "errors"

// Checked is how far Open has come with checking a store before it is used.
type Checked struct {
	Files       bool // of the store's files, which come first; else of its records
	Done, Total int64
}

// endedError is the error by which the caller of Open ended it.
type endedError struct{ err error }

func (e *endedError) Error() string { return e.err.Error() }

func (e *endedError) Unwrap() error { return e.err }

// isEnded reports whether err says that the caller ended what was going on, and
// nothing about the store.
func isEnded(err error) bool { return errors.As(err, new(*endedError)) }

// checking tells the caller of Open how far it is; nil: nobody wants to know.
type checking func(Checked) error

// checkedEvery is how many records are checked between two looks.
const checkedEvery = 1 << 12

func (c checking) file(done, total int) error {
	return c.tell(Checked{true, int64(done), int64(total)})
}

// record tells of a record now and then, the first included.
func (c checking) record(done, total uint64) error {
	if done%checkedEvery != 1 {
		return nil
	}
	return c.tell(Checked{Done: int64(done), Total: int64(total)})
}

func (c checking) tell(to Checked) error {
	if c == nil {
		return nil
	}
	if err := c(to); err != nil {
		return &endedError{err}
	}
	return nil
}
