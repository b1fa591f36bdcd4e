//go:build !unix

package storage

import (
	"os"
	"testing"
)

// mapFile maps nothing where files are not cut under a mapping: it panics, as a
// fault does.
func mapFile(*testing.T, *os.File) []byte { panic("fault") }
