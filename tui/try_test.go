package tui

import (
	"os"
	"path/filepath"
	"slices"
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
	threeSizes(t, "key chosen", func(w *world) { traffic(w); w.tries(); w.press("tab", "tab"); w.retype("w"); w.press("right") })
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
	w.press("tab", "end")
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
		w.press("right")
		if got := s.call().key; got != want {
			t.Errorf("%q is chosen, want %q", got, want)
		}
	}
	w.press("right")
	if got := s.call().key; got != s.answer.matching[0] {
		t.Errorf("after the last one comes %q", got)
	}
	w.press("left")
	if got := s.call().key; got != s.answer.matching[len(s.answer.matching)-1] {
		t.Errorf("before the first one comes %q", got)
	}
}

// What stands in the fields was put there: the first typing or pasting takes its
// place, and a whole URL always does.
func TestTryReplacesWhatWasPutThere(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(w *world)
		want tried
	}{
		{"URL typed", func(w *world) { w.press("tab"); w.write("/x") }, tried{"GET", "/x", "billing-nightly"}},
		{"URL pasted", func(w *world) { w.press("tab"); w.paste("https://localhost:18443/y?a=1") }, tried{"GET", "https://localhost:18443/y?a=1", "billing-nightly"}},
		{"URL pasted onto text", func(w *world) { w.press("tab"); w.write("/x"); w.paste("https://h/y") }, tried{"GET", "https://h/y", "billing-nightly"}},
		{"path pasted onto text", func(w *world) { w.press("tab"); w.write("/x"); w.paste("/y") }, tried{"GET", "/x/y", "billing-nightly"}},
		{"URL edited", func(w *world) { w.press("tab", "end"); w.write("&x=1") }, tried{"GET", "https://localhost:8443/customers/1?_profile=Test&x=1", "billing-nightly"}},
		{"URL erased", func(w *world) { w.press("tab", "backspace") }, tried{"GET", "", "billing-nightly"}},
		{"key typed", func(w *world) { w.press("tab", "tab"); w.write("ord") }, tried{"GET", "https://localhost:8443/customers/1?_profile=Test", "ord"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			traffic(w)
			s := w.tries()
			before := s.call()
			tt.do(w)
			got := s.call()
			if tt.want.key == "billing-nightly" {
				tt.want.key = before.key
			}
			tt.want.url = strings.ReplaceAll(tt.want.url, "https://localhost:8443/customers/1?_profile=Test", before.url)
			tt.want.method = before.method
			if got != tt.want {
				t.Errorf("got %+v, want %+v; it began with %+v", got, tt.want, before)
			}
		})
	}
}

// The samples call the endpoint that runs, wherever it listens.
func TestSamplesCallTheEndpointThatRuns(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.backend.serving = nil
	w.tries()
	w.sees("No endpoint runs on this store", "https://localhost:8443/")
	w.press("esc")
	w.backend.serving = []model.EndpointReport{{PID: 7, Since: 2, Addresses: []string{"https://127.0.0.1:18443"}}}
	w.press("T")
	w.sees("https://localhost:18443/")
	w.seesNot(":8443/", "No endpoint runs")
	w.press("tab")
	w.write("/x")
	w.press("pgdown")
	w.sees("https://localhost:18443/x")
	w.press("esc", "enter")
	w.sees("localhost:18443/")
	w.backend.serving = nil
	w.press("T")
	w.sees("https://localhost:8443/")
}

// Who opens a screen that shows calls watches none, and asks nothing over a
// connection.
func TestShowingCallsIsNoWatching(t *testing.T) {
	for remote, want := range map[bool][]model.ActivityQuery{false: {{Serving: true}, {Serving: true}}, true: nil} { // the list asks as well
		w := newWorld(t)
		variety(w)
		if remote {
			w.rt.Remote = &Remote{}
		}
		w.opens("crm sync")
		if !slices.Equal(w.backend.asked, want) {
			t.Errorf("remote %v: asked %+v", remote, w.backend.asked)
		}
	}
}

// The URL that was put there follows an endpoint that starts.
func TestTryFollowsTheEndpoint(t *testing.T) {
	w := newWorld(t)
	traffic(w)
	w.rt.Endpoints = &endpoints{started: StartedEndpoint{Address: "https://localhost:40123"}}
	s := w.tries()
	w.press("S")
	if got := s.call().url; !strings.HasPrefix(got, "https://localhost:40123/") {
		t.Errorf("got %s", got)
	}
	w.press("tab")
	w.write("/x")
	w.send(servingMsg{})
	if got := s.call().url; got != "/x" {
		t.Errorf("what was typed became %s", got)
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

	home := t.TempDir()
	w.rt.Env = func(name string) string { return map[string]string{"HOME": home}[name] }
	w.press("w")
	w.sees("keyward-call.sh")
	if got, err := os.ReadFile(filepath.Join(home, "keyward-call.sh")); err != nil || string(got) != s.copyable()+"\n" {
		t.Errorf("got %q, %v", got, err)
	}
	w.press("w")
	w.sees("there is one already")
	w.rt.Remote = &Remote{}
	if w.press("w"); !strings.HasPrefix(w.app.status.text, "Not written: over SSH") {
		t.Errorf("over a connection: %q", w.app.status.text)
	}
}
