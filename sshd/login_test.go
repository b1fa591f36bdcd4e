package sshd

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestWhoLogsIn: who has a listed key, at a place and time that its line allows.
func TestWhoLogsIn(t *testing.T) {
	f := newFixture(t, nil)
	stranger, _ := newKey(t)
	_, authority := newKey(t)
	key, text := newKey(t)
	for _, c := range []struct {
		name, file string
		key        ssh.Signer
		want       string // of what a command says; "" for no login
	}{
		{"listed", text, key, "by viewer"},
		{"an administrator's", `keyward-role="admin" ` + text, key, "by admin"},
		{"not listed", text, stranger, ""},
		{"from here", `from="127.0.0.0/8" ` + text, key, "by viewer"},
		{"from elsewhere", `from="10.0.0.0/8" ` + text, key, ""},
		{"not from here", `from="*,!127.0.0.1" ` + text, key, ""},
		{"until tomorrow", `expiry-time="20261123Z" ` + text, key, "by viewer"},
		{"until yesterday", `expiry-time="20261121Z" ` + text, key, ""},
		{"refused line", `command="x" ` + text, key, ""},
		{"refused line above", "cert-authority " + authority + "\n" + text, key, "by viewer"},
		{"the first line that holds", `expiry-time="20200101",keyward-role="admin" ` + text + "\n" + text, key, "by viewer"},
		{"the first of two", text + "\n" + `keyward-role="admin" ` + text, key, "by viewer"},
		{"restricted", "restrict " + text, key, "by viewer"},
		{"as an authority", "cert-authority " + text, key, ""},
		{"empty file", "", key, ""},
		{"too large", text + "\n" + strings.Repeat("#\n", maxKeysFile/2), key, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.t = t
			f.write(c.file)
			if c.want == "" {
				client, err := f.dial(ssh.PublicKeys(c.key))
				if err == nil {
					_ = client.Close()
					t.Fatal("it came in")
				}
				return
			}
			if out, _, status := f.exec(c.key, "version"); !strings.Contains(out, c.want) || status != 7 {
				t.Errorf("got %q, status %d", out, status)
			}
		})
	}
	f.t = t
}

// TestNoOtherWayIn: public keys only.
func TestNoOtherWayIn(t *testing.T) {
	f := newFixture(t, nil)
	asked := false
	for name, method := range map[string]ssh.AuthMethod{
		"password":             ssh.PasswordCallback(func() (string, error) { asked = true; return "secret", nil }),
		"keyboard-interactive": ssh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { asked = true; return nil, nil }),
		"certificate":          ssh.PublicKeys(certificateOf(t, f.admin, f.admin)),
		"foreign certificate":  ssh.PublicKeys(certificateOf(t, f.viewer, f.admin)),
	} {
		if c, err := f.dial(method); err == nil {
			_ = c.Close()
			t.Errorf("somebody came in by %s", name)
		}
	}
	if c, err := f.dial(); err == nil { // "none"
		_ = c.Close()
		t.Error("somebody came in by nothing at all")
	}
	if asked {
		t.Error("a password was asked for")
	}
}

// certificateOf makes a certificate for a key.
func certificateOf(t *testing.T, key, authority ssh.Signer) ssh.Signer {
	t.Helper()
	c := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, KeyId: "x", ValidPrincipals: []string{"anybody"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := c.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewCertSigner(c, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// offered is a key whose private half is not there: it can be offered, and the
// signing fails.
type offered struct{ ssh.Signer }

// Sign fails.
func (offered) Sign(io.Reader, []byte) (*ssh.Signature, error) {
	return nil, errors.New("there is no private key")
}

// TestOfferedKeyIsNoIdentity: who offers the administrator's key and cannot sign
// with it does not come in. That another key which signs after it is the identity
// (CVE-2024-45337) is tested with ssh itself.
func TestOfferedKeyIsNoIdentity(t *testing.T) {
	f := newFixture(t, nil)
	for name, signer := range map[string]ssh.Signer{
		"without its private half": offered{f.admin},
		"signed by another":        wrongSigner{f.admin, f.viewer},
	} {
		if c, err := f.dial(ssh.PublicKeys(signer, f.viewer)); err == nil {
			_ = c.Close()
			t.Errorf("somebody came in %s", name)
		}
	}
}

// wrongSigner offers one key, and signs with another.
type wrongSigner struct{ offers, signs ssh.Signer }

// PublicKey is the one that is offered.
func (w wrongSigner) PublicKey() ssh.PublicKey { return w.offers.PublicKey() }

// Sign signs with the other.
func (w wrongSigner) Sign(r io.Reader, data []byte) (*ssh.Signature, error) {
	return w.signs.Sign(r, data)
}

// TestTriesAreBounded: a connection tries six keys and no more.
func TestTriesAreBounded(t *testing.T) {
	f := newFixture(t, nil)
	var many []ssh.Signer
	for range 6 {
		s, _ := newKey(t)
		many = append(many, s)
	}
	if c, err := f.dial(ssh.PublicKeys(append(many[:5:5], f.admin)...)); err != nil {
		t.Errorf("five keys and the right one: %v", err)
	} else {
		_ = c.Close()
	}
	if c, err := f.dial(ssh.PublicKeys(append(many, f.admin)...)); err == nil {
		_ = c.Close()
		t.Error("seven keys were tried")
	}
}

// TestFileThatOthersMayWrite: it does not start, and what becomes so later lets
// nobody in.
func TestFileThatOthersMayWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing here")
	}
	_, text := newKey(t)
	for name, spoil := range map[string]func(dir, file string) string{
		"missing":  func(_, file string) string { return file + "x" },
		"empty":    func(_, file string) string { must(t, os.WriteFile(file, nil, 0o600)); return file },
		"comments": func(_, file string) string { must(t, os.WriteFile(file, []byte("# none\n"), 0o600)); return file },
		"refused lines": func(_, file string) string {
			must(t, os.WriteFile(file, []byte("cert-authority "+text), 0o600))
			return file
		},
		"group":              func(_, file string) string { must(t, os.Chmod(file, 0o620)); return file },
		"others":             func(_, file string) string { must(t, os.Chmod(file, 0o602)); return file },
		"directory":          func(dir, file string) string { must(t, os.Chmod(dir, 0o770)); return file },
		"directory above":    func(dir, file string) string { must(t, os.Chmod(filepath.Dir(dir), 0o707)); return file },
		"a directory itself": func(dir, _ string) string { return dir },
		"linked through a directory that others may write": func(dir, file string) string {
			open := filepath.Join(dir, "open")
			must(t, os.Mkdir(open, 0o700))
			must(t, os.Chmod(open, 0o777))
			must(t, os.Symlink(file, filepath.Join(open, "link")))
			must(t, os.Symlink("open/link", filepath.Join(dir, "outer")))
			return filepath.Join(dir, "outer")
		},
		"a link in a circle": func(dir, _ string) string {
			must(t, os.Symlink("circle", filepath.Join(dir, "circle")))
			return filepath.Join(dir, "circle")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "above", "dir")
			must(t, os.MkdirAll(dir, 0o700))
			file := filepath.Join(dir, "keys")
			must(t, os.WriteFile(file, []byte(text), 0o600))
			host, err := LoadHostKey(dir)
			must(t, err)
			if _, err := New(Options{HostKey: host, Keys: OpenKeyFile(file, time.UTC)}); err != nil {
				t.Fatalf("before: %v", err)
			}
			path := spoil(dir, file)
			_, err = New(Options{HostKey: host, Keys: OpenKeyFile(path, time.UTC)})
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("it started with it, or says %v", err)
			}
		})
	}
	f := newFixture(t, nil)
	must(t, os.Chmod(f.file, 0o620))
	if c, err := f.dial(ssh.PublicKeys(f.admin)); err == nil {
		_ = c.Close()
		t.Error("somebody came in by a file that others may write")
	}
	if !strings.Contains(f.log.String(), "chmod go-w") {
		t.Errorf("the log does not say why:\n%s", f.log)
	}
	must(t, os.Chmod(f.file, 0o600))
	f.login(f.admin)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestHostKey: it is made once, 0600, and never in the place of another.
func TestHostKey(t *testing.T) {
	dir := t.TempDir()
	first, err := LoadHostKey(dir)
	must(t, err)
	again, err := LoadHostKey(dir)
	must(t, err)
	if !first.Made || again.Made || first.Fingerprint() != again.Fingerprint() || !strings.HasPrefix(first.Fingerprint(), "SHA256:") {
		t.Errorf("made %v, %v; %s, %s", first.Made, again.Made, first.Fingerprint(), again.Fingerprint())
	}
	path := filepath.Join(dir, HostKeyFile)
	info, err := os.Stat(path)
	must(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	good, err := os.ReadFile(path)
	must(t, err)
	for name, spoil := range map[string]func(){
		"cut":         func() { must(t, os.WriteFile(path, good[:100], 0o600)) },
		"empty":       func() { must(t, os.WriteFile(path, nil, 0o600)) },
		"readable":    func() { must(t, os.WriteFile(path, good, 0o600)); must(t, os.Chmod(path, 0o640)) },
		"a link":      func() { must(t, os.Rename(path, path+"2")); must(t, os.Symlink(path+"2", path)) },
		"a directory": func() { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) },
	} {
		if name == "readable" && runtime.GOOS == "windows" {
			continue
		}
		must(t, os.RemoveAll(path))
		must(t, os.WriteFile(path, good, 0o600))
		spoil()
		before, _ := os.ReadFile(path)
		if _, err := LoadHostKey(dir); err == nil {
			t.Errorf("%s: it was taken", name)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s: it was replaced", name)
		}
	}
}

// TestStrangersAreBounded: who does not log in has few connections at once, of
// which the oldest makes room, and not for long.
func TestStrangersAreBounded(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Limits.PerSource = 2; o.Limits.Login = 2 * time.Second })
	var silent []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", f.addr)
		must(t, err)
		defer closeQuietly(c)
		silent = append(silent, c)
		one := make([]byte, 1)
		if _, err := c.Read(one); err != nil {
			t.Fatalf("the server does not greet: %v", err)
		}
	}
	silent = append(silent, silentFrom(t, f, "127.0.0.1"))
	eventually(t, "the oldest stays", func() bool { return !isOpen(silent[0]) })
	if !strings.Contains(f.log.String(), "the oldest was closed") {
		t.Errorf("it was closed for something else:\n%s", f.log)
	}
	for _, c := range silent { // each ends by itself
		_ = c.SetReadDeadline(time.Now().Add(patience))
		for err := error(nil); err == nil; {
			_, err = c.Read(make([]byte, 512))
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Fatal("a silent connection stays")
			}
		}
	}
	eventually(t, "there is no room again", func() bool { // a little after they end
		c, err := f.dial(ssh.PublicKeys(f.admin))
		if err == nil {
			closeQuietly(c)
		}
		return err == nil
	})
}
