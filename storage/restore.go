package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"dev.keyward/keyward/model"
)

// StoreRestored is the action of the audit entry that a restore adds.
const StoreRestored model.Action = "store.restore"

// RestoreOptions are what Restore leaves to its caller.
type RestoreOptions struct {
	// AcceptRollback lets a store that is there be replaced.
	AcceptRollback bool
	// DryRun verifies and compares, and makes nothing.
	DryRun bool
	// Actor and Reason are for the audit entry.
	Actor  model.Actor
	Reason string
	// Now is the time of the restore.
	Now time.Time
	// Keep names files of a replaced directory that are copied to the new one,
	// where they are there, such as the endpoint's certificate.
	Keep []string
	// Store is how stores are opened.
	Store Options
	// Began, where it is not nil, is told of each step as it begins.
	Began func(RestoreStep)
}

// RestoreStep is a part of a restore that may take long.
type RestoreStep int

// The steps in their order. RestoreCompares is left out where there is nothing to
// replace; a dry run ends before RestoreFills. Each but the last reads the whole
// backup.
const (
	RestoreVerifies RestoreStep = iota
	RestoreCompares             // with the store that is there
	RestoreFills                // the new directory
	RestoreChecks               // the new directory
)

func (r *restore) began(step RestoreStep) {
	if r.options.Began != nil {
		r.options.Began(step)
	}
}

// Restored says what a restore did or, where it was refused or dry, would do.
type Restored struct {
	Backup BackupInfo `json:"backup"`
	Dir    string     `json:"dir"`
	// Done holds once the backup is what the directory holds.
	Done bool `json:"done"`
	// Replaces holds where the directory holds a store.
	Replaces bool `json:"replaces"`
	// Current is how many changes that store has had; 0 where it cannot be
	// read, and then Unknown says why.
	Current uint64 `json:"current,omitempty"`
	Unknown string `json:"unknown,omitempty"`
	// Widened lists the keys that may do more in the backup than they may now.
	Widened []WidenedKey `json:"widened"`
	// Vanishing lists the names of the keys that are there now and not in the
	// backup, in order.
	Vanishing []string `json:"vanishing"`
	// Before is where the replaced directory is now.
	Before string `json:"before,omitempty"`
}

// WidenedKey is a key that a restore gives more rights than it has now.
type WidenedKey struct {
	ID   model.ID `json:"id"`
	Name string   `json:"name"`   // in the backup
	More []string `json:"widens"` // what it may do then, in words
}

// ErrRollback means that a restore would replace a store, and that nobody
// accepted that.
var ErrRollback = errors.New("a restore would replace the store that is there")

// Restore puts a backup in place as the data directory dir. open opens the same
// backup each time, unsealed.
//
// The whole backup is verified before anything is made. Then a new directory is
// filled beside dir, opened, and checked as the doctor does; only then does it
// take the place of dir, in one step where the system has one (Linux), else in
// two: until then, and whenever the process is cut off, dir is as it was. Where
// dir holds a store, no process may have it open; what it holds is kept beside
// it.
//
// Errors: ErrBackup and whatever else ReadBackup returns, *DirError,
// *LockedError, ErrRollback (the result then says what would happen), ErrNoSpace.
// After an error dir is as it was, unless the error says otherwise.
func Restore(ctx context.Context, open func() (io.ReadCloser, error), dir string, o RestoreOptions) (Restored, error) {
	makeFilesPrivate()
	r := &restore{options: o, open: open, result: Restored{Widened: []WidenedKey{}, Vanishing: []string{}}}
	defer r.release()
	err := r.run(ctx, dir)
	return r.result, err
}

// restore is one restore under way.
type restore struct {
	options RestoreOptions
	open    func() (io.ReadCloser, error)
	result  Restored
	then    *recordCheck // of the backup
	lock    *heldLock    // of the store that is to be replaced
	named   bool         // the lock holds this process's pid
	// started holds where the directory has only what a process leaves that was
	// cut off before it made a store: there is nothing to go back from.
	started bool
}

func (r *restore) run(ctx context.Context, dir string) (err error) {
	r.began(RestoreVerifies)
	if r.result.Backup, r.then, err = r.pass(ctx, true, func([]Entry) error { return nil }); err != nil {
		return err
	}
	r.then.forget()
	if r.result.Dir, r.result.Replaces, r.started, err = restoreTarget(dir, r.options.Keep); err != nil {
		return err
	}
	if r.result.Replaces || r.started {
		if r.lock, err = peekLock(r.result.Dir); err != nil {
			return err
		}
	}
	if r.result.Replaces {
		if err := r.compare(ctx); err != nil {
			return err
		}
		if !r.options.AcceptRollback && !r.options.DryRun {
			return fmt.Errorf("%w", ErrRollback)
		}
	}
	if r.options.DryRun {
		return nil
	}
	return r.replace(ctx)
}

// pass reads the backup once, from its beginning to its end.
func (r *restore) pass(ctx context.Context, whole bool, fn func([]Entry) error) (info BackupInfo, check *recordCheck, err error) {
	in, err := r.open()
	if err != nil {
		return BackupInfo{}, nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	info, check, err = readBackup(ctx, in, whole, fn)
	if err == nil && !whole && info != r.result.Backup {
		err = &BackupError{Problem: "was changed while it was read: restore it again"}
	}
	return info, check, err
}

// replace makes the new directory and puts it in place.
func (r *restore) replace(ctx context.Context) (err error) {
	dir := r.result.Dir
	if err := r.hold(); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return pathError(parent, err)
	}
	made, err := os.MkdirTemp(parent, filepath.Base(dir)+restoreInfix)
	if err != nil {
		return fmt.Errorf("making the new directory: %w", pathError(parent, err))
	}
	defer func() {
		if err != nil && !r.result.Done && !errors.Is(err, errStranded) {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	if err := r.fill(ctx, made); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	if err := r.keep(made); err != nil {
		return fmt.Errorf("nothing was changed: %w", pathError(dir, err))
	}
	if err := syncTree(made); err != nil {
		return fmt.Errorf("nothing was changed: %w", pathError(made, err))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.swap(made)
}

// hold sees to it that whoever wants the store that is being replaced learns
// which process has it.
func (r *restore) hold() error {
	if r.lock == nil {
		return nil
	}
	r.named = true
	if r.lock.file == nil {
		lock, err := lockDir(r.result.Dir)
		if err != nil {
			return err
		}
		r.lock.file = lock.file
		return nil
	}
	if err := writePID(r.lock.file); err != nil {
		return pathError(r.result.Dir, err)
	}
	return nil
}

// keep copies what is to survive of the old directory.
func (r *restore) keep(made string) error {
	if !r.result.Replaces && !r.started {
		return nil
	}
	for _, name := range append([]string{identityName}, r.options.Keep...) {
		from := filepath.Join(r.result.Dir, name)
		info, err := os.Lstat(from)
		if err != nil || !info.Mode().IsRegular() {
			continue // it is not there, or no file of keyward's
		}
		if err := copyFile(from, filepath.Join(made, name), info.Mode().Perm()); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(made, name), info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// swap puts the new directory in place of dir. All that may fail before that
// point leaves dir as it was.
func (r *restore) swap(made string) error {
	dir := r.result.Dir
	if !r.result.Replaces && !r.started {
		if err := moveInto(made, dir); err != nil {
			return pathError(dir, err)
		}
		r.result.Done = true
		return syncDir(filepath.Dir(dir))
	}
	before := dir + beforeInfix + stamp(r.options.Now)
	for n := 2; isThere(before); n++ {
		before = fmt.Sprintf("%s%s%s-%d", dir, beforeInfix, stamp(r.options.Now), n)
	}
	if runtime.GOOS == "windows" {
		r.release() // a directory with an open file in it cannot be renamed there
	}
	undo, err := voidSequence(dir)
	if err != nil {
		return err
	}
	if err := exchange(made, dir, before); errors.Is(err, errStranded) {
		return err
	} else if err != nil {
		undo()
		return pathError(dir, err)
	}
	r.result.Done = true
	if r.started {
		if err := os.RemoveAll(before); err != nil {
			return pathError(before, err)
		}
	} else {
		r.result.Before = before
	}
	return syncDir(filepath.Dir(dir))
}

// release lets go of the directory that was replaced, or was to be.
func (r *restore) release() {
	if r.lock == nil {
		return
	}
	if r.named && r.lock.file != nil {
		_ = r.lock.file.Truncate(0) // a stale pid does no harm
	}
	_ = r.lock.close()
	r.lock = nil
}
