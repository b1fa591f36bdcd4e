package tui

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// seen is a screen in one of its states, or what lies over a screen, with one
// text wherever it shows one that comes from outside.
type seen struct {
	name string
	open func(w *world, text string)
	how  shows
}

// shows is how a screen shows a text, as far as that decides what it must be
// like.
type shows int

const (
	asItIs      shows = iota // in cells of its own: nothing else moves
	inSentences              // which break where it is wide
	inQuotes                 // in which what a text does is spelled out
	altered                  // a field leaves out what cannot be typed, a URL spells it out
)

// census is every screen of the console in the states that show what came from
// outside. A type of screen that is in none of them fails TestCensusIsWhole.
var census = slices.Concat(keyCensus, formCensus, placeCensus, overCensus)

// crowd fills a store with something of everything that is shown.
func crowd(t *testing.T) *world {
	w := newWorld(t)
	renewals(w)
	w.uses("warehouse", model.Primary, time.Minute, "10.0.0.7", "10.0.0.8")
	w.uses("crm sync", model.Secondary, time.Minute, "10.0.0.7")
	w.remake("crm sync", model.Primary, 24*time.Hour)
	w.token(model.KeyDraft{Name: "gone", Environment: "Test"})
	w.token(model.KeyDraft{Name: "named again", Environment: "Test"})
	w.deletes("gone", "named again")
	w.token(model.KeyDraft{Name: "named again", Environment: "Test"})
	w.acts(ada, "ticket 1207")
	w.disable("old")
	w.session = w.service.As(model.Caller{})
	w.serves()
	w.brought(
		w.call("GET", "/customers/17?_profile=Test", "crm sync"), w.call("DELETE", "/orders/3", "billing-nightly"),
		w.call("GET", "/nothing/here", "billing-nightly"), w.call("GET", "/orders/7", "legacy.import"), w.call("GET", "/orders/8", ""),
	)
	return w
}

// again opens another console on w's store, to which the outside is one text.
func (w *world) again(t *testing.T, text string) *world {
	t.Helper()
	n := &world{t: t, store: w.store, service: w.service, session: w.session, now: w.now}
	n.backend = &flaky{Backend: outside{w.session, text}}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	r.SetHasDarkBackground(true)
	n.rt = newRuntime(w.t.Context(), Options{
		Backend: n.backend, DataDir: "/srv/keyward", Endpoint: "https://localhost:8443", CAFile: "/srv/" + text + "/ca.pem",
		Certificates: &makeCertificates{}, Algorithms: []string{"rsa4096", "p256"}, Documents: &reader{},
		Env: func(string) string { return "" }, Now: func() time.Time { return n.now }, Random: &stream{},
	}, r)
	n.rt.sleep = func(_ context.Context, d time.Duration) { n.slept = d != armingTime }
	n.rt.output, n.rt.pid = io.Discard, 4711
	n.app = newApp(n.rt, newKeyList(n.rt))
	n.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	return n
}

func (w *world) certificates() *makeCertificates { return w.rt.Certificates.(*makeCertificates) }

// looks opens the list of keys and a key.
func (w *world) looks(name, text string) { w.start(); w.looksAt(name, text) }

func (w *world) looksAt(name, text string) { w.show(newDetail(w.rt, w.key(name).ID, text)) }

// changes opens the form of a key.
func (w *world) changes(name, text string, p part) {
	w.start()
	w.show(newEdit(w.rt, tainted(w.key(name), text), w.now, p))
}

// makes opens the wizard and presses keys there.
func (w *world) makes(keys ...string) { w.start(); w.press("n"); w.press(keys...) }

func (w *world) reveals(name, text string) {
	var secrets [2]model.Secret
	if err := w.rt.drawSecrets(&secrets); err != nil {
		w.t.Fatal(err)
	}
	w.start()
	w.show(newReveal(w.rt, tainted(w.key(name), text), secrets))
}

// picks opens a choice of files in which a directory and a file have that name.
func (w *world) picks(text string) {
	w.start()
	p := newPicker(w.rt, "Certificate of "+text, text, func(picked) tea.Cmd { return nil })
	w.show(p)
	if !w.rt.remote() {
		w.lists(p, text+".crt")
	}
}

// lists gives a choice of files its directory.
func (w *world) lists(p *picker, file string) {
	entry := func(name string, dir bool) dirEntry {
		shown := clean(name)
		return dirEntry{name, shown, strings.ToLower(shown), dir, !dir}
	}
	p.files.request, p.files.loading = w.rt.next(), true
	w.send(directoryMsg{request: p.files.request, dir: "/srv/" + file, entries: []dirEntry{entry(file, true), entry(file, false)}})
}

// imports opens the preview of a document.
func (w *world) imports(text string) {
	w.start()
	w.show(newImporter(w.rt, tainted(shopRows(), text), text))
}

func (w *world) restores(text string) {
	w.start()
	k := model.DeletedKey{ID: 3, Name: text, Environment: text, NameTaken: true, Deleted: model.At(w.now)}
	w.show(newRestoreForm(w.rt, k, nil))
}

// wonders opens the explanation of a call.
func (w *world) wonders(text, name string, reason model.Reason) {
	w.start()
	w.show(newWhy(w.rt, hostileCall(text, w.key(name), reason)))
}

// codes opens the lines of a call in one of the languages.
func (w *world) codes(text string, language int) {
	w.wonders(text, "crm sync", model.Allowed)
	w.press("T", "shift+tab")
	for range language {
		w.press("right")
	}
}

// observes opens the screen of endpoints that tell of themselves in a text.
func (w *world) observes(text string) {
	f := w.reports(report(4242, 0, 1_204_112, 300), report(4711, 0, 0, 0))
	f.page = tainted(f.page, text)
	w.start()
	w.press("P")
}

// troubled says that the console sees an old state and can change nothing.
func (w *world) troubled(text string) {
	w.stands(model.Standing{Seq: 7, Owner: model.Peer{PID: 4242, Rank: model.RankServe}, Stale: text, Degraded: "x " + text})
}

// oneLine is a text as a terminal pastes it into a line.
func oneLine(text string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(text) }

// TestCensusIsWhole: every type of screen is in the census, and no other is. A
// screen of its own is a type with a title.
func TestCensusIsWhole(t *testing.T) {
	base := crowd(t)
	opened := map[string]bool{}
	for _, s := range census {
		w := base.again(t, "x")
		s.open(w, "x")
		for _, on := range w.app.stack {
			opened[reflect.TypeOf(on).Elem().Name()] = true
		}
	}
	declared := typesWith(t, "Title")
	for name := range declared {
		if !opened[name] {
			t.Errorf("the screen %s is in no line of the census", name)
		}
	}
	for name := range opened {
		if !declared[name] {
			t.Errorf("%s is opened, and not declared with a title", name)
		}
	}
}

// typesWith are the types of the package, without its tests, that have a method.
func typesWith(t *testing.T, method string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, f := range parsed(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != method {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok {
				if name, ok := star.X.(*ast.Ident); ok {
					found[name.Name] = true
				}
			}
		}
	}
	return found
}

// parsed are the files of the package without its tests.
func parsed(t *testing.T) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
