//go:build !unix

package storage

import "os"

// mapWhole returns the contents of a file, and a function to call when they are
// no longer needed.
func mapWhole(path string) (data []byte, release func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}

// forgetMapped does nothing: the contents are in this process's own memory.
func forgetMapped([]byte) {}
