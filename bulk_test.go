package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestBulkInTheConsole: several keys are disabled at once while an endpoint owns
// the store and a command changes one of them, and that is taken back; a console
// with --read-only beside it changes nothing.
func TestBulkInTheConsole(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	for i := range 4 {
		name := fmt.Sprint("key-", i)
		keyward(t, dir, "key", "create", name, "--environment", "Test", "--out", filepath.Join(out, name))
	}
	e := startServe(t, dir)
	defer e.stop()
	c := startConsole(t, dir)
	c.wait(`serve pid`)
	c.keys("*")
	c.wait(`4 marked`)
	keyward(t, dir, "key", "disable", "key-3")
	c.wait(`○ disabled`)
	c.keys("e")
	c.wait(`1 is so already`)
	c.confirm(`Disable 3 keys`, "y")
	c.wait(`3 keys disabled; in force at 1 of 1`)
	c.wait(`u undo`)
	c.keys("u")
	c.wait(`3 keys are enabled again; in force at 1 of 1`)
	c.wait(`(?s)(● enabled.*){3}`)
	c.gone(`(?s)(● enabled.*){4}`)
	c.gone(`u undo`)
	c.keys("g", "e")
	c.confirm(`Disable the key "key-0"`, "y")
	c.wait(`u undo`)
	c.keys("u")
	c.wait(`"key-0" is enabled again; in force at 1 of 1`)
	c.keys("*", "d")
	c.wait(`Delete 4 keys`)
	c.text("delete 4")
	c.keys("Enter")
	c.wait(`(?s)4 keys deleted; in force at 1 of 1.* u takes back\s+deleting`)
	c.keys("u")
	c.wait(`4 keys are restored, 3 enabled and 1 disabled as before; in force at 1 of 1`)
	if screen := c.screen(); strings.Count(screen, "● enabled") != 3 {
		t.Errorf("restored it is so:\n%s", screen)
	}
	c.keys("u")
	c.wait(`That was taken back already`)
	c.quit()

	look := startTerm(t, 80, 24, nil, keywardBinary(t), "--read-only", "--data", dir)
	look.wait(`read-only · serve pid`)
	look.wait(`key-3`)
	before := keyward(t, dir, "audit", "verify")
	look.keys("u", "n", "e", "d", "r", "Space", "*")
	look.wait(`Nothing can be changed`)
	look.keys("?") // which a prompt or another screen would take
	if screen := look.wait(`What the keys do here`); strings.Contains(screen, "mark") || strings.Contains(screen, "new") {
		t.Errorf("a key that changes something is in the help:\n%s", screen)
	}
	look.keys("Escape")
	if after := keyward(t, dir, "audit", "verify"); after != before {
		t.Errorf("the trail grew from %q to %q", before, after)
	}
	look.keys("q")
	look.ended()
}
