package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dev.keyward/keyward/server"
)

// TestLimitsPage holds docs/limits.md to the default and to tests that exist.
func TestLimitsPage(t *testing.T) {
	page, err := os.ReadFile("../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d by default", server.DefaultFailureLimit); !strings.Contains(string(page), want) {
		t.Errorf("docs/limits.md does not say %q", want)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	names := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z]+)`").FindAllStringSubmatch(string(page), -1)
	if len(names) < 15 {
		t.Errorf("docs/limits.md names %d tests only", len(names))
	}
	for _, name := range names {
		if !strings.Contains(tests.String(), "\nfunc "+name[1]+"(") {
			t.Errorf("docs/limits.md names %s, which there is not", name[1])
		}
	}
}
