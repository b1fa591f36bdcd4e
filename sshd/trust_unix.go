//go:build unix

package sshd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"dev.keyward/keyward/model"
)

// checksWriters: what others may write is refused.
const checksWriters = true

// mostLinks bounds how many symbolic links a path leads through, as Linux does.
const mostLinks = 40

// trustPath follows a path from the root and returns where it leads, unless one
// of the directories on the way is somebody else's to change: who may write a
// directory may put another file in the place of the one in it.
func trustPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the SSH keys: %w", err)
	}
	at, left := "/", parts(abs)
	for links := 0; ; {
		info, err := os.Lstat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return at, nil // whoever opens it says so
		case err != nil:
			return "", fmt.Errorf("finding the SSH keys: %w", err)
		case info.Mode()&fs.ModeSymlink != 0:
			if links++; links > mostLinks {
				return "", fmt.Errorf("the path %s leads through too many links: name the file itself", model.Clean(path))
			}
			target, err := os.Readlink(at)
			if err != nil {
				return "", fmt.Errorf("finding the SSH keys: %w", err)
			}
			at, left = filepath.Dir(at), append(parts(target), left...)
			if filepath.IsAbs(target) {
				at = "/"
			}
		case len(left) > 0:
			if err := trustInfo(model.Clean(at), "the directory", info); err != nil {
				return "", err
			}
		default:
			return at, nil
		}
		if len(left) == 0 {
			continue
		}
		at, left = filepath.Join(at, left[0]), left[1:]
	}
}

// parts are the names in a path.
func parts(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// trustInfo refuses what others than its owner, this user or root, may write. In
// a directory with the sticky bit, such as /tmp, they may make files, and cannot
// put one in the place of this one.
func trustInfo(name, what string, info fs.FileInfo) error {
	sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0
	if info.Mode().Perm()&0o022 != 0 && !sticky {
		return keysErrorf("may be written by others now", "%s %s may be written by others than its owner (mode %04o), who could let anybody log in: chmod go-w it", what, name, info.Mode().Perm())
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid != 0 && int(s.Uid) != os.Geteuid() {
		return keysErrorf("belongs to another user now", "%s %s belongs to another user (uid %d), who could let anybody log in: name a file that is this user's or root's", what, name, s.Uid)
	}
	return nil
}

// openPlain opens a file to be read, and does not wait for the other end of one
// that is a pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
}
