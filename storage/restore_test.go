package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// opening opens the same bytes each time.
func opening(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

var restoreOptions = storage.RestoreOptions{
	Actor: model.Actor{UID: 7, PID: 8, User: "alice"}, Reason: "disk died", Now: storeNow.Add(time.Hour),
	Keep: []string{"server.crt", "server.key", "absent"},
}

func accepting() storage.RestoreOptions {
	o := restoreOptions
	o.AcceptRollback = true
	return o
}

// storeAt calls fn with the store in dir, and closes it.
func storeAt(t testing.TB, dir string, fn func(kv *storage.Badger)) {
	t.Helper()
	kv, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fn(kv)
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
}

// tree is every file and directory below dir with its mode and contents.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += " " + info.ModTime().String() + " " + string(data)
		}
		name, err := filepath.Rel(dir, path)
		out[name] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantTree wants that nothing below dir was made or changed.
func wantTree(t testing.TB, what, dir string, before map[string]string) {
	t.Helper()
	after := tree(t, dir)
	for name, text := range after {
		if before[name] != text {
			t.Errorf("%s: %s was made or changed", what, name)
		}
	}
	for name := range before {
		if _, still := after[name]; !still {
			t.Errorf("%s: %s is gone", what, name)
		}
	}
}

func TestRestoreToNew(t *testing.T) {
	t.Parallel()
	kv := storage.NewMemory(storage.LogSize{})
	s := newSample(t, kv)
	kvCommit(t, kv, kvPut("u/1", "used"))
	want, wantRecords := everything(t, s.session), recordsOf(t, kv)
	data, info := backupOf(t, kv)
	for name, prepare := range map[string]func(dir string) error{
		"absent":       func(string) error { return nil },
		"below absent": func(string) error { return nil },
		"empty":        func(dir string) error { return os.Mkdir(dir, 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "data")
			if name == "below absent" {
				dir = filepath.Join(top, "a", "b", "data")
			}
			if err := prepare(dir); err != nil {
				t.Fatal(err)
			}
			result, err := storage.Restore(t.Context(), opening(data), dir, restoreOptions)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, "the result", result, storage.Restored{Backup: info, Dir: dir, Done: true, Widened: []storage.WidenedKey{}, Vanishing: []string{}})
			if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
				t.Errorf("beside the directory lies %v, %v", entries, err)
			}
			storeAt(t, dir, func(kv *storage.Badger) {
				wantPrivate(t, dir)
				wantRestored(t, kv, want, wantRecords, info)
			})
		})
	}
}

// wantRestored wants in kv what a backup held, and the restore on record.
func wantRestored(t *testing.T, kv storage.KV, want map[string]any, records []kvEntry, info storage.BackupInfo) {
	t.Helper()
	found, err := storage.DiagnoseKV(t.Context(), kv)
	if err != nil || !storage.Sound(found) {
		t.Errorf("the doctor: %+v, %v", found, err)
	}
	_, session := session(t, kv)
	if diff := cmp.Diff(want, everything(t, session)); diff != "" {
		t.Errorf("what sessions show (-before +after):\n%s", diff)
	}
	got := map[string]string{}
	for _, e := range recordsOf(t, kv) {
		got[e.Key] = e.Value
	}
	for _, e := range records {
		if e.Key != "m/head" && got[e.Key] != e.Value {
			t.Errorf("the record %s differs", e.Key)
		}
	}
	if len(got) != len(records)+1 {
		t.Errorf("%d records, want one more than %d", len(got), len(records))
	}
	page, err := session.Audit(t.Context(), model.AuditQuery{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	e := page.Entries[0]
	if e.Seq != info.Seq+1 || e.Prev != info.Head || e.Action != storage.StoreRestored || e.Actor.User != "alice" || e.Reason != "disk died" ||
		!strings.Contains(e.Summary(), "backup of 2026-11-21 12:00 UTC") {
		t.Errorf("the restore is on record so: %+v", e)
	}
	if n, err := session.VerifyAudit(t.Context()); err != nil || n != info.Seq+1 {
		t.Errorf("the trail: %d, %v", n, err)
	}
}

// older makes a store in dir, a backup of it, and then changes that take rights
// away.
func older(t *testing.T, dir string) (data []byte, info storage.BackupInfo) {
	t.Helper()
	storeAt(t, dir, func(kv *storage.Badger) {
		s := newSample(t, kv)
		data, info = backupOf(t, kv)
		ctx := t.Context()
		s.disable("free")
		s.check(s.session.DeleteKey(ctx, "partner"))
		s.regenerate("app", 0)
		path := "/other/{id}"
		_, err := s.session.EditWorkflow(ctx, "customer", model.WorkflowEdit{Path: &path})
		s.check(err)
	})
	for name, mode := range map[string]fs.FileMode{"server.crt": 0o644, "server.key": 0o600} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte("PEM "+name), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	return data, info
}

func TestRestoreOverStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	data, info := older(t, dir)
	storeAt(t, dir, func(kv *storage.Badger) {
		s := &sample{t: t, random: &counter{n: 1 << 60}, now: storeNow, kv: kv}
		s.reload()
		s.key(model.KeyDraft{Name: "later", Environment: "Test"})
	})
	before := tree(t, filepath.Dir(dir))

	refused, err := storage.Restore(t.Context(), opening(data), dir, restoreOptions)
	wantErr(t, "a restore that nobody accepts", err, storage.ErrRollback)
	wantTree(t, "a restore that nobody accepts", filepath.Dir(dir), before)
	var widened []string
	for _, k := range refused.Widened {
		widened = append(widened, k.Name+" "+strings.Join(k.More, "; "))
	}
	text := strings.Join(widened, "\n")
	for _, want := range []string{
		"free is disabled now, and enabled in the backup", `through the workflow "customer"`,
		"partner is deleted now", "App has its replaced secondary secret ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the widened keys have no %q:\n%s", want, text)
		}
	}
	wantSame(t, "the keys that vanish", refused.Vanishing, []string{"later"})
	if len(widened) != 3 || refused.Current != info.Seq+5 || refused.Done || !refused.Replaces {
		t.Errorf("%d keys; %+v", len(widened), refused)
	}

	o := restoreOptions
	o.DryRun = true
	dry, err := storage.Restore(t.Context(), opening(data), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "a dry run", dry, refused)
	wantTree(t, "a dry run", filepath.Dir(dir), before)

	for n := range 2 { // the second time the name for the old directory is taken
		done, err := storage.Restore(t.Context(), opening(data), dir, accepting())
		if err != nil || !done.Done {
			t.Fatalf("%+v, %v", done, err)
		}
		if want := dir + ".before-restore-20261121T130000Z" + []string{"", "-2"}[n]; done.Before != want {
			t.Errorf("the old directory is %s, want %s", done.Before, want)
		}
		if n == 0 {
			old := tree(t, done.Before)
			delete(before, ".")
			for name, text := range before {
				rest, is := strings.CutPrefix(name, "data/")
				if is && rest != "lock" && old[rest] != text {
					t.Errorf("in the old directory %s differs", rest)
				}
			}
		}
	}
	for _, name := range []string{"server.crt", "server.key"} {
		if got := tree(t, dir)[name]; !strings.HasSuffix(got, "PEM "+name) || !strings.HasPrefix(got, before["data/"+name][:10]) {
			t.Errorf("%s is now %q", name, got)
		}
	}
	storeAt(t, dir, func(kv *storage.Badger) {
		_, session := session(t, kv)
		if k, err := session.Key(t.Context(), "partner"); err != nil || k.Status != model.StatusExpiring {
			t.Errorf("the key that had been deleted: %+v, %v", k.KeyRow, err)
		}
		page, err := session.Audit(t.Context(), model.AuditQuery{Limit: 1})
		if err != nil || !strings.Contains(page.Entries[0].Summary(), fmt.Sprintf("rollback accepted replaces a store with %d changes", info.Seq+1)) {
			t.Errorf("on record: %+v, %v", page.Entries, err)
		}
	})
}

// TestRestoreOverDamage: what rights would widen against a damaged store, its
// journal tells; where nobody can tell, that is said, and to be accepted.
func TestRestoreOverDamage(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(store string) error{
		"no manifest":   func(store string) error { return os.Remove(filepath.Join(store, "MANIFEST")) },
		"short tables":  func(store string) error { return shorten(store, "*.sst") },
		"no store left": func(store string) error { return errors.Join(os.RemoveAll(store), os.Mkdir(store, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			data, _ := older(t, dir)
			if err := harm(filepath.Join(dir, "store")); err != nil {
				t.Fatal(err)
			}
			result, err := storage.Restore(t.Context(), opening(data), dir, restoreOptions)
			wantErr(t, "a restore that nobody accepts", err, storage.ErrRollback)
			if result.Unknown != "" || len(result.Widened) == 0 {
				t.Errorf("by the journal: %+v", result)
			}
			if err := os.Remove(filepath.Join(dir, "journal")); err != nil {
				t.Fatal(err)
			}
			result, err = storage.Restore(t.Context(), opening(data), dir, restoreOptions)
			wantErr(t, "a restore that nobody accepts", err, storage.ErrRollback)
			if result.Unknown == "" || strings.Contains(result.Unknown, ".copy-") || len(result.Widened) > 0 {
				t.Errorf("what is not known: %+v", result)
			}
			if result, err = storage.Restore(t.Context(), opening(data), dir, accepting()); err != nil || !result.Done {
				t.Fatalf("%+v, %v", result, err)
			}
			storeAt(t, dir, func(kv *storage.Badger) {
				if found, err := storage.DiagnoseKV(t.Context(), kv); err != nil || !storage.Sound(found) {
					t.Errorf("%+v, %v", found, err)
				}
			})
		})
	}
}

func shorten(dir, pattern string) error {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("there is no such file"))
	}
	for _, f := range files {
		err = errors.Join(err, os.Truncate(f, 100))
	}
	return err
}

// TestRestoreRefuses: nothing is made or changed where a restore cannot be.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "data")
	data, _ := older(t, dir)
	others := filepath.Join(top, "others")
	if err := os.MkdirAll(filepath.Join(others, "photos"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	before := tree(t, top)
	var other bytes.Buffer
	if _, err := storage.WriteBackup(t.Context(), newSample(t, storage.NewMemory(storage.LogSize{})).kv, &other, storeNow.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	passes := 0
	changing := func() (io.ReadCloser, error) { // another backup from the second reading on
		if passes++; passes == 1 {
			return opening(data)()
		}
		return opening(other.Bytes())()
	}
	vanishing := func() (io.ReadCloser, error) {
		if passes++; passes < 3 {
			return opening(data)()
		}
		return nil, errBroken
	}
	full := accepting()
	full.Store.MinFree = 1 << 62
	for name, test := range map[string]struct {
		open   func() (io.ReadCloser, error)
		dir    string
		ctx    context.Context
		o      storage.RestoreOptions
		target error
		text   string
	}{
		"cut":          {open: opening(data[:len(data)/2]), target: storage.ErrBackup, text: "cut short"},
		"absent, cut":  {open: opening(data[:len(data)-1]), dir: filepath.Join(top, "new"), target: storage.ErrBackup},
		"other bytes":  {open: opening([]byte("no backup of keyward")), target: storage.ErrBackup, text: "is none"},
		"changes":      {open: changing, target: storage.ErrBackup, text: "was changed while it was read"},
		"vanishes":     {open: vanishing, target: errBroken, text: "nothing was changed"},
		"vanishes new": {open: vanishing, dir: filepath.Join(top, "new"), target: nil},
		"other files":  {open: opening(data), dir: others, text: "holds other files and no store"},
		"a file":       {open: opening(data), dir: file, text: "is a file"},
		"no name":      {open: opening(data), dir: "-", text: "has no name"},
		"cancelled":    {open: opening(data), ctx: cancelled, target: context.Canceled},
		"full":         {open: opening(data), o: full, target: storage.ErrNoSpace, text: "free some"},
	} {
		passes = 0
		if name == "vanishes new" {
			passes, test.target = 1, errBroken // no store to compare with: one reading less
		}
		if test.dir == "" {
			test.dir = dir
		} else if test.dir == "-" {
			test.dir = ""
		}
		if test.ctx == nil {
			test.ctx = t.Context()
		}
		if test.o.Now.IsZero() {
			test.o = accepting()
		}
		result, err := storage.Restore(test.ctx, test.open, test.dir, test.o)
		if err == nil || test.target != nil && !errors.Is(err, test.target) || !strings.Contains(err.Error(), test.text) || result.Done {
			t.Errorf("%s: %v, %+v", name, err, result)
		}
		lock := filepath.Join("data", "lock") // a pid may have been in it meanwhile
		before[lock] = tree(t, top)[lock]
		wantTree(t, name, top, before)
	}
}

func TestRestoreLocked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	data, _ := older(t, dir)
	storeAt(t, dir, func(kv *storage.Badger) {
		_, err := storage.Restore(t.Context(), opening(data), dir, accepting())
		var locked *storage.LockedError
		if !errors.As(err, &locked) || locked.PID != os.Getpid() {
			t.Errorf("restoring over an open store: %v", err)
		}
		kvCommit(t, kv, kvPut("u/1", "it goes on"))
	})
}

// TestExchange: whatever step fails, the old directory is where it was.
// TestRestoreOverLeftovers: what a process left that was cut off before it made a
// store, or that only made the endpoint's certificate, is no store to go back
// from.
func TestRestoreOverLeftovers(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lock", "sequence", "admin.sock", "journal.new", "server.crt", "server.key"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, info := sampleBackup(t)
	o := restoreOptions
	o.Keep = []string{"server.crt", "server.key"}
	found, err := storage.Diagnose(t.Context(), dir)
	if err != nil || storage.Sound(found) || !strings.Contains(found[0].Detail, "there is no store in") {
		t.Errorf("the doctor says %+v, %v", found, err)
	}
	done, err := storage.Restore(t.Context(), opening(data), dir, o)
	if err != nil || !done.Done || done.Replaces || done.Before != "" || done.Backup.Seq != info.Seq {
		t.Fatalf("%+v, %v", done, err)
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "server.key")); err != nil || string(kept) != "server.key" {
		t.Errorf("the endpoint's key is %q, %v", kept, err)
	}
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 1 {
		t.Errorf("beside it is %v, %v", entries, err)
	}
	if found, err := storage.Diagnose(t.Context(), dir); err != nil || !storage.Sound(found) {
		t.Errorf("the doctor says %+v, %v", found, err)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	for name, exchange := range map[string]func(made, dir, before string) error{
		"at once": storage.Exchange, "in steps": storage.ExchangeInSteps,
	} {
		top := t.TempDir()
		at := func(name string) string { return filepath.Join(top, name) }
		for _, name := range []string{"old", "new"} {
			if err := os.MkdirAll(filepath.Join(at(name), name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := exchange(at("absent"), at("old"), at("before")); err == nil {
			t.Errorf("%s: exchanged with nothing", name)
		}
		if err := exchange(at("new"), at("old"), at("no/where")); err == nil {
			t.Errorf("%s: moved to nowhere", name)
		}
		if _, err := os.Stat(at("old/old")); err != nil {
			t.Errorf("%s: after a failure: %v", name, err)
		}
		if err := exchange(at("new"), at("old"), at("before")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, path := range []string{"old/new", "before/old"} {
			if _, err := os.Stat(at(path)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if runtime.GOOS == "linux" {
		t.Log("at once means renameat2 here")
	}
}
