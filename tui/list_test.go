package tui

import (
	"fmt"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// sizes are those of the golden views.
var sizes = []struct{ width, height int }{{80, 24}, {120, 40}}

// variety fills a store with a key of each sort.
func variety(w *world) {
	w.workflows()
	w.token(model.KeyDraft{Name: "billing-nightly", Environment: "Production", Workflows: []string{"get-customer", "create-order"}})
	w.token(model.KeyDraft{Name: "crm sync", Environment: "Test", Workflows: []string{"get-customer", "list-customers", "order-status"}})
	w.token(model.KeyDraft{Name: "kiosk", Expires: testNow.AddDate(0, 0, 12), Workflows: []string{"create-order"}})
	w.token(model.KeyDraft{Name: "legacy.import", Environment: "Test"})
	w.disable("legacy.import")
	w.certificateKey(model.KeyDraft{Name: "partner_portal", Environment: "Production", Workflows: []string{"get-customer"}},
		testCertificate(w.t, 1, "partner portal", testNow.AddDate(-1, 0, 0), 600))
	w.certificateKey(model.KeyDraft{Name: "warehouse", Environment: "Test", Workflows: []string{"update-stock"}},
		testCertificate(w.t, 2, "warehouse", testNow.AddDate(0, -2, 0), 80), testCertificate(w.t, 3, "warehouse next", testNow, 400))
	w.token(model.KeyDraft{Name: "a-name-that-is-as-long-as-names-may-be-which-is-sixty-four-signs", Environment: "Test", Workflows: []string{"cancel-order"}})
	w.token(model.KeyDraft{Name: "old", Environment: "Test", Expires: testNow.AddDate(0, 0, 1)})
	w.now = testNow.AddDate(0, 0, 2)
}

// eachSize runs a test at each size.
func eachSize(t *testing.T, name string, fn func(w *world)) {
	t.Helper()
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%s %dx%d", name, size.width, size.height), func(t *testing.T) {
			w := newWorld(t)
			w.resize(size.width, size.height)
			fn(w)
			w.golden()
		})
	}
}

func TestListViews(t *testing.T) {
	eachSize(t, "loading", func(*world) {})
	eachSize(t, "empty", func(w *world) { w.start() })
	eachSize(t, "empty with workflows", func(w *world) { w.workflows().start() })
	eachSize(t, "samples asked", func(w *world) { w.start().press("t") })
	eachSize(t, "error", func(w *world) { w.backend.err = errTest; w.start() })
	eachSize(t, "stale", func(w *world) { variety(w); w.start(); w.backend.err = errTest; w.press("ctrl+r") })
	eachSize(t, "list", func(w *world) { variety(w); w.start(); w.press("down", "down") })
	eachSize(t, "by expiry", func(w *world) { variety(w); w.start(); w.press("s", "s", "s", "s", "s", "s", "O") })
	eachSize(t, "by creation", func(w *world) { variety(w); w.start(); w.press("s", "s", "s", "s", "s") })
	eachSize(t, "filter typed", func(w *world) { variety(w); w.start(); w.press("/"); w.write("test cert") })
	eachSize(t, "filtered", func(w *world) { variety(w); w.start(); w.press("/"); w.write("prod"); w.press("enter") })
	eachSize(t, "no match", func(w *world) { variety(w); w.start(); w.press("/"); w.write("zzz"); w.press("enter") })
	eachSize(t, "disable asked", func(w *world) { variety(w); w.start(); w.press("down", "e") })
	eachSize(t, "delete asked", func(w *world) { variety(w); w.start(); w.press("down", "d"); w.write("bill") })
	eachSize(t, "help", func(w *world) { variety(w); w.start(); w.press("?") })
	eachSize(t, "told", func(w *world) { variety(w); w.start(); w.press("down", "e", "yes") })
	eachSize(t, "long", func(w *world) { many(w, 1000); w.start(); w.press("pgdown", "pgdown", "pgdown") })
}

func TestSmallestView(t *testing.T) {
	for _, size := range []struct{ width, height int }{{60, 16}, {59, 16}, {60, 15}, {20, 5}, {3, 1}} {
		t.Run(fmt.Sprintf("%dx%d", size.width, size.height), func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			w.resize(size.width, size.height)
			w.start().golden()
		})
	}
}

// Whoever opens the console for the first time sees every step.
func TestEmptyStoreFitsTheSmallest(t *testing.T) {
	for name, fn := range map[string]func(w *world){"nothing": func(*world) {}, "workflows": func(w *world) { w.workflows() }} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.rt.Endpoints = &endpoints{}
			w.resize(minWidth, minHeight)
			fn(w)
			w.start().sees("Welcome", "I  Import an OpenAPI document", "n  Make a key", "to call.")
			w.seesNot("…")
			w.golden()
		})
	}
}

// many puts n keys into the store.
func many(w *world, n int) {
	w.t.Helper()
	w.store.records.Keys = manyKeys(n)
	w.open()
}

func manyKeys(n int) []*model.Key {
	at := model.At(testNow.AddDate(0, -1, 0))
	keys := make([]*model.Key, n)
	for i := range keys {
		k := &model.Key{
			ID: model.ID(i + 1), Name: fmt.Sprintf("key %06d", i), Kind: model.TokenKey, State: model.Enabled,
			Environment: model.ID(i % 3), Created: at + model.Instant(i), Changed: at,
		}
		k.Primary.Digest[0], k.Primary.Digest[1], k.Primary.Digest[2], k.Primary.Digest[31] = byte(i), byte(i>>8), byte(i>>16), 1
		k.Secondary.Digest[0], k.Secondary.Digest[1], k.Secondary.Digest[2], k.Secondary.Digest[31] = byte(i), byte(i>>8), byte(i>>16), 2
		if i%7 == 0 {
			k.State = model.Disabled
		}
		keys[i] = k
	}
	return keys
}

// under returns the name of the key under the list's cursor.
func (w *world) under() string {
	row, _ := w.app.stack[0].(*keyList).table.current()
	return row.Name
}

func TestListCursor(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	step := func(want, where string, keys ...string) {
		t.Helper()
		w.press(keys...)
		if got := w.under(); got != want {
			t.Errorf("after %v the cursor is on %q, want %q", keys, got, want)
		}
		w.sees(where)
	}
	step("key 000001", "2 of 1,000", "down")
	step("key 000000", "1 of 1,000", "up", "up")
	step("key 000999", "1,000 of 1,000", "end")
	step("key 000998", "999 of 1,000", "k")
	step("key 000000", "1 of 1,000", "g")
	step("key 000999", "1,000 of 1,000", "G", "j")
	step("key 000500", "501 of 1,000", append([]string{"g"}, repeat("down", 500)...)...)
	step("key 000500", "501 of 1,000", "ctrl+r")
	step("key 000500", "500 of 1,000", "O") // reversed: 999 is first
	step("key 000500", "501 of 1,000", "s") // by kind, which is the same for all: by name
	step("key 000500", "1 of 1, filtered from 1,000", "/", "0", "0", "5", "0", "0")
	step("key 000500", "501 of 1,000", "esc")
}

func repeat(key string, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = key
	}
	return keys
}

func TestListFilterGoesToTheTop(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press("end", "/")
	w.write("0001")
	if got := w.under(); got != "key 000001" {
		t.Errorf("the cursor is on %q, want the first match, key 000001", got)
	}
	w.press("esc")
	w.sees("1,000")
	if got := w.under(); got != "key 000999" {
		t.Errorf("without the filter the cursor is on %q, want it to be back on key 000999", got)
	}
}

func TestListDropsStaleAnswers(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press("/")
	w.hold = true
	w.press("9")
	first := w.held
	w.held = nil
	w.press("9")
	w.press("7")
	w.release()
	w.sees("/ 997", "1 of 1, filtered from 1,000")
	for _, cmd := range first {
		w.run(cmd)
	}
	w.sees("/ 997", "1 of 1, filtered from 1,000")
}

// Paging through a list never shows more requests than it needs, and ends with
// every visible row loaded.
func TestListLoadsWhatIsSeen(t *testing.T) {
	w := newWorld(t)
	many(w, 5000)
	w.start()
	requests := func() (n int) {
		for _, m := range w.log {
			if _, ok := m.(listedMsg); ok {
				n++
			}
		}
		return n
	}
	before := requests()
	w.press(repeat("down", 2000)...)
	if n := requests() - before; n > 2000/100 {
		t.Errorf("2,000 rows down took %d requests", n)
	}
	w.seesNot("…")
	w.press("end")
	w.seesNot("…")
	w.press("home")
	w.seesNot("…")
}

func TestListShowsRowsThatAreComing(t *testing.T) {
	w := newWorld(t)
	many(w, 5000)
	w.start()
	w.hold = true
	w.press("end")
	w.sees("5,000 of 5,000", "…")
	w.press("e", "d", "r", "enter") // nothing is known of the row: nothing happens
	if w.app.prompt != nil || len(w.app.stack) != 1 {
		t.Error("a key that is not known was acted on")
	}
	w.release()
	w.seesNot("…")
	w.sees("key 004999")
}

func TestListLoadsWhatAGrownTerminalShows(t *testing.T) {
	w := newWorld(t)
	many(w, 5000)
	w.start()
	w.press(repeat("down", 100)...)
	w.resize(80, 400)
	w.seesNot("…")
	w.sees("key 000300")
	w.resize(60, 16)
	w.sees("101 of 5,000", "› key 000100")
}

func TestListEnableAndDisable(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "e")
	w.sees(`Disable the key "billing-nightly"?`, "2 workflows in Production")
	w.press("n")
	if !w.key("billing-nightly").Enabled {
		t.Fatal("a key other than y disabled the key")
	}
	w.press("e", "yes")
	if w.key("billing-nightly").Enabled {
		t.Fatal("the key was not disabled")
	}
	w.sees("○ disabled", `✓ "billing-nightly" is disabled`)
	w.press("e")
	w.sees("Enable the key")
	w.press("yes")
	if !w.key("billing-nightly").Enabled {
		t.Fatal("the key was not enabled")
	}
}

func TestPromptIgnoresKeysBeforeItIsArmed(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.hold = true
	w.press("down", "e")
	w.hold = false
	held := w.held
	w.held = nil
	for _, cmd := range held { // askMsg only; the arming is what it answers with
		w.hold = true
		w.send(cmd())
	}
	w.press("y", "y")
	w.hold = false
	if !w.key("billing-nightly").Enabled {
		t.Fatal("a prompt that was not armed took a key")
	}
	w.release()
	w.paste("y")
	if !w.key("billing-nightly").Enabled {
		t.Fatal("a paste confirmed")
	}
}

func TestListDelete(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "d")
	w.write("billing")
	w.press("enter", "y")
	w.key("billing-nightly")
	w.press("esc", "d")
	w.write("billing-nightly")
	w.press("enter", "y")
	w.sees(`✓ "billing-nightly" is deleted.`)
	w.seesNot("› billing-nightly")
	if got := w.under(); got != "crm sync" {
		t.Errorf("the cursor is on %q, want the key that took the place", got)
	}
}

func TestListTellsFailures(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.backend.wrote = errTest
	w.press("e", "yes")
	w.sees("✗ The store does not answer.")
	w.backend.err = errTest
	w.press("ctrl+r")
	w.sees("ctrl+r tries again", "crm sync")
	w.backend.err = nil
	w.press("ctrl+r")
	w.seesNot("tries again")
}

// The tour makes samples, walks through four steps, and one key takes all of it
// out again: the store is as it was.
func TestTour(t *testing.T) {
	w := newWorld(t).start()
	w.press("t")
	w.sees("Take a tour with sample data?")
	w.press("y")
	w.sees("Tour, 1 of 4", "› sample-shop", "7 sample workflows and a key added.")
	w.press("t")
	w.sees("Tour, 2 of 4", "Keys › sample-shop")
	w.press("t")
	w.sees("Tour, 3 of 4")
	w.press("t")
	w.sees("Tour, 4 of 4", "› sample-shop")
	w.press("t")
	w.seesNot("Tour")
	w.press("x")
	w.sees("Take the samples out?")
	w.press("y")
	w.sees("7 workflows and a key.", "Take a tour")
	if list, err := w.session.Workflows(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%d workflows are left, %v", len(list), err)
	}
}

// What somebody made of a sample is theirs; a store with workflows of somebody's
// gets no samples.
func TestSamplesAreTakenOutAsTheyWere(t *testing.T) {
	w := newWorld(t).start()
	w.press("t", "y")
	path := "/mine/{id}"
	if _, err := w.session.EditWorkflow(t.Context(), "sample-get-customer", model.WorkflowEdit{Path: &path}); err != nil {
		t.Fatal(err)
	}
	if err := w.session.DeleteKey(t.Context(), sampleKey); err != nil {
		t.Fatal(err)
	}
	w.press("ctrl+r")
	w.sees("Take the samples out", "6 sample workflows of a tour")
	w.seesNot("Take a tour")
	w.press("x", "y")
	w.sees("6 workflows.")
	if list, err := w.session.Workflows(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%d workflows are left, %v", len(list), err)
	}
	w.press("t")
	if w.app.prompt != nil {
		t.Error("samples are offered to a store with workflows")
	}
}

func TestTourViews(t *testing.T) {
	everySize(t, "ask", func(w *world) { w.start(); w.press("t") })
	everySize(t, "1", func(w *world) { w.start(); w.press("t", "y") })
	everySize(t, "2", func(w *world) { w.start(); w.press("t", "y", "t") })
	everySize(t, "4", func(w *world) { w.start(); w.press("t", "y", "t", "t", "t") })
	everySize(t, "out", func(w *world) { w.start(); w.press("t", "y", "x") })
}

func TestListPutsTheCursorOnANewKey(t *testing.T) {
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.token(model.KeyDraft{Name: "key 000700b"})
	w.send(changedMsg{key: "key 000700b"})
	if got := w.under(); got != "key 000700b" {
		t.Errorf("the cursor is on %q", got)
	}
	w.sees("› key 000700b", "702 of 1,001")
}

// Another owner of the store takes nothing from a list that is being loaded for a
// new key: the cursor goes there.
func TestNewKeyIsFoundAtAnotherOwner(t *testing.T) {
	for name, msgs := range map[string][]tea.Msg{
		"asked":   {changedMsg{key: "z"}},
		"waiting": {changedMsg{}, changedMsg{key: "z"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.token(model.KeyDraft{Name: "a", Environment: "Test"})
			w.start()
			w.token(model.KeyDraft{Name: "z", Environment: "Test"})
			w.hold = true
			for _, msg := range msgs {
				w.send(msg)
			}
			w.send(changedMsg{anew: true})
			w.release()
			if row, _ := w.app.stack[0].(*keyList).table.current(); row.Name != "z" {
				t.Errorf("the cursor is on %q", row.Name)
			}
		})
	}
}
