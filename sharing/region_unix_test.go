//go:build unix

package sharing

import (
	"os"
	"path/filepath"
	"testing"

	"dev.keyward/keyward/storage"
)

// TestRegion: what the owner publishes is seen through every map; a file that is
// cut short under the maps ends no process.
func TestRegion(t *testing.T) {
	dir := t.TempDir()
	if _, err := openRegion(dir, false, nil); err == nil {
		t.Error("a file that is not there is made by somebody else than the owner")
	}
	owner, err := openRegion(dir, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := openRegion(dir, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := openRegion(dir, false, reader); err != nil || again != reader {
		t.Errorf("the same file is mapped twice: %v", err)
	}
	owner.publish(7)
	if got := reader.load(); got != 7 {
		t.Errorf("published 7, seen %d", got)
	}
	if err := os.Truncate(filepath.Join(dir, sequenceName), 0); err != nil {
		t.Fatal(err)
	}
	if got := reader.load(); got != storage.NoSequence {
		t.Errorf("cut short, %d is seen", got)
	}
	if _, err := openRegion(dir, false, nil); err == nil {
		t.Error("a file that is cut short is mapped")
	}
	owner.publish(8)
	if got := reader.load(); got != 8 {
		t.Errorf("published 8, seen %d", got)
	}
	if err := os.Rename(filepath.Join(dir, sequenceName), filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	next, err := openRegion(dir, true, owner)
	if err != nil || next == owner || next.same(owner) {
		t.Errorf("another file is taken for the old one: %v", err)
	}
}

func BenchmarkRegionLoad(b *testing.B) {
	r, err := openRegion(b.TempDir(), true, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.quick()
	}
}
