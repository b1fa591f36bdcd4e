package storage

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dev.keyward/keyward/internal/race"
)

// flipsVar is how many flips TestFlips makes; bench/reliability sets more.
const flipsVar = "KEYWARD_STORAGE_FLIPS"

// TestFlips changes single bits of every file of stores of several shapes. The
// store has the same records then, or is refused and left as it is; what the
// journal alone says is the same, or nothing.
func TestFlips(t *testing.T) {
	t.Parallel()
	flips := race.Sample(60, 6)
	if n, err := strconv.Atoi(os.Getenv(flipsVar)); err == nil {
		flips = n
	}
	shapes := flipShapes(t)
	refused := 0
	for i := range flips {
		shape := shapes[i%len(shapes)]
		if shape.flip(t, i/len(shapes)) {
			refused++
		}
	}
	t.Logf("%d flips: %d refused, %d with the same records, 0 with others", flips, refused, flips-refused)
}

type flipShape struct {
	name  string
	dir   string
	want  image
	files []string
}

// flipShapes are a store that was closed, one whose process was killed, and one
// that was cut off between Badger and the journal.
func flipShapes(t *testing.T) (shapes []flipShape) {
	root := t.TempDir()
	var k *keeper
	take := func(name string) {
		dir := filepath.Join(root, name)
		copyDir(t, k.dir, dir)
		shapes = append(shapes, flipShape{name: name, dir: dir})
	}
	cut := false
	k = newKeeper(t, Options{step: func(s step) {
		if s == stepStored && cut {
			take("cut off")
		}
	}})
	for i := range 25 {
		k.change(i%20, (i+3)%20)
		if i == 8 || i == 16 {
			k.close()
			k.open()
		}
	}
	k.usage()
	take("killed")
	cut = true
	k.change(2)
	cut = false
	k.close()
	take("closed")
	for i := range shapes {
		s := &shapes[i]
		dir := filepath.Join(root, "open", s.name)
		copyDir(t, s.dir, dir)
		var err error
		if s.want, err = imageOf(t, dir); err != nil {
			t.Fatal(err)
		}
		for name := range contents(t, s.dir) {
			s.files = append(s.files, name)
		}
		slices.Sort(s.files)
	}
	return shapes
}

// flip makes flip n of a shape and reports whether the store was refused.
func (s *flipShape) flip(t *testing.T, n int) (refused bool) {
	t.Helper()
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, s.name, n)
	random := rand.New(rand.NewPCG(hash.Sum64(), 1))
	dir := filepath.Join(t.TempDir(), "data")
	copyDir(t, s.dir, dir)
	name := s.files[n%len(s.files)]
	path := filepath.Join(dir, name)
	data := readFile(t, path)
	if len(data) == 0 {
		return false
	}
	used := min(len(data), len(strings.TrimRight(string(data), "\x00"))+30)
	at := random.IntN(used)
	flipByte(t, path, int64(at), data[at]^1<<random.IntN(8))
	what := fmt.Sprintf("%s, %s, byte %d", s.name, name, at)

	if journal, err := openJournalImage(t, dir); err == nil && s.name != "cut off" {
		wantImage(t, what+": the journal", journal, s.want)
	} else if err != nil && !isDamage(err) {
		t.Errorf("%s: the journal: %v", what, err)
	}
	before := contents(t, dir)
	got, err := imageOf(t, dir)
	if err == nil {
		wantImage(t, what, got, s.want)
		again, err := imageOf(t, dir)
		if err != nil {
			t.Errorf("%s: opening again: %v", what, err)
		}
		wantImage(t, what+": opened again", again, s.want)
	} else if !isDamage(err) {
		t.Errorf("%s: %v", what, err)
	} else {
		wantSameContents(t, contents(t, dir), before)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return err != nil
}

func flipByte(t *testing.T, path string, at int64, value byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt([]byte{value}, at)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
