package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
)

// Names in Badger's directory.
const (
	manifestName    = "MANIFEST"
	keyRegistryName = "KEYREGISTRY"
	tableExt        = ".sst"
	memExt          = ".mem"
	valueLogExt     = ".vlog"
)

// survey reads a store of Badger without Badger, which changes what it opens:
// it cuts off its logs where it cannot read on, and deletes the tables that its
// MANIFEST does not name. So what it would come to is found out first, and what
// is damaged stays as it is, for whoever mends it.
//
// It also keeps away from Badger whatever would end the process in one of
// Badger's own goroutines.
type survey struct {
	dir     string // Badger's
	tables  map[int][]*table.Table
	newest  uint64 // version in the tables
	logs    []memLog
	maps    [][]byte
	release []func() error
}

// openSurvey checks every file that Badger is going to read. Its errors are
// *DamageError when a file is not what was written, *endedError, else those of
// the system.
func openSurvey(dir string, opts badger.Options, check checking) (s *survey, err error) {
	s = &survey{dir: dir, tables: map[int][]*table.Table{}}
	defer func() {
		if err != nil {
			err, s = errors.Join(err, s.close()), nil
		}
	}()
	manifest, err := readManifest(dir, opts)
	if err != nil {
		return s, err
	}
	done := 0
	for id, t := range manifest.Tables {
		if err := check.file(done, len(manifest.Tables)); err != nil {
			return s, err
		}
		if err := s.addTable(table.IDToFilename(id), id, t); err != nil {
			return s, err
		}
		done++
	}
	for level, tables := range s.tables {
		if level > 0 {
			slices.SortFunc(tables, func(a, b *table.Table) int { return y.CompareKeys(a.Smallest(), b.Smallest()) })
		}
	}
	if err := checkKeyRegistry(dir); err != nil {
		return s, err
	}
	return s, s.addLogs()
}

func (s *survey) close() error {
	var errs []error
	for _, release := range s.release {
		errs = append(errs, release())
	}
	return errors.Join(errs...)
}

// level0 is how many tables are of level 0.
func (s *survey) level0() int { return len(s.tables[0]) }

// mapped opens a file for as long as the survey is open.
func (s *survey) mapped(name string) ([]byte, error) {
	data, release, err := mapWhole(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damagedFile(s.dir, name, "it is missing")
	}
	if err != nil {
		return nil, pathError(filepath.Dir(s.dir), err)
	}
	s.maps, s.release = append(s.maps, data), append(s.release, release)
	return data, nil
}

// forget has the system take back the pages of the files that were read, which
// count as this process's memory: for a million keys they are over a gigabyte.
func (s *survey) forget() {
	for _, data := range s.maps {
		forgetMapped(data)
	}
}

// checkKeyRegistry looks at a file that Badger keeps for encryption, which
// keyward does not use: a start value, a fixed text, and no keys. Badger makes
// a missing one.
func checkKeyRegistry(dir string) error {
	const start, text = 16, "Hello Badger"
	data, err := os.ReadFile(filepath.Join(dir, keyRegistryName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return pathError(filepath.Dir(dir), err)
	case len(data) != start+len(text) || string(data[start:]) != text:
		return damagedFile(dir, keyRegistryName, "it is not what was written")
	}
	return nil
}

// addLogs reads the logs. Each commit has the version after the one before it,
// so that a gap shows that some are lost: within a log before another, or at
// the end of the manifest.
func (s *survey) addLogs() error {
	names, err := readNames(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pathError(filepath.Dir(s.dir), err)
	}
	slices.Sort(names)
	before := s.newest
	for _, name := range names {
		ext := filepath.Ext(name)
		if (ext == valueLogExt || ext == memExt) && isEmptyFile(filepath.Join(s.dir, name)) {
			continue // see removeEmptyLogs
		}
		switch ext {
		case valueLogExt:
			err = s.checkValueLog(name)
		case memExt:
			before, err = s.addLog(name, before)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkValueLog looks at a value log, in which keyward keeps nothing.
func (s *survey) checkValueLog(name string) error {
	data, err := s.mapped(name)
	if err != nil {
		return err
	}
	if err := checkLogHead(data); err != nil {
		return damagedFile(s.dir, name, err.Error())
	}
	return nil
}

// addLog reads the log that comes after version before, and returns its newest.
func (s *survey) addLog(name string, before uint64) (uint64, error) {
	if strings.Trim(strings.TrimSuffix(name, memExt), "0123456789") != "" {
		return 0, damagedFile(s.dir, name, "no such file was written")
	}
	data, err := s.mapped(name)
	if err != nil {
		return 0, err
	}
	var log memLog
	err = protect(func() (err error) {
		if log, err = readMemLog(data); err == nil {
			log.sort()
		}
		return err
	})
	if err != nil {
		return 0, damagedFile(s.dir, name, err.Error())
	}
	if log.first > before+1 {
		return 0, damagedFile(s.dir, name, "changes before those in it are missing")
	}
	s.logs = append(s.logs, log)
	return max(before, log.last), nil
}

// holdsData reports whether there is a store of Badger in dir: its MANIFEST, or
// files that it would keep records in.
func holdsData(dir string) (manifest, data bool, err error) {
	names, err := readNames(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, false, pathError(filepath.Dir(dir), err)
	}
	return slices.Contains(names, manifestName), slices.ContainsFunc(names, isBadgerData), nil
}

func isEmptyFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// removeEmptyLogs removes the logs that a process left that was cut off between
// making them and giving them a size: Badger does that in two steps, and takes
// such a file badly. They hold nothing; where one has lost what it held, the
// journal tells.
func removeEmptyLogs(dir string) error {
	names, err := readNames(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pathError(filepath.Dir(dir), err)
	}
	for _, name := range names {
		if ext := filepath.Ext(name); ext != valueLogExt && ext != memExt {
			continue
		}
		if path := filepath.Join(dir, name); isEmptyFile(path) {
			if err := os.Remove(path); err != nil {
				return pathError(filepath.Dir(dir), err)
			}
		}
	}
	return nil
}
