package storage

import (
	"os"
	"path/filepath"
	"slices"
)

// restoreTarget returns dir without symbolic links, and whether it holds a
// store, or only the beginnings of one. It refuses a directory that keyward may
// not replace.
func restoreTarget(dir string, keep []string) (real string, replaces, started bool, err error) {
	if dir == "" {
		return "", false, false, &DirError{Dir: `""`, Problem: "has no name: " + otherDir}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false, false, pathError(dir, err)
	}
	if !isThere(abs) {
		return abs, false, false, nil
	}
	if real, err = filepath.EvalSymlinks(abs); err != nil {
		return "", false, false, pathError(abs, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", false, false, pathError(real, err)
	}
	if !info.IsDir() {
		return "", false, false, &DirError{Dir: real, Problem: "is a file, not a directory: " + otherDir}
	}
	if err := checkOwner(real, info); err != nil {
		return "", false, false, err
	}
	if isMountPoint(real, info) {
		return "", false, false, &DirError{Dir: real, Problem: "is where a file system is mounted, and cannot be replaced: name a directory below it with --data"}
	}
	names, err := readNames(real)
	if err != nil {
		return "", false, false, pathError(real, err)
	}
	if len(names) == 0 {
		return real, false, false, nil
	}
	if slices.ContainsFunc(names, isStoreFile) {
		return real, true, false, nil
	}
	leftover := func(name string) bool {
		return !notOurs(name) && name != "lost+found" || slices.Contains(keep, name)
	}
	if !slices.ContainsFunc(names, func(name string) bool { return !leftover(name) }) {
		return real, false, true, nil
	}
	return "", false, false, &DirError{Dir: real, Problem: "holds other files and no store of keyward: name an empty or new directory with --data"}
}
