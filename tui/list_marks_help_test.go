package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// However many keys are marked, the help line has each thing that can be done
// with them.
func TestHelpLineOfMarkedKeys(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		for _, marked := range []int{1, 13, 250} {
			w := newWorld(t)
			w.resize(width, 24)
			bulkStore(w, marked)
			w.start()
			w.press("*")
			for _, filter := range []bool{false, true} {
				if filter {
					w.finds("bulk")
				}
				line := w.app.helpLine()
				for _, want := range []string{"e enable/disable", "p permit", "d delete", "esc no ", "? help"} {
					if !strings.Contains(line, want) {
						t.Errorf("%d marked, %d columns: %q is not in %q", marked, width, want, line)
					}
				}
			}
		}
	}
}

// bulkStore fills a store with so many keys.
func bulkStore(w *world, n int) {
	w.t.Helper()
	for i := range n {
		w.token(model.KeyDraft{Name: sprint("bulk-%d", i), Environment: "Test"})
	}
}
