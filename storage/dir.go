package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// What lies in a data directory besides the journal. Other files of keyward (a
// development certificate) lie beside these once the store is there.
const (
	lockName     = "lock"       // held locked by the process that has the store open; its pid is in it
	storeName    = "store"      // Badger's directory
	socketName   = "admin.sock" // on which that process serves the others
	sequenceName = "sequence"   // in which they see how far the changes have come
)

// DirError says in one sentence why a directory cannot hold the store, and what
// to do about it.
type DirError struct {
	Dir     string
	Problem string
	Err     error // the cause, or nil
}

// Error is the sentence.
func (e *DirError) Error() string {
	return fmt.Sprintf("the data directory %s %s", e.Dir, e.Problem)
}

// Unwrap returns the cause, such as fs.ErrPermission, or nil.
func (e *DirError) Unwrap() error { return e.Err }

const otherDir = "name another directory with --data"

// Prepare makes dir fit to hold the store and returns its absolute path without
// symbolic links. A directory that is not there is made, for its owner only.
// One that is there must belong to the user of this process, have mode 0700,
// and be empty or hold a store of keyward: nothing is ever put among somebody's
// other files. Nothing in an existing directory is changed.
//
// Its errors are *DirError.
func Prepare(dir string) (string, error) {
	if dir == "" {
		return "", &DirError{Dir: `""`, Problem: "has no name: " + otherDir}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", pathError(dir, err)
	}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(abs); err == nil {
			return "", &DirError{Dir: abs, Problem: "is a symbolic link to nothing: " + otherDir, Err: fs.ErrNotExist}
		}
		if err := makeDir(abs); err != nil {
			return "", pathError(abs, err)
		}
	} else if err != nil {
		return "", pathError(abs, err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", pathError(abs, err)
	}
	if err := checkDir(real); err != nil {
		return "", err
	}
	return real, nil
}

// makeDir creates dir and its parents, and sees to it that its name is on disk.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil { // an odd umask may have taken some of it
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// checkDir looks at a directory that is there, its contents before its mode: a
// home directory needs another answer than "chmod 700".
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return pathError(dir, err)
	}
	if !info.IsDir() {
		return &DirError{Dir: dir, Problem: "is a file, not a directory: " + otherDir, Err: syscall.ENOTDIR}
	}
	if info.Mode()&fs.ModeSticky != 0 {
		return &DirError{Dir: dir, Problem: "is shared with other users: " + otherDir}
	}
	if err := checkOwner(dir, info); err != nil {
		return err
	}
	if err := checkContents(dir); err != nil {
		return err
	}
	if err := checkMode(dir, info); err != nil {
		return err
	}
	return nil
}

// checkContents refuses a directory with other files than those of a store. One
// with a damaged store passes: whose it is is clear, and the rest is for Open to
// say.
func checkContents(dir string) error {
	names, err := readNames(dir)
	if err != nil {
		return pathError(dir, err)
	}
	store := filepath.Join(dir, storeName)
	inStore, err := readNames(store)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pathError(store, err)
	}
	if !holdsRecords(dir, inStore) && (slices.ContainsFunc(inStore, notBadgerStart) || slices.ContainsFunc(names, notOurs)) {
		return &DirError{Dir: dir, Problem: "holds other files and no store of keyward: " +
			"name an empty or new directory with --data"}
	}
	return nil
}

// holdsRecords reports whether dir, with those names in Badger's directory, holds
// what somebody wrote into a store.
func holdsRecords(dir string, inStore []string) bool {
	return slices.Contains(inStore, manifestName) || slices.ContainsFunc(inStore, isBadgerData) || isJournal(dir)
}

// isJournal reports whether there is a journal of keyward in dir.
func isJournal(dir string) bool {
	file, err := os.Open(filepath.Join(dir, journalName))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	magic := make([]byte, len(journalMagic))
	_, err = file.ReadAt(magic, 0)
	return err == nil && string(magic) == journalMagic
}

// readNames lists a directory; a file is an error.
func readNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// notOurs reports whether name speaks against a directory where keyward was cut
// off while it made its first store.
func notOurs(name string) bool {
	switch name {
	case lockName, storeName, journalNewName, socketName, socketName + ".new", sequenceName, identityName, identityName + ".new", "lost+found":
		return false
	}
	return true
}

// isBadgerData reports whether name is a file in which Badger keeps records.
func isBadgerData(name string) bool {
	ext := filepath.Ext(name)
	return ext == tableExt || ext == memExt || ext == valueLogExt
}

// notBadgerStart reports whether name cannot come from a Badger that was cut
// off before it wrote its MANIFEST.
func notBadgerStart(name string) bool {
	return name != "LOCK" && name != "MANIFEST-REWRITE"
}

// pathError puts an error of the file system into a sentence.
func pathError(dir string, err error) error {
	problem := "cannot be used (" + plainCause(err) + "): " + otherDir
	switch {
	case errors.Is(err, fs.ErrPermission):
		problem = "cannot be used: this user has no permission there; " + otherDir
	case errors.Is(err, syscall.EROFS):
		problem = "is on a read-only file system, and keyward must write to it: " + otherDir
	case errors.Is(err, syscall.ENOTDIR):
		problem = "cannot be used: a part of its path is a file; " + otherDir
	case isTooManyFiles(err):
		problem = "cannot be used now: " + raiseLimit
	case errors.Is(err, syscall.ELOOP):
		problem = "cannot be used: its path has symbolic links that lead in a circle; mend them, or " + otherDir
	case isNoSpace(err):
		problem = "has no space left: free some"
		err = fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return &DirError{Dir: dir, Problem: problem, Err: err}
}

// plainCause is the reason in err without operation and path.
func plainCause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return firstLine(err.Error())
}

// tightenFiles takes from others what they may do with the files in dir, which
// an earlier process may have left readable.
func tightenFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // Badger removed it meanwhile
		}
		if err != nil {
			return err
		}
		if perm := info.Mode().Perm(); info.Mode().IsRegular() && perm&0o077 != 0 {
			err := os.Chmod(filepath.Join(dir, e.Name()), perm&^0o077)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
