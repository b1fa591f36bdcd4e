package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// pastEnd opens the form on the expiry of a key that has one, which is past.
func pastEnd(w *world) *edit {
	w.t.Helper()
	variety(w)
	if _, err := w.session.EditKey(w.t.Context(), "crm sync", model.KeyEdit{Expires: new(w.now.Add(time.Hour).Truncate(time.Second))}); err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(2 * time.Hour)
	return w.edits("crm sync", partExpires)
}

func TestEditExpiryViews(t *testing.T) {
	threeSizes(t, "past", func(w *world) { pastEnd(w) })
}

// What is typed takes the place of an expiry that stands there; moving in it
// first, or coming back to what was typed, adds to it.
func TestEditExpiryIsReplaced(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world, was string)
		want func(was string) string
	}{
		"typed":     {func(w *world, _ string) { w.write("90d") }, func(string) string { return "90d" }},
		"pasted":    {func(w *world, _ string) { w.paste("12h") }, func(string) string { return "12h" }},
		"erased":    {func(w *world, _ string) { w.press("backspace") }, func(string) string { return "" }},
		"moved":     {func(w *world, _ string) { w.press("end"); w.write("9") }, func(was string) string { return was + "9" }},
		"come back": {func(w *world, _ string) { w.write("9"); w.press("tab", "shift+tab"); w.write("0d") }, func(string) string { return "90d" }},
		"untouched": {func(w *world, _ string) { w.press("tab", "shift+tab"); w.write("90d") }, func(string) string { return "90d" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(80, 24)
			e := pastEnd(w)
			w.sees("Typing replaces it")
			was := e.expires.Value()
			tt.do(w, was)
			if got, want := e.expires.Value(), tt.want(was); got != want {
				t.Errorf("%q stands there, want %q", got, want)
			}
			w.seesNot("Typing replaces it")
		})
	}
}
