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
	t.Parallel()
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
	c.confirm(`Import 70 workflows`, "y")
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

// TestTour: an empty store takes the samples in, the tour opens four screens,
// and takes them out again; nothing is left but the trail and the bin.
func TestTour(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	c := startConsole(t, dir, "HOME="+t.TempDir())
	c.wait(`Welcome`)
	c.keys("t")
	c.confirm(`Take a tour with sample data`, "y")
	for _, step := range []string{"1 of 4", "2 of 4", "3 of 4", "4 of 4"} {
		c.wait(`Tour, ` + step)
		c.keys("t")
	}
	c.gone(`Tour, `)
	c.keys("K")
	c.wait(`sample-shop`)
	c.keys("x")
	c.confirm(`Take the samples out`, "y")
	c.wait(`No keys. 1 key is in the bin`)
	c.keys("B")
	c.wait(`sample-shop`)
	c.keys("K")
	c.wait(`No keys. 1 key is in the bin`)
	c.quit()
	if out := keyward(t, dir, "workflow", "list"); regexp.MustCompile(`sample-`).MatchString(out) {
		t.Errorf("workflows are left:\n%s", out)
	}
}
