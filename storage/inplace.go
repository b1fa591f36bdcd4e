package storage

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dev.keyward/keyward/model"
)

// GoneError says that a store is not, or not any more, where it is expected, by
// somebody who must not make another one in its place. It is model.ErrDegraded:
// nothing can be changed until the store is back.
type GoneError struct {
	Dir     string
	Problem string
}

// Error says what is missing and what to do.
func (e *GoneError) Error() string {
	return fmt.Sprintf("the data directory %s %s", model.Clean(e.Dir), e.Problem)
}

// Is makes errors.Is(err, model.ErrDegraded) hold.
func (e *GoneError) Is(target error) bool { return target == model.ErrDegraded }

// gone is a GoneError with the whole path: its reader may stand elsewhere.
func gone(dir, problem string) error {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return &GoneError{dir, problem}
}

// What becomes of a directory while somebody takes part in it.
const (
	goneProblem    = "is gone: put it back, or leave"
	emptiedProblem = "is gone, and an empty one is in its place: put it back, or leave"
	otherProblem   = "is gone, and another store is in its place: put it back, or leave"
)

// HoldsStore reports whether there is a store in the directory dir, or what may
// be one: what is wrong with it is for TakeDir and OpenLocked to say.
func HoldsStore(dir string) bool {
	inStore, err := readNames(filepath.Join(dir, storeName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return holdsRecords(dir, inStore)
}

// StillThere returns a *GoneError where nothing is at dir.
func StillThere(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return gone(dir, goneProblem)
	}
	return nil
}

// StillHolds returns a *GoneError unless dir holds the store with that identity;
// with the identity "", unless it holds any. It changes nothing.
func StillHolds(dir, identity string) error {
	if err := StillThere(dir); err != nil {
		return err
	}
	switch {
	case !HoldsStore(dir):
		return gone(dir, emptiedProblem)
	case identity != "" && Identity(dir) != identity:
		return gone(dir, otherProblem)
	}
	return nil
}

// TakeStore is TakeDir for a directory that must hold the store with that
// identity, as StillHolds has it. It makes no directory and no store, and in
// another's place it makes nothing at all.
func TakeStore(dir, identity string) (*Lock, error) {
	if err := StillHolds(dir, identity); err != nil {
		return nil, err
	}
	makeFilesPrivate()
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err == nil {
		err = checkDir(real)
	}
	var lock *Lock
	if err == nil {
		lock, err = lockDir(real)
	}
	if errors.Is(err, fs.ErrNotExist) { // it went away just now
		return nil, gone(dir, goneProblem)
	}
	return lock, unlessDir(dir, err)
}

// unlessDir is err as a sentence about the directory dir.
func unlessDir(dir string, err error) error {
	var unfit *DirError
	if err == nil || errors.As(err, &unfit) || errors.Is(err, ErrLocked) {
		return err
	}
	return pathError(dir, err)
}

// InPlace reports whether the directory that is held is still what its name
// refers to, as far as can be told: it may have been moved or removed.
func (l *Lock) InPlace() bool {
	now, err := os.Stat(l.dir)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return l.info == nil || os.SameFile(l.info, now)
}

// Check is a *GoneError unless the directory is InPlace. A change is refused
// then: nobody who comes would find it.
func (l *Lock) Check() error {
	if l.InPlace() {
		return nil
	}
	return &GoneError{l.dir, goneProblem}
}

// identityName is the file that tells one data directory from another. A restore
// takes it along, for it puts another state of the same store in place.
const identityName = "identity"

// identityBytes is how many random bytes an identity has.
const identityBytes = 16

// Identity returns what tells the store in dir from every other; "" where that
// cannot be told. It changes nothing.
func Identity(dir string) string {
	path := filepath.Join(dir, identityName)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, 4*identityBytes))
	id := strings.TrimSpace(string(text))
	if raw, derr := hex.DecodeString(id); err != nil || derr != nil || len(raw) != identityBytes {
		return ""
	}
	return id
}

// Identify returns the identity of the directory that is held, and gives it one
// where it has none.
func (l *Lock) Identify() (string, error) {
	if id := Identity(l.dir); id != "" {
		return id, nil
	}
	raw := make([]byte, identityBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("making an identity for the store: %w", err)
	}
	id := hex.EncodeToString(raw)
	return id, writeIdentity(l.dir, id)
}

// KeepIdentity gives the directory that is held its identity again where somebody
// removed the file.
func (l *Lock) KeepIdentity(id string) error {
	if Identity(l.dir) != "" {
		return nil
	}
	return writeIdentity(l.dir, id)
}

// writeIdentity puts the identity into dir, whole or not at all.
func writeIdentity(dir, id string) error {
	path := filepath.Join(dir, identityName)
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return pathError(dir, err)
	}
	_, err = file.WriteString(id + "\n")
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return pathError(dir, err)
	}
	return nil
}
