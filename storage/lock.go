package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// LockedError says that the data directory is open elsewhere, perhaps in this
// very process. It is ErrLocked.
type LockedError struct {
	Dir string
	PID int // of the process that has it; 0 when that is not known
}

// Error says which directory, which process, and what to do.
func (e *LockedError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = "keyward (pid " + strconv.Itoa(e.PID) + ")"
	}
	return fmt.Sprintf("the data directory %s is in use by %s: close that one first, or %s", e.Dir, who, otherDir)
}

// Is reports whether target is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Lock is the hold on a data directory. The system drops it when the process
// ends, however it ends.
type Lock struct {
	dir  string
	file *os.File
	info fs.FileInfo // of the directory when it was taken; nil: not known
}

// TakeDir takes the directory dir for this process, which makes it when it is
// not there (see Prepare), and opens nothing in it. Hand the lock to
// OpenLocked, or Release it.
//
// Errors: *DirError when the directory is not fit, *LockedError when it is in
// use.
//
// The process creates files for its owner only from here on (umask 077): Badger
// would make them readable for all, and makes new ones at any time.
func TakeDir(dir string) (*Lock, error) {
	makeFilesPrivate()
	dir, err := Prepare(dir)
	if err != nil {
		return nil, err
	}
	return lockDir(dir)
}

// Dir returns the data directory, absolute and without symbolic links.
func (l *Lock) Dir() string { return l.dir }

// lockDir takes dir or says who has it. The lock file stays for good, for to
// remove it would let two processes lock two files of one name.
func lockDir(dir string) (*Lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, pathError(dir, err)
	}
	locked, err := tryLockAgain(file)
	if err == nil && locked && !stillThere(file) {
		// A restore has put another directory in this one's place meanwhile.
		return nil, errors.Join(&LockedError{Dir: dir}, file.Close())
	}
	if err == nil && !locked {
		err = &LockedError{Dir: dir, PID: readPID(file)}
	} else if err == nil {
		err = writePID(file)
	}
	if err != nil {
		_ = file.Close()
		var l *LockedError
		if errors.As(err, &l) {
			return nil, err
		}
		return nil, pathError(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		info = nil
	}
	return &Lock{dir: dir, file: file, info: info}, nil
}

// stillThere reports whether file is what its name refers to.
func stillThere(file *os.File) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(file.Name())
	return err == nil && os.SameFile(held, named)
}

// tryLockAgain is tryLock that is not put off by a HolderPID, which is over in
// no time.
func tryLockAgain(file *os.File) (locked bool, err error) {
	const tries, pause = 4, 2 * time.Millisecond
	for n := 1; ; n++ {
		locked, err = tryLock(file)
		if locked || err != nil || n == tries {
			return locked, err
		}
		time.Sleep(pause)
	}
}

// Release lets others take the directory. The pid goes first, lest a later
// owner that has not yet written its own be mistaken for this one.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), unlock(l.file), l.file.Close())
}

// HolderPID returns the pid of the process that has the directory dir; 0 when
// nobody has, when there is no such directory, or when that cannot be told. It
// changes nothing, and may keep a TakeDir waiting for a few milliseconds.
func HolderPID(dir string) int {
	file, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	if free, err := tryShared(file); err != nil {
		return 0
	} else if free {
		_ = unlock(file)
		return 0
	}
	return readPID(file)
}

// Owner returns the user id of the owner of the directory dir, -1 where the
// system has none, and whether there is such a directory. It changes nothing.
func Owner(dir string) (uid int, exists bool, err error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, false, nil
	}
	if err != nil {
		return -1, false, pathError(dir, err)
	}
	return ownerOf(info), true, nil
}

func writePID(file *os.File) error {
	if err := file.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPID reads what writePID wrote, or 0.
func readPID(file *os.File) int {
	buf := make([]byte, 32)
	n, _ := file.ReadAt(buf, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
