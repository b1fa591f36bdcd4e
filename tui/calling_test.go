package tui

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hostileCalls are calls whose texts try to get out of their quotes.
func hostileCalls() []calling {
	paths := []string{
		"/plain", "/a b", "/it's", `/say "hi"`, `/back\slash\n\x41\u0041`, "/$(touch pwned)", "/`touch pwned`", "/${HOME}", "/%24%28x%29",
		"/[1-9]{a,b}", "/../up", "/a?x='$(id)'&y=\"", "/#fragment", "/line\nfeed", "/é漢", "/'''", `/"""`, "/\\", "/'; touch pwned; '", "/{0}", "/@{x}", "/!x",
	}
	var all []calling
	for _, p := range paths {
		for _, certificate := range []bool{false, true} {
			for _, ca := range []string{"", "/home/ada's \"files\"/c\\a $(x) ‘é’.pem"} {
				all = append(all, calling{"GET", plainURL("https://localhost:8443" + p), certificate, ca})
			}
		}
	}
	return all
}

// runs runs a program that is there, or skips.
func runs(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("SKIPPED: %s is not installed", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", name, err, out, stdin)
	}
	if made, err := os.ReadDir(cmd.Dir); err != nil || len(made) > 0 {
		t.Fatalf("it ran something: %v %v\n%s", made, err, stdin)
	}
	return string(out)
}

// A shell hands curl the URL as it is, folded or not.
func TestCurlLinesAreQuoted(t *testing.T) {
	var script, want strings.Builder
	script.WriteString("curl() { for last; do :; done; printf '%s\\n' \"$last\"; }\n")
	for _, c := range hostileCalls() {
		script.WriteString(strings.Join(languages[0].lines(c, 40), "\n") + "\n" + strings.Join(c.curl(), " ") + "\n")
		want.WriteString(c.url + "\n" + c.url + "\n")
	}
	for _, shell := range []string{"sh", "bash"} {
		if got := runs(t, script.String(), shell); got != want.String() {
			t.Errorf("%s: curl gets\n%s\nwant\n%s", shell, got, want.String())
		}
	}
}

// Python reads the lines, and the URL in them is the call's.
func TestPythonLinesAreQuoted(t *testing.T) {
	var script, want strings.Builder
	script.WriteString("import ast\n")
	for i, c := range hostileCalls() {
		source := strings.Join(c.python([]int{1 << 16, 30}[i%2]), "\n")
		fmt.Fprintf(&script, "t = ast.parse(bytes.fromhex('%x').decode())\n", source)
		script.WriteString("print([n.args[0].value for n in ast.walk(t) if isinstance(n, ast.Call) and getattr(n.func, 'attr', '') == 'Request'][0])\n")
		if c.ca != "" {
			script.WriteString("print([k.value.value for n in ast.walk(t) if isinstance(n, ast.Call) for k in n.keywords if k.arg == 'cafile'][0].encode().hex())\n")
		}
		want.WriteString(c.url + "\n")
		if c.ca != "" {
			fmt.Fprintf(&want, "%x\n", c.ca)
		}
	}
	if got := runs(t, script.String(), "python3", "-"); got != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

// Go reads the programs, and they build with no import too many.
func TestGoLinesBuild(t *testing.T) {
	for i, c := range hostileCalls() {
		source := strings.Join(c.goProgram(1<<16), "\n") + "\n"
		if _, err := parser.ParseFile(token.NewFileSet(), "main.go", source, parser.AllErrors); err != nil {
			t.Errorf("%v\n%s", err, source)
		}
		if !strings.Contains(source, fmt.Sprintf("%q", c.url)) {
			t.Errorf("the URL %s is not in\n%s", c.url, source)
		}
		if i >= 4 { // the same imports come again
			continue
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "vet", filepath.Join(dir, "main.go"))
		cmd.Env = append(os.Environ(), "GO111MODULE=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, out, source)
		}
	}
}

// PowerShell and C# have their own rules: a quote in a text is doubled or
// escaped, and nothing else ends it.
func TestNetLinesAreQuoted(t *testing.T) {
	c := calling{"GET", plainURL(`https://localhost/it's"\$(x)`), false, ""}
	for text, lines := range map[string][]string{
		`-Uri 'https://localhost/it''s"\$(x)'`:   c.powerShell(1 << 16),
		`    "https://localhost/it's\"\\$(x)");`: c.cSharp(1 << 16),
	} {
		if got := strings.Join(lines, "\n"); !strings.Contains(got, text) {
			t.Errorf("%s is not in\n%s", text, got)
		}
	}
	if got := c.single("a‘b’c"); got != "'a‘‘b’’c'" {
		t.Errorf("got %s", got)
	}
}

// No line of any language is for a secret.
func TestCallsHoldNoSecret(t *testing.T) {
	for _, l := range languages {
		for _, certificate := range []bool{false, true} {
			text := strings.Join(l.lines(calling{"GET", "https://localhost/", certificate, ""}, 80), "\n")
			if secret.MatchString(text) || strings.Contains(text, secretVariable) == certificate && l.name != "curl" {
				t.Errorf("%s, with a certificate: %v\n%s", l.name, certificate, text)
			}
		}
	}
}

// A URL is cut at its own joints where it has any, and put together it is whole.
func TestURLLines(t *testing.T) {
	url := "https://a-host-that-is-long.example.com:8443/customers/19?_profile=Test&since=2026"
	got := urlPieces(url, 46)
	want := []string{"https://a-host-that-is-long.example.com:8443", "/customers/19?_profile=Test&since=2026"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	for width := range 100 {
		if got := urlPieces(url, width); strings.Join(got, "") != url || slices.Contains(got, "") {
			t.Errorf("in %d: %q", width, got)
		}
	}
	c := calling{"GET", url, false, ""}
	for _, l := range languages[1:] {
		for _, line := range l.lines(c, 70) {
			if len(strings.ReplaceAll(line, "\t", "    ")) > 70 && strings.Contains(line, "https") {
				t.Errorf("%s: %q is not folded", l.name, line)
			}
		}
	}
}
