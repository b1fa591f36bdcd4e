package storage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

func TestStateDigest(t *testing.T) {
	t.Parallel()
	var a, b stateDigest
	for i := range 300 {
		a.add(fmt.Sprint("k/", i), []byte{byte(i)})
		b.add(fmt.Sprint("k/", 299-i), []byte{byte(299 - i)})
	}
	if a != b {
		t.Error("the order matters")
	}
	b.remove("k/7", []byte{7})
	b.add("k/7", []byte{8})
	if a == b {
		t.Error("a change is not seen")
	}
	b.remove("k/7", []byte{8})
	b.add("k/7", []byte{7})
	if a != b {
		t.Error("putting it back does not bring the digest back")
	}
	var c, d stateDigest
	c.add("k/1", []byte("2"))
	d.add("k/12", nil)
	if c == d {
		t.Error("key and value run together")
	}
	for i := range 300 {
		a.remove(fmt.Sprint("k/", i), []byte{byte(i)})
	}
	if a != (stateDigest{}) {
		t.Error("nothing has a digest")
	}
}

// TestJournalStore: what the journal says is what the store holds, after a base
// alone, after commits, and after a new base.
func TestJournalStore(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	same := func(what string) {
		t.Helper()
		got, err := openJournalImage(t, k.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantImage(t, what, got, k.image())
	}
	same("new")
	k.change(1, 2, 3, 1, 2, 2)
	k.usage()
	same("after changes")
	size := k.kv.journal.size.Load()
	rewriteNow(t, k)
	if now := k.kv.journal.size.Load(); now >= size {
		t.Errorf("the new journal has %d bytes, the old one had %d", now, size)
	}
	same("rewritten")
	k.change(1)
	same("after a change more")
	k.close()
	k.open()
	same("opened again")

	s, err := OpenJournal(t.Context(), k.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), model.Change{}); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "keyward restore --from-journal") {
		t.Errorf("Commit: got error %v", err)
	}
	if _, _, err := s.Settle(t.Context(), model.Change{}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Settle: got error %v", err)
	}
	if entries, err := s.Entries(t.Context(), 1, 9); entries != nil || !errors.Is(err, ErrReadOnly) || !errors.Is(err, model.ErrDegraded) {
		t.Errorf("Entries: got %v, %v", entries, err)
	}
	if _, err := s.CertificateDER(t.Context(), model.Digest{}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("CertificateDER: got error %v", err)
	}
	if _, err := OpenJournal(t.Context(), t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no journal: got error %v", err)
	}
}

// rewriteNow has the committing goroutine rewrite the journal.
func rewriteNow(t testing.TB, k *keeper) {
	t.Helper()
	base := k.kv.journal.file.Name()
	before, err := os.Stat(base)
	if err != nil {
		t.Fatal(err)
	}
	renamed := make(chan struct{}, 1)
	k.close()
	k.opts.step = func(s step) {
		if s == stepRenamed {
			renamed <- struct{}{}
		}
	}
	k.open()
	k.kv.rewriteAt = 1 // nothing is being committed
	k.usage()
	<-renamed
	k.close()
	after, err := os.Stat(base)
	if err != nil || os.SameFile(before, after) {
		t.Fatalf("the journal is still the old one, %v", err)
	}
	k.opts.step = nil
	k.open()
}

// TestJournalTorn cuts the journal anywhere in its last frame, as a power cut
// does, with a store that has the commit and one that does not.
func TestJournalTorn(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	k.change(1, 2)
	from := k.kv.journal.size.Load()
	before, beforeDir := k.image(), filepath.Join(t.TempDir(), "before")
	copyDir(t, k.dir, beforeDir)
	k.change(1)
	want := k.image()
	k.close()
	whole, err := os.ReadFile(filepath.Join(k.dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	for end := from; end < int64(len(whole)); end += int64(race.Sample(1, 8)) {
		for _, c := range []struct {
			dir  string
			want image
			tail []byte
		}{{k.dir, want, nil}, {beforeDir, before, nil}, {k.dir, want, make([]byte, int64(len(whole))-end)}} {
			if c.tail != nil && end%16 != 0 || c.dir == beforeDir && end%8 != 0 {
				continue
			}
			dir := c.dir
			if dir == beforeDir { // Badger changes it
				dir = filepath.Join(t.TempDir(), "data")
				copyDir(t, beforeDir, dir)
			}
			replaceFile(t, filepath.Join(dir, journalName), append(bytes.Clone(whole[:end]), c.tail...))
			if end > from {
				if _, err := openJournalImage(t, dir); !isDamage(err) {
					t.Errorf("OpenJournal took one cut at %d (from %d): %v", end, from, err)
				}
			}
			got, err := imageOf(t, dir)
			if err != nil {
				t.Fatalf("cut at %d of %d to %d: %v", end, from, len(whole), err)
			}
			wantImage(t, fmt.Sprint("cut at ", end), got, c.want)
			journal, err := openJournalImage(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			wantImage(t, "the journal", journal, c.want)
		}
	}
}

func isDamage(err error) bool {
	var damage *DamageError
	return errors.As(err, &damage) && errors.Is(err, ErrCorrupt)
}

// TestJournalFlips changes each byte of a journal: what it says afterwards is
// the same or nothing, and a sound store is opened, or refused, but never with
// other records.
func TestJournalFlips(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	k.change(1, 2)
	rewriteNow(t, k)
	k.change(1, 3)
	want := k.image()
	k.close()
	path := filepath.Join(k.dir, journalName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opened, tried := 0, 0
	for at := 0; at < len(whole); at += race.Sample(1, 5) {
		changed := bytes.Clone(whole)
		changed[at] ^= 1 << (at % 8)
		replaceFile(t, path, changed)
		if _, err := openJournalImage(t, k.dir); !isDamage(err) {
			t.Errorf("byte %d: OpenJournal: %v", at, err)
		}
		if at%16 != 0 {
			continue
		}
		tried++
		got, err := imageOf(t, k.dir)
		switch {
		case err == nil:
			opened++
			wantImage(t, fmt.Sprint("byte ", at), got, want)
		case !isDamage(err) || !strings.Contains(err.Error(), "denies every request"):
			t.Errorf("byte %d: %v", at, err)
		}
	}
	if opened < tried/2 {
		t.Errorf("a sound store was opened %d times of %d only", opened, tried)
	}
}

// TestJournalFrames: frames that are left out, swapped, doubled or put in.
func TestJournalFrames(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, Options{})
	var ends []int64
	for i := range 4 {
		k.change(i)
		ends = append(ends, k.kv.journal.size.Load())
	}
	k.close()
	path := filepath.Join(k.dir, journalName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := whole[ends[0]:ends[1]], whole[ends[1]:ends[2]]
	head, tail := whole[:ends[0]], whole[ends[2]:]
	for name, parts := range map[string][][]byte{
		"left out":       {head, b, tail},
		"swapped":        {head, b, a, tail},
		"doubled":        {head, a, a, b, tail},
		"base left out":  {[]byte(journalMagic), a, b, tail},
		"nothing":        {},
		"no magic":       {head[1:], a, b, tail},
		"put in":         {head, a, b, appendFrame(nil, frameCommit, 99, nil), tail},
		"renumbered":     {head, appendFrame(nil, frameCommit, 4, b[frameHeadBytes:len(b)-frameTailBytes])},
		"an alien frame": {head, a, b, tail, appendFrame(nil, frameBegin, 7, nil)},
		"a long frame":   {head, bytes.Repeat([]byte{0x7f}, 40)},
	} {
		replaceFile(t, path, bytes.Join(parts, nil))
		if _, err := openJournalImage(t, k.dir); !isDamage(err) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

// TestJournalFails: a commit that the journal cannot take is not confirmed, and
// the engine stops.
func TestJournalFails(t *testing.T) {
	t.Parallel()
	half := func(f *os.File, data []byte, at int64) error {
		return errors.Join(writeAt(f, data[:len(data)/2], at), syscall.ENOSPC)
	}
	for name, fail := range map[string]func(*journal){
		"write": func(j *journal) { j.write = half },
		"sync":  func(j *journal) { j.sync = func(*os.File) error { return syscall.EIO } },
	} {
		k := newKeeper(t, Options{})
		k.change(1)
		before := k.image()
		fail(k.kv.journal)
		if err := k.try(1); !errors.Is(err, model.ErrUnknownOutcome) || !errors.Is(err, ErrUnknown) ||
			name == "write" && !errors.Is(err, ErrNoSpace) {
			t.Errorf("%s: got error %v", name, err)
		}
		if err := k.try(2); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: the next one: got error %v", name, err)
		}
		journal, err := openJournalImage(t, k.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantImage(t, name+": the journal meanwhile", journal, before)
		k.close()
		k.open()
		if k.head.Seq != before.Head.Seq+1 {
			t.Errorf("%s: the store is at %d, want %d", name, k.head.Seq, before.Head.Seq+1)
		}
		journal, err = openJournalImage(t, k.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantImage(t, name+": the journal afterwards", journal, k.image())
	}
}
