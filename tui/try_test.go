package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// tryModes opens the Try it screen in each of its modes.
func tryModes(mode func(name string, fn func(w *world))) {
	mode("try, method", func(w *world) { traffic(w); w.tries() })
	mode("try, URL", func(w *world) { traffic(w); w.tries(); w.press("tab") })
	mode("try, key", func(w *world) { traffic(w); w.tries(); w.press("tab", "tab") })
	mode("try, code", func(w *world) { traffic(w); w.tries(); w.press("shift+tab") })
	mode("try, nothing there", func(w *world) { w.tries() })
}

// tries opens the Try it screen from the list of keys.
func (w *world) tries() *try {
	w.t.Helper()
	w.start()
	w.press("down", "T")
	return w.app.top().(*try)
}

// retype replaces the text of the field with the cursor.
func (w *world) retype(text string) {
	w.press("ctrl+u")
	w.write(text)
}

func TestTryViews(t *testing.T) {
	threeSizes(t, "nothing there", func(w *world) { w.tries() })
	threeSizes(t, "allowed", func(w *world) { traffic(w); w.tries() })
	threeSizes(t, "refused", func(w *world) { traffic(w); w.tries(); w.press("right") })
	threeSizes(t, "key typed", func(w *world) { traffic(w); w.tries(); w.press("tab", "tab"); w.retype("w") })
	threeSizes(t, "key chosen", func(w *world) { traffic(w); w.tries(); w.press("tab", "tab"); w.retype("w"); w.press("down") })
	threeSizes(t, "no URL", func(w *world) { traffic(w); w.tries(); w.press("tab"); w.retype("customers") })
	threeSizes(t, "secret", func(w *world) { traffic(w); w.tries(); w.press("tab"); w.retype("/customers/1?auth-key=kw_x") })
	threeSizes(t, "help", func(w *world) { traffic(w); w.tries(); w.press("?") })
	for i, l := range languages {
		threeSizes(t, l.name, func(w *world) {
			traffic(w)
			w.tries()
			w.press("shift+tab")
			for range i {
				w.press("right")
			}
		})
	}
	threeSizes(t, "with a certificate", func(w *world) {
		traffic(w)
		w.tries()
		w.press("tab", "tab")
		w.retype("partner_portal")
		w.press("tab", "right", "right")
	})
}

// A call that was refused is tried again, and changed until it is allowed.
func TestTryARefusedCall(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	traffic(w)
	w.explains("environment")
	w.press("T")
	w.sees("environment-not-permitted", "/customers/19", "crm sync", "_profile=Test")
	w.press("tab")
	w.write("?_profile=Test")
	w.sees(`Allowed: "crm sync" would invoke "get-customer" in "Test"`, "'https://localhost:8443/customers/19?_profile=Test'")
}

// Keys are offered by what is typed for one.
func TestTryOffersKeys(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	traffic(w)
	s := w.tries()
	w.press("tab", "tab")
	w.retype("b")
	w.sees("billing-nightly")
	for _, want := range s.answer.matching {
		w.press("down")
		if got := s.call().key; got != want {
			t.Errorf("%q is chosen, want %q", got, want)
		}
	}
	w.press("down")
	if got := s.call().key; got != s.answer.matching[0] {
		t.Errorf("after the last one comes %q", got)
	}
	w.press("up")
	if got := s.call().key; got != s.answer.matching[len(s.answer.matching)-1] {
		t.Errorf("before the first one comes %q", got)
	}
}

// While an answer is awaited one question waits, about what stands there then.
func TestTryAsksOneAtATime(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	s := w.tries()
	w.press("tab")
	w.hold = true
	w.write("/xyz")
	if len(w.held) != 1 {
		t.Fatalf("%d questions", len(w.held))
	}
	w.release()
	if !s.current() || s.answer.verdict.Reason == model.Allowed {
		t.Errorf("the answer is about %+v", s.answer.call)
	}
}

// What the copy key copies is what is shown, unfolded, for the key's kind.
func TestTryCopies(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	s := w.tries()
	w.press("tab", "tab")
	w.retype("partner_portal")
	w.press("tab")
	for range languages {
		text := s.copyable()
		if !strings.Contains(text, "client.") || strings.Contains(text, secretVariable) {
			t.Errorf("%s: not by certificate:\n%s", languages[s.language].name, text)
		}
		w.press("right")
	}
	if text := s.copyable(); strings.Contains(text, "\n") || !strings.HasPrefix(text, "curl ") {
		t.Errorf("got %q", text)
	}
	w.press("y")
	w.sees("The lines were sent")
}
