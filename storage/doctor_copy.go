package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// heldLock is a lock that leaves no trace in the directory.
type heldLock struct{ file *os.File } // nil where nobody ever locked the directory

// peekLock takes the lock of a directory without writing to it, or says who has
// it.
func peekLock(dir string) (*heldLock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return &heldLock{}, nil
	}
	if err != nil {
		return nil, pathError(dir, err)
	}
	locked, err := tryLock(file)
	if err == nil && locked {
		return &heldLock{file}, nil
	}
	if err == nil {
		err = &LockedError{Dir: dir, PID: readPID(file)}
	} else {
		err = pathError(dir, err)
	}
	_ = file.Close()
	return nil, err
}

func (l *heldLock) close() error {
	if l.file == nil {
		return nil
	}
	return errors.Join(unlock(l.file), l.file.Close())
}

// copyStore copies the store of dir, which the caller has locked, to a new
// directory beside it or, where that cannot be, among the temporary files. The
// caller removes it.
//
// Files are copied and never linked: Badger empties a table, under all its
// names, before it removes one.
func copyStore(ctx context.Context, dir string) (copied string, err error) {
	base, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+copyInfix)
	if err != nil {
		base, err = os.MkdirTemp("", "keyward"+copyInfix)
	}
	if err != nil {
		return "", fmt.Errorf("making a copy of the store: %w", pathError(dir, err))
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(base)
		}
	}()
	size, err := treeSize(dir)
	if err == nil {
		err = checkSpace(base, DefaultMinFree+size)
	}
	if err == nil {
		err = copyTree(ctx, dir, base, isStoreFile)
	}
	if err != nil {
		return "", fmt.Errorf("making a copy of the store: %w", err)
	}
	return base, nil
}

// isStoreFile reports whether a name in a data directory is part of the store
// itself. A journal that was never put in force is not.
func isStoreFile(name string) bool {
	return name == storeName || strings.HasPrefix(name, journalPrefix) && name != journalNewName
}

// journalPrefix begins the name of what lies beside Badger's directory to tell
// whether that is whole.
const journalPrefix = "journal"

func treeSize(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// copyTree copies the files and directories of from that top names to to, for
// the owner only.
func copyTree(ctx context.Context, from, to string, top func(name string) bool) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		source, target := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case !top(e.Name()):
		case e.IsDir():
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
			if err := copyTree(ctx, source, target, func(string) bool { return true }); err != nil {
				return err
			}
		case e.Type().IsRegular():
			if err := copyFile(source, target, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyFile copies one file to a new one.
func copyFile(from, to string, mode fs.FileMode) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
