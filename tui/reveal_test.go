package tui

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// revealInfo is a key that may call two workflows in Test.
func revealInfo(environment string) model.KeyInfo {
	return model.KeyInfo{
		KeyRow: model.KeyRow{Name: "Billing Nightly", Kind: model.TokenKey, Environment: environment, Production: environment == ""},
		Workflows: []model.WorkflowRef{
			{Name: "Create order", Method: "POST", Path: "/orders"},
			{Name: "Get customer", Method: "GET", Path: "/customers/{id}?since={from}"},
		},
	}
}

func newRevealTest(t *testing.T) (m *maker, r *reveal, secrets [2]model.Secret) {
	t.Helper()
	m = newMaker(t)
	if err := m.rt.drawSecrets(&secrets); err != nil {
		t.Fatal(err)
	}
	m.env["HOME"] = t.TempDir()
	m.push(newReveal(m.rt, revealInfo("Test"), secrets))
	r, _ = m.app.top().(*reveal)
	return m, r, secrets
}

func TestRevealViews(t *testing.T) {
	t.Parallel()
	certificate := someCertificate("billing")
	certificateInfo := revealInfo("Test")
	certificateInfo.Kind = model.CertificateKey
	certificateInfo.Slots = []model.SlotInfo{{Slot: model.Primary, Certificate: &certificate}, {Slot: model.Secondary, Empty: true}}
	none := revealInfo("")
	none.Workflows = nil
	for _, tt := range []struct {
		name string
		info model.KeyInfo
		show [2]bool
		do   func(m *maker)
	}{
		{"both", revealInfo("Test"), [2]bool{true, true}, func(*maker) {}},
		{"secondary", revealInfo(""), [2]bool{false, true}, func(*maker) {}},
		{"no_workflows", none, [2]bool{true, true}, func(*maker) {}},
		{"masked", revealInfo("Test"), [2]bool{true, true}, func(m *maker) { m.send(hideMsg{}) }},
		{"copied", revealInfo("Test"), [2]bool{true, true}, func(m *maker) { m.keys("c", "C") }},
		{"writing", revealInfo("Test"), [2]bool{true, true}, func(m *maker) { m.keys("w") }},
		{"write_failed", revealInfo("Test"), [2]bool{true, true}, func(m *maker) { m.keys("w", "/x/y", "enter") }},
		{"certificate", certificateInfo, [2]bool{}, func(*maker) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMaker(t)
			var secrets [2]model.Secret
			if err := m.rt.drawSecrets(&secrets); err != nil {
				t.Fatal(err)
			}
			for i, show := range tt.show {
				if !show {
					secrets[i] = model.Secret{}
				}
			}
			m.push(newReveal(m.rt, tt.info, secrets))
			tt.do(m)
			m.fits()
			m.goldens("view")
		})
	}
}

// Each secret is alone on its line, whole, so that a double click selects it.
func TestRevealSecretsAreWholeLines(t *testing.T) {
	t.Parallel()
	m, _, secrets := newRevealTest(t)
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
		m.size(size[0], size[1])
		lines := strings.Split(m.view(), "\n")
		for i, s := range secrets {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.TrimSpace(line) == s.Reveal() }) {
				t.Errorf("%v: secret %d is not a line of its own", size, i)
			}
		}
	}
}

func TestRevealCopies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  map[string]string
		mode osc52.Mode
	}{
		{"plain", nil, osc52.DefaultMode},
		{"screen", map[string]string{"TERM": "screen.xterm-256color"}, osc52.ScreenMode},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, r, secrets := newRevealTest(t)
			for name, value := range tt.env {
				m.env[name] = value
			}
			if m.output.Len() > 0 {
				t.Fatal("something was sent to the terminal before a key press")
			}
			for i, k := range []string{"c", "C"} {
				m.output.Reset()
				m.keys(k)
				if got, want := m.output.String(), osc52.New(secrets[i].Reveal()).Mode(tt.mode).String(); got != want {
					t.Errorf("%s sent %d bytes, want %d", k, len(got), len(want))
				}
				if !r.copied[i] {
					t.Errorf("%s is not remembered", k)
				}
			}
			m.sees("was sent to the terminal; whether it took it, only a paste tells. If not: W writes it to a file.", "✓ sent to the clipboard")
			m.output.Reset()
			m.keys("y")
			if got := m.output.String(); got != osc52.New(r.call().oneLine()).Mode(tt.mode).String() {
				t.Errorf("y sent %q", got)
			}
		})
	}
}

// tmux gets the secret on its standard input, never as an argument.
func TestRevealCopiesIntoTmux(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >" + dir + "/args\ncat >" + dir + "/stdin\n"
	if err := os.WriteFile(filepath.Join(dir, "tmux"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	m, _, secrets := newRevealTest(t)
	m.env["TMUX"] = "/tmp/x"
	m.keys("c")
	m.sees("The primary secret is in tmux's paste buffer: tmux delete-buffer forgets it.")
	if m.output.Len() > 0 {
		t.Errorf("the terminal got %q besides", m.output)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "stdin")); err != nil || string(got) != secrets[0].Reveal() {
		t.Errorf("tmux got %d bytes, %v", len(got), err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "args")); err != nil || string(got) != "load-buffer -w -\n" {
		t.Errorf("tmux was called with %q, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tmux"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	m.keys("c")
	m.sees("only a paste tells")
}

func TestRevealSaysWhenCopyingFailed(t *testing.T) {
	t.Parallel()
	m, r, _ := newRevealTest(t)
	m.rt.output = brokenTerminal{}
	m.keys("c")
	m.sees("The primary secret was not copied", "If not: w writes it to a file")
	if r.copied[0] {
		t.Error("it counts as copied")
	}
}

type brokenTerminal struct{}

func (brokenTerminal) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestRevealWrites(t *testing.T) {
	t.Parallel()
	m, r, secrets := newRevealTest(t)
	home := m.env["HOME"]
	m.keys("w", "esc", "w")
	m.sees("Write the primary secret's header to a new file, readable by you alone", "billing-nightly-primary.header")
	m.keys("enter")
	path := filepath.Join(home, "billing-nightly-primary.header")
	got, err := os.ReadFile(path)
	if want := "Authorization: Key=" + secrets[0].Reveal() + "\n"; err != nil || string(got) != want {
		t.Errorf("the file holds %d bytes, %v; want %d", len(got), err, len(want))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want mode 0600", info, err)
	}
	m.sees("✓ written", "-H @"+home[:8])
	if !slices.Contains(r.call(), "-H "+model.ShellQuote("@"+path)) {
		t.Errorf("the call does not name the file: %q", r.call())
	}
	// A second time: never over the first.
	m.keys("w", "enter")
	m.sees("There is a file of that name already: choose another name, nothing is overwritten.")
	if again, _ := os.ReadFile(path); !slices.Equal(again, got) {
		t.Error("the file was written again")
	}
	m.keys("2", "enter")
	m.sees("✓ Primary written to")
	m.keys("W")
	m.sees("billing-nightly-secondary.header")
	m.paste("/no/such\x1b]0;x\adir")
	m.keys("enter")
	m.sees("There is no such directory: choose another place")
	m.fits()
}

func TestRevealMasks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		hide func(m *maker, r *reveal)
	}{
		{"suspended", func(m *maker, _ *reveal) { m.send(hideMsg{}) }},
		{"focus lost", func(m *maker, _ *reveal) { m.send(tea.BlurMsg{}) }},
		{"nobody there", func(m *maker, r *reveal) {
			for range idleTicks {
				m.send(revealTickMsg{r.id})
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, r, secrets := newRevealTest(t)
			tt.hide(m, r)
			m.seesNo("kw_")
			m.sees("Hidden. Press any key to show it again.")
			m.output.Reset()
			m.keys("c") // shows, and does nothing else
			m.sees(secrets[0].Reveal(), secrets[1].Reveal())
			if m.output.Len() > 0 {
				t.Error("the key that showed the secrets copied one as well")
			}
		})
	}
}

func TestRevealStaysWhileKeysArePressed(t *testing.T) {
	t.Parallel()
	m, r, secrets := newRevealTest(t)
	for range idleTicks - 1 {
		m.send(revealTickMsg{r.id})
	}
	m.keys("j", "k", "x")
	m.send(revealTickMsg{r.id})
	m.send(revealTickMsg{r.id + 1000})
	m.sees(secrets[0].Reveal())
}

func TestRevealLeaves(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"esc", "enter", "q"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			m, _, secrets := newRevealTest(t)
			m.keys("c", key)
			m.sees("Have you stored what you need", "The secondary secret was neither copied nor written")
			m.seesNo("kw_", "The primary secret was neither")
			m.keys("n")
			m.sees(secrets[0].Reveal())
			m.keys(key)
			m.yes()
			m.sees("the list")
			m.seesNo("kw_")
		})
	}
}

func TestRevealQuits(t *testing.T) {
	t.Parallel()
	m, _, _ := newRevealTest(t)
	m.send(hideMsg{})
	m.keys("ctrl+c")
	m.sees("Have you stored what you need")
	m.yes()
	if !m.quit {
		t.Error("the console did not quit")
	}
	m.seesNo("kw_") // in the last frame
}

// After leaving, nothing that the console holds refers to a secret; while it is
// shown, only the reveal's two fields do.
func TestRevealLetsGoOfTheSecrets(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.toToken(stepReview)
	m.keys("enter")
	r, ok := m.app.top().(*reveal)
	if !ok {
		t.Fatalf("%T is on top", m.app.top())
	}
	texts := [2]string{r.secrets[0].Reveal(), r.secrets[1].Reveal()}
	for _, text := range texts {
		if at := holds(m.app, text); !strings.HasPrefix(at, "app.stack[].secrets[].text") {
			t.Fatalf("%s holds a secret", at)
		}
	}
	m.keys("c", "C", "w", "enter", "yes")
	m.output.Reset() // the terminal of this test remembers
	m.send(hideMsg{})
	m.keys("x", "esc", "n", "esc")
	m.yes()
	for _, text := range texts {
		for _, part := range []string{text, text[3:46]} {
			if at := holds(m.app, part); at != "" {
				t.Errorf("%s holds a secret", at)
			}
		}
		if at := holds(r, text); at != "" {
			t.Errorf("the reveal itself holds a secret at %s", at)
		}
	}
}

func TestRevealDropsStaleAnswers(t *testing.T) {
	t.Parallel()
	m, r, _ := newRevealTest(t)
	m.keys("c")
	m.send(copiedMsg{request: r.request - 1, slot: 1})
	m.send(writtenMsg{request: r.request - 1, slot: 1, path: "/elsewhere"})
	if r.copied[1] || r.written[1] != "" {
		t.Error("an old answer counted")
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	m.env["HOME"] = "/home/o'neil x"
	certificate := revealInfo("")
	certificate.Kind = model.CertificateKey
	for _, tt := range []struct {
		name    string
		info    model.KeyInfo
		file    picked
		ca      string
		methods string
		want    string
	}{
		{"token", revealInfo("Test"), picked{}, "/c a/server.crt", "GET",
			`curl --cacert '/c a/server.crt' -H '@/home/o'\''neil x/billing-nightly-primary.header' 'https://localhost:8443/customers/1?since=1&_profile=Test'`},
		{"post", revealInfo(""), picked{}, "", "POST", `curl -H '@/home/o'\''neil x/billing-nightly-primary.header' -X POST https://localhost:8443/orders`},
		{"head", revealInfo(""), picked{}, "", "HEAD", `curl -H '@/home/o'\''neil x/billing-nightly-primary.header' --head https://localhost:8443/orders`},
		{"generated", certificate, picked{certificateFile: "/a/b.crt", keyFile: "/a/b.key"}, "", "GET",
			`curl --cert /a/b.crt --key /a/b.key 'https://localhost:8443/customers/1?since=1'`},
		{"from a file", certificate, picked{certificateFile: "/a/b.pem"}, "", "GET", `curl --cert /a/b.pem --key client.key 'https://localhost:8443/customers/1?since=1'`},
		{"DER, which curl does not read", certificate, picked{certificateFile: "/a/b.cer"}, "", "GET",
			`curl --cert client.crt --key client.key 'https://localhost:8443/customers/1?since=1'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m.rt.CAFile = tt.ca
			if tt.methods != "GET" {
				tt.info.Workflows = []model.WorkflowRef{{Method: tt.methods, Path: "/orders"}}
			}
			r := newRevealOf(m.rt, tt.info, [2]model.Secret{}, tt.file)
			if got := r.call().oneLine(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRevealHostileNames(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for i, evil := range hostileTexts {
		if i%race.Sample(1, 5) != 0 {
			continue
		}
		var secrets [2]model.Secret
		if err := m.rt.drawSecrets(&secrets); err != nil {
			t.Fatal(err)
		}
		info := revealInfo(evil)
		info.Name, info.Workflows[1].Path = evil, "/"+evil+"/{id}?"+evil+"={x}"
		m.env["HOME"] = "/home/" + evil
		m.push(newReveal(m.rt, info, secrets))
		m.fits()
		m.keys("w")
		m.fits()
		m.send(writtenMsg{request: m.rt.request, path: "/tmp/" + evil})
		m.fits()
		m.keys("esc", "esc")
		m.fits()
		m.yes()
	}
	if got := ansi.Strip(m.view()); !strings.Contains(got, "the list") {
		t.Errorf("got\n%s", got)
	}
}

// Selected with the mouse, the curl line is one command: it is broken between
// arguments only.
func TestRevealCallIsOneCommand(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"Test", "A profile that has a long name"} {
		m := newMaker(t)
		var secrets [2]model.Secret
		if err := m.rt.drawSecrets(&secrets); err != nil {
			t.Fatal(err)
		}
		m.push(newReveal(m.rt, revealInfo(profile), secrets))
		r, _ := m.app.top().(*reveal)
		for _, width := range []int{60, 61, 62, 63, 80, 120} {
			m.fits()
			m.size(width, 30)
			lines, whole := r.call().lines(width - len(gutter))
			var words []string
			for i, line := range lines {
				if !strings.Contains(m.view(), "  "+line) {
					t.Fatalf("at %d %q is not on the screen:\n%s", width, line, m.view())
				}
				rest, goesOn := strings.CutSuffix(line, " \\")
				if goesOn != (i < len(lines)-1) || strings.TrimSpace(rest) == "" {
					t.Errorf("at %d line %d is %q", width, i, line)
				}
				words = append(words, strings.TrimSpace(rest))
			}
			if got := strings.Join(words, " "); whole && got != r.call().oneLine() {
				t.Errorf("at %d got %s, want %s", width, got, r.call().oneLine())
			}
			if !whole {
				m.sees("(y copies it whole)")
			}
		}
	}
}

// Leaving wipes the secrets; a command that still copies or writes one gets it
// whole, and wipes it when it ends.
func TestRevealWipesTheSecrets(t *testing.T) {
	t.Parallel()
	_, r, secrets := newRevealTest(t)
	r.close()
	if !secrets[0].IsZero() || !secrets[1].IsZero() {
		t.Error("the secrets outlive the screen")
	}

	m, r, secrets := newRevealTest(t)
	want := "Authorization: Key=" + secrets[0].Reveal() + "\n"
	_, copying := m.app.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("C")})
	m.keys("w")
	_, writing := m.app.Update(keyPress("enter"))
	r.close()
	m.run(writing)
	if got, err := os.ReadFile(filepath.Join(m.env["HOME"], "billing-nightly-primary.header")); err != nil || string(got) != want {
		t.Errorf("the file holds %d bytes, %v; want %d", len(got), err, len(want))
	}
	if secrets[1].IsZero() {
		t.Fatal("a secret was wiped while it was being copied")
	}
	m.run(copying)
	if !secrets[0].IsZero() || !secrets[1].IsZero() {
		t.Error("the secrets outlive the last command")
	}
}

// The key is proposed where it lies beside the certificate.
func TestRevealNamesTheKeyBesideTheCertificate(t *testing.T) {
	t.Parallel()
	m, _, dir, got := newPickerTest(t, "a.crt", "a.key", "b.crt")
	for _, tt := range []struct{ file, private string }{{"a.crt", filepath.Join(dir, "a.key")}, {"b.crt", "client.key"}} {
		if tt.file == "b.crt" {
			m.push(newPicker(m.rt, "Certificate", "", func(c picked) tea.Cmd { *got = c; return nil }))
		}
		m.keys("/")
		m.paste(filepath.Join(dir, tt.file))
		m.keys("enter", "enter")
		certificate, private := newRevealOf(m.rt, revealInfo(""), [2]model.Secret{}, *got).clientFiles()
		if certificate != filepath.Join(dir, tt.file) || private != tt.private {
			t.Errorf("got %s and %s, want %s", certificate, private, tt.private)
		}
	}
}

// A no to leaving that is on its way when the mask is put on does not take it off.
func TestRevealStaysHidden(t *testing.T) {
	t.Parallel()
	m, r, _ := newRevealTest(t)
	m.keys("esc")
	no := m.app.prompt.OnNo()
	m.app.prompt = nil
	m.send(hideMsg{})
	m.send(no)
	if !r.masked {
		t.Error("the secrets are shown after they were hidden")
	}
}

// A yes to leaving the wizard that is on its way when the key is made closes the
// wizard, and not the secrets in its place.
func TestRevealIsNotLeftForTheWizard(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.press("n")
	made := w.app.top().(*wizard)
	made.saving = true
	w.press("q")
	w.hold = true
	w.press("y")
	yes := w.held
	w.hold, w.held = false, nil
	var secrets [2]model.Secret
	if err := w.rt.drawSecrets(&secrets); err != nil {
		t.Fatal(err)
	}
	w.send(swapMsg{made, newReveal(w.rt, revealInfo("Test"), secrets)})
	for _, cmd := range yes {
		w.run(cmd)
	}
	if _, ok := w.app.top().(*reveal); !ok {
		t.Errorf("%T is on top, want the secrets", w.app.top())
	}
}
