package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// The lines of a call are copied from another screen, those of the key that is
// there: before and after the call to begin with came.
func TestPaletteCopiesACall(t *testing.T) {
	for _, slow := range []bool{false, true} {
		w := newWorld(t)
		boundVariety(w)
		w.opens("crm sync")
		p := w.commandsFor("copy these lines")
		if len(p.shown) == 0 || p.shown[0].name != "Try a call: copy these lines" {
			t.Fatalf("it finds %q", namesOf(p.shown))
		}
		w.hold = slow
		w.press("enter")
		if slow {
			w.release()
		}
		it, ok := w.app.top().(*try)
		if !ok || it.key.Value() != "crm sync" || it.url.Value() == "" {
			t.Fatalf("slow %v: it went elsewhere:\n%s", slow, w.screen())
		}
		w.sees("The lines were sent")
	}
}

// Where there is no call yet it is said that there is nothing to copy.
func TestPaletteHasNoCallToCopy(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.press("T")
	it, _ := w.app.top().(*try)
	w.press("tab", "ctrl+u", "shift+tab")
	if it.url.Value() != "" {
		t.Fatalf("the URL is %q", it.url.Value())
	}
	w.press("y")
	w.sees("! There is no call to copy or write yet: type its URL.")
}

// "try NAME" tries a call with the key of that name.
func TestPaletteTriesAKey(t *testing.T) {
	for _, slow := range []bool{false, true} {
		w := newWorld(t)
		boundVariety(w)
		w.start()
		w.press(":")
		w.hold = slow
		w.write("try kios")
		w.press("enter")
		if slow {
			w.release()
		}
		it, ok := w.app.top().(*try)
		if !ok || it.key.Value() != "kiosk" {
			t.Fatalf("slow %v: it went to %T:\n%s", slow, w.app.top(), w.screen())
		}
	}
	w := newWorld(t)
	boundVariety(w)
	w.start()
	if names := namesOf(w.commandsFor("try a call").shown); len(names) == 0 || names[0] != "go to try a call" {
		t.Errorf("the place is found as %q", names)
	}
}

// A path in the palette is that of a document to import: it is read at once, and
// one that leads nowhere can be mended.
func TestPaletteImportsAPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(path, []byte("openapi: 3.1.0"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	variety(w)
	docs := &reader{d: shopRows()}
	w.rt.Documents = docs
	w.start()
	w.press(":")
	w.sees("a path to import")
	w.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(path), Paste: true})
	if names := namesOf(w.app.palette.shown); len(names) != 1 || !strings.HasPrefix(names[0], "import OpenAPI from /") {
		t.Fatalf("it finds %q", names)
	}
	w.press("enter")
	if _, ok := w.app.top().(*importer); !ok || len(docs.read) != 1 || docs.read[0] != path {
		t.Fatalf("it read %q and went to %T:\n%s", docs.read, w.app.top(), w.screen())
	}
	w.press("esc", "esc", "esc")
	w.commandsFor("./nowhere.yaml")
	w.press("enter")
	w.sees("./nowhere.yaml: there is nothing of that name", "Path      › ./nowhere.yaml")
}

// Where nothing can be imported a path is no action.
func TestPaletteImportsNoPath(t *testing.T) {
	for name, w := range map[string]*world{"no documents": newWorld(t), "read-only": newWorld(t), "remote": newWorld(t), "secrets": newWorld(t)} {
		if name != "no documents" {
			w.rt.Documents = &reader{d: shopRows()}
		}
		if name == "remote" {
			w.rt.Remote = &Remote{}
		}
		switch name {
		case "read-only":
			variety(w)
			w.readOnly()
		case "secrets":
			w.showsSecrets()
		default:
			variety(w)
			w.start()
		}
		if names := namesOf(w.commandsFor("/srv/shop.yaml").shown); len(names) != 0 {
			t.Errorf("%s: it finds %q", name, names)
		}
	}
}
