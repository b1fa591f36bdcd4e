package storage

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
)

// readManifest reads the list of tables; it is empty for a store that is not
// there yet.
func readManifest(dir string, opts badger.Options) (m badger.Manifest, err error) {
	file, err := os.Open(filepath.Join(dir, manifestName))
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

// addTable compares a table with its checksums. Badger itself would panic in a
// goroutine of its own where one is cut short, and go on without one whose
// index is changed. A table that the manifest does not name is a leftover of a
// process that was cut off, and Badger removes it.
func (s *survey) addTable(name string, id uint64, m badger.TableManifest) error {
	data, err := s.mapped(name)
	if err != nil {
		return err
	}
	if !isWhole(data) {
		return damagedFile(s.dir, name, "it is cut short")
	}
	if m.KeyID != 0 || m.Compression != options.None { // keyward writes neither
		return damagedFile(s.dir, manifestName, "it is not what was written")
	}
	var t *table.Table
	err = protect(func() (err error) {
		t, err = table.OpenInMemoryTable(data, id, &table.Options{BlockSize: 4 << 10})
		if err != nil {
			return err
		}
		return t.VerifyChecksum()
	})
	if err != nil { // its text may be a dump of keys
		return damagedFile(s.dir, name, "it is not what was written")
	}
	forgetMapped(data)
	s.tables[int(m.Level)] = append(s.tables[int(m.Level)], t)
	s.newest = max(s.newest, t.MaxVersion())
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
