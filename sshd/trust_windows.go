package sshd

import (
	"io/fs"
	"os"
	"path/filepath"
)

// checksWriters: who may write a file is not told by its mode here, and its access
// control list is not looked at: that is the administrator's, who is told so.
const checksWriters = false

func trustPath(path string) (string, error) { return filepath.Abs(path) }

func trustInfo(_, _ string, _ fs.FileInfo) error { return nil }

func openPlain(path string) (*os.File, error) { return os.Open(path) }
