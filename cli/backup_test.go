package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/storage"
)

// fakeBackups writes bytes, then fails or not.
type fakeBackups struct {
	Backups
	data []byte
	err  error
}

func (f fakeBackups) Backup(_ context.Context, w io.Writer) error {
	for piece := range slices.Chunk(f.data, 100) {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return f.err
}

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, syscall.ENOSPC
	}
	return len(p), nil
}

// TestSkimming: what ends early, is altered or cannot be written is no backup,
// whatever the side that makes it says.
func TestSkimming(t *testing.T) {
	t.Parallel()
	kv := storage.NewMemory(storage.LogSize{})
	if _, err := storage.NewStore(t.Context(), kv, time.Now()); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if _, err := storage.WriteBackup(t.Context(), kv, &whole, time.Now()); err != nil {
		t.Fatal(err)
	}
	data := whole.Bytes()
	bent := slices.Clone(data)
	bent[len(bent)/2] ^= 1
	broken := errors.New("the connection broke")
	for name, test := range map[string]struct {
		backups Backups
		w       io.Writer
		want    error
	}{
		"whole":         {fakeBackups{nil, data, nil}, io.Discard, nil},
		"nothing":       {fakeBackups{}, io.Discard, storage.ErrBackup},
		"cut":           {fakeBackups{nil, data[:len(data)-1], nil}, io.Discard, storage.ErrBackup},
		"altered":       {fakeBackups{nil, bent, nil}, io.Discard, storage.ErrBackup},
		"longer":        {fakeBackups{nil, append(slices.Clone(data), 0), nil}, io.Discard, storage.ErrBackup},
		"failed":        {fakeBackups{nil, data[:len(data)/2], broken}, io.Discard, broken},
		"failed at end": {fakeBackups{nil, data, broken}, io.Discard, broken},
		"disk full":     {fakeBackups{nil, data, nil}, &fullDisk{300}, syscall.ENOSPC},
	} {
		info, err := skimming(t.Context(), test.backups, test.w, func(int) {})
		if !errors.Is(err, test.want) || err == nil && info.Seq != 1 {
			t.Errorf("%s: %v, want %v; %+v", name, err, test.want, info)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := skimming(cancelled, fakeBackups{nil, data, nil}, io.Discard, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestBackupInterrupted: who gives up at the passphrase leaves no file.
func TestBackupInterrupted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(0, "environment", "create", "UAT")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	stdin, silent := io.Pipe()
	defer func() { _ = silent.Close() }()
	time.AfterFunc(50*time.Millisecond, cancel)
	code := Run(ctx, Env{
		Args: []string{"backup", filepath.Join(dir, "b"), "--passphrase-file", "-", "--data", m.dir}, Stdin: stdin, Stdout: io.Discard, Stderr: io.Discard,
		Getenv: func(string) string { return "" },
	})
	if left, err := os.ReadDir(dir); code != exitInterrupted || err != nil || len(left) > 0 {
		t.Errorf("exit code %d, left behind: %v, %v", code, left, err)
	}
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	err := unwritable("b", fmt.Errorf("writing the backup: %w", &os.PathError{Op: "write", Path: "b", Err: syscall.ENOSPC}))
	if want := "no backup was written, because the disk that holds b is full: free some, or name a file on another disk"; err.Error() != want {
		t.Errorf("a full disk is told so: %v", err)
	}
}

// TestReplacing: a file has its name only when it is whole, and takes it from
// nobody.
func TestReplacing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "b")
	begin := func(force bool, text string) *replacing {
		t.Helper()
		r, err := createReplacing(path, force)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return r
	}
	wantFiles := func(want ...string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Name()+" "+string(data))
		}
		if !slices.Equal(got, want) {
			t.Errorf("there are %q, want %q", got, want)
		}
	}
	begin(false, "given up").discard()
	wantFiles()
	first, late := begin(false, "first"), begin(false, "late")
	if err := first.commit(); err != nil {
		t.Fatal(err)
	}
	first.discard()
	if err := late.commit(); !errors.Is(err, errExists) || exitCode(t.Context(), err) != exitConflict {
		t.Errorf("a file that came meanwhile: %v", err)
	}
	late.discard()
	wantFiles("b first")
	if _, err := createReplacing(path, false); !errors.Is(err, errExists) {
		t.Errorf("a file that is there: %v", err)
	}
	forced := begin(true, "second")
	if err := forced.commit(); err != nil {
		t.Fatal(err)
	}
	forced.discard()
	wantFiles("b second")
}

func TestContractNamesFieldsOfBackups(t *testing.T) {
	t.Parallel()
	text := contract(t)
	for _, v := range []any{backedUp{}, storage.BackupInfo{}, storage.Restored{}, storage.WidenedKey{}, diagnosis{}, storage.Finding{}} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name != "" && !regexp.MustCompile("(?m)^\\| `"+name+"` \\|").MatchString(text) {
				t.Errorf("docs/json.md does not name the field %q of %s", name, typ)
			}
		}
	}
}
