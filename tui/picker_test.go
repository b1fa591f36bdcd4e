package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// newPickerTest opens a picker on a directory of the test's own.
func newPickerTest(t *testing.T, names ...string) (m *maker, p *picker, dir string, got *picked) {
	t.Helper()
	m, dir, got = newMaker(t), t.TempDir(), new(picked)
	for _, name := range names {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		tempFile(t, path, name)
	}
	m.certs.read = func(path string) (model.Certificate, error) {
		data, err := os.ReadFile(path)
		switch {
		case err != nil:
			return model.Certificate{}, fmt.Errorf("reading %q: %w", path, model.RefuseCertificate(fs.ErrNotExist, "there is no such file: check the path"))
		case strings.HasSuffix(path, ".key"):
			return model.Certificate{}, fmt.Errorf("reading %q: %w", path, model.RefuseCertificate(errUnused,
				"this holds a private key, which belongs to the client alone: nothing of it was kept, but treat the key as exposed"))
		}
		return someCertificate(strings.TrimSuffix(string(data), ".crt")), nil
	}
	p = newPicker(m.rt, "Primary certificate", "Billing Nightly", func(c picked) tea.Cmd {
		*got = c
		return nil
	})
	m.push(p)
	m.run(p.open(dir))
	return m, p, dir, got
}

func TestPickerViews(t *testing.T) {
	t.Parallel()
	names := []string{"archive/", "zeta/", ".ssh/", "client.crt", "client.key", "ca.pem", "notes.txt"}
	for _, tt := range []struct {
		name string
		do   func(m *maker)
	}{
		{"directory", func(*maker) {}},
		{"hidden", func(m *maker) { m.keys(".", "end") }},
		{"filter", func(m *maker) { m.keys("CLI") }},
		{"no_match", func(m *maker) { m.keys("nothing") }},
		{"path", func(m *maker) { m.keys("c", "/x") }},
		{"path_narrows", func(m *maker) { m.keys("./c") }},
		{"path_wrong", func(m *maker) { m.keys("/no/such/place", "enter") }},
		{"refused", func(m *maker) { m.keys("client.key", "enter") }},
		{"accept", func(m *maker) { m.keys("client.crt", "enter") }},
		{"accept_warnings", func(m *maker) {
			m.certs.read = func(string) (model.Certificate, error) {
				c := someCertificate("old")
				c.SelfSigned, c.CA, c.SignatureAlgorithm, c.NotAfter = true, true, "SHA1-RSA", makeNow.AddDate(0, 0, -2)
				return c, nil
			}
			m.keys("client.crt", "enter")
		}},
		{"accept_used", func(m *maker) {
			c := someCertificate("client")
			m.store.keys = []model.KeyInfo{{KeyRow: model.KeyRow{Name: "crm"}, Slots: []model.SlotInfo{{Slot: model.Primary, Certificate: &c}}}}
			m.keys("client.crt", "enter")
		}},
		{"generate", func(m *maker) { m.keys("ctrl+g") }},
		{"generate_bad", func(m *maker) { m.keys("ctrl+g", "/x", "enter") }},
		{"generated", func(m *maker) { m.keys("ctrl+g", "enter") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, p, dir, _ := newPickerTest(t, names...)
			tt.do(m)
			m.fits()
			p.files.dir = strings.Replace(p.files.dir, dir, "/home/ada/certs", 1)
			p.found.picked.certificateFile = strings.Replace(p.found.picked.certificateFile, dir, "/home/ada/certs", 1)
			p.found.picked.keyFile = strings.Replace(p.found.picked.keyFile, dir, "/home/ada/certs", 1)
			m.goldens("view")
		})
	}
}

func TestPickerBrowses(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "sub/", "b.crt", "a.txt", ".hidden")
	tempFile(t, filepath.Join(dir, "sub", "inner.pem"), "inner")
	at := func(want string) {
		t.Helper()
		if p.files.dir != want {
			t.Fatalf("in %s, want %s\n%s", p.files.dir, want, m.view())
		}
	}
	if e, _ := p.files.current(); e.name != "sub" {
		t.Errorf("the first entry is %q, want the directory", e.name)
	}
	m.seesNo(".hidden")
	m.keys(".")
	m.sees(".hidden")
	m.keys(".", "enter")
	at(filepath.Join(dir, "sub"))
	m.sees("inner.pem")
	m.keys("backspace")
	at(dir)
	m.keys("right")
	at(filepath.Join(dir, "sub"))
	m.keys("left")
	at(dir)
	m.keys("b.", "left", "right", "backspace", "backspace") // in the filter: it is not empty
	at(dir)
	m.keys("txt")
	m.sees("a.txt", "1 of 4 match", "esc no filter")
	m.keys("esc")
	m.sees("b.crt")
	m.keys("end", "pgup", "pgdown", "home", "down", "up")
	tempFile(t, filepath.Join(dir, "new.crt"), "new")
	m.keys("ctrl+r")
	m.sees("new.crt")
	m.keys("esc")
	if len(m.app.stack) != 1 {
		t.Error("esc did not close the picker")
	}
}

func TestPickerTypesPaths(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "certs/", "certs-old/", "client.crt")
	m.env["HOME"] = dir
	m.keys("/", "esc", "~", "/ce", "tab")
	if got := p.path.input.Value(); got != "~/certs" {
		t.Fatalf("completed to %q", got)
	}
	m.sees("2 candidates: certs/ certs-old/")
	m.keys("/", "enter")
	if want := filepath.Join(dir, "certs"); p.files.dir != want || p.mode != picking {
		t.Fatalf("in %q, mode %d", p.files.dir, p.mode)
	}
	m.paste(filepath.Join(dir, "client.crt") + "\r")
	m.keys("enter")
	m.sees("Is this the certificate?", "CN=client")
	m.keys("esc", "~", "/nothing/here", "enter")
	m.sees("~/nothing/here: there is nothing of that name")
	m.keys("backspace", "enter")
	if p.mode != typingPath {
		t.Error("a wrong path was thrown away")
	}
	// An answer about an older text does not overwrite a newer one.
	m.send(completedMsg{request: p.path.request, text: "/else"})
	if got := p.path.input.Value(); got != "~/nothing/her" {
		t.Errorf("got %q", got)
	}
	m.env["HOME"] = ""
	m.keys("esc", "~", "enter")
	m.sees("~: there is no home directory")
}

func TestPickerAccepts(t *testing.T) {
	t.Parallel()
	m, p, dir, got := newPickerTest(t, "client.crt")
	m.keys("enter")
	m.sees("Is this the certificate?", "CN=client", "CN=Example CA", "0A1B", "2026-06-09, 100 days left", "RSA 4096",
		someCertificate("client").Thumbprint(), someCertificate("client").Fingerprint())
	m.keys("esc")
	if p.mode != picking || got.certificate.DER != nil {
		t.Fatal("esc did not lead back to the list")
	}
	m.keys("enter", "enter")
	if got.certificate.Subject != "CN=client" || got.certificateFile != filepath.Join(dir, "client.crt") || len(m.app.stack) != 1 {
		t.Errorf("got %+v with %d screens", got, len(m.app.stack))
	}
}

func TestNewPickerHandsTheCertificateOver(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	var got model.Certificate
	m.push(newPicker(m.rt, "Certificate", "", func(p picked) tea.Cmd { got = p.certificate; return nil }))
	m.paste("-----BEGIN CERTIFICATE-----")
	m.keys("enter")
	if got.Subject != "CN=pasted" {
		t.Errorf("got %+v", got)
	}
}

func TestPickerRefuses(t *testing.T) {
	t.Parallel()
	m, _, dir, got := newPickerTest(t, "client.crt", "client.key")
	m.keys("key", "enter")
	m.sees("client.key: this holds a private key, which belongs to the client alone")
	m.keys("x")
	m.seesNo("this holds a private key")
	m.keys("esc", "client.c")
	if err := os.Remove(filepath.Join(dir, "client.crt")); err != nil {
		t.Fatal(err)
	}
	m.keys("enter")
	m.sees("client.crt: there is no such file: check the path")
	if got.certificate.DER != nil {
		t.Error("a refused file was accepted")
	}
}

func TestPickerDoesNotAcceptWhatCannotBeUsed(t *testing.T) {
	t.Parallel()
	m, _, _, got := newPickerTest(t, "client.crt")
	m.certs.read = func(string) (model.Certificate, error) {
		c := someCertificate("old")
		c.NotAfter = makeNow.Add(-time.Hour)
		return c, nil
	}
	m.keys("enter", "enter")
	m.sees("It has expired, so no key can be given it")
	if got.certificate.DER != nil {
		t.Error("an expired certificate was accepted")
	}
}

func TestPickerStaysWhereItWas(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "closed/", "gone/", "a.crt")
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	m.keys("down", "enter")
	m.sees("gone: there is nothing of that name", "a.crt")
	closed := filepath.Join(dir, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(closed, 0o700) }()
	if _, err := os.ReadDir(closed); err != nil {
		m.keys("home", "enter")
		m.sees("closed: this user may not look into it", "a.crt")
	} else { // root looks into everything
		m.send(directoryMsg{request: p.files.request, dir: closed, err: explain(fs.ErrPermission)})
		m.sees("this user may not look into it", "a.crt")
	}
	if p.files.dir != dir {
		t.Errorf("in %s, want %s", p.files.dir, dir)
	}
	m.send(directoryMsg{request: p.files.request - 1, dir: "/elsewhere"})
	if p.files.dir != dir {
		t.Error("an old answer moved the picker")
	}
}

func TestPickerPastes(t *testing.T) {
	t.Parallel()
	const certificate = "-----BEGIN CERTIFICATE-----\rMIIB\r-----END CERTIFICATE-----\r"
	for _, tt := range []struct {
		name, text string
		see        string
		parsed     bool
	}{
		{"certificate", certificate, "Is this the certificate? pasted", true},
		{"text before it", "subject=CN = x\r\n" + certificate, "Is this the certificate? pasted", true},
		{"private key", "-----BEGIN PRIVATE KEY-----\rTOPSECRETTOPSECRET\r-----END PRIVATE KEY-----", "What was pasted: this holds a private key: treat the key as exposed", true},
		{"several lines of something", "TOPSECRET\rgarbage", "What was pasted: this is not a certificate", true},
		{"one long line", strings.Repeat("TOPSECRET", 40), "What was pasted: this is not a certificate", true},
		{"60 KB", "-----BEGIN CERTIFICATE-----\r" + strings.Repeat("QUJD\r", 12<<10), "Is this the certificate?", true},
		{"a word", "clie\u202ent", "Filter › client", false},
		{"escapes", "\x1b]52;c;AAAA\a", "Filter", false},
		{"nothing", "\r\n", "Filter", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _, _, _ := newPickerTest(t, "client.crt")
			m.paste(tt.text)
			m.sees(tt.see)
			m.seesNo("TOPSECRET")
			m.fits()
			if got := len(m.certs.parsed) > 0; got != tt.parsed {
				t.Errorf("parsed: %v, want %v", got, tt.parsed)
			}
			if tt.parsed && strings.Contains(m.certs.parsed[0], "\r") {
				t.Error("a carriage return was left for a line end")
			}
			m.certs.parsed = nil
			if at := holds(m.app, "TOPSECRET"); at != "" {
				t.Errorf("%s keeps what was pasted", at)
			}
		})
	}
}

func TestPickerPastesFromTheWizard(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toCertificate(stepCertificate)
	m.paste("-----BEGIN PRIVATE KEY-----\rTOPSECRET")
	m.sees("treat the key as exposed")
	m.certs.parsed = nil
	if at := holds(m.app, "TOPSECRET"); at != "" {
		t.Errorf("%s keeps what was pasted", at)
	}
	m.paste("-----BEGIN CERTIFICATE-----")
	m.keys("enter")
	if !w.certificate.filled(0) || w.certificate.cursor != 2 {
		t.Errorf("the certificate did not arrive:\n%s", m.view())
	}
}

// The directory may come after the answer about what was pasted.
func TestPickerKeepsARefusalWhenTheDirectoryComes(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "a.crt")
	slow := p.open(dir)
	m.paste("-----BEGIN PRIVATE KEY-----")
	m.run(slow)
	m.sees("What was pasted: this holds a private key", "a.crt")
	m.run(p.open(dir))
	_, read := m.app.Update(keyPress("enter"))
	m.run(p.open(dir))
	m.run(read)
	m.sees("Is this the certificate?")
}

func TestPickerHostileNames(t *testing.T) {
	t.Parallel()
	var names []string
	for i, evil := range hostileTexts {
		if i%race.Sample(1, 4) != 0 {
			continue
		}
		if name := fmt.Sprintf("%02d%s.crt", i, strings.ReplaceAll(evil, "/", "|")); !strings.Contains(name, "\x00") {
			names = append(names, name)
		}
	}
	m, p, _, _ := newPickerTest(t, names...)
	if len(p.files.entries) < race.Sample(28, 7) {
		t.Fatalf("only %d of the names exist", len(p.files.entries))
	}
	m.fits()
	for range names {
		m.keys("enter") // shows it, or its refusal, by name
		m.fits()
		m.keys("esc", "down")
	}
	m.certs.read = func(path string) (model.Certificate, error) {
		c := someCertificate("x")
		c.Subject, c.Issuer, c.SignatureAlgorithm = "CN="+filepath.Base(path), strings.Repeat("O=\u202e注文,", 400), "\x1b[2J"
		return c, nil
	}
	m.keys("home")
	for range names {
		m.keys("enter")
		m.fits()
		m.keys("down", "up", "esc", "down")
	}
}

// hostileTexts move cursors, set titles, touch clipboards, turn text around or
// are wider than they look.
var hostileTexts = []string{
	"\x1b]52;c;aGk=\a", "\x1b]52;c;aGk=\x1b\\", "\x1b]0;title\a", "\x1b]2;title", "\x1b[2J", "\x1b[H", "\x1b[31m", "\x1b[?1049l",
	"\x1bP+q544e\x1b\\", "\x1b_G\x1b\\", "\x1bc", "\x9b2J", "\u009b2J", "\u009d0;x\u009c", "a\nb", "a\rb", "a\tb", "a\bb", "\x7f", "\x00",
	"\u202egpj.exe", "\u2066x\u2069", "\u200f", "a\u200bb", "\ufeff", "注文確認書注文確認書", "e\u0301\u0302\u0303\u0304", "👩‍👩‍👧‍👦", "🇨🇭",
	"\u2028", "\u115f\u1160", "مرحبا", "\xff\xfe", strings.Repeat("w", 240), "ﷺﷺﷺ", "\U000e0001", "\x0e\x0f",
}

func TestPickerManyEntries(t *testing.T) {
	m, p, dir, _ := newPickerTest(t)
	for i := range 3000 { // several batches
		tempFile(t, filepath.Join(dir, fmt.Sprintf("file-%05d.txt", i)), "")
	}
	m.keys("ctrl+r")
	m.sees("1 of 3,000 entries")
	var entries []dirEntry
	for i := range 20_000 {
		name := fmt.Sprintf("file-%05d.crt", i)
		entries = append(entries, dirEntry{name: name, shown: name, folded: name, likely: true})
	}
	m.send(directoryMsg{request: p.files.request, dir: dir, entries: entries, more: true})
	m.sees("1 of 20,000 entries; there are more than 50,000: type a path")
	allocations := func() float64 {
		return testing.AllocsPerRun(10, func() {
			m.keys("down", "1", "pgdown", "backspace")
			_ = m.app.View()
		})
	}
	many := allocations()
	m.send(directoryMsg{request: p.files.request, dir: dir, entries: entries[:50]})
	if few := allocations(); many > 2*few {
		t.Errorf("four key presses make %v allocations with 20,000 entries, and %v with 50", many, few)
	}
}

func TestPickerGenerates(t *testing.T) {
	t.Parallel()
	m, p, dir, got := newPickerTest(t)
	m.keys("ctrl+g")
	m.sees("For testing only", "billing-nightly", "/CN=Billing Nightly", "600", "[rsa4096] p256")
	m.keys("tab", "tab", "backspace", "backspace", "backspace", "0", "enter")
	m.sees("The days are a number from 1 to 36500")
	m.keys("backspace", "30", "tab", "right", "shift+tab", "tab", "left", " ", "enter")
	want := GenerateOptions{Dir: dir, Name: "billing-nightly", Subject: "/CN=Billing Nightly", Days: 30, Algorithm: "p256"}
	if len(m.certs.generated) != 1 || m.certs.generated[0] != want {
		t.Fatalf("got %+v", m.certs.generated)
	}
	m.sees("Made. Use this certificate?", "billing-nightly.crt", "billing-nightly.key", "readable by you alone", "self-signed: recommended for testing only")
	m.keys("enter")
	if got.keyFile != dir+"/billing-nightly.key" || len(m.app.stack) != 1 || p.cancel != nil {
		t.Errorf("got %+v", got)
	}
}

func TestPickerKeepsTheFormWhenGeneratingFails(t *testing.T) {
	t.Parallel()
	m, p, _, _ := newPickerTest(t)
	m.certs.generate = func(context.Context, GenerateOptions) (Generated, error) {
		return Generated{}, errors.New("there is a file billing-nightly.key already: choose another name")
	}
	m.keys("ctrl+g", "2", "enter")
	m.sees("There is a file billing-nightly.key already: choose another name.", "billing-nightly2")
	m.keys("esc")
	if p.mode != picking {
		t.Error("esc did not lead back to the list")
	}
}

func TestPickerCancelsGenerating(t *testing.T) {
	t.Parallel()
	m, p, _, _ := newPickerTest(t)
	m.certs.generate = func(ctx context.Context, _ GenerateOptions) (Generated, error) {
		<-ctx.Done()
		return Generated{}, fmt.Errorf("generating rsa4096 key: %w", ctx.Err())
	}
	m.keys("ctrl+g")
	batch, _ := p.formKey(keyPress("enter"))().(tea.BatchMsg)
	result := make(chan tea.Msg, 1)
	go func() { result <- batch[0]() }()
	tick := batch[1]()
	_, again := m.app.Update(tick)
	if again == nil {
		t.Error("the spinner stands still")
	}
	m.sees("Making the key… RSA takes some seconds; esc cancels.")
	m.fits()
	m.keys("x", "esc")
	m.sees("Cancelling")
	m.send(<-result)
	m.sees("Cancelled: nothing was made.", "billing-nightly")
	if _, cmd := m.app.Update(tick); cmd != nil {
		t.Error("the spinner goes on")
	}
}

func TestPickerStopsGeneratingWhenItCloses(t *testing.T) {
	t.Parallel()
	m, p, _, _ := newPickerTest(t)
	stopped := make(chan struct{})
	m.certs.generate = func(ctx context.Context, _ GenerateOptions) (Generated, error) {
		<-ctx.Done()
		close(stopped)
		return Generated{}, ctx.Err()
	}
	m.keys("ctrl+g")
	batch, _ := p.formKey(keyPress("enter"))().(tea.BatchMsg)
	go batch[0]()
	m.keys("q") // letters are not text while something is being made
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Error("the certificate is still being made")
	}
}

func TestPickerDropsStaleCertificates(t *testing.T) {
	t.Parallel()
	m, p, _, _ := newPickerTest(t, "a.crt", "b.crt")
	_, first := m.app.Update(keyPress("enter"))
	m.keys("esc", "down")
	m.run(first)
	if p.mode != picking {
		t.Error("a file that was given up came up")
	}
	m.keys("enter")
	m.sees("CN=b")
}

// Whatever else a subject holds, and in whatever order, its common name is seen
// before the certificate is accepted.
func TestPickerShowsTheCommonName(t *testing.T) {
	t.Parallel()
	const name = "CN=billing-nightly.example.com"
	for _, size := range [][2]int{{60, 16}, {80, 24}} {
		for _, subject := range []string{
			"OU=" + strings.Repeat("Department ", 8) + ",O=Example," + name,
			"OU=" + strings.Repeat("Department ", 60) + ",O=" + strings.Repeat("x", 300) + "+" + name,
			name + ",OU=" + strings.Repeat("Department\\, ", 60),
		} {
			m, _, _, _ := newPickerTest(t, "client.crt")
			m.size(size[0], size[1])
			m.certs.read = func(string) (model.Certificate, error) {
				c := someCertificate("x")
				c.Subject, c.Issuer = subject, strings.Repeat("O=Example,", 60)
				return c, nil
			}
			m.keys("enter")
			m.sees(name)
			m.seesNo("……")
			m.fits()
		}
	}
}

func TestSubjectUntil(t *testing.T) {
	t.Parallel()
	c := someCertificate("x")
	c.Subject = "OU=a very long name of a department,O=Example,CN=billing"
	if got, want := subjectUntil(c, makeNow, 46), "CN=billing, OU=a very long …, until 2026-06-09"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := subjectUntil(c, makeNow, 60), "CN=billing, OU=a ve…, valid until 2026-06-09 (100 days left)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is said of many entries does not push out what else can be done.
func TestPickerKeepsItsHint(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("file-%02d", i))
	}
	m, _, _, _ := newPickerTest(t, names...)
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
		m.size(size[0], size[1])
		for _, keys := range [][]string{{"f"}, {"esc"}, {"end"}, {"home"}} {
			m.keys(keys...)
			m.sees("can be pasted here", "ctrl+g makes a self-signed one")
		}
	}
}

// Options of commands that a refusal names stay whole.
func TestNotesBreakAtBlanksOnly(t *testing.T) {
	t.Parallel()
	got := wrapWords("extract it: openssl pkcs12 -clcerts -nokeys", 26)
	if want := "extract it: openssl pkcs12\n-clcerts -nokeys"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := wrapWords("one two -three", 12); got != "one two\n-three" {
		t.Errorf("got %q", got)
	}
}

// A PEM text that comes as key presses is read as a paste; nothing of a private
// key is shown or kept, and the last line break accepts nothing.
func TestPickerReadsATypedPEM(t *testing.T) {
	t.Parallel()
	m, p, _, got := newPickerTest(t, "client.crt")
	lines := func(texts ...string) {
		for _, text := range texts {
			m.keys(strings.Split(strings.ReplaceAll(text, " ", "\x00 \x00"), "\x00")...)
			m.keys("enter")
		}
	}
	lines("-----BEGIN PRIVATE KEY-----", "TOPSECRET")
	m.sees("Reading what is typed or pasted")
	m.seesNo("TOPSECRET")
	m.fits()
	m.keys("-----END", " ", "PRIVATE", " ", "KEY-----")
	m.sees("What was pasted: this holds a private key")
	m.certs.parsed = nil
	if at := holds(m.app, "TOPSECRET"); at != "" {
		t.Errorf("%s keeps what was typed", at)
	}
	lines("-----BEGIN CERTIFICATE-----", "MIIB")
	m.keys("-----END", " ", "CERTIFICATE----")
	_, early := m.app.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("-")})
	_, last := m.app.Update(keyPress("enter"))
	m.run(early)
	if p.mode != picking || got.certificate.DER != nil {
		t.Fatal("the text was read before its end")
	}
	m.run(last)
	m.sees("Is this the certificate?", "CN=pasted")
	if want := "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"; m.certs.parsed[0] != want {
		t.Errorf("got %q, want %q", m.certs.parsed[0], want)
	}
	m.keys("esc", "-----BEGIN", "x", "esc")
	m.sees("client.crt")
}

func TestPlainPath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/a/b": "/a/b", "'/a b/c'": "/a b/c", `"/a b/c"`: "/a b/c", " /a ": "/a", "file:///a%20b/c": "/a b/c", "file://localhost/a": "/a",
		`/a\ b/c\(1\)`: "/a b/c(1)", `~/a\ b`: "~/a b", `/a\b`: `/a\b`, "name": "name", "'": "'", "file://elsewhere/a": "file://elsewhere/a",
	} {
		if got := plainPath(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPickerPath(t *testing.T) {
	t.Parallel()
	m, p, dir, _ := newPickerTest(t, "certs/", "certs-old/", "client.key", "a b.crt")
	tempFile(t, filepath.Join(dir, "certs", "inner.pem"), "inner")
	m.env["HOME"] = dir
	m.keys("~", "/certs/") // the list follows
	m.sees("inner.pem")
	m.keys("esc")
	m.sees("certs-old/", "Filter")
	m.keys("/")
	m.paste("file://" + dir + "/a%20b.crt\r\n")
	if got := p.path.input.Value(); got != dir+"/a b.crt" {
		t.Errorf("the path is %q", got)
	}
	m.keys("esc", "~", "/certs-", "tab")
	m.sees("Directory ~/certs-old")
	m.keys("esc", "~", "/client.key", "enter")
	m.sees("Path › ~/client.key", "client.key: this holds a private key")
	m.keys("esc", "cl")
	if keys := fmt.Sprint(p.Keys().ShortHelp()); strings.Contains(keys, "{path") || p.mode != picking {
		t.Error("keys are offered that would be text")
	}
}

func TestPickerWarnsOfTheEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		left time.Duration
		want string
	}{{5 * time.Hour, "It ends today, on 2026-03-01"}, {72 * time.Hour, "It ends in 3 days, on 2026-03-04"}, {40 * 24 * time.Hour, ""}} {
		m, _, _, _ := newPickerTest(t, "a.crt")
		m.certs.read = func(string) (model.Certificate, error) {
			c := someCertificate("a")
			c.NotAfter = makeNow.Add(tt.left)
			return c, nil
		}
		m.keys("enter")
		if tt.want == "" {
			m.seesNo("It ends")
		} else {
			m.sees(tt.want)
		}
	}
}

func TestPickerSaysWhatStays(t *testing.T) {
	t.Parallel()
	m, _, dir, _ := newPickerTest(t)
	m.keys("ctrl+g", "enter", "esc")
	m.sees("Its files stay, the private key too: " + filepath.Join(dir, "billing-nightly.key"))
	m.fits()
	m.keys("ctrl+g", "/")
	m.seesNo("Written to")
}
