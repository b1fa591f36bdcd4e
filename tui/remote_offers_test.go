package tui

import "testing"

// The palette marks the key that starts an endpoint where it cannot, and the list
// of certificates offers no files over a connection.
func TestOffersFitWhereTheConsoleIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set func(w *world)
		off string // in the palette
		why string // once it is chosen
	}{
		"over SSH":  {func(w *world) { w.rt.Remote = &Remote{} }, "off: over SSH", "Over SSH no endpoint is started"},
		"read-only": {func(w *world) { w.rt.ReadOnly = true }, "off: read-only", "without --read-only to start"},
		"demo":      {func(w *world) { w.rt.NoEndpoints = "The demo's endpoint runs already." }, "off: one runs already", "endpoint runs already"},
		"none":      {func(w *world) { w.rt.Endpoints = nil }, "off: not here", "keyward serve runs one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			renewals(w)
			tt.set(w)
			w.start()
			w.press(":")
			w.write("start an endpoint")
			w.sees(tt.off)
			w.press("enter")
			w.sees(tt.why)
			w.press("esc", "esc", ":")
			w.write("inspect")
			if w.rt.remote() {
				w.sees("inspect a pasted one")
				w.seesNot("inspect a file")
			} else {
				w.sees("inspect a file")
			}
			w.press("esc", "esc", "C")
			w.resize(200, 40)
			if w.rt.remote() {
				w.sees("inspect a pasted one")
				w.seesNot("inspect a file")
			} else {
				w.sees("inspect a file")
			}
		})
	}
}
