package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// sheetOf is a document of rows, those whose names are taken being there.
type sheetOf []ImportRow

func (d sheetOf) Base() string { return "/v1" }

// Plan has base in the place of "/v1" in each path that begins with it. A path
// that comes to be another workflow's is the one conflict that it finds.
func (d sheetOf) Plan(existing []model.WorkflowInfo, base string) ImportPlan {
	plan := ImportPlan{Base: base}
	for _, r := range d {
		if rest, ok := strings.CutPrefix(r.Path, "/v1"); ok {
			r.Path = base + rest
		}
		for _, w := range existing {
			if base != d.Base() && w.Name != r.Name && w.Path == r.Path && w.Method == r.Method {
				r.State, r.Note = ImportConflict, "already bound by "+w.Name
			}
		}
		for _, w := range existing {
			if w.Name == r.Name {
				r.State, r.Note = ImportThere, "it is there already"
			}
		}
		plan.Rows = append(plan.Rows, r)
	}
	return plan
}

// reader is a port that reads one document whatever it is given.
type reader struct {
	d    sheetOf
	err  error
	read []string
}

func (r *reader) Read(_ context.Context, path string) (Document, error) {
	r.read = append(r.read, path)
	return r.d, r.err
}

func (r *reader) Parse(_ context.Context, data []byte) (Document, error) {
	r.read = append(r.read, string(data))
	return r.d, r.err
}

func shopRows() sheetOf {
	return sheetOf{
		{Name: "list-orders", Method: "GET", Path: "/v1/orders"},
		{Name: "get-order", Method: "GET", Path: "/v1/orders/{id}"},
		{Name: "get-order-2", Method: "GET", Path: "/v1/orders/{id}/lines", State: ImportRenamed, Note: `named "get-order" in the document`},
		{Name: "orders-by-day", Method: "GET", Path: "/v1/orders/{day}", State: ImportConflict, Note: `already bound by "get-order" of this document: both match GET /v1/orders/x; change one of the two paths`},
		{Name: "GET-refunds", Method: "GET", Path: "refunds", State: ImportUnsupported, Note: "its path does not begin with /: write /refunds in the document"},
		{Name: "cancel-order", Method: "DELETE", Path: "/orders/{id}"},
		{Name: "ship", Method: "POST", Path: "/v1/orders/{id}/ship"},
	}
}

// previews opens the preview of these rows.
func (w *world) previews(rows sheetOf) *importer {
	w.t.Helper()
	w.rt.Documents = &reader{d: rows}
	w.start()
	w.show(newImporter(w.rt, rows, "shop.yaml"))
	return w.app.top().(*importer)
}

// filters types a filter.
func (w *world) filters(text string) {
	w.t.Helper()
	w.press("/")
	w.write(text)
}

// holdsImport imports what is marked as far as its first part, which is held.
func (w *world) holdsImport() {
	w.t.Helper()
	w.press("enter")
	w.sees("No key may call them yet")
	w.hold = true
	w.press("y")
	w.send(w.held[0]())
	w.held = w.held[1:]
}

func manyRows(n int) (rows sheetOf) {
	for i := range n {
		rows = append(rows, ImportRow{Name: fmt.Sprintf("op-%03d", i), Method: "GET", Path: fmt.Sprintf("/v1/op/%d", i)})
	}
	return rows
}

func TestImportViews(t *testing.T) {
	everySize(t, "preview", func(w *world) { w.workflows(); w.previews(shopRows()); w.press("down", "down", "down") })
	everySize(t, "renamed", func(w *world) { w.previews(shopRows()); w.press("down", "space", "*", "space") })
	everySize(t, "working", func(w *world) {
		w.previews(manyRows(90))
		w.holdsImport()
		w.send(w.held[0]()) // the first part; the next one is held
	})
	everySize(t, "filtered", func(w *world) { w.previews(shopRows()); w.filters("order"); w.press("enter", "*", "down") })
	everySize(t, "filter_finds_nothing", func(w *world) { w.previews(shopRows()); w.filters("nowhere") })
	everySize(t, "unsupported", func(w *world) { w.previews(shopRows()); w.press("down", "down", "down", "down") })
	everySize(t, "asks", func(w *world) { w.previews(manyRows(90)); w.filters("9"); w.press("enter", "enter") })
	everySize(t, "done", func(w *world) { w.workflows(); w.previews(shopRows()); w.press("enter") })
	everySize(t, "failed", func(w *world) { w.previews(shopRows()); w.backend.wrote = errTest; w.press("enter") })
	everySize(t, "nothing", func(w *world) { w.previews(sheetOf{}) })
}

// What is marked is made, part by part; the rest is not.
func TestImportMakesWhatIsMarked(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.previews(shopRows())
	w.press("down", "down", "space", "enter") // all but the first that can be; what cannot be stands before them
	w.sees("3 workflows imported", "✓ there")
	for name, want := range map[string]bool{"list-orders": false, "get-order": true, "get-order-2": true, "orders-by-day": false, "ship": true} {
		if _, err := w.session.Workflow(t.Context(), name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.press("enter")
	w.sees("Nothing is marked")
	w.press("*", "enter")
	w.sees("1 workflow imported")
}

// Marks are not lost to a filter, "*" is about what is shown, and much, or what
// is not seen, is not made without a question.
func TestImportFilters(t *testing.T) {
	w := newWorld(t)
	i := w.previews(manyRows(30))
	w.filters("op-00")
	w.sees("1 of 10, filtered from 30")
	w.press("enter", "*")
	if len(i.marked) != 20 || i.marked[9] || !i.marked[10] {
		t.Errorf("marked are %v", i.marked)
	}
	w.press("enter")
	w.sees("Import 20 workflows?", "No key may call them yet", "The filter hides 20 of them.")
	w.press("n")
	if i.work != nil || len(i.marked) != 20 {
		t.Error("a no imports, or loses the marks")
	}
	w.press("*")
	if len(i.marked) != 30 {
		t.Errorf("%d are marked, want all", len(i.marked))
	}
	w.press("end", "esc")
	w.sees("10 of 30")
	w.press("*")
	if len(i.marked) != 0 {
		t.Errorf("%d are marked, want none", len(i.marked))
	}
	w.press("space", "esc") // the cursor is where it was
	if len(i.marked) != 1 || !i.marked[9] {
		t.Errorf("marked are %v", i.marked)
	}
	if w.app.top() == screen(i) {
		t.Error("esc does not go back where there is no filter")
	}
}

// Up to ten that are all seen are made at once.
func TestImportAsksAboutMany(t *testing.T) {
	w := newWorld(t)
	w.previews(manyRows(10))
	w.press("enter")
	w.sees("10 workflows imported.")
	w = newWorld(t)
	w.previews(manyRows(11))
	w.press("enter")
	w.sees("Import 11 workflows?")
	w.press("y")
	w.sees("11 workflows imported.")
	w = newWorld(t)
	w.previews(manyRows(11))
	w.press("enter", "enter") // it asked to import, and goes on
	w.sees("11 workflows imported.")
}

// The filter finds rows by what can be done with them, too, and the line below
// says why one cannot be imported.
func TestImportTellsConflictsFromTheUnsupported(t *testing.T) {
	w := newWorld(t)
	w.previews(shopRows())
	w.sees("shop.yaml: 5 new, 1 in conflict, 1 unsupported; paths begin with /v1")
	w.filters("unsupp")
	w.sees("– unsupported", "Its path does not begin with /: write /refunds in the document.")
	w.seesNot("! conflict")
	w.press("esc")
	w.filters("conflict")
	w.sees("orders-by-day", `Already bound by "get-order" of this document`)
}

// One that is refused costs the others nothing, and says why; where nobody
// answers it ends, and all that was not made stays marked.
func TestImportLosesNothing(t *testing.T) {
	w := newWorld(t)
	rows := shopRows()
	rows[1].Path = "no path"
	i := w.previews(rows)
	w.press("enter")
	w.sees("4 workflows imported, 1 refused: the notes say why.", "✗ not made")
	w.press("down", "down", "down")
	w.sees(`"get-order" was not made`)
	if len(i.marked) != 1 || !i.marked[1] {
		t.Errorf("marked are %v", i.marked)
	}

	w = newWorld(t)
	i = w.previews(manyRows(60))
	w.backend.wrote = fmt.Errorf("gone: %w", model.ErrUnavailable)
	w.press("enter", "y")
	w.sees("0 workflows imported, 60 not")
	w.backend.wrote = nil
	w.press("enter", "y")
	w.sees("60 workflows imported.")
	if len(i.marked) != 0 {
		t.Errorf("marked are %v", i.marked)
	}
}

func TestImportStops(t *testing.T) {
	w := newWorld(t)
	i := w.previews(manyRows(90))
	w.holdsImport()
	w.press("q")
	w.sees("Leave while workflows are imported?")
	w.send(armMsg{w.app.prompts})
	w.press("n", "esc")
	w.sees("stopping …")
	w.release()
	w.sees("Stopped: 25 of 90 workflows imported; the others stay marked.")
	if len(i.marked) != 65 {
		t.Errorf("%d are marked", len(i.marked))
	}
}

// The picker chooses a document, or takes a pasted one, and stays below.
func TestImportPicksADocument(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := &reader{d: shopRows()}
	w.rt.Documents = r
	w.start()
	w.press("I")
	w.sees("An OpenAPI 3 document")
	w.press("/")
	w.paste(dir + "/")
	w.press("enter")
	w.sees("shop.yaml", "OpenAPI?")
	w.press("enter")
	w.sees("Preview", "shop.yaml: 5 new")
	w.press("I") // back to the choice: they do not pile up
	if len(w.app.stack) != 2 {
		t.Fatalf("%d screens are open", len(w.app.stack))
	}
	r.err = errors.New("the document is of Swagger 2: convert it to OpenAPI 3 first")
	w.press("enter")
	w.sees("convert it to OpenAPI 3 first")
	r.err = nil
	w.paste(`{"openapi": "3.0.0"}`)
	w.sees("Preview", "what was pasted")
	w.press("esc")
	w.paste("openapi: 3.0.0\r\npaths:\r")
	w.sees("Preview")
	if got := r.read[len(r.read)-1]; got != "openapi: 3.0.0\npaths:\n" {
		t.Errorf("parsed %q", got)
	}
	w.press("esc", "ctrl+g")
	w.seesNot("self-signed")
}

func TestImportOverSSH(t *testing.T) {
	w := newWorld(t)
	w.rt.Remote = &Remote{}
	r := &reader{d: shopRows()}
	w.rt.Documents = r
	w.start()
	w.press("I")
	w.sees("Paste the OpenAPI document here")
	w.write("abc")
	w.paste("openapi: 3.0.0\npaths: {}")
	w.sees("Preview")
	if len(r.read) != 1 || !strings.HasPrefix(r.read[0], "openapi") {
		t.Errorf("read %q", r.read)
	}
}

func TestImportIsOff(t *testing.T) {
	w := newWorld(t)
	w.rt.Documents = &reader{}
	w.readOnly()
	w.press("I")
	w.sees("Nothing can be changed")
	w.press("?")
	w.seesNot("import OpenAPI")
}

func TestHostileDocument(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		i := w.previews(sheetOf{
			{Name: text, Method: text, Path: text, State: ImportConflict, Note: text},
			{Name: text, Method: text, Path: text, State: ImportUnsupported, Note: text},
			{Name: text, Method: text, Path: text, State: ImportRenamed, Note: text},
			{Name: "x" + text, Method: "GET", Path: "/" + text},
		})
		i.plan.Base = text
		w.shown("a document's texts")
		w.press("down")
		w.shown("the note of one that is renamed")
		w.press("enter")
		w.shown("the end")
		w.press("down")
		w.shown("why it was not made")
	}
}

// A mark that changes before the question is seen is not what the yes is about.
func TestImportMakesWhatWasAsked(t *testing.T) {
	w := newWorld(t)
	w.previews(manyRows(12))
	w.hold = true
	w.press("enter", "space") // each on a slow machine
	w.release()
	w.sees("Import 12 workflows?")
	w.press("y")
	w.sees("12 workflows imported.")
}
