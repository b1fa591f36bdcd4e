package storage

import "io/fs"

// foreignOwner leaves ownership to the access lists of Windows.
func foreignOwner(_, _ fs.FileInfo) (uid uint32, foreign bool) { return 0, false }

// othersMay leaves access to the access lists of Windows.
func othersMay(fs.FileInfo) bool { return false }

// isMountPoint is not told here.
func isMountPoint(string, fs.FileInfo) bool { return false }
