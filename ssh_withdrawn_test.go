//go:build unix

package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestSSHWithdrawnAdministrator: an administrator whose line is taken out of the
// file changes nothing any more, however soon the key is pressed; the refusal is
// on record, and the session says why it ends.
func TestSSHWithdrawnAdministrator(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	withdraw(t, s, "r") // of a secret
	// The session may be ended for the file before the key press arrives; then
	// nothing was refused, and it is tried once more.
	for range 5 {
		withdraw(t, s, "e") // of a change
		if refusedDisable(t, s) {
			return
		}
	}
	t.Errorf("the trail never says that the change was refused:\n%s", trailOfAda(t, s))
}

// withdraw has the administrator press a key that asks, takes the line out of the
// file and answers with y: nothing is changed or shown.
func withdraw(t *testing.T, s *sshSite, key string) {
	t.Helper()
	line := quote(needTool(t, "ssh"))
	for _, arg := range s.args(s.admin, "-t", "-p", s.port, "127.0.0.1") {
		line += " " + quote(arg)
	}
	w := startTerm(t, 80, 24, nil, "sh", "-c", line+"; echo status $?; read x")
	w.wait(`orders`)
	w.keys(key)
	if key == "r" {
		w.wait(`regenerate`)
		w.keys("Enter")
	}
	w.wait(`any other key`)
	time.Sleep(700 * time.Millisecond) // the question ignores keys at first
	if err := os.Rename(s.file(), s.file()+".old"); err != nil {
		t.Fatal(err)
	}
	s.authorize(s.public(s.viewer))
	w.keys("y") // once, for the session ends soon in any case
	screen := w.wait(`status 1`)
	if !strings.Contains(screen, "keyward: your SSH key is not listed any more: ask whoever runs this endpoint") {
		t.Errorf("%s: it ended so:\n%s", key, redacted(screen))
	}
	if history := w.history(); secretPattern.MatchString(history) {
		t.Errorf("%s: a secret was shown:\n%s", key, redacted(history))
	}
	if out := keyward(t, s.dir, "key", "show", "orders"); !strings.Contains(out, "enabled") {
		t.Errorf("%s: the key was changed:\n%s", key, out)
	}
	if err := os.Rename(s.file()+".old", s.file()); err != nil {
		t.Fatal(err)
	}
}

func trailOfAda(t *testing.T, s *sshSite) string {
	t.Helper()
	return keyward(t, s.dir, "audit", "--filter", "ada@laptop", "--json")
}

// refusedDisable reports whether the trail says that disabling was refused. The
// session may end a little before the entry is made.
func refusedDisable(t *testing.T, s *sshSite) bool {
	t.Helper()
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for line := range strings.Lines(trailOfAda(t, s)) {
			if strings.Contains(line, "key.disable") && strings.Contains(line, `"refused":true`) && strings.Contains(line, "does not allow it any more") {
				return true
			}
		}
	}
	return false
}
