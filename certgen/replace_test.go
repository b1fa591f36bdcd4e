package certgen

import (
	"os"
	"path/filepath"
	"testing"
)

// A replacement that fails at its last step takes the earlier ones back. The
// check of the targets, which would have seen the directory, is left out to
// get there.
func TestReplaceFilesTakesBack(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	if err := os.WriteFile(a, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(b, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := replaceFiles([]File{{a, []byte("new"), 0o644}, {c, []byte("new"), 0o644}, {b, []byte("new"), 0o644}})
	if err == nil {
		t.Fatal("replaced a directory")
	}
	data, readErr := os.ReadFile(a)
	info, statErr := os.Stat(a)
	if readErr != nil || statErr != nil || string(data) != "old" || info.Mode() != 0o600 {
		t.Errorf("a holds %q with %v, want what it was", data, info.Mode())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}
