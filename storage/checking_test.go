package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// TestChecking: whoever opens a store hears how far checking it is, in order, and
// can end it at each step; the store is as it was then.
func TestChecking(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	const records = checkedEvery + 100
	b := openTestBadger(t, dir)
	for i := 0; i < records; i += 500 {
		var tx Tx
		for j := i; j < min(i+500, records); j++ {
			tx.Writes = append(tx.Writes, Write{Key: fmt.Sprintf("%s%05d", keyPrefix, j), Value: []byte("v")})
		}
		if _, err := b.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(told func(Checked) error) error {
		t.Helper()
		b, err := Open(dir, Options{MinFree: 1, Checking: told})
		if err == nil {
			err = b.Close()
		}
		return err
	}
	var all []Checked
	if err := check(func(c Checked) error { all = append(all, c); return nil }); err != nil {
		t.Fatal(err)
	}
	files := 0
	for ; files < len(all) && all[files].Files; files++ {
		if c := all[files]; c.Done != int64(files) || c.Total < 1 {
			t.Errorf("step %d: %+v", files, c)
		}
	}
	want := []Checked{{Done: 1, Total: records}, {Done: checkedEvery + 1, Total: records}}
	if files == 0 || len(all) != files+2 || all[files] != want[0] || all[files+1] != want[1] {
		t.Fatalf("told was %+v, want files and then %+v", all, want)
	}
	enough := errors.New("enough")
	for end := range all {
		told := 0
		err := check(func(Checked) error {
			if told++; told > end {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || err.Error() != "enough" || told != end+1 {
			t.Errorf("ended at step %d after %d: %v", end, told, err)
		}
	}
	if err := check(nil); err != nil {
		t.Errorf("after that it does not open: %v", err)
	}
}
