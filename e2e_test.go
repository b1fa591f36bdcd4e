package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// console is the real console in a real terminal.
type console struct {
	*term
	dir string
}

func startConsole(t *testing.T, dir string, env ...string) *console {
	t.Helper()
	c := &console{startTerm(t, 80, 24, env, keywardBinary(t), "--data", dir), dir}
	c.wait(`\? help`)
	return c
}

// confirm answers a prompt once it takes keys.
func (c *console) confirm(prompt string, answer ...string) {
	c.t.Helper()
	c.wait(prompt)
	c.answer(answer[0])
	c.keys(answer[1:]...)
}

// quit leaves the console from the list and checks that the program ended.
func (c *console) quit() {
	c.t.Helper()
	c.keys("q")
	c.ended()
}

// choose marks one workflow in the wizard's list and goes on.
func (c *console) choose(workflow string) {
	c.t.Helper()
	c.wait(`Which workflows`)
	c.keys("/")
	c.text(workflow)
	c.wait(`1 shown|› \[ \] ` + workflow)
	c.keys("Enter", "Space")
	c.wait(`\[x\] ` + workflow)
	c.keys("Enter")
}

// TestConsoleToEndpoint is the main job, as a user does it: the console makes a
// token key and a certificate key, the endpoint accepts both callers and nobody
// else, and refuses the one whose key is disabled. Console and endpoint take
// turns on the directory.
func TestConsoleToEndpoint(t *testing.T) {
	t.Parallel()
	needTool(t, "openssl")
	needTool(t, "curl")
	dir, home := filepath.Join(t.TempDir(), "data"), t.TempDir()
	certificate := seedCertificate(t, home)

	for _, w := range [][3]string{
		{"get-customer", "GET", "/customers/{id}"}, {"list-customers", "GET", "/customers?since={from}"}, {"create-order", "POST", "/orders"},
		{"order-status", "GET", "/orders/{id}/status"}, {"cancel-order", "DELETE", "/orders/{id}"}, {"update-stock", "PUT", "/products/{sku}/stock"},
	} {
		keyward(t, dir, "workflow", "create", w[0], "--method", w[1], "--path", w[2])
	}
	c := startConsole(t, dir, "HOME="+home)
	c.wait(`Welcome`)

	header := c.makeToken(t, home)
	c.makeCertificate(certificate)
	c.wait(`partner`)
	c.quit()

	e := startServe(t, dir)
	call := "/customers/7?_profile=Test"
	for _, tt := range []struct {
		name, target, want string
		args               []string
	}{
		{"the token", call, "200", []string{"-H", "@" + header}},
		{"the certificate", call, "200", clientCertificate(certificate)},
		{"the certificate over HTTP/1.1", call, "200", append(clientCertificate(certificate), "--http1.1")},
		{"nobody", call, "401", nil},
		{"a stranger's certificate", call, "401", clientCertificate(seedCertificate(t, t.TempDir()))},
		{"the token elsewhere", "/customers/7", "403", []string{"-H", "@" + header}},
		{"the token for another workflow", "/orders/7/status?_profile=Test", "403", []string{"-H", "@" + header}},
		{"the token for nothing", "/nothing?_profile=Test", "404", []string{"-H", "@" + header}},
	} {
		if got := e.curl(tt.target, tt.args...); got != tt.want {
			t.Errorf("%s: got %s, want %s\n%s", tt.name, got, tt.want, e.log)
		}
	}
	e.stop()
	checkNoSecret(t, "the log of serve", e.log.String(), secretOf(t, header))

	c = startConsole(t, dir, "HOME="+home)
	c.wait(`app`)
	c.keys("/")
	c.text("app")
	c.wait(`1 of 1`)
	c.keys("Enter", "e")
	c.confirm(`y `, "y")
	c.wait(`disabled`)
	c.keys("Escape")
	c.quit()

	e = startServe(t, dir)
	if got := e.curl(call, "-H", "@"+header); got != "401" {
		t.Errorf("a disabled key: got %s", got)
	}
	if got := e.curl(call, clientCertificate(certificate)...); got != "200" {
		t.Errorf("the other key: got %s", got)
	}
}

// seedCertificate makes a certificate with the seed's own recipe and returns
// its path; the key lies beside it.
func seedCertificate(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command(needTool(t, "openssl"), "req", "-x509", "-newkey", "rsa:4096", "-sha256", "-nodes",
		"-keyout", "selfsigned.key", "-out", "selfsigned.crt", "-subj", "/", "-days", "600")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	return filepath.Join(dir, "selfsigned.crt")
}

func clientCertificate(path string) []string {
	return []string{"--cert", path, "--key", strings.TrimSuffix(path, ".crt") + ".key"}
}

// beginKey goes through the steps of the wizard that all keys have; kind are
// the key presses that choose the kind.
func (c *console) beginKey(name string, kind ...string) {
	c.t.Helper()
	c.keys("n")
	c.wait(`How will the caller prove`)
	c.keys(kind...)
	c.wait(`What is the key called`)
	c.text(name)
	c.wait(`The name is free`)
	c.keys("Enter")
	c.wait(`Which environment`)
	c.wait(`› Test`) // what the wizard proposes
	c.keys("Enter")
	c.choose("get-customer")
}

// makeToken goes through the wizard for a token key called app and returns the
// file that the reveal screen wrote for curl. It checks that nothing of the
// secrets stays on the terminal.
func (c *console) makeToken(t *testing.T, home string) string {
	t.Helper()
	c.beginKey("app", "Down", "Enter")
	c.wait(`Until when`)
	c.keys("Enter")
	c.wait(`Is this the key`)
	c.keys("Enter")
	screen := c.wait(`Store these secrets now`)
	secrets := regexp.MustCompile(`\bkw_[0-9A-Za-z]{49}\b`).FindAllString(screen, -1)
	if len(secrets) != 2 || secrets[0] == secrets[1] {
		t.Fatalf("%d secrets are on the reveal screen, each on a line of its own", len(secrets))
	}
	c.keys("c")
	c.wait(`[Ss]ent to`)
	if clip := c.tmux("show-buffer"); clip != secrets[0] {
		t.Error("the copy is not the primary secret")
	}
	c.keys("w")
	c.wait(`app-primary.header`)
	c.keys("Enter")
	c.wait(`[Ww]r(itten|ote)`)
	header := filepath.Join(home, "app-primary.header")
	info, err := os.Stat(header)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file for curl: %v, %v", info, err)
	}
	if secretOf(t, header) != secrets[0] {
		t.Error("the file does not hold the primary secret")
	}
	c.keys("Escape")
	c.confirm(`y `, "y")
	c.gone(`kw_`)
	c.wait(`app`)
	for _, s := range secrets {
		checkNoSecret(t, "the terminal", c.history(), s)
	}
	return header
}

// makeCertificate goes through the wizard for a certificate key called partner.
func (c *console) makeCertificate(certificate string) {
	c.t.Helper()
	c.beginKey("partner", "Enter")
	c.wait(`Which certificate`)
	c.keys("Enter")
	c.wait(`Directory`)
	c.pickFile(certificate)
	c.wait(`Which certificate`)
	c.keys("Tab")
	c.wait(`Until when`)
	c.keys("Tab")
	c.wait(`Is this the key`)
	c.keys("Enter")
	c.wait(`--cert`)
	c.keys("Escape")
	c.wait(`of 2`)
}

// pickFile types a path into the file picker and accepts what it shows.
func (c *console) pickFile(path string) {
	c.t.Helper()
	c.text(path)
	c.keys("Enter")
	c.wait(`SHA-256`)
	c.keys("Enter")
}

func secretOf(t *testing.T, header string) string {
	t.Helper()
	b, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`kw_[0-9A-Za-z]{49}`).FindString(string(b))
}

// checkNoSecret looks for any six characters in a row of the secret.
func checkNoSecret(t *testing.T, where, text, secret string) {
	t.Helper()
	const run = 6
	for i := len("kw_"); i+run <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+run]) {
			t.Errorf("%s holds a part of a secret", where)
			return
		}
	}
}

// keyward runs one command on the directory and returns what it printed.
func keyward(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command(keywardBinary(t), append(args, "--data", dir)...).CombinedOutput()
	if err != nil {
		t.Fatalf("keyward %s: %v\n%s", strings.Join(args, " "), err, redacted(string(out)))
	}
	return string(out)
}
