package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// NoSequence stands in the file in which the owner publishes how far changes
// have come where nothing may be decided any more: the directory was replaced by
// a restore, and whoever still maps its file is to take part anew.
const NoSequence = math.MaxUint64

// voidSequence tells everybody who decides from a copy of the store in dir that
// the copy is void, before another directory takes its place. undo takes that
// back. Who has no such file has nobody to tell.
func voidSequence(dir string) (undo func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, sequenceName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("telling the endpoints of a restore: %w", pathError(dir, err))
	}
	defer func() { _ = file.Close() }() // what was written is seen by every map at once
	old := make([]byte, 8)
	if _, err := file.ReadAt(old, 0); err != nil {
		return func() {}, nil // it is not one that anybody maps
	}
	write := func(b []byte) error {
		f, err := os.OpenFile(filepath.Join(dir, sequenceName), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(b, 0)
		return errors.Join(err, f.Close())
	}
	if err := write(binary.NativeEndian.AppendUint64(nil, NoSequence)); err != nil {
		return nil, fmt.Errorf("telling the endpoints of a restore: %w", pathError(dir, err))
	}
	return func() { _ = write(old) }, nil
}
