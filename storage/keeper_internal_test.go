package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// keeper makes changes as keyward does, each with its audit entry.
type keeper struct {
	t     testing.TB
	dir   string
	kv    *Badger
	store *Store
	head  model.Head
	keys  map[int]*model.Key
	opts  Options
}

// newKeeper opens a new store, which has one change then.
func newKeeper(t testing.TB, opts Options) *keeper {
	k := &keeper{t: t, dir: filepath.Join(t.TempDir(), "data"), keys: map[int]*model.Key{}, opts: opts}
	k.open()
	t.Cleanup(func() { _ = k.kv.Close() })
	return k
}

func (k *keeper) open() {
	k.t.Helper()
	kv, err := Open(k.dir, k.opts)
	if err != nil {
		k.t.Fatal(err)
	}
	k.kv = kv
	if k.store, err = NewStore(k.t.Context(), kv, time.Unix(1_800_000_000, 0)); err != nil {
		k.t.Fatal(err)
	}
	if k.head, err = k.store.Load(k.t.Context(), func(model.Records) error { return nil }); err != nil {
		k.t.Fatal(err)
	}
}

func (k *keeper) close() {
	k.t.Helper()
	if err := k.kv.Close(); err != nil {
		k.t.Fatal(err)
	}
}

// try makes key n, or enables or disables it.
func (k *keeper) try(n int) error {
	c := model.Change{ID: fmt.Sprintf("%d-%d", k.head.Seq, n), Head: k.head}
	before := k.keys[n]
	after := &model.Key{ID: model.ID(n + 1), Name: fmt.Sprintf("key %d", n), State: model.Enabled, Changed: model.Instant(k.head.Seq)}
	if before != nil {
		copied := *before
		after = &copied
		after.State = model.Disabled + model.Enabled - before.State
	}
	c.Keys = []model.Write[model.Key]{{Before: before, After: after}}
	entry := model.Entry{Time: model.Instant(k.head.Seq), Action: "key.enable", Object: model.Object{Noun: "key", ID: after.ID, Name: after.Name}}
	entry.Link(k.head)
	c.Entries = []model.Entry{entry}
	head, err := k.store.Commit(k.t.Context(), c)
	if err == nil {
		k.head, k.keys[n] = head, after
	}
	return err
}

func (k *keeper) change(ns ...int) {
	k.t.Helper()
	for _, n := range ns {
		if err := k.try(n); err != nil {
			k.t.Fatal(err)
		}
	}
}

// usage is a commit that the journal is not told of.
func (k *keeper) usage() {
	k.t.Helper()
	if _, err := k.kv.Commit(k.t.Context(), Tx{Writes: []Write{{Key: "u/1", Value: []byte("now")}}}); err != nil {
		k.t.Fatal(err)
	}
}

// image is the records that decide, and the head.
type image struct {
	Head model.Head
	Keys []*model.Key
	Rest int // environments
}

func (k *keeper) image() image { return loadImage(k.t, k.store) }

func loadImage(t testing.TB, s model.Store) (i image) {
	t.Helper()
	head, err := s.Load(t.Context(), func(r model.Records) error {
		i.Keys = append(i.Keys, r.Keys...)
		i.Rest += len(r.Environments)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	i.Head = head
	slices.SortFunc(i.Keys, func(a, b *model.Key) int { return int(a.ID) - int(b.ID) })
	return i
}

// imageOf opens the store in dir, and closes it again.
func imageOf(t testing.TB, dir string) (image, error) {
	t.Helper()
	kv, err := Open(dir, Options{})
	if err != nil {
		return image{}, err
	}
	store, err := NewStore(t.Context(), kv, time.Unix(1_800_000_000, 0))
	if err != nil {
		return image{}, errors.Join(err, kv.Close())
	}
	i := loadImage(t, store)
	return i, kv.Close()
}

func wantImage(t testing.TB, what string, got, want image) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// copyDir copies a data directory as it is, as a crash would leave it, with the
// holes of its files. A copy during which Badger changed its tables is no moment
// of the directory, and is made again.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	for {
		before := tablesNow(from)
		copyOnce(t, from, to)
		if tablesNow(from) == before {
			return
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
	}
}

// tablesNow tells which tables there are, and what the manifest says.
func tablesNow(dir string) string {
	names, _ := readNames(filepath.Join(dir, storeName))
	manifest, _ := os.ReadFile(filepath.Join(dir, storeName, manifestName))
	return fmt.Sprint(names, manifest)
}

func copyOnce(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		} else if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		err = copySparse(path, filepath.Join(to, rel))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copySparse(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buf, zeros := make([]byte, 64<<10), make([]byte, 64<<10)
	var at int64
	for {
		n, err := io.ReadFull(in, buf)
		if n > 0 && !bytes.Equal(buf[:n], zeros[:n]) {
			if _, err := out.WriteAt(buf[:n], at); err != nil {
				return err
			}
		}
		at += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return out.Truncate(at)
		}
		if err != nil {
			return err
		}
	}
}

// contents reads all files of a data directory but the lock, without the zeros
// at their ends.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == lockName {
			return err
		}
		data, err := os.ReadFile(path)
		all[path[len(dir):]] = fmt.Sprint(len(data), " ") + string(bytes.TrimRight(data, "\x00"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantSameContents compares without showing megabytes.
func wantSameContents(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s was changed", name)
		}
	}
	for name := range got {
		if _, was := want[name]; !was {
			t.Errorf("%s was made", name)
		}
	}
}

// openJournalImage reads the journal in dir.
func openJournalImage(t testing.TB, dir string) (image, error) {
	t.Helper()
	s, err := OpenJournal(context.Background(), dir)
	if err != nil {
		return image{}, err
	}
	return loadImage(t, s), nil
}
