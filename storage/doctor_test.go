package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"dev.keyward/keyward/storage"
)

// unsound returns the checks that failed, and what they say.
func unsound(found []storage.Finding) (checks []string, text string) {
	for _, f := range found {
		if !f.OK {
			checks = append(checks, f.Check)
			text += f.Check + ": " + f.Detail + " (" + f.Advice + ")\n"
		}
	}
	return checks, text
}

func TestDiagnoseSound(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		newSample(t, kv)
		found, err := storage.DiagnoseKV(t.Context(), kv)
		if checks, text := unsound(found); err != nil || len(checks) > 0 {
			t.Errorf("a sound store: %v\n%s", err, text)
		}
		if _, ok := kv.(*storage.Badger); ok {
			if found[0].Check != "journal" {
				t.Errorf("the first check is %s", found[0].Check)
			}
			found = found[1:]
		}
		if len(found) != 7 || !strings.Contains(found[1].Detail, "15 entries") || !strings.Contains(found[2].Detail, "6 keys, 3 workflows and 3 environments") {
			t.Errorf("%+v", found)
		}
	})
	_, err := storage.DiagnoseKV(t.Context(), closedKV())
	wantErr(t, "a closed store", err, storage.ErrClosed)
}

func closedKV() storage.KV {
	kv := storage.NewMemory(storage.LogSize{})
	_ = kv.Close()
	return kv
}

// TestDiagnoseDamage: each thing that can be wrong with records is found, by the
// check that it belongs to, and nothing else is blamed.
func TestDiagnoseDamage(t *testing.T) {
	t.Parallel()
	find := func(t *testing.T, kv storage.KV, prefix string) kvEntry {
		t.Helper()
		entries, _ := kvSnapshot(t, kv, prefix)
		if len(entries) == 0 {
			t.Fatalf("there is no %s", prefix)
		}
		return entries[0]
	}
	edit := func(t *testing.T, e kvEntry, field string, v any) storage.Write {
		t.Helper()
		var m map[string]any
		if err := cbor.Unmarshal([]byte(e.Value), &m); err != nil {
			t.Fatal(err)
		}
		m[field] = v
		value, err := cbor.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return storage.Write{Key: e.Key, Value: value}
	}
	remove := func(prefix string) func(*testing.T, storage.KV) storage.Write {
		return func(t *testing.T, kv storage.KV) storage.Write { return kvDelete(find(t, kv, prefix).Key) }
	}
	garble := func(prefix string) func(*testing.T, storage.KV) storage.Write {
		return func(t *testing.T, kv storage.KV) storage.Write { return kvPut(find(t, kv, prefix).Key, "x") }
	}
	put := func(key string) func(*testing.T, storage.KV) storage.Write {
		return func(*testing.T, storage.KV) storage.Write { return kvPut(key, "x") }
	}
	set := func(prefix, field string, v any) func(*testing.T, storage.KV) storage.Write {
		return func(t *testing.T, kv storage.KV) storage.Write { return edit(t, find(t, kv, prefix), field, v) }
	}
	for name, test := range map[string]struct {
		harm  func(*testing.T, storage.KV) storage.Write
		check string // "a b": both
		text  string
	}{
		"no schema":           {remove("m/schema"), "schema", "is not kept"},
		"a bad schema":        {garble("m/schema"), "schema", "cannot be read"},
		"a newer schema":      {set("m/schema", "version", 9), "schema", "newer keyward"},
		"no head":             {remove("m/head"), "audit", "is not kept"},
		"a bad head":          {garble("m/head"), "audit", "cannot be read"},
		"a head before":       {set("m/head", "seq", 14), "audit", "not the entry that the store ends with"},
		"a head behind":       {set("m/head", "seq", 20), "audit", "entry 16: it is missing"},
		"no first entry":      {remove("a/"), "audit", "entry 1: it is missing"},
		"a bad entry":         {garble("a/000000000000000a"), "audit", "entry 10: it cannot be read"},
		"an altered entry":    {set("a/0000000000000003", "reason", "none"), "audit", "entry 3: it was altered"},
		"a bad key":           {garble("k/"), "records indexes", "the record \"k/"},
		"a bad workflow":      {garble("w/"), "records indexes references", "the record \"w/"},
		"a bad environment":   {garble("e/0000000000000001"), "records indexes environments", "the record \"e/"},
		"an unknown record":   {put("x/1"), "records", `there is a record "x/1"`},
		"no name index":       {remove("n/"), "indexes", `the index key "n/app" is missing`},
		"no workflow index":   {remove("nw/"), "indexes", `the index key "nw/customer" is missing`},
		"no secret index":     {remove("h/"), "indexes", "is missing"},
		"no certificate":      {remove("c/"), "indexes", "is missing"},
		"a stray name":        {put("n/nobody"), "indexes", `the index key "n/nobody" points to nothing`},
		"a stray secret":      {put("h/" + strings.Repeat("00", 32)), "indexes", "points to nothing"},
		"a wrong name":        {garble("n/"), "indexes", `the index key "n/app" points to another record`},
		"a wrong secret":      {garble("h/"), "indexes", "points to another record"},
		"no DER":              {remove("d/"), "certificates", `the primary certificate of the key "partner" is not kept`},
		"another DER":         {garble("d/"), "records certificates", "is another"},
		"no environment":      {remove("e/0000000000000002"), "indexes references", "which is not there"},
		"two productions":     {set("e/0000000000000002", "production", true), "environments", "production"},
		"no production":       {set("e/0000000000000001", "production", false), "environments", "production"},
		"a binding of no use": {set("w/", "path", "x"), "environments", "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kv := storage.NewMemory(storage.LogSize{})
			newSample(t, kv)
			kvCommit(t, kv, test.harm(t, kv))
			found, err := storage.DiagnoseKV(t.Context(), kv)
			checks, text := unsound(found)
			want := strings.Fields(test.check)
			if err != nil || !slices.Equal(checks, want) || !strings.Contains(text, test.text) || strings.Contains(text, "()") {
				t.Errorf("%v; failed: %v, want %v and a word of %q\n%s", err, checks, want, test.text, text)
			}
		})
	}
}

// TestDiagnoseChangesNothing: whatever state a directory is in, it is the same
// to the last byte afterwards.
func TestDiagnoseChangesNothing(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, dir string) error{
		"closed": func(*testing.T, string) error { return nil },
		"cut off": func(t *testing.T, dir string) error { // as kill -9 leaves it
			kv, err := storage.Open(dir, storage.Options{})
			if err != nil {
				return err
			}
			kvCommit(t, kv, kvPut("u/1", "used"))
			whole := dir + "-whole"
			err = errors.Join(os.CopyFS(whole, os.DirFS(dir)), kv.Close(), os.RemoveAll(dir), os.Rename(whole, dir))
			return errors.Join(err, os.Chmod(dir, 0o700), os.Chmod(filepath.Join(dir, "store"), 0o700))
		},
		"no lock file": func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "lock")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "data")
			older(t, dir)
			if err := harm(t, dir); err != nil {
				t.Fatal(err)
			}
			before := tree(t, top)
			found, err := storage.Diagnose(t.Context(), dir)
			if checks, text := unsound(found); err != nil || len(checks) > 0 || len(found) != 14 {
				t.Errorf("%v: %v\n%s", err, checks, text)
			}
			wantTree(t, name, top, before)
		})
	}
}

func TestDiagnoseDirectory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes")
	}
	for name, test := range map[string]struct {
		harm  func(dir string) error
		check string
		text  string
	}{
		"nothing there":    {func(dir string) error { return os.RemoveAll(dir) }, "directory", "there is nothing at"},
		"empty":            {func(dir string) error { return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)) }, "directory", "there is no store in"},
		"a file":           {func(dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) }, "directory", "is a file"},
		"for the group":    {func(dir string) error { return os.Chmod(dir, 0o750) }, "directory", "chmod 700"},
		"store for others": {func(dir string) error { return os.Chmod(filepath.Join(dir, "store"), 0o755) }, "directory files", "chmod 700"},
		"a readable file":  {func(dir string) error { return os.Chmod(filepath.Join(dir, "server.key"), 0o640) }, "files", "server.key has mode 0640"},
		"no manifest":      {func(dir string) error { return os.Remove(filepath.Join(dir, "store", "MANIFEST")) }, "store", "put a backup back with keyward restore"},
		"a short table":    {func(dir string) error { return shorten(filepath.Join(dir, "store"), "*.sst") }, "store", "is cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			older(t, dir)
			if err := test.harm(dir); err != nil {
				t.Fatal(err)
			}
			found, err := storage.Diagnose(t.Context(), dir)
			checks, text := unsound(found)
			if err != nil || !slices.Equal(checks, strings.Fields(test.check)) || !strings.Contains(text, test.text) || strings.Contains(text, ".copy-") {
				t.Errorf("%v; failed: %v\n%s", err, checks, text)
			}
			if left, err := filepath.Glob(dir + ".*"); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestDiagnoseLocked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	older(t, dir)
	storeAt(t, dir, func(*storage.Badger) {
		found, err := storage.Diagnose(t.Context(), dir)
		var locked *storage.LockedError
		if !errors.As(err, &locked) || locked.PID != os.Getpid() || len(found) != 5 || !storage.Sound(found) {
			t.Errorf("%v, %+v", err, found)
		}
	})
}

func TestDiagnoseLeftovers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	older(t, dir)
	for _, suffix := range []string{".before-restore-20260101T000000Z", ".restore-123"} {
		if err := os.Mkdir(dir+suffix, 0o700); err != nil {
			t.Fatal(err)
		}
		found, err := storage.Diagnose(t.Context(), dir)
		i := slices.IndexFunc(found, func(f storage.Finding) bool { return f.Check == "leftovers" })
		if err != nil || !storage.Sound(found) || !strings.Contains(found[i].Detail, suffix) || found[i].Advice == "" {
			t.Errorf("%v, %+v", err, found[i])
		}
	}
}
