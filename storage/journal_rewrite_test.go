package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestJournalRewrite: a journal is rewritten again and again while commits go
// on, and says the same all the time.
func TestJournalRewrite(t *testing.T) {
	t.Parallel()
	var begun, renamed atomic.Int32
	k := newKeeper(t, Options{smallJournal: 8 << 10, step: func(s step) {
		switch s {
		case stepBegun:
			begun.Add(1)
		case stepRenamed:
			renamed.Add(1)
		}
	}})
	for i := range 400 {
		k.change(i % 50)
		if i%40 == 0 {
			journal, err := openJournalImage(t, k.dir)
			if err != nil {
				t.Fatal(err)
			}
			wantImage(t, fmt.Sprint("after ", i), journal, k.image())
		}
	}
	want := k.image()
	k.close()
	if renamed.Load() < 2 || begun.Load() < renamed.Load() {
		t.Errorf("it was begun %d times and put in force %d times", begun.Load(), renamed.Load())
	}
	got, err := imageOf(t, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	wantImage(t, "the store", got, want)
	if info, err := os.Stat(filepath.Join(k.dir, journalName)); err != nil || info.Size() > 100<<10 {
		t.Errorf("the journal has %d bytes, %v", info.Size(), err)
	}
}

// TestJournalRewriteFails: when the new journal cannot be written, the old one
// goes on.
func TestJournalRewriteFails(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{smallJournal: 1 << 10})
	if err := os.Mkdir(filepath.Join(k.dir, journalNewName), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		k.change(i)
	}
	want := k.image()
	k.close()
	if err := os.Remove(filepath.Join(k.dir, journalNewName)); err != nil {
		t.Fatal(err)
	}
	got, err := imageOf(t, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	wantImage(t, "the store", got, want)
}

// TestJournalRewriteDropped: closing does not wait for a rewriting, and leaves
// nothing of it.
func TestJournalRewriteDropped(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan struct{}), make(chan struct{})
	k := newKeeper(t, Options{smallJournal: 2 << 10, step: func(s step) {
		if s == stepBegun {
			close(begun)
			<-goOn
		}
	}})
	for i := 0; ; i++ {
		k.change(i)
		select {
		case <-begun:
		default:
			continue
		}
		break
	}
	k.change(0, 1)
	want := k.image()
	go close(goOn)
	k.close()
	if _, err := os.Stat(filepath.Join(k.dir, journalNewName)); err == nil {
		t.Errorf("%s is still there", journalNewName)
	}
	journal, err := openJournalImage(t, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	wantImage(t, "the journal", journal, want)
}

// BenchmarkJournalRewrite rewrites the journal of 100,000 records of 600 bytes.
func BenchmarkJournalRewrite(b *testing.B) {
	const records, batch = 100_000, 500
	kv, err := Open(filepath.Join(b.TempDir(), "data"), Options{smallJournal: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; n < records; {
		var tx Tx
		for range batch {
			tx.Writes = append(tx.Writes, Write{Key: fmt.Sprintf("k/%026d", n), Value: []byte(strings.Repeat("v", 600))})
			n++
		}
		if _, err := kv.Commit(b.Context(), tx); err != nil {
			b.Fatal(err)
		}
	}
	size := kv.journal.size.Load()
	start := time.Now()
	n := 0
	for b.Loop() { // nothing is being committed, so the engine's goroutine does not mind
		if err := kv.rewriteNow(kv.journal.state); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(time.Since(start).Milliseconds())/float64(n), "ms")
	b.ReportMetric(float64(size>>20), "MiB-before")
	b.ReportMetric(float64(kv.journal.size.Load()>>20), "MiB")
	if err := kv.Close(); err != nil {
		b.Fatal(err)
	}
}
