package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "dev.keyward/keyward"

// rooms say which of our packages each package may import, and which outside
// libraries are its own: nobody else may import those. bench/, tests and what
// only they import are outside the rule.
var rooms = map[string][]string{
	"":          {"cli", "termcolor"},
	"cli":       {"tui", "sharing", "server", "sshd", "storage", "certgen", "model"},
	"sharing":   {"server", "storage", "model"},
	"tui":       {"model"},
	"server":    {"model"},
	"sshd":      {"model"},
	"storage":   {"model"},
	"certgen":   {"model"},
	"model":     {},
	"termcolor": {},
}

// owners are the rooms that alone may import what begins with the key. The
// colour cure must touch lipgloss before bubbletea does; nothing else may.
var owners = map[string][]string{
	"github.com/dgraph-io/":     {"storage"},
	"go.etcd.io/":               {"storage"},
	"github.com/charmbracelet/": {"tui", "termcolor"},
	"github.com/muesli/":        {"tui"},
	"net/http":                  {"server"},
	"golang.org/x/crypto/":      {"sshd"},
	"github.com/spf13/cobra":    {"cli"},
}

// TestArrows holds the arrows of the house over the packages' direct imports.
func TestArrows(t *testing.T) {
	for dir, imports := range directImports(t) {
		allowed, known := rooms[dir]
		if !known {
			t.Errorf("the folder %q is no room of the house: add it to rooms, with a reason in the commit", dir)
			continue
		}
		for _, path := range imports {
			if room, ours := strings.CutPrefix(path, module+"/"); ours && !slices.Contains(allowed, room) {
				t.Errorf("%q imports %q: only %v are allowed", dir, path, allowed)
			}
			for prefix, rooms := range owners {
				if strings.HasPrefix(path, prefix) && !slices.Contains(rooms, dir) {
					t.Errorf("%q imports %q, which belongs to %v", dir, path, rooms)
				}
			}
		}
	}
}

// directImports maps each folder to what its non-test files import, for every
// system, whatever their build tags.
func directImports(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "bench", "docs"}, d.Name())) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out[dir] = append(out[dir], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 6 {
		t.Fatalf("only %d packages were found", len(out))
	}
	return out
}

// TestModelIsPure: model needs the standard library only, and tui no other room.
func TestModelIsPure(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"./model": {module + "/model"},
		"./tui":   {module + "/model", module + "/tui"},
	} {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", pkg, err)
		}
		for _, path := range strings.Fields(string(out)) {
			ours := strings.HasPrefix(path, module)
			if (ours || pkg == "./model") && !slices.Contains(allowed, path) {
				t.Errorf("%s depends on %s", pkg, path)
			}
		}
	}
}

// TestDependenciesAreNamed: docs/dependencies.md names the direct requirements
// of go.mod and nothing else in its tables.
func TestDependenciesAreNamed(t *testing.T) {
	var named []string
	for line := range strings.Lines(readFile(t, "docs/dependencies.md")) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for path := range strings.SplitSeq(cells[1], ",") {
			path, _, _ = strings.Cut(strings.TrimSpace(path), " ")
			if strings.Contains(path, "/") {
				named = append(named, path)
			}
		}
	}
	var required []string
	for line := range strings.Lines(readFile(t, "go.mod")) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "\t") && !strings.Contains(line, "// indirect") {
			required = append(required, fields[0])
		}
	}
	slices.Sort(named)
	slices.Sort(required)
	if len(required) == 0 || !slices.Equal(named, required) {
		t.Errorf("docs/dependencies.md names\n%v\ngo.mod requires directly\n%v", named, required)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
