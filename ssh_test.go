//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// sshSite is an endpoint with the console over SSH, and the keys of those who
// use it, in the real client's form.
type sshSite struct {
	t             *testing.T
	e             *endpoint
	dir, home     string
	port          string
	admin, viewer string // files of private keys
}

// newSSHSite starts an endpoint on a store with a few workflows and a key.
func newSSHSite(t *testing.T, args ...string) *sshSite {
	t.Helper()
	needTool(t, "ssh")
	s := &sshSite{t: t, dir: filepath.Join(t.TempDir(), "data"), home: t.TempDir()}
	keyward(t, s.dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	keyward(t, s.dir, "key", "create", "orders", "--environment", "Test", "--workflow", "get-customer", "--out", filepath.Join(s.home, "orders.json"))
	s.admin, s.viewer = s.key("admin", "ada@laptop", ""), s.key("viewer", "bob@desk", "")
	s.authorize(`keyward-role="admin" `+s.public(s.admin), s.public(s.viewer))
	s.start(args...)
	return s
}

func (s *sshSite) start(args ...string) {
	s.t.Helper()
	s.e = startServe(s.t, s.dir, append([]string{"--ssh", "127.0.0.1:0", "--ssh-authorized-keys", s.file()}, args...)...)
	awaitLog(s.t, s.e, "SSH host key")
	s.port = regexp.MustCompile(`over SSH on 127\.0\.0\.1:(\d+)`).FindStringSubmatch(s.e.log.String())[1]
}

func (s *sshSite) file() string { return filepath.Join(s.home, "keys") }

// key makes a key with the real ssh-keygen.
func (s *sshSite) key(name, comment, passphrase string) string {
	s.t.Helper()
	path := filepath.Join(s.home, name)
	out, err := exec.Command(needTool(s.t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-C", comment, "-f", path).CombinedOutput()
	if err != nil {
		s.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return path
}

func (s *sshSite) public(key string) string { s.t.Helper(); return readFile(s.t, key+".pub") }

func (s *sshSite) authorize(lines ...string) {
	s.t.Helper()
	if err := os.WriteFile(s.file(), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// args are the client's arguments for a login with a key and nothing of the
// user's own.
func (s *sshSite) args(key string, more ...string) []string {
	return append([]string{
		"-F", "none", "-o", "UserKnownHostsFile=" + filepath.Join(s.home, "known_hosts"), "-o", "StrictHostKeyChecking=accept-new",
		"-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-i", key,
	}, more...)
}

// run runs the client with a command, and returns what it printed and its status.
func (s *sshSite) run(key string, options []string, command ...string) (out, errOut string, status int) {
	s.t.Helper()
	args := append(s.args(key, options...), "-p", s.port, "127.0.0.1")
	return s.runTool("ssh", append(args, command...)...)
}

func (s *sshSite) runTool(tool string, args ...string) (out, errOut string, status int) {
	s.t.Helper()
	cmd := exec.Command(needTool(s.t, tool), args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	watch := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer watch.Stop()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// console opens the console in a terminal.
func (s *sshSite) console(key string, env ...string) *term {
	s.t.Helper()
	args := append([]string{needTool(s.t, "ssh")}, s.args(key, "-t", "-p", s.port, "127.0.0.1")...)
	w := startTerm(s.t, 80, 24, env, args...)
	w.wait(`\? help`)
	return w
}

// TestSSHConsole: an administrator makes a key over SSH, whose secrets are shown
// and nothing else; the trail says who it was; the terminal is as it was.
func TestSSHConsole(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	w := s.console(s.admin)
	w.wait(`orders`)
	w.resize(100, 30)
	if screen := w.wait(`(?m)^ keyward .{60,}this endpoint`); strings.Count(screen, "\n") < 30 {
		t.Errorf("the screen did not grow:\n%s", screen)
	}
	w.resize(50, 12)
	w.wait(`needs 60x16`)
	w.resize(80, 24)
	w.wait(`orders`)
	w.keys("e") // disables the key under the cursor
	w.wait(`any other key`)
	w.answer("y")
	w.wait(`disabled`)
	w.keys("r")
	w.wait(`regenerate`)
	w.keys("Enter")
	w.wait(`any other key`)
	w.answer("y")
	screen := w.wait(secretPattern.String())
	if strings.Contains(screen, "writes it") || strings.Contains(screen, "write primary") {
		t.Errorf("the reveal speaks of files:\n%s", redacted(screen))
	}
	secret := secretPattern.FindString(screen)
	w.keys("c")
	w.wait(`ot copied: over SSH`)
	w.keys("w")
	w.keys("Escape")
	w.wait(`Have you stored`)
	w.answer("y")
	w.wait(`orders`)
	w.keys("Escape", "q")
	w.ended()
	if history := w.history(); strings.Contains(history, secret) {
		t.Error("the secret stays in the terminal's history")
	}
	checkNoSecret(t, "the log of serve", s.e.log.String(), secret)
	trail := keyward(t, s.dir, "audit", "--filter", "ada@laptop")
	for _, want := range []string{"key.disable", "key.regenerate", "ssh ada@laptop (SHA256:"} {
		if !strings.Contains(trail, want) {
			t.Errorf("the trail does not say %q:\n%s", want, trail)
		}
	}
	if out := keyward(t, s.dir, "audit", "verify"); !strings.Contains(out, "whole") {
		t.Errorf("the chain: %s", out)
	}
}

// TestSSHViewer: a viewer sees everything, and can change nothing.
func TestSSHViewer(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	w := s.console(s.viewer)
	w.wait(`read-only`)
	for _, key := range []string{"e", "d", "n", "r"} {
		w.keys(key)
		w.wait(`role viewer`)
		w.keys("j")
	}
	w.keys("?")
	screen := w.wait(`What the keys do here`)
	for _, word := range []string{"delete", "regenerate", "suspend", "enable"} {
		if strings.Contains(screen, word) {
			t.Errorf("the help offers %q:\n%s", word, screen)
		}
	}
	w.keys("Escape", "C-z", "A")
	w.wait(`key created`)
	w.keys("Escape", "q")
	w.ended()
	if out := keyward(t, s.dir, "key", "show", "orders"); !strings.Contains(out, "enabled") {
		t.Errorf("the key was changed:\n%s", out)
	}
}

// TestSSHCommands: the reading commands, and no other.
func TestSSHCommands(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	for _, c := range []struct {
		command, out string
		status       int
	}{
		{"version", "keyward", 0},
		{"keyward key list", "orders", 0},
		{"key list --json", `"name":"orders"`, 0},
		{"key show orders", "get-customer", 0},
		{"key show nobody", "", 3},
		{"workflow list", "get-customer", 0},
		{"environment list --json", `"Test"`, 0},
		{"check GET '/customers/7?_profile=Test' --key orders", "allowed", 0},
		{"check GET /customers/7 --key orders", "denied", 5},
		{"audit --limit 2", "key.create", 0},
		{"audit verify", "whole", 0},
		{"environment show Test", "Test", 0},
		{"key list --deleted --json", "[]", 0},
		{"key list --expiring 30d --json", "[]", 0},
		{"activity --limit 5 --json", "[", 0},
		{"key list --help", "Usage", 0},
		{"help key list", "Usage", 0},
	} {
		for _, key := range []string{s.admin, s.viewer} {
			out, errOut, status := s.run(key, nil, c.command)
			if status != c.status || !strings.Contains(out, c.out) {
				t.Errorf("%s: status %d, %q, %q", c.command, status, out, errOut)
			}
		}
	}
	for _, command := range []string{
		"key create x --environment Test", "key disable orders", "key delete orders --yes", "serve", "backup", "restore x", "doctor", "purge", "demo",
		"cert inspect /etc/passwd", "cert generate x", "workflow import /etc/passwd", "completion bash", "__complete key ''", "id", "/bin/sh", "scp -t .",
		"key list --data /tmp", "check GET / --secret-file /etc/passwd", "check GET / --cert /etc/passwd", "audit --follow --data /tmp", "keyward --read-only", "keyward --version", "keyward",
		"key list; id", "key list | cat", "$(id)", "key edit orders --reason x", "sh -c 'id'",
	} {
		out, errOut, status := s.run(s.admin, nil, command)
		if status != 2 || out != "" || strings.Count(errOut, "keyward: ") != 1 || strings.Contains(errOut, "uid=") {
			t.Errorf("%s: status %d, %q, %q", command, status, out, errOut)
		}
	}
	if out := keyward(t, s.dir, "audit", "--limit", "1"); !strings.Contains(out, "key.create") {
		t.Errorf("something was changed:\n%s", out)
	}
}

// TestSSHRefuses: nothing but the console and commands, and nobody but those
// listed, with the real client's every way to ask.
func TestSSHRefuses(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	stranger := s.key("stranger", "eve", "")
	locked := s.key("locked", "of the administrator", "a passphrase")
	s.authorize(`keyward-role="admin" `+s.public(s.admin), `keyward-role="admin" `+s.public(locked), s.public(s.viewer))
	list := []string{"key", "list"}
	for _, c := range []struct {
		name    string
		key     string
		options []string
		status  int
		says    string
	}{
		{"a stranger", stranger, nil, 255, "Permission denied (publickey)"},
		{"a password", stranger, []string{"-o", "PreferredAuthentications=password,keyboard-interactive,none"}, 255, "Permission denied (publickey)"},
		{"forwarding to here", s.admin, []string{"-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22"}, 255, "remote port forwarding failed"},
		{"an agent is not forwarded, and the command runs", s.admin, []string{"-A"}, 0, ""},
		{"X11", s.admin, []string{"-X"}, 0, ""},
		{"a subsystem", s.admin, []string{"-s"}, 255, "subsystem request failed"},
		{"forwarding of stdio", s.admin, []string{"-W", "127.0.0.1:1"}, 255, "stdio forwarding failed"},
		// The administrator's key is offered, accepted, and cannot sign; the viewer's
		// does: a viewer it is.
		{"a key that cannot sign", locked, []string{"-i", s.viewer}, 0, ""},
	} {
		command := list
		if c.name == "forwarding of stdio" {
			command = nil
		}
		_, errOut, status := s.run(c.key, c.options, command...)
		if status != c.status || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: status %d, %q", c.name, status, errOut)
		}
	}
	awaitLog(t, s.e, `who="ssh bob@desk (SHA256:`)
	if log := s.e.log.String(); !regexp.MustCompile(`SSH login.*bob@desk.*role=viewer`).MatchString(log) || strings.Contains(log, "of the administrator (SHA") {
		t.Errorf("the log does not say that the viewer came in:\n%s", log)
	}
	for _, tool := range []string{"sftp", "scp", "scp -O"} {
		name, legacy, _ := strings.Cut(tool, " ")
		args := s.args(s.admin, "-P", s.port)
		if name == "sftp" {
			args = append(args, "-b", os.DevNull, "127.0.0.1")
		} else {
			args = append(args, "127.0.0.1:/etc/passwd", s.home)
		}
		if legacy != "" {
			args = append([]string{legacy}, args...)
		}
		if out, errOut, status := s.runTool(name, args...); status == 0 || strings.Contains(out+errOut, "root:") {
			t.Errorf("%s: status %d, %q, %q", tool, status, out, errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(s.home, "passwd")); err == nil {
		t.Error("a file of the server was copied")
	}
	s.forwards("-L")
	s.forwards("-D")
}

// forwards opens a local port that the client forwards: nothing comes back.
func (s *sshSite) forwards(flag string) {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	local := l.Addr().String()
	_ = l.Close()
	where, hello := local, "\x04\x01\x00\x16\x7f\x00\x00\x01\x00" // SOCKS 4: 127.0.0.1:22
	if flag == "-L" {
		where, hello = local+":127.0.0.1:"+s.port, "SSH-2.0-x\r\n"
	}
	cmd := exec.Command(needTool(s.t, "ssh"), append(s.args(s.admin, flag, where, "-N", "-p", s.port), "127.0.0.1")...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var c net.Conn
	for end := time.Now().Add(20 * time.Second); c == nil && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		c, _ = net.Dial("tcp", local)
	}
	if c == nil {
		s.t.Fatalf("%s: the client never listened", flag)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, hello)
	if answer, _ := io.ReadAll(c); strings.HasPrefix(string(answer), "SSH-") || len(answer) > 1 && answer[1] == 0x5a {
		s.t.Errorf("%s: %q came through", flag, answer)
	}
}

// TestSSHHostKey: it stays over a restart, 0600, and is shown.
func TestSSHHostKey(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	if _, errOut, status := s.run(s.viewer, nil, "version"); status != 0 {
		t.Fatalf("status %d, %q", status, errOut)
	}
	path := filepath.Join(s.dir, "ssh_host_ed25519")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	out, err := exec.Command("ssh-keygen", "-l", "-f", path).CombinedOutput()
	shown := regexp.MustCompile(`SSH host key ED25519 (SHA256:\S+?)(,|\s)`).FindStringSubmatch(s.e.log.String())
	if err != nil || shown == nil || !strings.Contains(string(out), shown[1]) {
		t.Errorf("ssh-keygen says %s (%v), serve %v", out, err, shown)
	}
	port := s.port
	s.e.stop()
	s.start("--ssh", "127.0.0.1:"+port)
	if _, errOut, status := s.run(s.viewer, []string{"-o", "StrictHostKeyChecking=yes"}, "version"); status != 0 {
		t.Errorf("after a restart: status %d, %q", status, errOut)
	}
	if strings.Contains(s.e.log.String(), "made just now") {
		t.Error("the host key was made again")
	}
}

// TestSSHEnds: the end of the endpoint is told on the terminal, which is as it
// was; a client that is killed leaves nothing.
func TestSSHEnds(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	killed := exec.Command(needTool(t, "ssh"), append(s.args(s.viewer), "-tt", "-p", s.port, "127.0.0.1")...)
	in, err := killed.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	awaitLog(t, s.e, "of=console")
	_ = killed.Process.Kill()
	_ = killed.Wait()
	awaitLog(t, s.e, "SSH connection ended")
	line := quote(needTool(t, "ssh"))
	for _, arg := range s.args(s.admin, "-t", "-p", s.port, "127.0.0.1") {
		line += " " + quote(arg)
	}
	w := startTerm(t, 80, 24, nil, "sh", "-c", line+"; echo status $?; read x")
	w.wait(`orders`)
	s.e.stop()
	screen := w.wait(`status 1`)
	if strings.Contains(screen, "? help") || !strings.Contains(screen, "keyward: the endpoint stops: connect again when it runs") {
		t.Errorf("the terminal shows:\n%s", screen)
	}
	if mode := strings.TrimSpace(w.tmux("display", "-p", "#{alternate_on} #{cursor_flag}")); mode != "0 1" {
		t.Errorf("alternate screen and cursor are %q", mode)
	}
	w.text("typed") // the line discipline is the shell's again
	w.wait(`typed`)
}

// TestSSHDoesNotStart where nobody could log in, or somebody might who should not.
func TestSSHDoesNotStart(t *testing.T) {
	t.Parallel()
	dir, home := filepath.Join(t.TempDir(), "data"), t.TempDir()
	file := filepath.Join(home, "keys")
	needTool(t, "ssh-keygen")
	expired := (&sshSite{t: t, home: home}).public((&sshSite{t: t, home: home}).key("old", "old", ""))
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"missing":        {"", 0, "is not there"},
		"empty":          {"", 0o600, "nobody could log in"},
		"nothing usable": {"cert-authority ssh-ed25519 AAAA", 0o600, "line 1"},
		"group-writable": {"ssh-ed25519 AAAA", 0o620, "chmod go-w"},
		"expired":        {`expiry-time="20200101" ` + expired, 0o600, "line 1: it expired"},
	} {
		_ = os.Remove(file)
		if c.mode != 0 {
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command(keywardBinary(t), "serve", "--data", dir, "--listen", "127.0.0.1:0", "--ssh", "127.0.0.1:0", "--ssh-authorized-keys", file).CombinedOutput()
		if err == nil || strings.Count(string(out), c.says) != 1 || strings.Contains(string(out), "serving") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestSSHHostKeyInTheConsole: the endpoint's screen says where the console is over
// SSH and by which fingerprint, to a console that attached as well, and ssh agrees.
func TestSSHHostKeyInTheConsole(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	out, err := exec.Command(needTool(t, "ssh-keygen"), "-lf", filepath.Join(s.dir, "ssh_host_ed25519")).Output()
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := strings.Fields(string(out))[1]
	w := startTerm(t, 80, 24, nil, keywardBinary(t), "--data", s.dir)
	w.wait(`orders`)
	w.keys("P")
	w.wait(`SSH +127\.0\.0\.1:` + s.port + `\s(?s:.*)Host key +` + regexp.QuoteMeta(fingerprint))
}
