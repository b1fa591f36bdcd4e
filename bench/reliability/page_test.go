package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	namedTest   = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	namedFigure = regexp.MustCompile("`-only ([a-z]+)`")
	aTest       = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
	aFigure     = regexp.MustCompile(`(?m)^\t\{"([a-z]+)", \d+ \* time\.Minute`)
)

// TestReliabilityPageNamesTests: whatever docs/reliability.md promises is proven
// by a test or a figure that is there, and each figure is on the page.
func TestReliabilityPageNamesTests(t *testing.T) {
	page := read(t, "docs/reliability.md")
	tests, figures := testsOfTheModule(t), map[string]bool{}
	for _, m := range aFigure.FindAllStringSubmatch(read(t, "bench/reliability/main.go"), -1) {
		figures[m[1]] = false
	}
	if len(tests) < 100 || len(figures) < 6 {
		t.Fatalf("%d tests and %d figures were found in the sources", len(tests), len(figures))
	}
	for _, m := range namedTest.FindAllStringSubmatch(page, -1) {
		if !tests[m[1]] {
			t.Errorf("docs/reliability.md names the test %s, which there is not", m[1])
		}
	}
	for _, m := range namedFigure.FindAllStringSubmatch(page, -1) {
		if _, is := figures[m[1]]; !is {
			t.Errorf("docs/reliability.md names the figure %q, which there is not", m[1])
		}
		figures[m[1]] = true
	}
	for name, named := range figures {
		if !named {
			t.Errorf("docs/reliability.md does not name the figure %q", name)
		}
	}
}

// TestEveryPromiseIsProven: each line of the page's tables of promises names
// what proves it.
func TestEveryPromiseIsProven(t *testing.T) {
	promises := 0
	heading := ""
	for line := range strings.Lines(read(t, "docs/reliability.md")) {
		if after, is := strings.CutPrefix(line, "## "); is {
			heading = strings.TrimSpace(after)
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| promise") || heading != "Promises" {
			continue
		}
		promises++
		if proof := cells[len(cells)-2]; !namedTest.MatchString(proof) && !namedFigure.MatchString(proof) {
			t.Errorf("nothing proves: %s", strings.TrimSpace(cells[1]))
		}
	}
	if promises < 10 {
		t.Errorf("only %d promises were found", promises)
	}
}

func testsOfTheModule(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range aTest.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
