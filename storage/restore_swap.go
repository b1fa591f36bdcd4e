package storage

import (
	"errors"
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
		return errors.Join(err, os.Rename(before, dir))
	}
	return nil
}

// moveInto gives made the name dir, where nothing or an empty directory is.
func moveInto(made, dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // what is not empty is not removed
	}
	return os.Rename(made, dir)
}
