package certgen_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"github.com/google/go-cmp/cmp"
)

// listing is what a directory holds: names and contents.
func listing(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			data = []byte(err.Error())
		}
		files[e.Name()] = string(data)
	}
	return files
}

func TestWrite(t *testing.T) {
	p := pair(t, certgen.P256)
	dir := filepath.Join(t.TempDir(), "new", "deep")
	options := certgen.WriteOptions{Dir: dir, Name: "selfsigned", PFX: &certgen.PFXOptions{Name: "selfsigned", Password: "x"}}
	w, err := p.Write(options)
	if err != nil {
		t.Fatal(err)
	}
	want := certgen.Written{
		Key: filepath.Join(dir, "selfsigned.key"), Certificate: filepath.Join(dir, "selfsigned.crt"),
		DER: filepath.Join(dir, "selfsigned.cer"), PFX: filepath.Join(dir, "selfsigned.pfx"),
	}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Error(diff)
	}
	for path, mode := range map[string]fs.FileMode{dir: 0o700, w.Key: 0o600, w.PFX: 0o600, w.Certificate: 0o644, w.DER: 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want mode %o", path, info.Mode(), err, mode)
		}
	}
	for _, path := range []string{w.Certificate, w.DER} {
		if c, err := certgen.Read(path); err != nil || c.SHA256 != p.Certificate.SHA256 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if n := len(listing(t, dir)); n != 4 {
		t.Errorf("%d files, want 4", n)
	}
}

// One target that exists keeps all from being written, whichever it is.
func TestWriteSparesWhatExists(t *testing.T) {
	for _, ending := range []string{".key", ".crt", ".cer", ".pfx"} {
		for _, kind := range []string{"file", "dangling link", "directory"} {
			dir := t.TempDir()
			existing := filepath.Join(dir, "x"+ending)
			var err error
			switch kind {
			case "file":
				err = os.WriteFile(existing, []byte("precious"), 0o600)
			case "dangling link":
				err = os.Symlink(filepath.Join(dir, "elsewhere"), existing)
			default:
				err = os.Mkdir(existing, 0o700)
			}
			if err != nil {
				t.Fatal(err)
			}
			before := listing(t, dir)
			_, err = pair(t, certgen.P256).Write(certgen.WriteOptions{Dir: dir, Name: "x", PFX: &certgen.PFXOptions{Name: "x", Password: "x"}})
			if err == nil || !strings.Contains(err.Error(), existing) {
				t.Errorf("%s: got %v, want an error that names it", existing, err)
			}
			if kind != "directory" && (!errors.Is(err, certgen.ErrExists) || !strings.Contains(err.Error(), "--force")) {
				t.Errorf("%s: got %v, want one that tells of --force", existing, err)
			}
			if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
				t.Errorf("%s, %s: the directory changed:\n%s", existing, kind, diff)
			}
		}
	}
}

func TestWriteNamesAllThatExist(t *testing.T) {
	dir := t.TempDir()
	o := certgen.WriteOptions{Dir: dir, Name: "x"}
	first, err := pair(t, certgen.P256).Write(o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pair(t, certgen.Ed25519).Write(o)
	for _, path := range []string{first.Key, first.Certificate, first.DER} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want %s named", err, path)
		}
	}
}

func TestWriteForce(t *testing.T) {
	dir := t.TempDir()
	elsewhere := write(t, "elsewhere", []byte("untouched"))
	if err := os.Symlink(elsewhere, filepath.Join(dir, "x.key")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.crt"), []byte("old"), 0o666); err != nil { // Too wide on purpose.
		t.Fatal(err)
	}
	p := pair(t, certgen.P256)
	w, err := p.Write(certgen.WriteOptions{Dir: dir, Name: "x", Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(listing(t, dir)); n != 3 {
		t.Errorf("%d files, want 3: %v", n, listing(t, dir))
	}
	if info, err := os.Lstat(w.Key); err != nil || info.Mode() != 0o600 {
		t.Errorf("key: %v, %v, want a file of mode 0600", info.Mode(), err)
	}
	if c, err := certgen.Read(w.Certificate); err != nil || c.SHA256 != p.Certificate.SHA256 {
		t.Errorf("certificate: %v", err)
	}
	if data, err := os.ReadFile(elsewhere); err != nil || string(data) != "untouched" {
		t.Errorf("the key went through the link: %v", err)
	}
}

// When one file cannot be written, the others are as they were.
func TestWriteFilesAllOrNone(t *testing.T) {
	for _, force := range []bool{false, true} {
		dir := t.TempDir()
		files := []certgen.File{
			{Path: filepath.Join(dir, "a"), Data: []byte("new"), Mode: 0o600},
			{Path: filepath.Join(dir, "b"), Data: []byte("new"), Mode: 0o600},
			{Path: filepath.Join(dir, "missing", "c"), Data: []byte("new"), Mode: 0o600},
		}
		if force {
			if err := os.WriteFile(files[0].Path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := listing(t, dir)
		err := certgen.WriteFiles(files, force)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "missing") {
			t.Errorf("force %v: got %v", force, err)
		}
		if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
			t.Errorf("force %v: the directory changed:\n%s", force, diff)
		}
	}
}

func TestWriteRefusesNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "/a", "../a", "a\x1b", "a\n"} {
		dir := t.TempDir()
		_, err := pair(t, certgen.P256).Write(certgen.WriteOptions{Dir: dir, Name: name, Force: true})
		var input *model.InputError
		if !errors.As(err, &input) || input.Field != "name" || len(listing(t, dir)) != 0 {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestWriteRefusesBadPassword(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	_, err := pair(t, certgen.P256).Write(certgen.WriteOptions{Dir: dir, Name: "x", PFX: &certgen.PFXOptions{Name: "x"}})
	if !errors.Is(err, model.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}
