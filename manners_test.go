package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestMannersInTheConsole: while an endpoint owns the store a workflow is
// permitted to several keys, an edit is taken back, a key is deleted and brought
// back from the bin; a read-only console shows all that and changes nothing.
func TestMannersInTheConsole(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	keyward(t, dir, "workflow", "create", "Ping", "--method", "GET", "--path", "/ping")
	for i, environment := range []string{"Test", "Test", "Production"} {
		name := fmt.Sprint("key-", i)
		keyward(t, dir, "key", "create", name, "--environment", environment, "--out", filepath.Join(out, name))
	}
	e := startServe(t, dir)
	defer e.stop()
	c := startConsole(t, dir)
	c.wait(`serve pid`)

	// bulk: a question about all, and one more about production
	c.keys("*")
	c.wait(`3 marked`)
	c.keys("p")
	c.wait(`0 of 1 chosen`)
	c.keys("Space", "Enter")
	c.confirm(`Permit "Ping" to 3 keys`, "y")
	c.confirm(`1 of these 3 keys may invoke production`, "y")
	c.wait(`3 keys may call "Ping"; in force at 1 of 1`)

	// an edit and its way back
	c.keys("g", "Enter")
	c.wait(`Secrets`)
	c.keys("Enter")
	c.wait(`Save`)
	c.keys("x", "C-s")
	c.wait(`"key-0x" is changed; in force at 1 of 1`)
	c.keys("u")
	c.wait(`"key-0x" is as it was before the edit; in force at 1 of 1`)
	c.keys("Escape")
	c.wait(`3 keys by name`)

	// a deleted key is in the bin, and comes back disabled
	c.keys("g", "d")
	c.wait(`restored from the bin`)
	c.text("key-0")
	c.keys("Enter")
	c.wait(`"key-0" is deleted; in force at 1 of 1`)
	c.keys("B")
	c.wait(`1 deleted key, the last deleted first`)
	c.keys("b")
	c.wait(`\[ Restore \]`)
	c.keys("Enter")
	c.wait(`"key-0" is restored, disabled`)
	c.keys("K")
	c.wait(`○ disabled`)

	// deleted and at once taken back
	c.keys("g", "d")
	c.wait(`restored from the bin`)
	c.text("key-0")
	c.keys("Enter")
	c.wait(`"key-0" is deleted`)
	c.keys("u")
	c.wait(`"key-0" is restored, disabled as it was`)
	c.quit()

	look := startTerm(t, 80, 24, nil, keywardBinary(t), "--read-only", "--data", dir)
	look.wait(`read-only · serve pid`)
	before := keyward(t, dir, "audit", "verify")
	look.keys("W")
	look.wait(`enter open`)
	look.keys("Enter")
	look.wait(`Nothing can be changed here`)
	look.keys("z", "C-s")
	if screen := look.wait(`Nothing can be changed: this console is read-only`); strings.Contains(screen, "[ Save ]") || strings.Contains(screen, "Pingz") {
		t.Errorf("the form takes something:\n%s", screen)
	}
	look.keys("Escape", "B")
	look.wait(`The bin is empty`)
	look.keys("b", "X", "K", "p", "d")
	look.wait(`1 of 3`)
	look.keys("?")
	if screen := look.wait(`What the keys do here`); strings.Contains(screen, "permit") {
		t.Errorf("a key that changes something is in the help:\n%s", screen)
	}
	look.keys("Escape")
	if after := keyward(t, dir, "audit", "verify"); after != before {
		t.Errorf("the trail grew from %q to %q", before, after)
	}
	look.keys("q")
	look.ended()
}
