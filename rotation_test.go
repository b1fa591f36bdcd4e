//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRotation: both secrets of a key are in use at an endpoint. The console
// shows both, says who would be cut off before primary is regenerated, and the
// endpoint accepts the old one through its grace period.
func TestRotation(t *testing.T) {
	t.Parallel()
	needTool(t, "curl")
	home := t.TempDir()
	dir, file := filepath.Join(home, "data"), filepath.Join(home, "orders.json")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}", "--upstream", "Test=http://127.0.0.1:9/")
	keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--workflow", "get-customer", "--out", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secrets := secretPattern.FindAllString(string(text), -1)
	if len(secrets) < 2 {
		t.Fatalf("%d secrets were written:\n%s", len(secrets), redacted(string(text)))
	}
	files := 0
	header := func(secret string) []string {
		files++
		path := filepath.Join(home, fmt.Sprint("header-", files))
		if err := os.WriteFile(path, []byte("Authorization: Key="+secret), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"-H", "@" + path}
	}
	const target = "/customers/1?_profile=Test"
	e := startServe(t, dir)
	accepted := func(secret string) {
		t.Helper()
		if got := e.curl(target, header(secret)...); got == "401" || got == "403" {
			t.Fatalf("refused with %s:\n%s", got, e.log)
		}
	}
	for range 3 {
		accepted(secrets[0])
	}
	accepted(secrets[1])
	e.stop() // it tells how often it was called when it ends

	c := startConsole(t, dir)
	c.wait(`orders`)
	c.keys("R")
	screen := c.wait(`3 allowed, 0 denied`)
	for _, want := range []string{
		`(?m)^› Primary`, `1 allowed, 0 denied`, `from 127\.0\.0\.1`, `·············█`, `3 today, 3 in 7 days`, `1 today, 1 in 7 days`,
		`! 1 caller still uses primary, the last (just now|\d+ min ago) from 127\.0\.0\.1\.`, `2\. Give every caller the secondary secret\.`,
	} {
		if !regexp.MustCompile(want).MatchString(screen) {
			t.Errorf("the rotation does not show %q:\n%s", want, screen)
		}
	}
	c.keys("Tab")
	c.wait(`1 caller still uses secondary`)
	c.keys("Tab", "r")
	c.wait(`How long may the old secret go on working\?`)
	c.keys("Enter")
	c.confirm(`! 1 caller of the last 24 h must get the new one by then`, "y")
	shown := c.wait(`kw_[0-9A-Za-z]{20,}`)
	made := secretPattern.FindString(strings.ReplaceAll(shown, "\n", ""))
	c.keys("Escape")
	c.confirm(`Have you stored`, "y")
	c.wait(`In grace +! .*works until`)
	c.wait(`is refused from .* on`)
	checkNoSecret(t, "the terminal's history", c.history(), secrets[0])

	e = startServe(t, dir) // takes the store over from the console
	accepted(secrets[0])
	accepted(secrets[1])
	if len(made) == len(secrets[0]) {
		accepted(made)
	}
	e.stop()
	c.keys("Escape")
	c.quit()
}
