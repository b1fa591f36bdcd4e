package tui

import (
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// A save says once where it is in force, and that no endpoint runs where none
// does: after its end too.
func TestSaveWithoutAnEndpoint(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	variety(w)
	saved := func(want string) {
		t.Helper()
		w.edits("crm sync", partName)
		w.write("2")
		w.press("ctrl+s")
		w.sees(want)
		if view := w.app.View(); strings.Count(view, "in force")+strings.Count(view, "no endpoint") != 1 {
			t.Errorf("it is not said once:\n%s", view)
		}
		w.press("u")
		w.press("esc", "esc")
	}
	serve := model.Receipt{Serves: 1, InForce: 1, Took: 3 * time.Millisecond}
	w.backend.told = serve
	saved(`"crm sync2" is changed; in force at 1 of 1 endpoints in 3 ms. u takes`)
	w.backend.told = model.Receipt{} // it was killed, and the console owns the store
	saved(`"crm sync2" is changed; no endpoint runs now. u takes`)
	w.rt.local.address = "https://localhost:8443"
	saved(`"crm sync2" is changed; it is in force. u takes`)
}
