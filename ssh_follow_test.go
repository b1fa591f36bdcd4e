//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// following is a command over SSH that goes on until its client ends.
type following struct {
	t   *testing.T
	cmd *exec.Cmd
	out *lockedBuffer
}

func (s *sshSite) follow(key string, command string) *following {
	s.t.Helper()
	f := &following{t: s.t, out: &lockedBuffer{}}
	f.cmd = exec.Command(needTool(s.t, "ssh"), append(s.args(key, "-p", s.port, "127.0.0.1"), command)...)
	f.cmd.Stdout, f.cmd.Stderr = f.out, f.out
	if err := f.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = f.cmd.Process.Kill(); _ = f.cmd.Wait() })
	return f
}

// wait waits until it printed what matches.
func (f *following) wait(pattern string, again func()) {
	f.t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(20 * time.Second); !re.MatchString(f.out.String()); time.Sleep(40 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("%q never came:\n%s", pattern, f.out.String())
		}
		again()
	}
}

// TestSSHFollows: activity and the audit trail go on over SSH for a viewer, and
// end with the connection.
func TestSSHFollows(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	nothing := func() {}
	calls, trail := s.follow(s.viewer, "activity --follow --json"), s.follow(s.viewer, "audit --follow")
	trail.wait("key.create", nothing)
	keyward(t, s.dir, "key", "disable", "orders", "--reason", "over there")
	trail.wait("key.disable.*orders", nothing)
	calls.wait(`"path":"/customers/7"`, func() { s.e.curl("/customers/7") })
	awaitLog(t, s.e, "of=command")
	_ = calls.cmd.Process.Kill()
	_ = trail.cmd.Process.Kill()
	for end := time.Now().Add(20 * time.Second); strings.Count(s.e.log.String(), "SSH connection ended") < 2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("they go on:\n%s", s.e.log.String())
		}
	}
}

// TestSSHWidth: what is printed on a terminal fits it, and is whole in a pipe; and
// ctrl+c ends what goes on.
func TestSSHWidth(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	long := strings.Repeat("long-", 12) + "name"
	keyward(t, s.dir, "key", "create", long, "--environment", "Test", "--out", filepath.Join(s.home, "long.json"))
	if out, _, _ := s.run(s.viewer, nil, "key list"); !strings.Contains(out, long) {
		t.Errorf("in a pipe:\n%s", out)
	}
	line := quote(needTool(t, "ssh"))
	for _, arg := range s.args(s.viewer, "-t", "-p", s.port, "127.0.0.1") {
		line += " " + quote(arg)
	}
	w := startTerm(t, 70, 24, nil, "sh", "-c", line+" key list; echo status $?; "+line+" audit --follow; echo status $?; read x")
	screen := w.wait(`status 0[^$]*key\.create`)
	if strings.Contains(screen, long) || !regexp.MustCompile(`(?m)^orders +token .*`).MatchString(screen) || !regexp.MustCompile(`(?m)^long-.*… .*$`).MatchString(screen) {
		t.Errorf("70 columns:\n%s", screen)
	}
	w.keys("C-c")
	if screen := w.wait(`status 130`); strings.Count(screen, "keyward: ") != 1 || !strings.Contains(screen, "keyward: given up") {
		t.Errorf("given up:\n%s", screen)
	}
}

// TestSSHKeyRemoved: a session whose key is taken out of the file ends within
// seconds, in good order, and nobody else's does.
func TestSSHKeyRemoved(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	line := quote(needTool(t, "ssh"))
	for _, arg := range s.args(s.admin, "-t", "-p", s.port, "127.0.0.1") {
		line += " " + quote(arg)
	}
	gone, stays := startTerm(t, 80, 24, nil, "sh", "-c", line+"; echo status $?; read x"), s.console(s.viewer)
	gone.wait(`orders`)
	s.authorize(s.public(s.viewer))
	screen := gone.wait(`status 1`)
	if !strings.Contains(screen, "keyward: your SSH key is not listed any more: ask whoever runs this endpoint") || strings.Contains(screen, "? help") {
		t.Errorf("it ended so:\n%s", screen)
	}
	if mode := strings.TrimSpace(gone.tmux("display", "-p", "#{alternate_on} #{cursor_flag}")); mode != "0 1" {
		t.Errorf("alternate screen and cursor are %q", mode)
	}
	stays.keys("?")
	stays.wait(`Keys`)
	if _, errOut, status := s.run(s.admin, nil, "version"); status != 255 {
		t.Errorf("it may come again: status %d, %q", status, errOut)
	}
}
