package tui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

func TestMannersViews(t *testing.T) {
	everySize(t, "tour again", func(w *world) { w.start(); w.press("t", "y"); w.anew() })
	everySize(t, "calls of one key", func(w *world) { twoCallers(w); w.opens("crm sync"); w.press("L") })
	everySize(t, "no calls of one key", func(w *world) { twoCallers(w); w.opens("kiosk"); w.press("L") })
	everySize(t, "too soon", func(w *world) {
		few(w)
		w.start()
		w.press("e")
		w.app.prompt.armed = false
		w.press("y")
	})
	everySize(t, "no second endpoint", func(w *world) {
		inTheDemo(w)
		w.press("P")
	})
	everySize(t, "never", func(w *world) {
		variety(w)
		w.start()
		w.send(offerMsg{undoNever(w.key("crm sync"), model.Primary)})
		w.press("u")
	})
	everySize(t, "deleted keys are back", func(w *world) {
		few(w)
		w.start()
		w.press("*")
		w.deletesMarked("delete 4")
		w.press("undo")
	})
}

// inTheDemo is a console that has an endpoint which is not its own to stop.
func inTheDemo(w *world) {
	w.rt.NoEndpoints = "The demo's endpoint runs already, on https://127.0.0.1:1, and ends with the demo."
	w.rt.pid = 4711
	w.backend.serving = []model.EndpointReport{{PID: w.rt.pid, Since: model.At(testNow), Addresses: []string{"https://127.0.0.1:1"}}}
	few(w)
	w.start()
}

// A tour that was left, as by quitting, is begun again on the list, which says
// so.
func TestTourAgain(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.press("t", "y", "t")
	w.sees("Tour, 2 of 4")

	w.anew()
	w.seesNot("Tour,")
	w.sees("t takes the tour again", "t tour")
	w.press("t")
	w.sees("Tour, 1 of 4")
	w.seesNot("takes the tour again")
	w.press("t", "t", "t")
	w.sees("Tour, 4 of 4")
	w.press("t")
	w.sees("t takes the tour again")
	w.press("t", "t")
	w.sees("Tour, 2 of 4")
}

// anew starts the console again over the same store.
func (w *world) anew() {
	w.t.Helper()
	w.rt.touring = false
	width, height := w.app.width, w.app.height
	w.app = newApp(w.rt, newKeyList(w.rt))
	w.resize(width, height)
	w.start()
}

// Where its key is gone the tour is over: it has nothing to show.
func TestTourEndsWithItsKey(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.press("t", "y", "x", "y")
	w.sees("The samples are taken out")
	w.seesNot("Tour,")
	w.press("t")
	w.sees("Take a tour with sample data?")
}

func TestNoTourInAReadOnlyConsole(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.press("t", "y")
	w.rt.ReadOnly = true
	w.anew()
	w.seesNot("takes the tour again", "t tour")
}

// twoCallers are calls of two keys and of nobody, by two workflows.
func twoCallers(w *world) {
	w.t.Helper()
	variety(w)
	billing, crm, order := w.key("billing-nightly"), w.key("crm sync"), w.workflow("create-order")
	calls := []model.Activity{
		{Number: 1, At: testNow, Path: "/one", Key: billing.ID, KeyName: billing.Name, Workflow: order.ID, Bound: order.Name},
		{Number: 2, At: testNow, Path: "/two", Key: crm.ID, KeyName: crm.Name, Reason: model.SecretUnknown},
		{Number: 3, At: testNow, Path: "/three", Reason: model.SecretUnknown},
	}
	w.rt.Backend = &recorded{Backend: w.backend, calls: calls}
}

// recorded answers with calls that were made.
type recorded struct {
	Backend
	calls []model.Activity
}

func (r *recorded) Activity(_ context.Context, q model.ActivityQuery) (p model.ActivityPage, _ error) {
	p.Next, p.Serving = 3, []model.EndpointReport{{PID: 1}}
	for _, a := range r.calls {
		if a.Number > q.After && (q.Key == 0 || a.Key == q.Key) && (q.Workflow == 0 || a.Workflow == q.Workflow) && strings.Contains(a.Path, q.Words) {
			p.Records = append(p.Records, a)
		}
	}
	return p, nil
}

// The calls of the key that a screen is about are shown alone, which is said;
// L shows all, and esc goes back. From the list of keys all are shown: callers that nobody knows
// would be missed.
func TestActivityOfOneKey(t *testing.T) {
	w := newWorld(t)
	twoCallers(w)
	w.opens("crm sync")
	w.press("L")
	w.sees("Activity of crm sync", "only calls of crm sync: L shows all", "/two", "L all calls", "esc back", "1 of 1")
	w.press("/")
	w.write("zzz")
	w.press("enter", "esc")
	w.sees("Activity of crm sync")
	w.press("L")
	w.seesNot("all calls")
	w.sees("Activity of crm sync › Activity", "live, newest at the bottom", "3 of 3")
	w.press("esc")
	w.sees("only calls of crm sync", "1 of 1")
	w.press("esc")
	w.seesNot("Activity")
	w.sees("Keys › crm sync")

	w.press("esc", "g", "L")
	w.sees("3 of 3")
	w.seesNot("Activity of")
}

func TestActivityOfOneKeyWithoutCalls(t *testing.T) {
	w := newWorld(t)
	twoCallers(w)
	w.opens("kiosk")
	w.press("L")
	w.sees("No call of kiosk yet.", "shows the calls of all")
	w.press("L")
	w.sees("3 of 3")
}

func TestActivityOfOneWorkflow(t *testing.T) {
	w := newWorld(t)
	twoCallers(w)
	w.start()
	w.press("W")
	w.finds("create-order")
	w.press("L")
	w.sees("Activity of create-order", "only calls of create-order: L shows all", "/one", "1 of 1")
}

// A yes that came too soon does nothing, and is seen.
func TestEarlyYesIsSeen(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.rt.sleep = nil // not armed before the test says so
	w.hold = true
	w.app.ask(prompt{Title: "Sure?", Confirm: "do it", OnYes: send(statusMsg{statusDone, "done"})})
	w.seesNot("too soon")
	w.press("y")
	w.sees("That came too soon to be meant: press y again.", "y do it")
	if w.app.prompt == nil {
		t.Fatal("it was taken")
	}
	w.send(armMsg{w.app.prompts})
	w.hold = false
	w.press("y")
	w.sees("✓ done")
}

func TestWelcomeNamesTheImport(t *testing.T) {
	w := newWorld(t)
	w.rt.Documents = noDocuments{}
	w.start()
	if keys := helpLine(w); !strings.Contains(keys, "I import OpenAPI") {
		t.Errorf("the help line is %q", keys)
	}
}

// noDocuments reads none.
type noDocuments struct{ Documents }

// helpLine is the last line of the screen.
func helpLine(w *world) string {
	lines := strings.Split(w.screen(), "\n")
	return lines[len(lines)-1]
}

func TestRevealNamesTheCall(t *testing.T) {
	for _, size := range sizes {
		w := newWorld(t)
		few(w)
		w.start()
		w.resize(size.width, size.height)
		secrets := [2]model.Secret{}
		for i := range secrets {
			secrets[i], _ = model.NewSecret(w.rt.Random)
		}
		w.show(newReveal(w.rt, w.key("a"), secrets))
		lines := strings.Split(w.app.View(), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "y copy the c") || !strings.Contains(last, "esc done") {
			t.Errorf("at %d columns the help line is %q", size.width, last)
		}
	}
}

// In the demo the key that starts an endpoint is off, and why is said.
func TestNoSecondEndpointInTheDemo(t *testing.T) {
	w := newWorld(t)
	inTheDemo(w)
	w.press("P")
	w.sees("The demo's endpoint runs already, on https://127.0.0.1:1")
	w.seesNot("S start")
	w.press("S")
	w.sees("! The demo's endpoint runs already")
	if w.rt.local.busy {
		t.Error("something is being started")
	}
}

// Nothing of what a certificate's age or a step says is cut.
func TestNothingTellingIsCut(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120, 160} {
		w := newWorld(t)
		w.certificateKey(model.KeyDraft{Name: "long", Environment: "Test"},
			testCertificate(t, 1, "orders.of.a.company.with.a.name.longer.than.others.example", testNow.AddDate(0, -1, 0), 440))
		w.start()
		w.resize(width, 24)
		w.press("R")
		w.sees("days left", "every caller use", "quiet: no call in 24 h.", "nobody is cut off.")
		for _, line := range strings.Split(w.screen(), "\n") {
			if strings.Contains(line, "days le…") || strings.HasSuffix(strings.TrimRight(line, " "), "…") && strings.Contains(line, ". ") && strings.HasPrefix(line, "  1.") {
				t.Errorf("at %d columns a line is cut: %q", width, line)
			}
		}
		w.press("C")
		w.sees("a later one")
	}
}

func TestFitting(t *testing.T) {
	for width, want := range map[int]string{12: "as it stands", 11: "shorter", 7: "shorter", 6: "short…"} {
		if got := fitting(width, "as it stands", "shorter"); got != want {
			t.Errorf("in %d cells it is %q, want %q", width, got, want)
		}
	}
}

// How keys are used is asked for again within 5 s, for the rows that are seen of
// the screen that is seen.
func TestUsageIsSoon(t *testing.T) {
	if usageEvery > 5*time.Second {
		t.Errorf("the list is up to %v behind", usageEvery)
	}
	w := newWorld(t)
	many(w, 1000)
	w.start()
	w.press(repeat("down", 300)...)
	w.isUsed("key 000300", "10.0.0.7")
	w.resize(120, 40)
	w.backend.lists, w.backend.looks = 0, 0
	w.send(usageTickMsg{})
	w.sees("just now")
	if w.backend.lists != 0 || w.backend.looks > 40 {
		t.Errorf("the list was loaded %d times and %d keys looked at", w.backend.lists, w.backend.looks)
	}
	w.press("W")
	w.backend.looks = 0
	w.send(usageTickMsg{})
	if w.backend.looks != 0 {
		t.Error("a list that is covered costs something")
	}
	w.isUsed("key 000301", "10.0.0.7")
	w.press("esc")
	if w.backend.looks == 0 {
		t.Error("it is old when it is seen again")
	}
}

// What was looked at before the list was asked for anew is dropped.
func TestUsageOfAnOlderList(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	l := w.app.top().(*keyList)
	late := usedRowsMsg{number: l.newest - 1, keys: map[model.ID]model.KeyInfo{w.key("a").ID: {KeyRow: model.KeyRow{Name: "late"}}}}
	w.send(late)
	w.seesNot("late")
	if !slices.ContainsFunc(l.table.rows, func(r model.KeyRow) bool { return r.Name == "a" }) {
		t.Error("a row is gone")
	}
}

var _ tea.Msg = usedRowsMsg{}
