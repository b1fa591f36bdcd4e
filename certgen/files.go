package certgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// ErrExists is a target file that is there already and may not be replaced.
var ErrExists = errors.New("file exists")

// File is a file to write.
type File struct {
	Path string
	Data []byte
	Mode fs.FileMode
}

// WriteFiles writes all files or none. Without force no file is touched when
// one of them exists, and the error wraps ErrExists and names each. With force
// each file is replaced in one step, and a symbolic link is replaced, not
// followed. After an error what was there before is there again, wherever the
// file system has hard links. Data and directories are synced.
func WriteFiles(files []File, force bool) error {
	if err := checkTargets(files, force); err != nil {
		return err
	}
	if force {
		return replaceFiles(files)
	}
	return createFiles(files)
}

// checkTargets looks at every target before anything is written.
func checkTargets(files []File, force bool) error {
	var existing []string
	for _, f := range files {
		info, err := os.Lstat(f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return cannotWrite("looking at", f.Path, err)
		case info.IsDir():
			return fmt.Errorf("writing %q: it is a directory: choose another name", f.Path)
		case !force:
			existing = append(existing, fmt.Sprintf("%q", f.Path))
		}
	}
	if len(existing) > 0 {
		return existsError(strings.Join(existing, ", "))
	}
	return nil
}

// cannotWrite says what failed at a path, and what to do.
func cannotWrite(doing, path string, err error) error {
	advice := "choose another place"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		advice = "make its directory first, or choose another place"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		advice = "choose a place where this user may write"
	case errors.Is(err, syscall.ENOTDIR):
		advice = "a part of the path is a file: choose another place"
	case errors.Is(err, syscall.ELOOP):
		advice = "mend the links in the path, or choose another place"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		advice = "make room there, or choose another place"
	}
	return fmt.Errorf("%s %q: %w: %s", doing, path, withoutPath(err), advice)
}

func existsError(quoted string) error {
	return fmt.Errorf("%w: %s: choose another name, or replace with --force", ErrExists, quoted)
}

// createFiles claims every name before it writes any, and gives up all that it
// claimed when something fails.
func createFiles(files []File) (err error) {
	var open []*os.File
	defer func() {
		for _, f := range open {
			_ = f.Close() // Closed twice after success; the first close counted.
			if err != nil {
				_ = os.Remove(f.Name())
			}
		}
	}()
	for _, f := range files {
		created, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, keyMode)
		if errors.Is(err, fs.ErrExist) {
			return existsError(fmt.Sprintf("%q", f.Path))
		}
		if err != nil {
			return cannotWrite("creating", f.Path, err)
		}
		open = append(open, created)
	}
	for i, f := range files {
		if err := fillFile(open[i], f); err != nil {
			return err
		}
	}
	return syncDirectories(files)
}

// replaceFiles writes every new file beside its target before it moves any.
func replaceFiles(files []File) (err error) {
	moves := make([]move, 0, len(files))
	defer func() {
		for _, m := range moves {
			m.finish(err != nil)
		}
	}()
	for _, f := range files {
		temporary, err := os.CreateTemp(filepath.Dir(f.Path), ".keyward-*")
		if err != nil {
			return cannotWrite("writing beside", f.Path, err)
		}
		moves = append(moves, move{temporary: temporary.Name(), target: f.Path})
		if err := fillFile(temporary, f); err != nil {
			return err
		}
	}
	for i := range moves {
		if err := moves[i].do(); err != nil {
			return err
		}
	}
	return syncDirectories(files)
}

// move is one replacement that can be taken back.
type move struct {
	temporary, target string
	backup            string // a second name of what was at target, if any
	done              bool
}

func (m *move) do() error {
	backup := m.temporary + ".old"
	if os.Link(m.target, backup) == nil {
		m.backup = backup
	}
	if err := os.Rename(m.temporary, m.target); err != nil {
		return cannotWrite("replacing", m.target, err)
	}
	m.done = true
	return nil
}

// finish removes what only the replacing needed, after putting the old file
// back when undo is set. A new file without an old one goes as well.
func (m *move) finish(undo bool) {
	switch {
	case undo && m.done && m.backup != "":
		_ = os.Rename(m.backup, m.target)
	case undo && m.done:
		_ = os.Remove(m.target)
	case !m.done:
		_ = os.Remove(m.temporary)
	}
	if m.backup != "" {
		_ = os.Remove(m.backup)
	}
}

// fillFile writes, syncs and closes an open file.
func fillFile(f *os.File, content File) error {
	_, err := f.Write(content.Data)
	if err == nil {
		err = f.Chmod(content.Mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return cannotWrite("writing", content.Path, err)
	}
	return nil
}

// syncDirectories makes the new names durable. File systems that cannot sync a
// directory, and Windows, need no such step.
func syncDirectories(files []File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	synced := map[string]bool{}
	for _, f := range files {
		dir := filepath.Dir(f.Path)
		if synced[dir] {
			continue
		}
		synced[dir] = true
		if err := syncDirectory(dir); err != nil {
			return cannotWrite("syncing directory", dir, err)
		}
	}
	return nil
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || isInvalid(err) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
