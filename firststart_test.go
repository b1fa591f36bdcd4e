package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestFirstStart is the first quarter of an hour with an empty store, from the
// console alone: workflows of an OpenAPI document, a key, an endpoint beside the
// console, and a call that gets through. Leaving stops the endpoint.
func TestFirstStart(t *testing.T) {
	needTool(t, "curl")
	dir := filepath.Join(t.TempDir(), "data")
	home := t.TempDir()
	document, err := os.ReadFile(filepath.Join("testdata", "openapi", "helpdesk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "helpdesk.yaml"), document, 0o600); err != nil {
		t.Fatal(err)
	}
	c := startConsole(t, dir, "HOME="+home)
	c.wait(`Import an OpenAPI document`)
	c.keys("I")
	c.wait(`Filter`)
	c.keys("/")
	c.text(filepath.Join(home, "helpdesk.yaml")[1:])
	c.keys("Enter")
	c.wait(`helpdesk.yaml: 70 new`)
	c.keys("Enter")
	c.wait(`70 workflows imported`)
	c.keys("K")
	c.wait(`70 workflows can be called`)

	c.keys("S")
	screen := c.wait(`runs in this process, on https://localhost:\d+`)
	base := regexp.MustCompile(`https://localhost:\d+`).FindString(screen)
	made := keyward(t, dir, "key", "create", "first", "--workflow", "ListBrands", "--environment", "Test")
	secret := secretPattern.FindString(made)
	e := &endpoint{t: t, base: base, ca: filepath.Join(dir, "server.crt")}
	if got := e.curl("/api/v2/brands?_profile=Test", "-H", "Authorization: Key="+secret); got != "200" {
		t.Errorf("the call got %s", got)
	}
	if got := e.curl("/api/v2/groups?_profile=Test", "-H", "Authorization: Key="+secret); got != "403" {
		t.Errorf("a call that is not permitted got %s", got)
	}
	c.keys("P")
	c.wait(`1 allowed, 1 refused`)
	c.keys("S")
	c.confirm(`It got 2 requests in the last minute`, "n")
	c.keys("K")
	c.wait(`first`)
	c.keys("q")
	c.confirm(`Stop the endpoint and quit`, "y")
	c.ended()
}
