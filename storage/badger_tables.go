package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
)

// manifestName is where Badger keeps the list of its tables.
const manifestName = "MANIFEST"

// checkTables looks at every table that Badger is going to open, and returns how
// many are of level 0. Badger itself would panic in a goroutine of its own where
// a table is cut short, and go on without one whose index is changed: deleted
// keys would be back. A table that the manifest does not name is a leftover of a
// process that was cut off, and Badger removes it.
func checkTables(dir string, opts badger.Options) (level0 int, err error) {
	manifest, err := readManifest(dir, opts)
	if err != nil {
		return 0, err
	}
	for id, t := range manifest.Tables {
		if t.Level == 0 {
			level0++
		}
		if err := checkTable(dir, table.IDToFilename(id), t); err != nil {
			return 0, err
		}
	}
	return level0, nil
}

// readManifest reads the list of tables; it is empty for a store that is not
// there yet.
func readManifest(dir string, opts badger.Options) (m badger.Manifest, err error) {
	path := filepath.Join(dir, manifestName)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, pathError(filepath.Dir(dir), err)
	}
	defer func() { _ = file.Close() }()
	err = protect(func() error {
		m, _, err = badger.ReplayManifestFile(file, opts.ExternalMagicVersion, opts)
		return err
	})
	if err != nil {
		return m, damagedFile(dir, manifestName, firstLine(err.Error()))
	}
	return m, nil
}

// checkTable reads a table whole and compares it with its checksums.
func checkTable(dir, name string, m badger.TableManifest) error {
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return damagedFile(dir, name, "it is missing")
	case err != nil:
		return pathError(filepath.Dir(dir), err)
	case !isWhole(data):
		return damagedFile(dir, name, "it is cut short")
	}
	err = protect(func() error {
		opts := table.Options{Compression: m.Compression, BlockSize: 4 << 10}
		t, err := table.OpenInMemoryTable(data, 0, &opts)
		if err != nil {
			return err
		}
		return t.VerifyChecksum()
	})
	if err != nil { // its text may be a dump of keys
		return damagedFile(dir, name, "it is not what was written")
	}
	return nil
}

// isWhole reports whether the parts at the end of a table, by which Badger finds
// all others, lie within it: Badger ends the process where they do not. From the
// end they are the length of a checksum, the checksum, the length of the index,
// the index.
func isWhole(data []byte) bool {
	const lengthBytes = 4
	for range 2 {
		end := len(data) - lengthBytes
		if end < 0 {
			return false
		}
		n := int64(binary.BigEndian.Uint32(data[end:]))
		if n > int64(end) {
			return false
		}
		data = data[:int64(end)-n]
	}
	return true
}

// damagedFile says that a file of the store in dir cannot be relied on. To go on
// without it could bring back what was deleted, so nothing is read at all.
func damagedFile(dir, name, why string) error {
	return &DirError{
		Dir: filepath.Dir(dir),
		Problem: fmt.Sprintf("is damaged (%s: %s), so nothing is read from it: restore it from a backup",
			filepath.Join(filepath.Base(dir), name), why),
		Err: ErrUnavailable,
	}
}
