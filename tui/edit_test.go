package tui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func sprint(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// edits opens the form on a key.
func (w *world) edits(name string, p part) *edit {
	w.t.Helper()
	w.start()
	e := newEdit(w.rt, w.key(name), w.now, p)
	w.show(e)
	return e.(*edit)
}

func TestEditViews(t *testing.T) {
	eachSize(t, "name", func(w *world) { variety(w); w.edits("crm sync", partName) })
	eachSize(t, "environment", func(w *world) { variety(w); w.edits("crm sync", partEnvironment); w.press("left") })
	eachSize(t, "expiry", func(w *world) { variety(w); w.edits("crm sync", partExpires); w.write("90d") })
	eachSize(t, "problems", func(w *world) {
		variety(w)
		w.edits("crm sync", partName)
		w.write("/")
		w.press("tab", "tab")
		w.write("12x")
		w.press("ctrl+s")
	})
	eachSize(t, "conflict", func(w *world) {
		variety(w)
		w.edits("crm sync", partName)
		w.write("2")
		w.disable("crm sync")
		w.press("ctrl+s")
	})
	eachSize(t, "leave asked", func(w *world) { variety(w); w.edits("crm sync", partName); w.write("2"); w.press("esc") })
	eachSize(t, "certificate key", func(w *world) { variety(w); w.edits("warehouse", partQuery) })
}

func TestEditSaves(t *testing.T) {
	w := newWorld(t)
	variety(w)
	e := w.edits("crm sync", partName)
	w.write("2")
	w.press("tab", "right") // Test is the last: any
	w.press("tab")
	w.write("2027-01-31")
	w.press("tab", "space")
	w.send(workflowsChosenMsg{e, []string{"create-order"}})
	w.press("tab", "tab", "enter", "y")
	k := w.key("crm sync2")
	if k.Environment != "" || k.Query || k.Expires != model.At(time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC)) {
		t.Errorf("saved was %+v", k)
	}
	if len(k.Workflows) != 1 || k.Workflows[0].Name != "create-order" {
		t.Errorf("the workflows are %v", k.Workflows)
	}
	if len(w.app.stack) != 1 {
		t.Error("the form did not close")
	}
	w.sees(`"crm sync2" is changed`)
}

func TestEditKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.backend.wrote = errTest
	w.press("ctrl+s")
	w.sees("crm sync2", "The store does not answer")
	w.backend.wrote = nil
	w.press("ctrl+s")
	w.key("crm sync2")
}

func TestEditSaysWhereItIsWrong(t *testing.T) {
	w := newWorld(t)
	variety(w)
	e := w.edits("crm sync", partWorkflows)
	w.press("esc") // the chooser, which opened at once
	w.send(workflowsChosenMsg{e, []string{"kiosk-flow"}})
	w.press("ctrl+s")
	if e.problems[editForm] == "" && e.problems[editWorkflows] == "" {
		t.Errorf("the problems are %v", e.problems)
	}
	w = newWorld(t)
	variety(w)
	e = w.edits("crm sync", partName)
	w.press("ctrl+u")
	w.write("KIOSK")
	w.press("tab", "ctrl+s")
	if e.problems[editName] == "" || e.field != editName {
		t.Errorf("a taken name: the problems are %v, the cursor at %v", e.problems, e.field)
	}
	w.sees("KIOSK", "taken by another key")
}

func TestEditTakesTheNewVersion(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	any := ""
	if _, err := w.session.EditKey(t.Context(), "crm sync", model.KeyEdit{Environment: &any}); err != nil {
		t.Fatal(err)
	}
	w.press("ctrl+s")
	w.sees("Somebody else changed this key", "crm sync2")
	w.press("ctrl+s") // saving again does not help by itself
	w.sees("Somebody else")
	w.press("ctrl+r")
	w.sees("crm sync2", "! any")
	w.press("ctrl+s", "y")
	if k := w.key("crm sync2"); k.Environment != "" {
		t.Errorf("the other change was lost: %q", k.Environment)
	}
}

func TestEditAsksBeforeItIsLeft(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.press("esc")
	if len(w.app.stack) != 1 {
		t.Fatal("an unchanged form asks")
	}
	w.edits("crm sync", partName)
	w.write("2")
	w.press("esc", "n")
	if len(w.app.stack) != 2 {
		t.Fatal("the form closed without a yes")
	}
	w.press("ctrl+c", "n")
	if w.quit {
		t.Fatal("the console quit without a yes")
	}
	w.press("esc", "y")
	if len(w.app.stack) != 1 {
		t.Fatal("the form stayed after a yes")
	}
}

func TestEditTextIsText(t *testing.T) {
	w := newWorld(t)
	variety(w)
	e := w.edits("crm sync", partName)
	w.write(" q?/endrs")
	if got := e.name.Value(); got != "crm sync q?/endrs" {
		t.Errorf("typed was %q", got)
	}
	w.paste("a\u202eb\x1b[31mc\nd")
	if got := e.name.Value(); clean(got) != got {
		t.Errorf("a paste brought %q", got)
	}
}

func TestReadExpiry(t *testing.T) {
	now := testNow
	for _, test := range []struct {
		text string
		want time.Time
		bad  bool
	}{
		{text: ""}, {text: "  "}, {text: "Never"},
		{text: "2027-01-31", want: time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC)},
		{text: " 2027-01-31T18:00:00+01:00 ", want: time.Date(2027, 1, 31, 17, 0, 0, 0, time.UTC)},
		{text: "90d", want: now.AddDate(0, 0, 90)}, {text: "1h30m", want: now.Add(90 * time.Minute)},
		{text: "2026-11-20", bad: true}, {text: "90", bad: true}, {text: "soon", bad: true},
	} {
		got, err := readExpiry(test.text, now)
		if (err != nil) != test.bad || err == nil && !got.Equal(test.want) {
			t.Errorf("%q: got %v, %v; want %v", test.text, got, err, test.want)
		}
		if err == nil && !got.IsZero() {
			again, err := readExpiry(expiryText(model.At(got)), now)
			if err != nil || !again.Equal(got) {
				t.Errorf("%q is shown as %q and read as %v, %v", test.text, expiryText(model.At(got)), again, err)
			}
		}
	}
}

func TestEditChoosesWorkflows(t *testing.T) {
	w := newWorld(t)
	variety(w)
	e := w.edits("crm sync", partWorkflow)
	if len(w.app.stack) != 3 {
		t.Fatalf("%d screens, want the chooser on the form", len(w.app.stack))
	}
	w.press("*", "enter") // all of them
	if len(w.app.stack) != 2 || len(e.workflows) != 6 {
		t.Fatalf("%d screens; chosen were %v", len(w.app.stack), e.workflows)
	}
	if !slices.Contains(e.changes(), "the workflows: 6 instead of 3") {
		t.Errorf("the changes are %v", e.changes())
	}
}
