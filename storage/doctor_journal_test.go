package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// journalFinding returns what was found out about the journal.
func journalFinding(t *testing.T, found []storage.Finding) storage.Finding {
	t.Helper()
	i := slices.IndexFunc(found, func(f storage.Finding) bool { return f.Check == "journal" })
	if i < 0 {
		t.Fatalf("nothing is said about the journal: %+v", found)
	}
	return found[i]
}

// harmJournal rewrites the journal of dir.
func harmJournal(t *testing.T, dir string, harm func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, "journal")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, harm(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func makeWorkflows(t *testing.T, kv storage.KV, names ...string) {
	t.Helper()
	store, err := storage.NewStore(t.Context(), kv, storeNow)
	if err != nil {
		t.Fatal(err)
	}
	service, err := model.NewService(t.Context(), store, model.Options{})
	for _, name := range names {
		if err == nil {
			_, err = service.As(model.Caller{}).CreateWorkflow(t.Context(), model.WorkflowDraft{Name: name})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func([]byte) []byte {
	return func(data []byte) []byte {
		data[(at+len(data))%len(data)] ^= 1
		return data
	}
}

// TestDiagnoseJournal: a journal that cannot stand in for its store is found,
// beside a store that is sound, and the file is left as it is.
func TestDiagnoseJournal(t *testing.T) {
	t.Parallel()
	earlier := func(names ...string) func(*testing.T, string) { // from before these were made
		return func(t *testing.T, dir string) {
			var kept []byte
			harmJournal(t, dir, func(data []byte) []byte { kept = slices.Clone(data); return data })
			storeAt(t, dir, func(kv *storage.Badger) { makeWorkflows(t, kv, names...) })
			harmJournal(t, dir, func([]byte) []byte { return kept })
		}
	}
	harmed := func(harm func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) { harmJournal(t, dir, harm) }
	}
	for name, test := range map[string]struct {
		harm   func(t *testing.T, dir string)
		ok     bool
		detail string
		advice string
	}{
		"sound":         {func(*testing.T, string) {}, true, "it is whole, up to change", ""},
		"a byte early":  {harmed(flip(40)), false, "it is not what was written at byte", "writes it anew from the store; until then it cannot stand in"},
		"its name":      {harmed(flip(0)), false, "it is not what was written at byte 0", "writes it anew"},
		"a torn end":    {harmed(func(d []byte) []byte { return d[:len(d)-3] }), true, "its last record is cut short, as a crash leaves it", "the next start mends it"},
		"behind by one": {earlier("a"), true, "it lacks the newest change, as a crash", "the next start adds what is missing"},
		"behind by two": {earlier("a", "b"), false, "it lacks the newest 2 changes", "adds them from the store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "data")
			older(t, dir)
			test.harm(t, dir)
			before := tree(t, top)
			found, err := storage.Diagnose(t.Context(), dir)
			f := journalFinding(t, found)
			if err != nil || f.OK != test.ok || !strings.HasPrefix(f.Detail, test.detail) || !strings.Contains(f.Advice, test.advice) {
				t.Errorf("%v, %+v", err, f)
			}
			if checks, text := unsound(found); len(checks) > 1 || len(checks) == 1 && checks[0] != "journal" {
				t.Errorf("others failed too: %s", text)
			}
			wantTree(t, name, top, before)
		})
	}
}

// TestDiagnoseJournalInUse: the process that adds to a journal sees what became
// of its file.
func TestDiagnoseJournalInUse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		harm   func(dir string) error
		detail string
	}{
		"sound":   {func(string) error { return nil }, ""},
		"removed": {func(dir string) error { return os.Remove(filepath.Join(dir, "journal")) }, "it is missing"},
		"cut":     {func(dir string) error { return os.Truncate(filepath.Join(dir, "journal"), 100) }, "it is cut short at byte 100"},
		"flipped": {func(dir string) error {
			path := filepath.Join(dir, "journal")
			data, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path, flip(30)(data), 0o600))
		}, "it is not what was written at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			older(t, dir)
			storeAt(t, dir, func(kv *storage.Badger) {
				if err := test.harm(dir); err != nil {
					t.Fatal(err)
				}
				found, err := storage.DiagnoseKV(t.Context(), kv)
				f := journalFinding(t, found)
				if err != nil || f.OK != (test.detail == "") || !strings.Contains(f.Detail, test.detail) || f.OK != (f.Advice == "") {
					t.Errorf("%v, %+v", err, f)
				}
			})
		})
	}
}
