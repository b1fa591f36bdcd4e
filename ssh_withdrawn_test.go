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
	line := quote(needTool(t, "ssh"))
	for _, arg := range s.args(s.admin, "-t", "-p", s.port, "127.0.0.1") {
		line += " " + quote(arg)
	}
	// The first makes a change, the second a secret.
	for key, action := range map[string]string{"e": "key.disable", "r": "key.regenerate"} {
		w := startTerm(t, 80, 24, nil, "sh", "-c", line+"; echo status $?; read x")
		w.wait(`orders`)
		w.keys(key)
		if key == "r" {
			w.wait(`regenerate`)
			w.keys("Enter")
		}
		w.wait(`any other key`)
		if err := os.Rename(s.file(), s.file()+".old"); err != nil {
			t.Fatal(err)
		}
		s.authorize(s.public(s.viewer))
		w.answer("y")
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
		trail := keyward(t, s.dir, "audit", "--filter", "ada@laptop", "--json")
		for end := time.Now().Add(10 * time.Second); key == "e" && !strings.Contains(trail, `"refused":true`) && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond) // the session may end before the entry is made
			trail = keyward(t, s.dir, "audit", "--filter", "ada@laptop", "--json")
		}
		if key == "e" && (!strings.Contains(trail, action) || !strings.Contains(trail, `"refused":true`) || !strings.Contains(trail, "does not allow it any more")) {
			t.Errorf("%s: the trail says:\n%s", key, trail)
		}
		if err := os.Rename(s.file()+".old", s.file()); err != nil {
			t.Fatal(err)
		}
	}
}
