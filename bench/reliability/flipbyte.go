//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// flipByte changes one byte of one file. A store's files differ in size by
// thousands, so that half of the flips choose the file first.
func flipByte(dir string, bySize bool) (name string, at int64, err error) {
	type candidate struct {
		name string
		size int64
	}
	var files []candidate
	var all int64
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > 0 {
			relative, _ := filepath.Rel(dir, path) // both begin with dir
			files = append(files, candidate{relative, info.Size()})
			all += info.Size()
		}
		return err
	})
	if err != nil || len(files) == 0 {
		return "", 0, errors.Join(err, fmt.Errorf("%s has %d files", dir, len(files)))
	}
	chosen := files[rand.N(len(files))]
	if n := rand.N(all); bySize {
		for _, chosen = range files {
			if n -= chosen.size; n < 0 {
				break
			}
		}
	}
	at = rand.N(chosen.size)
	if rand.N(2) == 0 { // where something is written: logs are zeros behind it
		at, err = writtenByte(filepath.Join(dir, chosen.name), at)
		if err != nil {
			return "", 0, err
		}
	}
	return chosen.name, at, changeByte(filepath.Join(dir, chosen.name), at)
}

// writtenByte returns a random place before the zeros at the file's end.
func writtenByte(path string, otherwise int64) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if n := len(bytes.TrimRight(data, "\x00")); n > 0 {
		return int64(rand.N(n)), nil
	}
	return otherwise, nil
}

func changeByte(path string, at int64) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, 1)
	_, err = file.ReadAt(b, at)
	if err == nil {
		b[0] ^= byte(1 + rand.N(255))
		_, err = file.WriteAt(b, at)
	}
	return errors.Join(err, file.Close())
}
