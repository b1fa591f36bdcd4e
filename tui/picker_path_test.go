package tui

import (
	"os"
	"path/filepath"
	"testing"
)

// A path is typed as in a shell: relative to the directory that is shown, or to
// the one that the console was started in; the list follows, and narrows to what
// begins as the path ends.
func TestPickerTypesPathsAsAShellDoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		keys  []string
		sees  []string
		hides []string
		path  string // that is typed by then
	}{
		{"a slash makes a path of the filter", []string{"certs/"}, []string{"Path › certs/", "inner.pem", "other.pem"}, []string{"notes.txt"}, "certs/"},
		{"the list narrows", []string{"certs/in"}, []string{"inner.pem", "1 of 2 match"}, []string{"other.pem"}, "certs/in"},
		{"an absolute one, too", []string{"/DIR/no"}, []string{"notes.txt", "1 of 3 match"}, []string{"certs"}, "/DIR/no"},
		{"and one from home", []string{"~", "/certs/o"}, []string{"other.pem"}, []string{"inner.pem"}, "~/certs/o"},
		{"up again", []string{"certs/in", "backspace", "backspace", "backspace"}, []string{"certs/", "1 of 3 match"}, []string{"notes.txt", "inner.pem"}, "certs"},
		{"tab completes what is typed", []string{"ce", "tab"}, []string{"inner.pem"}, nil, "certs/"},
		{"and goes on", []string{"ce", "tab", "i", "tab"}, []string{"inner.pem"}, []string{"other.pem"}, "certs/inner.pem"},
		{"tab alone begins one", []string{"tab", "../"}, []string{"Path › ../"}, []string{"notes.txt"}, "../"},
		{"from here on", []string{"./ce"}, []string{"Path › ./ce", "certs/", "1 of 3 match"}, []string{".hidden", "notes.txt"}, "./ce"},
		{"from above on", []string{"../"}, []string{"Path › ../"}, []string{"notes.txt"}, "../"},
		{"where the console was started", []string{"testdata/TestPicker"}, []string{"TestPickerViews/"}, nil, "testdata/TestPicker"},
		{"and completed there", []string{"testd", "tab", "TestPickerV", "tab"}, nil, nil, "testdata/TestPickerViews/"},
		{"nothing begins so", []string{"certs/x"}, []string{"Nothing here begins so."}, []string{"inner.pem"}, "certs/x"},
		{"no such directory", []string{"none/x"}, []string{"none/: there is nothing of that name"}, []string{"notes.txt"}, "none/x"},
		{"a file is no directory", []string{"notes.txt/"}, []string{"notes.txt/: this is no directory"}, nil, "notes.txt/"},
		{"a hidden one", []string{"/DIR/.h"}, []string{".hidden"}, nil, "/DIR/.h"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, p, dir := newPathTest(t)
			for _, k := range tt.keys {
				if rest, ok := cutDir(k); ok {
					m.keys("/")
					m.paste(dir + rest)
					continue
				}
				m.keys(k)
			}
			m.sees(tt.sees...)
			m.seesNo(tt.hides...)
			want := tt.path
			if rest, ok := cutDir(want); ok {
				want = dir + rest
			}
			if got := p.path.input.Value(); got != want || p.mode != typingPath {
				t.Errorf("typed is %q, want %q\n%s", got, want, m.view())
			}
			m.fits()
			m.keys("esc")
			m.sees("Filter", "notes.txt", "certs/")
			if p.files.dir != dir {
				t.Errorf("esc leads to %s", p.files.dir)
			}
		})
	}
}

// Enter opens what is typed, what the cursor was moved to, or the only one that
// begins so.
func TestPickerOpensTypedPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		keys []string
		sees string
	}{
		{"whole", []string{"certs/inner.pem", "enter"}, "CN=inner.pem"},
		{"the only one", []string{"certs/in", "enter"}, "CN=inner.pem"},
		{"the one below the cursor", []string{"certs/", "down", "enter"}, "CN=other.pem"},
		{"the directory", []string{"certs/", "enter"}, "Filter"},
		{"one of several", []string{"certs/nothing", "enter"}, "certs/nothing: there is nothing of that name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _, _ := newPathTest(t)
			m.keys(tt.keys...)
			m.sees(tt.sees)
			m.fits()
		})
	}
}

// newPathTest opens a picker on a directory with some files.
func newPathTest(t *testing.T) (m *maker, p *picker, dir string) {
	t.Helper()
	m, p, dir, _ = newPickerTest(t, "certs/", "notes.txt", ".hidden")
	for _, name := range []string{"inner.pem", "other.pem"} {
		if err := os.WriteFile(filepath.Join(dir, "certs", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.env["HOME"] = dir
	return m, p, dir
}

// cutDir takes the name of the test's directory off a text.
func cutDir(text string) (rest string, ok bool) {
	const name = "/DIR"
	if len(text) < len(name) || text[:len(name)] != name {
		return "", false
	}
	return text[len(name):], true
}
