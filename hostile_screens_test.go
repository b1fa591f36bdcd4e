//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// hostileSite is a store that is full of texts from outside, with an endpoint, a
// console and one over SSH. Two are compared: one with texts that try to do
// something to a terminal, and one with harmless texts of the same width.
type hostileSite struct {
	ssh     *sshSite
	console *console
	remote  *term
	ready   [2]string // the terminals, before anything hostile was opened
}

// TestHostileScreensInATerminal: each screen that shows texts from outside is, in
// a real terminal, what it is with harmless texts of the same width, cell by cell;
// what stands behind such a text begins in the same column of the terminal's own
// grid; title, clipboard, cursor and modes are what they were.
func TestHostileScreensInATerminal(t *testing.T) {
	t.Parallel()
	texts := screenTexts(t)
	now := time.Now()
	hostile, harmless := newHostileSite(t, texts, now), newHostileSite(t, mapped(texts, sameShape), now)
	screens := []struct {
		name   string
		keys   []string
		shows  string
		column string // of a title, behind the texts
	}{
		{"keys", []string{"K", "g"}, `1 of `, ""},
		{"certificates", []string{"C", "g"}, `Certificates(?s:.*)key-40`, "Days left|Left|Expires|Valid"},
		{"a certificate", []string{"Enter"}, `Thumbprint|SHA-1|Subject`, ""},
		{"rotation", []string{"K", "g", "j", "R"}, `Rotation`, ""},
		{"workflows", []string{"W"}, `Workflows(?s:.*)get-customer`, ""},
		{"environments", []string{"E"}, `Environments(?s:.*)Production`, ""},
		{"bin", []string{"B"}, `deleted keys`, ""},
		{"a deleted key", []string{"Enter"}, `Deleted`, ""},
		{"audit trail", []string{"K", "A"}, `Audit(?s:.*)key-40`, ""},
		{"an audit entry", []string{"j", "Enter"}, `SSH key`, ""},
		{"endpoints", []string{"P"}, `Endpoints(?s:.*)ssh `, ""},
	}
	for _, s := range screens {
		for _, site := range []*hostileSite{hostile, harmless} {
			site.console.keys(s.keys...)
			site.console.wait(s.shows)
		}
		sameScreens(t, s.name, hostile.console.term, harmless.console.term, s.column)
	}
	for _, site := range []*hostileSite{hostile, harmless} {
		site.preview()
	}
	sameScreens(t, "import", hostile.console.term, harmless.console.term, "Status")
	for _, site := range []*hostileSite{hostile, harmless} {
		site.reveal()
	}
	sameScreens(t, "reveal", hostile.console.term, harmless.console.term, "")
	for _, site := range []*hostileSite{hostile, harmless} {
		site.remote.keys("A")
		site.remote.wait(`Audit(?s:.*)regenerated`)
	}
	sameScreens(t, "audit over SSH", hostile.remote, harmless.remote, "")
	for i, w := range []*term{hostile.console.term, hostile.remote} {
		if out, err := exec.Command("tmux", "-S", w.socket, "list-buffers").CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("the clipboard holds %s (%v)", out, err)
		}
		if now := terminalState(w); now != hostile.ready[i] {
			t.Errorf("the terminal is %q, was %q", now, hostile.ready[i])
		}
	}
}

// screenTexts are the hostile texts that a certificate can have, each with a
// number before it.
func screenTexts(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, text := range hostileTexts(t) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			continue
		}
		if runes := []rune(text); len(runes) > 30 {
			text = string(runes[:30])
		}
		out = append(out, fmt.Sprintf("%02d%s", len(out), text))
	}
	return out
}

func mapped(texts []string, fn func(string) string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = fn(text)
	}
	return out
}

// sameShape is a harmless text as wide as what the console shows of a text: an x
// for each cell of what is not ASCII.
func sameShape(text string) string {
	var b strings.Builder
	for rest := model.Clean(text); rest != ""; {
		cluster, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[len(cluster):]
		first, size := utf8.DecodeRuneInString(cluster)
		switch even := ansi.StringWidthWc(cluster) == width; {
		case len(cluster) == 1:
			b.WriteString(cluster)
			continue
		case width == 0 || size == len(cluster) && !even:
			width = 1
		case size < len(cluster) && (!even || utf8.RuneCountInString(cluster) > 5):
			width = ansi.StringWidthWc(cluster[:size]) + 1
		}
		if first < utf8.RuneSelf {
			b.WriteRune(first)
			width--
		}
		b.WriteString(strings.Repeat("x", width))
	}
	return b.String()
}

// newHostileSite fills a store and opens what shows it.
func newHostileSite(t *testing.T, texts []string, now time.Time) *hostileSite {
	t.Helper()
	needTool(t, "ssh")
	root := evenTemporary(t)
	s := &hostileSite{ssh: &sshSite{t: t, dir: filepath.Join(root, "d "+texts[0]), home: filepath.Join(root, "h")}}
	if err := os.Mkdir(s.ssh.home, 0o700); err != nil {
		t.Fatal(err)
	}
	fillHostile(t, s.ssh.dir, texts, now)
	document := map[string]any{"openapi": "3.0.0", "info": map[string]string{"title": "x", "version": "1"}}
	paths := map[string]any{}
	for i, text := range texts {
		paths[text] = map[string]any{"get": map[string]string{"operationId": fmt.Sprintf("operation-%02d", i)}}
	}
	document["paths"] = paths
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.ssh.home, "api.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.ssh.admin = s.ssh.key("admin", "", "")
	s.ssh.authorize(`keyward-role="admin" ` + strings.TrimSpace(s.ssh.public(s.ssh.admin)) + " " + texts[4] + texts[1])
	s.ssh.start()
	size := [2]int{140, 100}
	s.console = &console{startTerm(t, size[0], size[1], []string{"HOME=" + s.ssh.home}, keywardBinary(t), "--data", s.ssh.dir), s.ssh.dir}
	s.console.wait(`1 of `)
	args := append([]string{needTool(t, "ssh")}, s.ssh.args(s.ssh.admin, "-t", "-p", s.ssh.port, "127.0.0.1")...)
	s.remote = startTerm(t, size[0], size[1], nil, args...)
	s.remote.wait(`1 of `)
	s.ready = [2]string{terminalState(s.console.term), terminalState(s.remote)}
	return s
}

// evenTemporary is a short directory for this test alone, whose name is as long
// each time.
func evenTemporary(t *testing.T) string {
	t.Helper()
	var random [5]byte
	if _, err := rand.Read(random[:]); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("kwx%x", random))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// fillHostile makes a key of each text, whose certificate is called so; a third of
// them is deleted, and the others disabled, by somebody whose SSH key is called so.
func fillHostile(t *testing.T, dir string, texts []string, now time.Time) {
	t.Helper()
	m, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := m.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: "get-customer", Method: "GET", Path: "/customers/{id}"}); err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		c := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: text},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Duration(i+1) * 36 * time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		certificate, err := model.NewCertificate(der)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		name := fmt.Sprintf("key-%02d", i)
		if _, err := m.CreateKey(t.Context(), model.KeyDraft{Name: name, Kind: model.CertificateKey, Environment: "Test", Primary: model.Holding{Certificate: &certificate}}); err != nil {
			t.Fatal(err)
		}
		guest := m.As(model.Caller{Actor: model.Actor{SSH: model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43), Comment: text}}, Reason: text})
		if i%3 == 0 {
			err = guest.DeleteKey(t.Context(), name)
		} else {
			_, err = guest.SetKeyEnabled(t.Context(), name, false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var secrets [2]model.Holding
	for i := range secrets {
		secret, err := model.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		secrets[i] = secret.Hold()
	}
	d := model.KeyDraft{Name: "a-token", Kind: model.TokenKey, Environment: "Test", Workflows: []string{"get-customer"}, Primary: secrets[0], Secondary: secrets[1]}
	if _, err := m.CreateKey(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// preview opens what an import of a hostile document would make.
func (s *hostileSite) preview() {
	c := s.console
	c.keys("I")
	c.wait(`Filter`)
	c.keys("/")
	c.text(filepath.Join(s.ssh.home, "api.json")[1:])
	c.keys("Enter")
	c.wait(`unsupported`)
}

// reveal makes a new secret, which is shown, over the keys' list.
func (s *hostileSite) reveal() {
	c := s.console
	c.keys("Escape", "Escape", "K", "g", "r")
	c.wait(`regenerate`)
	c.keys("Enter")
	c.wait(`any other key`)
	c.answer("y")
	c.wait(secretPattern.String())
}

// terminalState is what a text may have done to a terminal.
func terminalState(w *term) string {
	w.t.Helper()
	return w.tmux("display", "-p", "#{pane_title}|#{alternate_on}|#{mouse_any_flag}|#{pane_in_mode}|#{cursor_flag}|#{insert_flag}|#{wrap_flag}|#{scroll_region_upper}-#{scroll_region_lower}|#{cursor_x},#{cursor_y}")
}

// differs are what two stores may have different on a screen.
var differs = regexp.MustCompile(`pid \d+|SHA256:\S{43}|kw_\w+|\w{4}…(\w{4}|…)|:\d{4,5}\b|\b[0-9A-F]{40,}\b|\b[0-9A-F]{8}( [0-9A-F]{8})+|\b[0-9a-f]{16}\b|[0-9A-F]{2}(:[0-9A-F]{2})+|…?\S*/kw\S*|…[kwx]*[0-9a-f]{1,10}/d\b|\b\d+ s\b|\d\d:\d\d:\d\d`)

var processID = regexp.MustCompile(`pid \d+`)

// sameScreens waits until two terminals show the same but for an x in the one
// where the other has a text, and fails the test where they never do.
func sameScreens(t *testing.T, name string, hostile, harmless *term, column string) {
	t.Helper()
	var why string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if why = unlike(hostile.screen(), harmless.screen()); why == "" {
			break
		}
	}
	if why != "" {
		t.Errorf("%s: %s", name, why)
		return
	}
	if column == "" {
		return
	}
	for n, line := range strings.Split(harmless.screen(), "\n") {
		if found := regexp.MustCompile(column).FindStringIndex(line); found != nil && n > 0 {
			from := ansi.StringWidth(line[:found[0]])
			if why := unlike(hostile.rightOf(from), harmless.rightOf(from)); why != "" {
				t.Errorf("%s: from the terminal's column %d on %s", name, from, why)
			}
			return
		}
	}
	t.Errorf("%s: no title is %s:\n%s", name, column, harmless.screen())
}

// tookTime is how long a change took, which stands at the end of its line.
var tookTime = regexp.MustCompile(`in \d+ m?s\.`)

func mask(screen string) string {
	screen = tookTime.ReplaceAllString(screen, "in a moment.")
	return differs.ReplaceAllStringFunc(screen, func(s string) string { return strings.Repeat("#", utf8.RuneCountInString(s)) })
}

// unlike says in which line one screen is not another.
func unlike(hostile, harmless string) string {
	hostileLines, harmlessLines := strings.Split(hostile, "\n"), strings.Split(harmless, "\n")
	got, want := strings.Split(mask(hostile), "\n"), strings.Split(mask(harmless), "\n")
	for n := range max(len(got), len(want)) {
		if n >= len(got) || n >= len(want) {
			return fmt.Sprintf("%d and %d lines", len(got), len(want))
		}
		if len(processID.FindString(hostileLines[n])) != len(processID.FindString(harmlessLines[n])) {
			continue // the numbers of processes begin anew at some time, and what stands behind is elsewhere
		}
		a, b := []rune(sameShape(got[n])), []rune(sameShape(want[n]))
		wide := len(a) > utf8.RuneCountInString(got[n]) // which may leave a cell free before the end of its column
		for i := range max(len(a), len(b)) {
			free := wide && strings.ContainsRune("x ", at(a, i)) && strings.ContainsRune("x ", at(b, i))
			if at(a, i) != at(b, i) && !free {
				return fmt.Sprintf("line %d is\n%s\nand with harmless texts\n%s", n, got[n], want[n])
			}
		}
	}
	return ""
}

func at(line []rune, i int) rune {
	if i < len(line) {
		return line[i]
	}
	return ' '
}

// rightOf is what the terminal has from a column on, by its own count of columns.
func (w *term) rightOf(column int) string {
	w.t.Helper()
	width, height := 0, 0
	if _, err := fmt.Sscanf(w.tmux("display", "-p", "#{pane_width} #{pane_height}"), "%d %d", &width, &height); err != nil {
		w.t.Fatal(err)
	}
	send := func(args ...string) { w.tmux(append([]string{"send-keys", "-X"}, args...)...) }
	w.tmux("copy-mode")
	send("rectangle-on")
	send("bottom-line")
	send("-N", fmt.Sprint(column), "cursor-right")
	send("begin-selection")
	send("-N", fmt.Sprint(height-1), "cursor-up")
	send("-N", fmt.Sprint(width-1-column), "cursor-right")
	send("copy-selection-and-cancel")
	text := w.tmux("show-buffer")
	w.tmux("delete-buffer")
	return text
}
