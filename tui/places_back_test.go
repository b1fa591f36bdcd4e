package tui

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// way is the breadcrumb without the program's name.
func (w *world) way() string { return strings.Join(w.app.crumbTitles(), crumbGap) }

// journeys are keys, certificates and calls to go around among.
func journeys(w *world) {
	w.t.Helper()
	renewals(w)
	w.serves()
	var calls []model.Activity
	for i := range 30 {
		calls = append(calls, w.call("GET", fmt.Sprintf("/customers/%d", i), "billing-nightly"), w.call("DELETE", "/orders/3", "crm sync"))
	}
	w.brought(calls...)
}

// manyWorkflows adds so many workflows.
func (w *world) manyWorkflows(n int) {
	w.t.Helper()
	for i := range n {
		if _, err := w.session.CreateWorkflow(w.t.Context(), model.WorkflowDraft{Name: fmt.Sprintf("flow-%02d", i), Method: "GET", Path: fmt.Sprintf("/flow/%d", i)}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A place keeps the screen that it was opened from: esc goes back to it. A place
// that is open already is gone back to, one that is about something else is moved.
func TestPlacesKeepTheWay(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.opens("crm sync")
	for _, step := range []struct{ press, way string }{
		{"A", "Keys › crm sync › Audit"},
		{"W", "Keys › crm sync › Audit › Workflows"},
		{"E", "Keys › crm sync › Audit › Workflows › Environments"},
		{"E", "Keys › crm sync › Audit › Workflows › Environments"},
		{"esc", "Keys › crm sync › Audit › Workflows"},
		{"E", "Keys › crm sync › Audit › Workflows › Environments"},
		{"W", "Keys › crm sync › Audit › Workflows"},
		{"esc", "Keys › crm sync › Audit"},
		{"esc", "Keys › crm sync"},
		{"R", "Keys › crm sync › Rotation of crm sync"},
		{"T", "Keys › crm sync › Rotation of crm sync › Try it"},
		{"K", "Keys"},
		{"K", "Keys"},
		{"L", "Keys › Activity"},
		{"up", "Keys › Activity"},
		{"R", "Keys › Activity › Rotation of billing-nightly"},
		{"esc", "Keys › Activity"},
		{"enter", "Keys › Activity › Why"},
		{"R", "Keys › Activity › Why › Rotation of billing-nightly"},
		{"L", "Keys › Activity › Why › Rotation of billing-nightly › Activity of billing-nightly"},
		{"L", "Keys › Activity"},
		{"q", "Keys"},
	} {
		w.press(step.press)
		if w.way() != step.way {
			t.Fatalf("%s leads to %s, want %s", step.press, w.way(), step.way)
		}
		w.screen()
	}
	w.press("n", "enter")
	w.write("A")
	if got := w.app.top().Title(); got == "Audit" {
		t.Error("a place was gone to from where text is entered")
	}
}

// A rotation of another key takes the place of the one that is open, wherever that
// lies.
func TestPlaceOfSomethingElseIsMoved(t *testing.T) {
	w := newWorld(t)
	renewals(w)
	w.start()
	w.press("R", "C", "end")
	first := w.way()
	w.press("R")
	if got := w.way(); strings.Count(got, "Rotation of") != 1 || !strings.HasPrefix(got, "Keys › Certificates › Rotation of ") || strings.HasPrefix(got, first) {
		t.Errorf("%s became %s", first, got)
	}
}

// However long somebody goes on, the way back has an end, and each place once.
func TestTheWayBackIsBounded(t *testing.T) {
	w := newWorld(t)
	journeys(w)
	w.start()
	for i := range 200 {
		w.press([]string{"L", "R", "C", "T", "esc", "R", "E", "W", "A", "L", "up", "R", "enter", "A", "L", "C", "down", "R", "enter", "B", "P", "C", "enter", "esc"}[i*7%24])
		seen := map[placeSort]bool{}
		for _, s := range w.app.stack {
			if sort, ok := sortOf(s); ok && seen[sort] {
				t.Fatalf("%v is there twice: %s", sort.screen, w.way())
			} else if ok {
				seen[sort] = true
			}
		}
		w.screen()
	}
	for range 3 * mostScreens { // the palette finds keys from everywhere
		w.send(pushMsg{newDetail(w.rt, w.key("crm sync").ID, "crm sync")})
	}
	if len(w.app.stack) != mostScreens || w.app.stack[0].Title() != "Keys" {
		t.Errorf("%d screens: %s", len(w.app.stack), w.way())
	}
}

// What is unsaved lies on what it was opened from: nothing is taken from below it.
func TestPlacesAboveAFormStay(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("W", "enter")
	w.write("2")
	w.send(pushMsg{newWorkflowList(w.rt)})
	if w.way() != "Keys › Workflows › get-customer › Workflows" && len(w.app.stack) != 4 {
		t.Errorf("the way is %s", w.way())
	}
}

// The screen that was left for another is as it was once the user is back.
func TestBackIsAsItWas(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	l := w.watches()
	w.press("/")
	w.write("bill")
	w.press("enter", "z", "up", "up")
	before := w.screen()
	w.press("R")
	w.brought(flood(3)...)
	w.send(activityTickMsg{l.newest})
	w.press("esc")
	if after := strings.Replace(w.screen(), ", 3 new", "", 1); strings.Join(strings.Fields(after), " ") != strings.Join(strings.Fields(before), " ") {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	if !l.paused || l.following || l.filter.Value() != "bill" {
		t.Error("it goes on")
	}
}

// A place that was left for good is opened again as it was, with what it shows
// loaded anew.
func TestPlacesAreOpenedAsTheyWereLeft(t *testing.T) {
	for name, show := range map[string]func(w *world){
		"workflows":    func(w *world) { w.press("W", "/"); w.write("o"); w.press("enter", "down", "down") },
		"environments": func(w *world) { w.press("E", "down") },
		"certificates": func(w *world) { w.press("C", "/"); w.write("e"); w.press("enter", "down", "down") },
		"audit":        func(w *world) { w.press("A", "/"); w.write("create"); w.press("enter", "down", "down", "down") },
		"activity":     func(w *world) { w.press("L", "/"); w.write("refused"); w.press("enter", "up", "up") },
		"bin":          func(w *world) { w.press("d"); w.write("crm sync"); w.press("enter", "y", "B") },
		"rotation":     func(w *world) { w.press("R", "down") },
	} {
		for _, away := range []string{"K", "esc"} {
			w := newWorld(t)
			journeys(w)
			w.start()
			show(w)
			before, top := w.screen(), w.app.top()
			sort, _ := sortOf(top)
			if w.press(away); w.app.top() == top { // esc takes a filter away first
				continue
			}
			w.press(map[string]string{"workflows": "W", "environments": "E", "certificates": "C", "audit": "A", "activity": "L", "bin": "B", "rotation": "R"}[name])
			again, _ := sortOf(w.app.top())
			if again != sort || w.app.top() == top {
				t.Fatalf("%s: it leads to %s", name, w.way())
			}
			if after := w.screen(); after != before && name != "bin" {
				t.Errorf("%s, left with %s: it was\n%s\nand is\n%s", name, away, before, after)
			}
		}
	}
}

// What changed meanwhile is seen in a place that is opened again.
func TestPlacesAreLoadedAnew(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("W", "down", "K")
	path := "/elsewhere/{id}"
	if _, err := w.session.EditWorkflow(t.Context(), "get-customer", model.WorkflowEdit{Path: &path}); err != nil {
		t.Fatal(err)
	}
	w.press("W")
	w.sees("/elsewhere/{id}", "2 of")
}

// What is left of a place is no row and nothing that was shown.
func TestRemainsAreSmall(t *testing.T) {
	fields := reflect.TypeFor[remains]()
	for i := range fields.NumField() {
		if f := fields.Field(i); !strings.Contains("about filter spot", f.Name) {
			t.Errorf("they hold %s", f.Name)
		}
	}
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("T")
	w.press("esc")
	for sort := range w.app.left {
		if strings.Contains(fmt.Sprint(sort.screen), "try") {
			t.Error("what was typed to be tried is kept: it may hold a secret")
		}
	}
}

// A list that nobody comes back to asks no more; once it is seen it does.
func TestActivityCoveredForLongAsksNoMore(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	l := w.watches()
	w.press("W")
	start := len(w.backend.asked)
	for range activityWaits + 10 {
		if l.waits >= activityWaits {
			break
		}
		w.send(activityTickMsg{l.newest})
	}
	if n := len(w.backend.asked) - start; n != activityWaits-1 && n != activityWaits {
		t.Errorf("%d questions while it was covered", n)
	}
	w.brought(flood(2)...)
	w.press("esc")
	w.sees("11 of 11")
	if l.waits >= activityWaits && !l.seen {
		t.Error("it is seen and does not know")
	}
}

// A preview of an import is gone back to, and from it the choice of the file.
func TestImportIsGoneBackTo(t *testing.T) {
	w := newWorld(t)
	w.rt.Documents = &reader{d: shopRows()}
	w.start()
	w.press("I")
	preview := newImporter(w.rt, shopRows(), "shop.yaml")
	w.show(preview)
	w.press("W", "I")
	if w.app.top() != preview {
		t.Fatalf("I leads to %s", w.way())
	}
	w.press("I")
	if w.app.top().Title() != "Import" {
		t.Errorf("I leads to %s", w.way())
	}
}

// What the palette does in a place is done where that is open already, or was left,
// in another state than a new one.
func TestPaletteDoesInAPlaceThatIsOpen(t *testing.T) {
	for _, away := range []string{"E", "K"} {
		w := newWorld(t)
		traffic(w)
		w.watches()
		w.press("z", "up", "up", away)
		w.commandsFor("activity pause")
		w.press("enter")
		if l, ok := w.app.top().(*activityList); !ok || !l.paused || l.following {
			t.Errorf("%s: it is not paused:\n%s", away, w.screen())
		}
		w.press(away)
		w.commandsFor("activity follow")
		w.press("enter")
		if l, ok := w.app.top().(*activityList); !ok || !l.following || l.table.cursor != l.table.total-1 {
			t.Errorf("%s: it does not follow:\n%s", away, w.screen())
		}
	}
}

// A header of any width ends with where one is.
func TestBreadcrumbKeepsItsEnd(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.resize(minWidth, minHeight)
	w.start()
	w.stands(serveOwns)
	w.press("L", "up", "R", "W", "E", "A")
	line, _, _ := strings.Cut(w.screen(), "\n")
	if !strings.HasPrefix(line, " keyward  … › ") || !strings.Contains(line, "› Audit ") {
		t.Errorf("the header is %q", line)
	}
	w.resize(160, 50)
	w.sees("keyward  Keys › Activity › Rotation of billing-nightly › Workflows › Environments › Audit")
}
