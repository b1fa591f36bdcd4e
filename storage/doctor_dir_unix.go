//go:build unix

package storage

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// foreignOwner reports whether a file has another owner than its directory.
func foreignOwner(dir, file fs.FileInfo) (uid uint32, foreign bool) {
	home, ok := dir.Sys().(*syscall.Stat_t)
	stat, too := file.Sys().(*syscall.Stat_t)
	if !ok || !too {
		return 0, false
	}
	return stat.Uid, stat.Uid != home.Uid
}

// othersMay reports whether somebody but the owner may do anything with a file.
func othersMay(file fs.FileInfo) bool {
	return file.Mode()&fs.ModeSymlink == 0 && file.Mode().Perm()&0o077 != 0
}

// isMountPoint reports whether another file system begins at dir.
func isMountPoint(dir string, info fs.FileInfo) bool {
	above, err := os.Stat(filepath.Dir(dir))
	if err != nil {
		return false
	}
	here, ok := info.Sys().(*syscall.Stat_t)
	there, too := above.Sys().(*syscall.Stat_t)
	return ok && too && (here.Dev != there.Dev || here.Ino == there.Ino)
}
