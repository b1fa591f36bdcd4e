package tui

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// onlyLooks are the screens on which no key, environment or workflow can be
// changed, each with the reason.
var onlyLooks = map[string]string{
	"activityList":      "calls are looked at; what mends one is on the screen that explains it",
	"auditList":         "entries are looked at",
	"auditEntry":        "an entry is looked at",
	"certificateDetail": "a certificate is looked at; it is changed in the list and on the key",
	"endpointScreen":    "endpoints serve whatever is stored",
	"export":            "a file is written, the store stays as it is",
	"try":               "a call is tried without being made",
	"reveal":            "the change was made; secrets are looked at",
	"importer":          "workflows that are not there yet are made, which no key may call; what is there is told by its row",
}

// liveScreens open every other screen on something of production.
var liveScreens = map[string]map[string]func(w *world){
	"keyList": {"keys": func(w *world) { w.finds("vault") }},
	"detail":  {"key": func(w *world) { w.show(newDetail(w.rt, w.key("vault").ID, "vault")) }},
	"edit":    {"form of a key": func(w *world) { w.show(newEdit(w.rt, w.key("vault"), w.now, partName)) }},
	"chooser": {
		"workflows of a key": func(w *world) { w.show(newEdit(w.rt, w.key("vault"), w.now, partWorkflows)) },
		"workflows of a key that is to be opened": func(w *world) {
			w.show(newEdit(w.rt, w.key("crm sync"), w.now, partEnvironment))
			w.press("left", "tab", "tab", "tab", "enter")
		},
	},
	"adder": {
		"permit to a key":       func(w *world) { w.show(newDetail(w.rt, w.key("vault").ID, "vault")); w.press("p") },
		"permit to several":     func(w *world) { w.press("*", "p") },
		"permit, from the list": func(w *world) { w.finds("vault"); w.press("p") },
	},
	"renewal":  {"renewal": func(w *world) { w.show(newRenewal(w.rt, w.key("full").ID, "full", model.Primary)) }},
	"rotation": {"rotation": func(w *world) { w.show(newRotation(w.rt, w.key("full").ID, "full")) }},
	"picker": {
		"certificate of a key": func(w *world) {
			w.show(newDetail(w.rt, w.key("vault").ID, "vault"))
			w.press("down", "down", "down", "down", "enter")
		},
		"certificate from the renewal": func(w *world) {
			w.show(newRenewal(w.rt, w.key("vault").ID, "vault", model.Secondary))
			w.press("enter")
		},
		"certificate of a new key": func(w *world) {
			w.wizardOfProduction("up", 3)
			w.press("space", "enter", "enter")
		},
		"generated certificate of a key": func(w *world) {
			w.press("C")
			w.finds("vault")
			w.press("n")
			w.press("ctrl+g")
		},
	},
	"wizard": {
		"new key, environment": func(w *world) { w.wizardOfProduction("down", 2) },
		"new key, workflows":   func(w *world) { w.wizardOfProduction("down", 3) },
		"new key, expiry":      func(w *world) { w.wizardOfProduction("down", 3); w.press("space", "enter") },
		"new key, review":      func(w *world) { w.wizardOfProduction("down", 3); w.press("space", "enter", "enter") },
		"new key, kind again":  func(w *world) { w.wizardOfProduction("down", 3); w.press("shift+tab", "shift+tab", "shift+tab") },
	},
	"why":             {"why": func(w *world) { w.show(newWhy(w.rt, w.call("DELETE", "/orders/3", "vault"))) }},
	"workflowList":    {"workflows": func(w *world) { w.press("W"); w.finds("get-customer") }},
	"workflowForm":    {"workflow": func(w *world) { w.show(newWorkflowForm(w.rt, w.workflow("get-customer"))) }},
	"environmentList": {"environments": func(w *world) { w.press("E") }},
	"environmentForm": {"environment": func(w *world) { w.show(newEnvironmentForm(w.rt, w.environment("Production"))) }},
	"certificateList": {"certificates": func(w *world) { w.press("C"); w.finds("vault") }},
	"binList":         {"bin": func(w *world) { w.press("B") }},
	"deletedKey":      {"deleted key": func(w *world) { w.show(newDeleted(w.rt, w.deletedLive(), w.now)) }},
	"restoreForm":     {"another name": func(w *world) { w.show(newRestoreForm(w.rt, w.deletedLive(), nil)) }},
}

// wizardOfProduction goes to a step of the wizard with Production chosen: 2 is the
// environment's.
func (w *world) wizardOfProduction(kind string, step int) {
	w.t.Helper()
	w.makes(kind, "enter", "n", "e", "w", "enter")
	z := w.app.top().(*wizard)
	z.environment.window.cursor = slices.IndexFunc(z.environment.list, func(e model.EnvironmentInfo) bool { return e.Production })
	if step > 2 {
		w.press("enter")
	}
}

func (w *world) deletedLive() model.DeletedKey {
	w.t.Helper()
	page, err := w.session.DeletedKeys(w.t.Context(), model.BinQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Keys[slices.IndexFunc(page.Keys, func(k model.DeletedKey) bool { return k.Production })]
}

// TestProductionIsMarked: every screen on which something of production can be
// changed has its mark, at the usual size and the smallest, before anything is
// asked. A type of screen that is in neither table fails.
func TestProductionIsMarked(t *testing.T) {
	base := crowd(t)
	base.certificateKey(model.KeyDraft{Name: "vault", Environment: "Production", Workflows: []string{"get-customer"}}, testCertificate(t, 77, "vault", testNow, 400))
	base.token(model.KeyDraft{Name: "gone of production", Environment: "Production"})
	base.deletes("gone of production")
	for name := range typesWith(t, "Title") {
		if (onlyLooks[name] == "") == (liveScreens[name] == nil) {
			t.Errorf("the screen %s is in neither table, or in both", name)
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(liveScreens)) {
		for name, open := range liveScreens[typ] {
			for _, size := range [][2]int{{80, 24}, {minWidth, minHeight}, {160, 50}} {
				t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
					w := base.again(t, "")
					w.backend.Backend = base.session
					w.rt.CAFile = "/srv/keyward/ca.pem"
					w.resize(size[0], size[1])
					w.start()
					open(w)
					if got := reflect.TypeOf(w.app.top()).Elem().Name(); got != typ {
						t.Fatalf("it opened a %s:\n%s", got, w.screen())
					}
					if view := w.screen(); w.app.prompt != nil || !strings.Contains(view, "◆") {
						t.Errorf("no mark:\n%s", view)
					}
				})
			}
		}
	}
}

// TestTestIsNotMarked: on the screens that say what they change, a key of Test has
// no mark, and the picker its whole name.
func TestTestIsNotMarked(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	name := "a-partner-with-" + strings.Repeat("long-name-", 4) + "end"
	w.certificateKey(model.KeyDraft{Name: name, Environment: "Test"}, testCertificate(t, 77, "vault", testNow, 400))
	w.start()
	w.press("p")
	w.seesNot("◆")
	w.press("esc", "enter", "down", "down", "down", "down", "enter")
	w.sees("For the primary slot of", `"`+name+`".`)
	w.seesNot("◆")
	w.press("ctrl+g")
	w.sees(name)
}

// TestMarkOfProductionTakesItsRoom: the mark is whole, and the screen below has as
// many lines less.
func TestMarkOfProductionTakesItsRoom(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	name := strings.TrimSuffix(strings.Repeat("long-name-", 6), "-")
	w.certificateKey(model.KeyDraft{Name: name, Environment: "Production"}, testCertificate(t, 77, "vault", testNow, 400))
	for _, size := range [][2]int{{80, 24}, {60, 16}, {160, 50}} {
		w.resize(size[0], size[1])
		w.start()
		w.press("p")
		view := w.screen()
		if lines := strings.Split(view, "\n"); len(lines) != size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		if whole := strings.Join(strings.Fields(view), ""); !strings.Contains(whole, `◆"`+name+`"mayinvokeProduction.`) || !strings.Contains(whole, "0of") {
			t.Errorf("%v: the mark is not whole:\n%s", size, view)
		}
		w.press("esc")
	}
}
