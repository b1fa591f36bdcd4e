//go:build unix

package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
)

// fillList makes n keys called key-00 and so on.
func fillList(t *testing.T, dir string, n int) {
	t.Helper()
	out := t.TempDir()
	for i := range n {
		name := fmt.Sprintf("key-%02d", i)
		keyward(t, dir, "key", "create", name, "--environment", "Test", "--out", filepath.Join(out, name))
	}
}

// since waits until the terminal got text after its first n bytes, and returns
// how many it has then.
func (r *terminalRun) since(n int, text string) int {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		shown := r.shown()
		if strings.Contains(shown[n:], text) {
			return len(shown)
		}
		if time.Now().After(end) {
			r.t.Fatalf("the terminal got no %q, but %q", text, shown[n:])
		}
	}
}

// cursorMost is how many bytes a cursor move in a list may send to a terminal of
// 120x40.
const cursorMost = 2 << 10

// TestBytesOfAKeyPress counts what a real console sends: a cursor move in a list
// is short, and a key press is one frame at most.
func TestBytesOfAKeyPress(t *testing.T) {
	dir := t.TempDir()
	const rows = 44 // more than are seen: the last moves scroll
	fillList(t, filepath.Join(dir, "data"), rows)
	r := runOnTerminalOf(t, dir, &pty.Winsize{Cols: 120, Rows: 40})
	r.since(0, fmt.Sprintf("1 of %d", rows))
	r.settled()
	for _, profile := range []struct {
		what, press string
		moves       int
		most        int
	}{{"a cursor move", "j", 30, cursorMost}, {"a move that scrolls", "j", 12, cursorMost}, {"a move back", "k", 30, cursorMost}} {
		r.settled()
		begin := len(r.shown())
		at := begin
		worst := 0
		for range profile.moves {
			before := at
			if _, err := r.ptmx.WriteString(profile.press); err != nil {
				t.Fatal(err)
			}
			at = r.since(at, "of "+strconv.Itoa(rows))
			worst = max(worst, at-before)
		}
		r.settled()
		all := r.shown()[begin:]
		frames := strings.Count(all, "\x1b[H")
		t.Logf("%s at 120x40: %d bytes on average, %d at most, %d frames for %d key presses", profile.what,
			len(all)/profile.moves, worst, frames, profile.moves)
		if average := len(all) / profile.moves; average > profile.most || worst > profile.most {
			t.Errorf("%s sends %d bytes, more than %d", profile.what, average, profile.most)
		}
		if frames > profile.moves {
			t.Errorf("%d key presses make %d frames", profile.moves, frames)
		}
	}
	if _, err := r.ptmx.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if code := r.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// settled waits until the console sends nothing for a while in which it is not
// kept from it either: it has drawn what there was to draw.
func (r *terminalRun) settled() {
	r.t.Helper()
	end := time.Now().Add(30 * time.Second)
	for n, quiet := -1, time.Now(); time.Since(quiet) < 300*time.Millisecond; time.Sleep(10 * time.Millisecond) {
		if len(r.shown()) != n || busy(r.cmd.Process.Pid) {
			n, quiet = len(r.shown()), time.Now()
		}
		if time.Now().After(end) {
			r.t.Fatal("the console is never at rest")
		}
	}
}

// TestResizeStorm: after fifty sizes in a row, some too small for anything, the
// console lives and its screen, which is drawn anew then, is what it was after a
// list that scrolled line by line, down and up to its beginning: which rows are
// seen elsewhere depends on the sizes that the console had time to see.
func TestResizeStorm(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	fillList(t, dir, 60)
	c := startConsole(t, dir)
	c.wait(`1 of 60`)
	const moves = 40
	for move, key := range strings.Repeat("j", moves) + strings.Repeat("k", moves) {
		c.keys(string(key))
		at := move + 2
		if key == 'k' {
			at = 2*moves - move
		}
		c.wait(fmt.Sprintf(`\b%d of 60`, at))
	}
	before := c.screen()
	sizes := mathrand.New(mathrand.NewPCG(1, 2))
	for range 50 {
		c.resize(5+sizes.IntN(200), 3+sizes.IntN(70))
	}
	c.resize(80, 24)
	for end := time.Now().Add(20 * time.Second); c.screen() != before; time.Sleep(40 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the screen is another:\n%s\nbefore:\n%s", c.screen(), before)
		}
	}
	c.keys("j")
	c.wait(`\b2 of 60`)
	c.quit()
}

// hostileTexts are those of testdata/hostile.txt, one a line in Go's quotes.
func hostileTexts(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "hostile.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []string
	for s := bufio.NewScanner(f); s.Scan(); {
		text, err := strconv.Unquote(s.Text())
		if err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		all = append(all, text)
	}
	if len(all) < 28 {
		t.Fatalf("%d hostile texts", len(all))
	}
	return all
}

// hostileCertificate writes a certificate with that common name, and returns its
// file; ok is false for a name that no certificate can have.
func hostileCertificate(t *testing.T, file, name string) (ok bool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		return false
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

// TestHostileTextsInATerminal shows names that try to do something to the
// terminal, in certificates, file names and the data directory's own, and looks
// at what became of the terminal.
func TestHostileTextsInATerminal(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, home := filepath.Join(root, "data \x1b]0;taken\a\x1b[6n"), filepath.Join(root, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	keys := 0
	for i, text := range hostileTexts(t) {
		file := filepath.Join(root, fmt.Sprint(i, ".crt"))
		if !utf8.ValidString(text) || !hostileCertificate(t, file, text) {
			continue
		}
		if out, err := exec.Command(keywardBinary(t), "key", "create", fmt.Sprint("key-", i), "--cert", file, "--environment", "Test", "--data", dir).CombinedOutput(); err != nil {
			t.Logf("%q is in no key: %s", text, out)
		} else {
			keys++
		}
		name := strings.NewReplacer("/", "_", "\x00", "_").Replace(text)
		if name = strings.TrimSpace(name); len(name) > 200 {
			name = name[:200]
		}
		if err := os.WriteFile(filepath.Join(home, name+".crt"), nil, 0o600); err != nil {
			t.Logf("%q is no file name: %v", text, err)
		}
	}
	if keys < 28 {
		t.Fatalf("%d keys with hostile subjects", keys)
	}
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	c := &console{startTerm(t, 100, 40, []string{"HOME=" + home}, keywardBinary(t), "--data", dir), dir}
	c.wait(fmt.Sprintf(`1 of %d`, keys))
	state := func() string {
		return c.tmux("display", "-p", "#{pane_title}|#{alternate_on}|#{mouse_any_flag}|#{pane_in_mode}|#{cursor_flag}|#{insert_flag}|#{wrap_flag}|#{scroll_region_upper}-#{scroll_region_lower}")
	}
	before := state()
	if name, err := os.Hostname(); err != nil || !strings.HasPrefix(before, name+"|1|0|0|") {
		t.Errorf("the terminal of %s is %q", name, before) // tmux's first title is the machine's name
	}
	for i := range keys {
		c.keys("Enter")
		c.wait(`Keys › `)
		c.keys("Escape")
		c.wait(fmt.Sprintf(`%d of %d`, i+1, keys))
		c.keys("Down")
	}
	c.keys("A")
	c.wait(`Audit`)
	c.keys("PageDown", "PageUp", "Enter", "Escape", "Escape")
	c.wait(`of ` + fmt.Sprint(keys))
	c.beginKey("partner", "Enter")
	c.wait(`Which certificate`)
	c.keys("Enter")
	c.wait(`Directory`)
	c.text(home + "/")
	c.keys("Enter")
	c.wait(`1 of 80 entries|1 of \d\d entries, 1 hidden`)
	c.keys("PageDown", "PageDown", "PageUp", "PageUp")
	if now := state(); now != before {
		t.Errorf("the terminal is %q, was %q", now, before)
	}
	if out, err := exec.Command("tmux", "-S", c.socket, "show-buffer").CombinedOutput(); err == nil {
		t.Errorf("the clipboard holds %q", out)
	}
	c.keys("C-c")
	c.confirm(`any other key cancels`, "C-c", "C-c")
	c.ended()
	if left := strings.TrimSpace(c.tmux("display", "-p", "#{alternate_on}#{mouse_any_flag}")); left != "00" { // tmux itself takes the cursor of what has ended
		t.Errorf("the terminal is left as %s", left)
	}
}
