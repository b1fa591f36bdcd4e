//go:build unix

package storage

import (
	"os"
	"syscall"
	"testing"
)

// mapFile maps the first page of f until the test ends.
func mapFile(t *testing.T, f *os.File) []byte {
	mapped, err := syscall.Mmap(int(f.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(mapped) })
	return mapped
}
