package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestImportOfARealDocument: the API of Ory Hydra, as its makers publish it
// (testdata/openapi/README.md), is previewed, chosen from and imported in a real
// terminal, beside workflows that two bindings and a name of it clash with; then
// a call of it is allowed.
func TestImportOfARealDocument(t *testing.T) {
	needTool(t, "curl")
	dir, home := filepath.Join(t.TempDir(), "data"), t.TempDir()
	document, err := os.ReadFile(filepath.Join("testdata", "openapi", "ory-hydra.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "ory-hydra.yaml")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		t.Fatal(err)
	}
	keyward(t, dir, "workflow", "create", "getVersion", "--method", "GET", "--path", "/about")
	keyward(t, dir, "workflow", "create", "probes", "--method", "GET", "--path", "/health/{probe}")
	c := startConsole(t, dir, "HOME="+home)
	c.wait(`keyward`)
	c.keys("I")
	c.wait(`Filter`)
	c.keys("/")
	c.text(path[1:])
	c.keys("Enter")
	c.wait(`44 new, 3 in conflict(?s:.*)discoverJsonWebKeys(?s:.*)import 44`)

	// Each conflict is named, with what it clashes with.
	c.keys("/")
	c.text("getVersion")
	c.keys("Enter")
	c.wait(`taken by "getVersion"(?s:.*)GET\s+/about`)
	c.keys("Escape", "/")
	c.text("health/alive")
	c.keys("Enter")
	c.wait(`isAlive(?s:.*)"probes"`)
	c.keys("Escape")

	// Two operations are left out, and one of them taken in again.
	for _, operation := range []string{"acceptOAuth2LoginRequest", "deleteOAuth2Token"} {
		c.keys("/")
		c.text(operation)
		c.keys("Enter")
		c.wait(`1 of 1(?s:.*)workflow ` + operation)
		c.keys("Space", "Escape")
	}
	c.wait(`import 42`)
	c.keys("/")
	c.text("deleteOAuth2Token")
	c.keys("Enter")
	c.wait(`1 of 1(?s:.*)workflow deleteOAuth2Token`)
	c.keys("Space", "Escape")
	c.wait(`import 43`)
	c.keys("Enter")
	c.confirm(`Import 43 workflows`, "y")
	c.wait(`43 workflows imported`)

	names := importedNames(t, dir)
	want := append(operationNames(t, string(document)), "probes")
	slices.Sort(want)
	want = slices.DeleteFunc(want, func(n string) bool {
		return slices.Contains([]string{"isAlive", "isReady", "acceptOAuth2LoginRequest"}, n)
	})
	if !slices.Equal(names, want) {
		t.Errorf("there are %d workflows\n%s\nnot %d\n%s", len(names), strings.Join(names, " "), len(want), strings.Join(want, " "))
	}
	list := keyward(t, dir, "workflow", "list")
	for _, row := range []string{`getVersion +GET +/about`, `probes +GET +/health/\{probe\}`, `getJsonWebKey +GET +/admin/keys/\{set\}/\{kid\}`} {
		if !regexp.MustCompile(`(?m)^` + row).MatchString(list) {
			t.Errorf("no row is %s:\n%s", row, list)
		}
	}

	// What is there is not offered again.
	c.keys("I")
	c.wait(`Filter`)
	c.keys("/")
	c.text(path[1:])
	c.keys("Enter")
	c.wait(`1 new(?s:.*)43 there`)
	c.keys("Escape", "Escape", "K")

	made := keyward(t, dir, "key", "create", "caller", "--workflow", "getJsonWebKey", "--environment", "Test")
	secret := secretPattern.FindString(made)
	c.keys("S")
	screen := c.wait(`runs in this process, on https://localhost:\d+`)
	e := &endpoint{t: t, base: regexp.MustCompile(`https://localhost:\d+`).FindString(screen), ca: filepath.Join(dir, "server.crt")}
	for target, status := range map[string]string{
		"/admin/keys/hydra.openid.id-token/public:1?_profile=Test": "200",
		"/admin/keys/hydra.openid.id-token?_profile=Test":          "403",
	} {
		if got := e.curl(target, "-H", "Authorization: Key="+secret); got != status {
			t.Errorf("%s got %s, not %s", target, got, status)
		}
	}
	c.keys("q")
	c.confirm(`Stop the endpoint and quit`, "y")
	c.ended()
}

// operationNames are what the document's operations are called.
func operationNames(t *testing.T, document string) []string {
	t.Helper()
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^      operationId: (\S+)$`).FindAllStringSubmatch(document, -1) {
		names = append(names, found[1])
	}
	if len(names) != 47 {
		t.Fatalf("the document has %d operations", len(names))
	}
	return names
}

// importedNames are the workflows that there are, by name.
func importedNames(t *testing.T, dir string) []string {
	t.Helper()
	var list []struct{ Name string }
	if err := json.Unmarshal([]byte(keyward(t, dir, "workflow", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range list {
		names = append(names, w.Name)
	}
	slices.Sort(names)
	return names
}
