package storage_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/storage"
)

// BenchmarkCommit compares one confirmed change with its floor: the same bytes
// written to a file and synced.
func BenchmarkCommit(b *testing.B) {
	size := commitTx(0, 0).Size()
	b.Run("floor", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "file"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = f.Close() })
		if err := f.Truncate(64 << 20); err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, size)
		benchEach(b, func(n int) error {
			if _, err := f.WriteAt(buf, int64(n%(64<<20/size)*size)); err != nil {
				return err
			}
			return syscall.Fdatasync(int(f.Fd()))
		})
	})
	for name, open := range map[string]func() storage.KV{
		"badger": func() storage.KV { return openBadger(b, filepath.Join(b.TempDir(), "data"), storage.LogSize{}) },
		"memory": func() storage.KV { return storage.NewMemory(storage.LogSize{}) },
	} {
		b.Run(name, func(b *testing.B) {
			kv := open()
			var head storage.Rev
			benchEach(b, func(n int) (err error) {
				head, err = kv.Commit(b.Context(), commitTx(n, head))
				return err
			})
			if err := kv.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// benchEach times each call of fn and reports the median and the 99th
// percentile.
func benchEach(b *testing.B, fn func(n int) error) {
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := fn(len(took)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// TestBadgerFootprint: an empty store takes next to no blocks, however large
// its sparse files look.
func TestBadgerFootprint(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	b := openBadger(t, dir, storage.LogSize{})
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	var blocks int64
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, f := range files {
		var st syscall.Stat_t
		if err := syscall.Stat(f, &st); err != nil {
			t.Fatal(err)
		}
		blocks += st.Blocks
	}
	t.Logf("an empty store takes %d KiB on disk", blocks/2)
	if blocks*512 > 1<<20 {
		t.Errorf("an empty store takes %d KiB, want less than 1 MiB", blocks/2)
	}
}
