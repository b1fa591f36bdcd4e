package storage_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/storage"
)

// BenchmarkSnapshot reads 100,000 records of 600 bytes, and for Badger opens
// them first.
func BenchmarkSnapshot(b *testing.B) {
	const records = 100_000
	b.Run("badger/open", func(b *testing.B) {
		dir := filepath.Join(b.TempDir(), "data")
		kv := openBadger(b, dir, storage.LogSize{})
		fill(b, kv, records)
		for b.Loop() {
			if err := kv.Close(); err != nil {
				b.Fatal(err)
			}
			kv = openBadger(b, dir, storage.LogSize{})
		}
		b.StopTimer()
		if err := kv.Close(); err != nil {
			b.Fatal(err)
		}
	})
	for name, kv := range map[string]storage.KV{
		"badger": openBadger(b, filepath.Join(b.TempDir(), "data"), storage.LogSize{}),
		"memory": storage.NewMemory(storage.LogSize{}),
	} {
		b.Run(name, func(b *testing.B) {
			fill(b, kv, records)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				_, err := kv.Snapshot(b.Context(), []string{"k/"}, func(piece []storage.Entry) error {
					n += len(piece)
					return nil
				})
				if err != nil || n != records {
					b.Fatalf("got %d records, %v", n, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
		if err := kv.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// fill writes records of 600 bytes in batches, in no order; what is there
// stays.
func fill(b *testing.B, kv storage.KV, records int) {
	b.Helper()
	value := strings.Repeat("v", 600)
	for n := 0; n < records; {
		var writes []storage.Write
		for ; len(writes) < 700 && n < records; n++ {
			writes = append(writes, kvPut(fmt.Sprintf("k/%026d", n*7919%records), value))
		}
		if _, err := kv.Commit(b.Context(), storage.Tx{Writes: writes}); err != nil {
			b.Fatal(err)
		}
	}
}

// commitTx is a change as keyward makes them: a record of 600 bytes, its index,
// an audit entry and the head, with guards and an id.
func commitTx(n int, head storage.Rev) storage.Tx {
	return storage.Tx{
		ID:     fmt.Sprintf("%026d", n),
		Guards: []storage.Guard{{Key: "m/head", Rev: head}, {Key: fmt.Sprintf("n/%d", n)}},
		Writes: []storage.Write{
			kvPut(fmt.Sprintf("k/%026d", n), strings.Repeat("v", 600)),
			kvPut(fmt.Sprintf("n/%d", n), fmt.Sprintf("%026d", n)),
			kvPut(fmt.Sprintf("a/%020d", n), strings.Repeat("a", 400)),
			kvPut("m/head", strings.Repeat("h", 100)),
		},
	}
}
