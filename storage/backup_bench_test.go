package storage_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"dev.keyward/keyward/storage"
)

// BenchmarkBackup writes, reads and restores a store of 100,000 keys on disk. It
// reports how far the live heap grows, as TestBackupMemory does.
func BenchmarkBackup(b *testing.B) {
	const records = 100_000
	source := &synthetic{storage.NewMemory(storage.LogSize{}), records}
	kvCommit(b, source.Memory, kvPut("m/schema", "\xa1\x67version\x01"))
	data, _ := backupOf(b, source)
	dir := filepath.Join(b.TempDir(), "data")
	if _, err := storage.Restore(b.Context(), opening(data), dir, restoreOptions); err != nil {
		b.Fatal(err)
	}
	storeAt(b, dir, func(kv *storage.Badger) {
		b.Run("write", func(b *testing.B) {
			before, meter := liveHeap(), &heapMeter{next: 1 << 40}
			for b.Loop() {
				if _, err := storage.WriteBackup(b.Context(), kv, meter, storeNow); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			meter = &heapMeter{}
			if _, err := storage.WriteBackup(b.Context(), kv, meter, storeNow); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(int64(meter.most)-int64(before))/(1<<10), "KiB-heap-growth")
		})
		b.Run("doctor", func(b *testing.B) {
			for b.Loop() {
				if found, err := storage.DiagnoseKV(b.Context(), kv); err != nil || !storage.Sound(found) {
					b.Fatal(err, found)
				}
			}
		})
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := storage.ReadBackup(b.Context(), bytes.NewReader(data), func([]storage.Entry) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			if _, err := storage.Restore(b.Context(), opening(data), filepath.Join(b.TempDir(), "data"), restoreOptions); err != nil {
				b.Fatal(err)
			}
		}
	})
}
