package storage_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"dev.keyward/keyward/storage"
)

// BenchmarkOpen opens and closes a store of n records of 600 bytes.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "data")
			kv := openBadger(b, dir, storage.LogSize{})
			fill(b, kv, n)
			if err := kv.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				kv := openBadger(b, dir, storage.LogSize{})
				if err := kv.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
