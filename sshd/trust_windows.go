package sshd

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Who may write a file is not told by its mode here, and not looked at: the
// directory's access control list is the administrator's.

func trustPath(path string) (string, error) { return filepath.Abs(path) }

func trustInfo(_, _ string, _ fs.FileInfo) error { return nil }

func openPlain(path string) (*os.File, error) { return os.Open(path) }
