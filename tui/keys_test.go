package tui

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/internal/race"
)

// keyMaps are all the key maps there are.
func keyMaps() []any {
	return []any{
		globalKeys, promptKeys, moveKeys, typingMoveKeys, actionKeys, listKeys, filterKeys, detailKeys, editKeys, renewKeys,
		wizardKeys, chooserKeys, pickerKeys, pathKeys, acceptKeys, formKeys, revealKeys, auditKeys, undoKeys, registerKeys, placeKeys, pasteKeys, paletteKeys, mouseKeys, helpKeys, activityKeys, whyKeys, tryKeys, certificateKeys, exportKeys, rotationKeys, endpointKeys, endpointsKeys, importKeys, prefixKeys, tourKeys, binKeys, workKeys,
	}
}

// Every key map there is, which is a variable of a type called so or with
// bindings for fields, is among keyMaps and is used by nobody under another
// name: the tests of this file and of the help go over these.
func TestKeyMapsAreAll(t *testing.T) {
	known := map[string]int{}
	for _, m := range keyMaps() {
		known[reflect.TypeOf(m).Name()]++
	}
	made := map[string]int{}
	for _, f := range parsed(t) {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, spec := range decl.Specs {
				for _, value := range spec.(*ast.ValueSpec).Values {
					if name := bindsKeys(value); name != "" {
						made[name]++
					}
				}
			}
		}
	}
	if len(made) < 30 {
		t.Fatalf("%d key maps were found", len(made))
	}
	for name, n := range made {
		if known[name] != n {
			t.Errorf("%d variables are a %s, and keyMaps has %d", n, name, known[name])
		}
	}
	for name := range known {
		if made[name] == 0 {
			t.Errorf("no variable is a %s", name)
		}
	}
}

// bindsKeys is the type of a literal in which keys are bound, "" for another.
func bindsKeys(value ast.Expr) string {
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		return ""
	}
	name, ok := literal.Type.(*ast.Ident)
	if !ok {
		return ""
	}
	binds := strings.HasSuffix(name.Name, "KeyMap")
	ast.Inspect(literal, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if fn, ok := call.Fun.(*ast.Ident); ok && fn.Name == "bind" {
				binds = true
			}
		}
		return true
	})
	if !binds {
		return ""
	}
	return name.Name
}

func TestEveryBindingHasHelp(t *testing.T) {
	for _, m := range keyMaps() {
		for i, b := range bindingsOf(t, m) {
			if h := b.Help(); h.Key == "" || h.Desc == "" {
				t.Errorf("%T: binding %d has no help", m, i)
			}
		}
	}
}

// bindingsOf are the fields of a key map.
func bindingsOf(t *testing.T, m any) []key.Binding {
	t.Helper()
	var all []key.Binding
	v := reflect.ValueOf(m)
	for i := range v.NumField() {
		b, ok := v.Field(i).Interface().(key.Binding)
		if !ok {
			t.Fatalf("%T has a field that is no binding", m)
		}
		all = append(all, b)
	}
	return all
}

// modes opens every screen of the console in each of its modes; a sample of them
// for the race detector.
func modes(t *testing.T) map[string]*world {
	all := map[string]*world{}
	count := 0
	wanted := func() bool { count++; return count%race.Sample(1, 9) == 0 }
	mode := func(name string, fn func(w *world)) {
		if !wanted() {
			return
		}
		w := newWorld(t)
		fn(w)
		all[name] = w
	}
	mode("loading", func(*world) {})
	mode("empty", func(w *world) { w.start() })
	mode("list", func(w *world) { variety(w); w.start() })
	mode("filter", func(w *world) { variety(w); w.start(); w.press("/", "a") })
	mode("filtered", func(w *world) { variety(w); w.start(); w.press("/", "a", "enter") })
	mode("no match", func(w *world) { variety(w); w.start(); w.press("/"); w.write("zzz"); w.press("enter") })
	mode("detail of a token", func(w *world) { variety(w); w.opens("crm sync") })
	mode("detail of certificates", func(w *world) { variety(w); w.opens("warehouse"); w.press("down", "down", "down", "down") })
	mode("gone", func(w *world) {
		variety(w)
		k := w.opens("kiosk").key
		if err := w.session.DeleteKey(w.t.Context(), k.Name); err != nil {
			w.t.Fatal(err)
		}
		w.press("ctrl+r")
	})
	for _, p := range []part{partName, partEnvironment, partExpires, partQuery} {
		mode(sprint("edit %d", p), func(w *world) { variety(w); w.edits("crm sync", p) })
	}
	mode("edit workflows", func(w *world) { variety(w); w.edits("crm sync", partWorkflows); w.press("esc") })
	mode("edit, save", func(w *world) { variety(w); w.edits("crm sync", partQuery); w.press("tab", "tab") })
	mode("edit, conflict", func(w *world) {
		variety(w)
		w.edits("crm sync", partName)
		w.write("2")
		w.disable("crm sync")
		w.press("ctrl+s")
	})
	mode("renewal", func(w *world) { variety(w); w.start(); w.press("down", "r") })
	mode("renewal of a certificate", func(w *world) { variety(w); w.start(); w.press("end", "r") })
	mode("audit", func(w *world) { trail(w); w.start(); w.press("A") })
	mode("audit of a key", func(w *world) { trail(w); w.opens("orders"); w.press("A") })
	mode("audit, filter", func(w *world) { trail(w); w.start(); w.press("A", "/", "d") })
	mode("audit, filtered", func(w *world) { trail(w); w.start(); w.press("A", "/", "d", "enter") })
	mode("audit, entry", func(w *world) { trail(w); w.start(); w.press("A", "enter") })
	registerModes(mode)
	activityModes(mode)
	tryModes(mode)
	certificateModes(mode)
	mode("bin", func(w *world) { binned(w) })
	mode("bin, filtered", func(w *world) { binned(w); w.finds("crm") })
	mode("deleted key", func(w *world) { binned(w); w.press("enter") })
	mode("restore by a form", func(w *world) { binned(w); w.finds("crm"); w.press("b", "tab") })
	mode("marked", func(w *world) { variety(w); w.start(); w.press("*") })
	mode("undo offered", func(w *world) { variety(w); w.start(); w.press("e", "y") })
	mode("tour", func(w *world) { w.start(); w.press("t", "y") })
	mode("tour, no key", func(w *world) { w.start(); w.press("t", "y"); w.deletes(sampleKey); w.press("ctrl+r") })
	mode("import", func(w *world) { w.previews(shopRows()) })
	mode("import, prefix typed", func(w *world) { w.previews(shopRows()); w.press("tab", "x") })
	mode("import, under way", func(w *world) { w.previews(manyRows(90)); w.hold = true; w.press("enter") })
	mode("endpoints", func(w *world) { busyEndpoints(w) })
	mode("endpoints, none", func(w *world) { w.rt.Endpoints = &endpoints{}; w.opensEndpoints(w.reports()) })
	base := crowd(t)
	for _, s := range census {
		if slices.Contains(censusModes, s.name) && wanted() {
			w := base.again(t, "plain")
			s.open(w, "plain")
			all["census: "+s.name] = w
		}
	}
	return all
}

// censusModes are the lines of the census that are modes of their own.
var censusModes = []string{
	"new key, name", "new key, environment", "new key, workflows", "new key, certificate", "new key, expiry", "new key, review",
	"workflows of a key", "workflows to permit", "workflows to permit, filter typed", "files", "files, path typed", "files, accepted", "files, generate",
	"files, refused", "documents", "secrets", "secrets, file asked", "certificates of a new key", "another name", "certificate, file asked",
	"why, no answer", "banners",
}

// Every screen is in one of the modes, so that its keys are checked.
func TestModesAreAll(t *testing.T) {
	if race.Enabled {
		t.Skip("modes are a sample")
	}
	open, names := map[string]bool{}, map[string]bool{}
	for name, w := range modes(t) {
		open[reflect.TypeOf(w.app.top()).Elem().Name()], names[name] = true, true
	}
	for name := range typesWith(t, "Title") {
		if !open[name] {
			t.Errorf("the screen %s is in no mode", name)
		}
	}
	for _, name := range censusModes {
		if !names["census: "+name] {
			t.Errorf("there is no line %q in the census", name)
		}
	}
}

// A key has one meaning on a screen, and every key that works is in the help.
func TestNoTwoBindingsShareAKey(t *testing.T) {
	for name, w := range modes(t) {
		s := w.app.top()
		meaning := map[string]string{}
		take := func(b key.Binding) {
			if !b.Enabled() {
				return
			}
			for _, k := range b.Keys() {
				does := b.Help().Desc
				leaves := meanings[does] == "leave" && meanings[meaning[k]] == "leave"
				if other, taken := meaning[k]; taken && other != does && !leaves && !shorter(does, other) {
					t.Errorf("%s: %q is %q and %q", name, k, other, does)
				}
				meaning[k] = does
			}
		}
		for _, group := range s.Keys().FullHelp() {
			for _, b := range group {
				take(b)
			}
		}
		full := len(meaning)
		for _, b := range s.Keys().ShortHelp() {
			if b.Help().Key != globalKeys.Back.Help().Key && b.Help().Key != endpointKeys.Toggle.Help().Key {
				take(b)
			}
		}
		if len(meaning) != full {
			t.Errorf("%s: the help line has keys that the help screen has not", name)
		}
		if !s.Typing() {
			for _, b := range []key.Binding{globalKeys.Help, globalKeys.Quit, globalKeys.Interrupt, globalKeys.Suspend, undoKeys.Undo, paletteKeys.Open, mouseKeys.Toggle} {
				take(b)
			}
			for _, b := range w.app.placeBindings() {
				take(b)
			}
		}
	}
}

// shorter reports whether a help is another one in fewer words, as the help line
// has it where there is little room.
func shorter(does, other string) bool {
	mean := func(desc string) string {
		if same, ok := meanings[desc]; ok {
			return same
		}
		return desc
	}
	return len(does) < len(other) && (strings.HasPrefix(other, does) || mean(does) == mean(other))
}

// withoutCursor drops what shows a text cursor: a bar without colours, a blank
// in reverse with them.
func withoutCursor(view string) string {
	lines := strings.Split(strings.ReplaceAll(view, "▏", ""), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(lines, "\n")
}

func TestColoursChangeNothingButColours(t *testing.T) {
	for name, w := range modes(t) {
		plain := w.screen()
		for _, dark := range []bool{true, false} {
			w.rt.styles.renderer.SetColorProfile(termenv.TrueColor)
			w.send(backgroundMsg{dark})
			coloured := w.screen()
			if got := masked(sgr.ReplaceAllString(coloured, "")); withoutCursor(got) != withoutCursor(plain) {
				t.Errorf("%s: with colours the text is another:\n%s\nwithout:\n%s", name, got, plain)
			}
			w.rt.styles.renderer.SetColorProfile(termenv.Ascii)
		}
	}
}
