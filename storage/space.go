package storage

import "fmt"

// DefaultMinFree is the free space that keyward leaves alone, in bytes. Badger
// writes through memory maps, and a map that cannot grow ends the process
// (SIGBUS, badger #1682): so nothing is opened and nothing changed below it.
const DefaultMinFree = 64 << 20

// checkSpace says when less than the margin is free.
func checkSpace(dir string, margin int64) error {
	free, ok := freeSpace(dir)
	if !ok || free >= uint64(margin) {
		return nil
	}
	return &spaceError{dir, free, margin}
}

// spaceError says how much is free, and how much ought to be, in bytes. It is
// ErrNoSpace.
type spaceError struct {
	dir    string
	free   uint64
	margin int64
}

func (e *spaceError) Error() string {
	return fmt.Sprintf("the disk that holds %s has %d MiB free, and %d MiB is the least that keyward works with: free some", e.dir, e.free>>20, e.margin>>20)
}

// Is reports whether target is ErrNoSpace.
func (e *spaceError) Is(target error) bool { return target == ErrNoSpace }

// CheckSpace is ErrNoSpace when the disk that holds dir has less than margin
// bytes free; a margin of 0 is DefaultMinFree.
func CheckSpace(dir string, margin int64) error {
	if margin == 0 {
		margin = DefaultMinFree
	}
	return checkSpace(dir, margin)
}
