package storage_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

var update = flag.Bool("update", false, "rewrite the golden stores of this release")

// goldenRelease is the folder of the stores that this release writes. Those of
// earlier releases are never written again: a release that writes stores
// otherwise begins a folder of its own.
const goldenRelease = "v1"

// Golden stores are real data directories, packed, and a backup, each beside a
// list of what it must hold. Every version from the one that wrote them on must
// open them.
const (
	goldenStore  = "store.tar.gz"
	goldenBackup = "store.backup"
	goldenWant   = "want.json"
)

// goldenCall is what a golden store must decide about a credential.
type goldenCall struct {
	Digest  model.Digest `json:"digest"`
	URL     string       `json:"url"`
	Allowed bool         `json:"allowed"`
	Reason  model.Reason `json:"reason"`
	Key     string       `json:"key"`
}

// golden is what a golden store must hold.
type golden struct {
	Objects map[string]any `json:"objects"`
	Trail   []model.Entry  `json:"trail"` // newest first; a restore adds one
	Calls   []goldenCall   `json:"calls"`
}

// goldenOf asks the store about everything, and about the digests.
func goldenOf(t *testing.T, kv storage.KV, digests []model.Digest) golden {
	t.Helper()
	_, s := session(t, kv)
	page, err := s.Audit(t.Context(), model.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	g := golden{Objects: everything(t, s), Trail: page.Entries}
	for _, d := range digests {
		for _, url := range []string{"GET /customers/7?since=1&_profile=UAT", "POST /orders?_profile=Test"} {
			g.Calls = append(g.Calls, decide(t, s, d, url))
		}
	}
	return g
}

// decide asks about a call with a secret or, where no secret has the digest, a
// certificate.
func decide(t *testing.T, s *model.Session, d model.Digest, url string) goldenCall {
	t.Helper()
	method, rest, _ := strings.Cut(url, " ")
	v, err := s.Check(t.Context(), model.CheckQuery{Method: method, URL: rest, Secret: d})
	if err == nil && v.Key == "" {
		v, err = s.Check(t.Context(), model.CheckQuery{Method: method, URL: rest, Certificate: d})
	}
	if err != nil {
		t.Fatal(err)
	}
	return goldenCall{d, url, v.Allowed, v.Reason, v.Key}
}

// TestGolden opens every golden store there is and finds in it what it held.
func TestGolden(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	folders, err := filepath.Glob(filepath.Join("testdata", "golden", "*", "*"))
	if err != nil || len(folders) < 3 {
		t.Fatalf("there are no golden stores: %v, %v", folders, err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(filepath.Dir(folder))+" "+filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if file, err := os.ReadFile(filepath.Join(folder, goldenBackup)); err == nil {
				restoreGolden(t, file, dir)
			} else if err := unpack(filepath.Join(folder, goldenStore), dir); err != nil {
				t.Fatal(err)
			}
			storeAt(t, dir, func(kv *storage.Badger) { wantGolden(t, kv, folder) })
		})
	}
}

func restoreGolden(t *testing.T, file []byte, dir string) {
	t.Helper()
	open := func() (io.ReadCloser, error) {
		r, err := storage.NewOpener(passphrase).Open(bytes.NewReader(file))
		return io.NopCloser(r), err
	}
	if result, err := storage.Restore(t.Context(), open, dir, restoreOptions); err != nil {
		t.Fatalf("%v: %+v", err, result)
	}
}

func wantGolden(t *testing.T, kv storage.KV, folder string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, goldenWant))
	if err != nil {
		t.Fatal(err)
	}
	var typed golden
	var want any
	if err := errors.Join(json.Unmarshal(data, &typed), json.Unmarshal(data, &want)); err != nil {
		t.Fatal(err)
	}
	var digests []model.Digest
	for _, call := range typed.Calls {
		if len(digests) == 0 || digests[len(digests)-1] != call.Digest {
			digests = append(digests, call.Digest)
		}
	}
	g := goldenOf(t, kv, digests)
	if len(g.Trail) > 0 && g.Trail[0].Action == storage.StoreRestored {
		g.Trail = g.Trail[1:]
	}
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, problem := range missing(want, got, "") {
		t.Error(problem)
	}
	if found, err := storage.DiagnoseKV(t.Context(), kv); err != nil || !storage.Sound(found) {
		t.Errorf("the doctor: %+v, %v", found, err)
	}
}

// missing lists what want has and got has not. Fields that a later version adds
// are fine.
func missing(want, got any, path string) []string {
	var out []string
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return []string{path + " is no object"}
		}
		for name, v := range want {
			out = append(out, missing(v, have[name], path+"."+name)...)
		}
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return []string{fmt.Sprintf("%s has another length than %d", path, len(want))}
		}
		for i, v := range want {
			out = append(out, missing(v, have[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
	default:
		if want != got {
			out = append(out, fmt.Sprintf("%s is %v, want %v", path, got, want))
		}
	}
	return out
}

// writeGolden writes the stores of this release: one that was closed, one that
// was cut off while it was open, and a backup.
func writeGolden(t *testing.T) {
	top := filepath.Join("testdata", "golden", goldenRelease)
	if err := os.RemoveAll(top); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	storeAt(t, dir, func(kv *storage.Badger) { kvCommit(t, kv, kvPut("u/1", "")) }) // so that there is a table too
	var want golden
	storeAt(t, dir, func(kv *storage.Badger) {
		s := newSample(t, kv)
		want = goldenOf(t, kv, s.digests)
		data, _ := backupOf(t, kv)
		writeShape(t, filepath.Join(top, "backup"), goldenBackup, sealed(t, data), want)
		writeShape(t, filepath.Join(top, "cut-off"), goldenStore, pack(t, dir), want)
	})
	writeShape(t, filepath.Join(top, "closed"), goldenStore, pack(t, dir), want)
}

// writeShape writes a store and what it holds.
func writeShape(t *testing.T, folder, name string, data []byte, want golden) {
	t.Helper()
	text, err := json.MarshalIndent(want, "", " ")
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name), data, 0o644)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, goldenWant), append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pack packs the files of a data directory, without times and owners.
func pack(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	w := tar.NewWriter(zipped)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		err = w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(data))})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
	if err := errors.Join(err, w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpack is pack the other way, for the owner only.
func unpack(file, dir string) (err error) {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	zipped, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	for r := tar.NewReader(zipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		data, err := io.ReadAll(r)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o700)
		}
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			return err
		}
	}
}
