//go:build unix

package certgen_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/certgen"
	"github.com/google/go-cmp/cmp"
)

// Pipes, sockets and devices are named and never waited for.
func TestReadRefusesSpecialFiles(t *testing.T) {
	dir, err := os.MkdirTemp("", "certgen") // A socket path must be short.
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	pipe, socket, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for path, word := range map[string]string{pipe: "named pipe", link: "named pipe", socket: "socket", "/dev/zero": "device", "/dev/tty": "device"} {
		start := time.Now()
		_, err := certgen.Read(path)
		refused(t, nil, err, certgen.ErrNotRegular)
		if !strings.Contains(err.Error(), word) || time.Since(start) > hangs {
			t.Errorf("%s: got %v after %v, want it called a %s", path, err, time.Since(start), word)
		}
	}
}

func TestReadRefusesUnreadable(t *testing.T) {
	path := write(t, "x.crt", pair(t, certgen.P256).CertificatePEM())
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		path = asNobody(t, path)
		if path == "" {
			return
		}
	}
	_, err := certgen.Read(path)
	refused(t, nil, err, os.ErrPermission)
}

// asNobody repeats the running test as a user who is not root, because root
// may read anything.
func asNobody(t *testing.T, path string) string {
	t.Helper()
	if inherited := os.Getenv("CERTGEN_UNREADABLE"); inherited != "" {
		return inherited
	}
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // Only the file itself is to be unreadable.
			t.Fatal(err)
		}
	}
	binary := filepath.Join(filepath.Dir(path), "test")
	self, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(binary, self, 0o755) // Run by the other user.
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = filepath.Dir(path)
	cmd.Env = append(os.Environ(), "CERTGEN_UNREADABLE="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) { // As in a container without the right to change users.
		t.Skipf("SKIPPED: needs root with the right to become another user: %v", err)
	}
	if err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return ""
}

// Modes are what they should be under any umask.
func TestWriteModesUnderUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	w, err := pair(t, certgen.P256).Write(certgen.WriteOptions{Dir: t.TempDir(), Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{w.Key: 0o600, w.Certificate: 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// Running out of room part of the way leaves the directory as it was. The
// limit on file sizes stands in for a full disk, in a process of its own.
func TestWriteWithoutRoom(t *testing.T) {
	const marker = "CERTGEN_WITHOUT_ROOM"
	if dir := os.Getenv(marker); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		old := limit
		limit.Cur = 100
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old) }()
		files := []certgen.File{
			{Path: filepath.Join(dir, "a"), Data: []byte("small"), Mode: 0o600},
			{Path: filepath.Join(dir, "b"), Data: make([]byte, 200), Mode: 0o600},
		}
		err := certgen.WriteFiles(files, os.Getenv("FORCE") != "")
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
			t.Errorf("got %v, want too large, with the name of the file", err)
		}
		return
	}
	for _, force := range []string{"", "yes"} {
		dir := t.TempDir()
		if force != "" {
			for _, name := range []string{"a", "b"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := listing(t, dir)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), marker+"="+dir, "FORCE="+force)
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
			t.Errorf("force %q: the directory changed:\n%s", force, diff)
		}
	}
}

// An error of the file system comes with what to do about it.
func TestPathErrorsAdvise(t *testing.T) {
	dir := t.TempDir()
	file, loop := filepath.Join(dir, "file"), filepath.Join(dir, "loop")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	writing := func(path string) error {
		return certgen.WriteFiles([]certgen.File{{Path: path, Data: []byte("x"), Mode: 0o600}}, false)
	}
	making := func(path string) error {
		_, err := pair(t, certgen.P256).Write(certgen.WriteOptions{Dir: path, Name: "x"})
		return err
	}
	reading := func(path string) error {
		_, err := certgen.Read(path)
		return err
	}
	password := func(path string) error {
		_, err := certgen.ReadPassword(path)
		return err
	}
	for _, c := range []struct {
		name string
		try  func(string) error
		path string
		want string
	}{
		{"no directory", writing, filepath.Join(dir, "no", "x"), ": no such file or directory: make its directory first, or choose another place"},
		{"a file for a directory", writing, filepath.Join(file, "x"), ": not a directory: a part of the path is a file: choose another place"},
		{"links in a circle", writing, filepath.Join(loop, "x"), ": too many levels of symbolic links: mend the links in the path, or choose another place"},
		{"not to be made", making, "/dev/null/x", ": not a directory: a part of the path is a file: choose another place"},
		{"a file to read from", reading, filepath.Join(file, "x"), ": not a directory: a part of the path is a file: check the path"},
		{"links to read", reading, loop, ": too many levels of symbolic links: mend the links in the path, or name the file itself"},
		{"no password", password, filepath.Join(dir, "no"), ": no such file or directory: check the path and the file"},
		{"a directory for a password", password, dir, ": is a directory: check the path and the file"},
	} {
		if err := c.try(c.path); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
