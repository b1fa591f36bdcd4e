package sshd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/ssh"
)

// doubtTime is how long after a look-up that does not find a key it is looked up
// again, before its sessions end: an editor may be about to write the file.
const doubtTime = time.Second

// Still looks the session's key up again, as it is to be before each change: it
// is nil while the key may do what it could do when it logged in, else a sentence
// that says what became of that. The file is read anew, so that nothing which was
// taken out of it counts any more; an answer of no takes a second, after which it
// is read once more.
func (s *Session) Still(ctx context.Context) error {
	why := s.c.look()
	if why == nil {
		return nil
	}
	select {
	case <-s.c.s.o.After(doubtTime):
		return s.c.look()
	case <-ctx.Done():
		return why
	}
}

// End ends every session of the connection, and has each of them say why. A
// change that is being made meanwhile is made or not; the next is not made.
func (s *Session) End(why error) { s.c.end(why) }

// look says why the key that logged in may not do now what it could then; nil
// while it may.
func (c *connection) look() error {
	key, err := ssh.ParsePublicKey(c.id.key)
	if err != nil {
		return err
	}
	now, err := c.s.o.Keys.lookUp(key, c.id.Address, c.s.o.Now())
	if err != nil {
		return withdrawn(err)
	}
	return c.id.became(now)
}

// became says what another look-up gave and took; nil for nothing.
func (i *Identity) became(now Identity) error {
	switch {
	case now.Role != i.Role:
		return fmt.Errorf("the role of your SSH key is %s now, no longer %s: connect again", now.Role, i.Role)
	case now.Console == i.Console:
		return nil
	case now.Console:
		return errors.New("your SSH key may have a terminal now: connect again")
	}
	return errors.New("your SSH key may not have a terminal any more (restrict or no-pty): give a command, such as key list")
}

// withdrawn says to the user what became of a key that was listed.
func withdrawn(err error) error {
	var file *keysError
	switch {
	case errors.Is(err, errUnlisted):
		return errors.New("your SSH key is not listed any more: ask whoever runs this endpoint")
	case errors.Is(err, errExpired):
		return errors.New("the time for which your SSH key was listed is over: ask whoever runs this endpoint")
	case errors.Is(err, errFrom):
		return errors.New("your SSH key may not come from this address any more: ask whoever runs this endpoint")
	case errors.As(err, &file):
		return fmt.Errorf("nobody may be logged in, because the list of SSH keys %s: tell whoever runs this endpoint", file.clause)
	}
	return errors.New("nobody may be logged in, because the list of SSH keys cannot be read: tell whoever runs this endpoint")
}

// keysError is why the file of SSH keys counts for nothing: whole for whoever
// runs the endpoint, and as a clause without its path for the others.
type keysError struct {
	clause string // "is gone"
	err    error
}

func (e *keysError) Error() string { return e.err.Error() }
func (e *keysError) Unwrap() error { return e.err }

func keysErrorf(clause, format string, args ...any) error {
	return &keysError{clause, fmt.Errorf(format, args...)}
}
