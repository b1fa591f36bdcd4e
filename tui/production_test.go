package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// TestProductionAsksOnceMore: every change of a key that may invoke production
// asks once more than the same change of one that may not, whether that is its
// target or it has none.
func TestProductionAsksOnceMore(t *testing.T) {
	fresh := func(w *world) model.Certificate { return testCertificate(w.t, 9, "fresh", testNow, 600) }
	for name, test := range map[string]struct {
		asks int // of a Test key
		do   func(w *world)
	}{
		"disable":         {1, func(w *world) { w.press("e") }},
		"enable":          {1, func(w *world) { w.disable("token"); w.press("ctrl+r", "e") }},
		"delete":          {0, func(w *world) { w.press("d"); w.write("token"); w.press("enter") }}, // but for the word
		"regenerate":      {1, func(w *world) { w.press("r", "enter") }},
		"permit":          {1, func(w *world) { w.permits("get-customer") }},
		"edit":            {0, func(w *world) { w.edits("token", partName); w.write("2"); w.press("ctrl+s") }},
		"detail, disable": {1, func(w *world) { w.opens("token"); w.press("e") }},
		"detail, delete":  {0, func(w *world) { w.opens("token"); w.press("d"); w.write("token"); w.press("enter") }},
		"detail, permit":  {1, func(w *world) { w.opens("token"); w.permits("get-customer") }},
		"bulk disable":    {1, func(w *world) { w.press("space", "e") }},
		"bulk enable":     {1, func(w *world) { w.disable("token"); w.press("space", "e") }},
		"bulk permit":     {1, func(w *world) { w.press("space"); w.permits("get-customer") }},
		"bulk delete":     {0, func(w *world) { w.press("space", "d"); w.write("delete 1"); w.press("enter") }},
		"delete workflow": {0, func(w *world) {
			if _, err := w.session.EditKey(w.t.Context(), "token", model.KeyEdit{Permit: []string{"get-customer"}}); err != nil {
				w.t.Fatal(err)
			}
			w.press("W")
			w.finds("get-customer")
			w.press("d")
			w.write("get-customer")
			w.press("enter")
		}},
		"restore": {1, func(w *world) { w.deletes("token"); w.press("B", "b") }},
		"restore by a form": {0, func(w *world) {
			w.deletes("token")
			w.token(model.KeyDraft{Name: "token", Environment: "Test"})
			w.press("B", "b", "ctrl+s")
		}},
		"undo": {0, func(w *world) { w.press("e", "yes", "u") }},
		"undo of an edit": {0, func(w *world) {
			w.edits("token", partName)
			w.write("2")
			w.press("ctrl+s")
			if w.app.prompt != nil {
				w.press("y")
			}
			w.press("u")
		}},
		"undo of a delete": {0, func(w *world) {
			w.press("d")
			w.write("token")
			w.press("enter")
			if w.app.prompt != nil {
				w.press("y")
			}
			w.press("u")
		}},
		"new certificate": {0, func(w *world) {
			w.send(certificateChosenMsg{owner: w.opens("single"), slot: model.Secondary, certificate: fresh(w)})
		}},
		"replace certificate": {1, func(w *world) {
			w.send(certificateChosenMsg{owner: w.opens("single"), slot: model.Primary, certificate: fresh(w)})
		}},
		"remove certificate": {1, func(w *world) { w.opens("double"); w.press("down", "down", "down", "down", "x") }},
	} {
		for _, environment := range []string{"Test", "Production", ""} {
			t.Run(name+" of "+environment, func(t *testing.T) {
				w := newWorld(t)
				w.workflows()
				w.token(model.KeyDraft{Name: "token", Environment: environment})
				w.certificateKey(model.KeyDraft{Name: "single", Environment: environment}, testCertificate(t, 1, "one", testNow, 600))
				w.certificateKey(model.KeyDraft{Name: "double", Environment: environment}, testCertificate(t, 2, "two", testNow, 600), testCertificate(t, 3, "three", testNow, 600))
				w.start()
				w.press("/")
				w.write("token")
				w.press("enter", "esc")
				test.do(w)
				if w.app.prompt != nil && w.app.prompt.Word != "" {
					t.Fatal("the word was not taken")
				}
				asked, last := 0, ""
				for w.app.prompt != nil {
					before := len(w.store.entries)
					asked, last = asked+1, w.app.prompt.Title
					p := *w.app.prompt
					if w.app.prompt.armed = false; true { // a key in flight approves nothing
						w.press("y")
					}
					if w.app.prompt == nil || len(w.store.entries) != before {
						t.Fatal("a question that just opened took an answer")
					}
					*w.app.prompt = p
					w.press("y")
					if w.app.prompt != nil && len(w.store.entries) != before {
						t.Error("something was done before the last answer")
					}
				}
				want := test.asks
				if environment != "Test" {
					want++
				}
				if asked != want {
					t.Errorf("asked %d times, want %d", asked, want)
				}
				if marked := asked > 0 && len(last) > 3 && last[:len("◆")] == "◆"; marked != (environment != "Test") {
					t.Errorf("the last question is %q", last)
				}
			})
		}
	}
}

// An edit that opens production is one of a key that may invoke it.
func TestProductionAsksWhenAnEditOpensIt(t *testing.T) {
	for _, presses := range []int{1, 2} { // from Test, the last: any, then Production
		w := newWorld(t)
		w.token(model.KeyDraft{Name: "token", Environment: "Test"})
		w.edits("token", partEnvironment)
		for range presses {
			w.press("right")
		}
		w.press("ctrl+s")
		w.sees("◆", "save the edit", "This is production")
		w.press("esc")
		w.sees("1 change, not saved yet")
		if k := w.key("token"); k.Environment != "Test" {
			t.Errorf("it is for %q", k.Environment)
		}
	}
}
