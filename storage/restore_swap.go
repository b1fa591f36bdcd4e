package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// exchangeInSteps is exchange where the system cannot do it at once. Between
// the steps there is nothing at dir; a process that is cut off there leaves the
// old directory at before and the new one at made, both whole.
func exchangeInSteps(made, dir, before string) error {
	if err := os.Rename(dir, before); err != nil {
		return err
	}
	if err := os.Rename(made, dir); err != nil {
		return undone(err, os.Rename(before, dir), before, made)
	}
	return nil
}

// errStranded means that directories are where they should not stay, and that
// nothing may be removed.
var errStranded = errors.New("the directories are to be renamed by hand")

// undone returns err, after which the first step was taken back, or not, with
// the error back.
func undone(err, back error, old, restored string) error {
	if back == nil {
		return err
	}
	return fmt.Errorf("%w: the old one is %s, the restored one is %s (%w; %w)", errStranded, old, restored, err, back)
}

// moveInto gives made the name dir, where nothing or an empty directory is.
func moveInto(made, dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // what is not empty is not removed
	}
	return os.Rename(made, dir)
}
