package cli

import (
	"path/filepath"
	"strings"

	"dev.keyward/keyward/model"
)

// outsideData refuses a file in the data directory, which is lost with it.
func (a *app) outsideData(path string) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	within, err := filepath.Rel(realPath(dir), realPath(filepath.Dir(path)))
	if err != nil || within == ".." || strings.HasPrefix(within, ".."+string(filepath.Separator)) {
		return nil // elsewhere, perhaps on another volume
	}
	return model.Invalid("file", "%s is in the data directory itself, and would be lost with it: name a file elsewhere", path)
}

// realPath is path, absolute and without symbolic links as far as that is known.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}
