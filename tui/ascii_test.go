package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
)

// ascii makes the console show ASCII only.
func (w *world) ascii() { w.rt.styles.ascii = true }

// With ASCII alone each screen has the same lines, as wide as before, and no
// byte that is not printable ASCII.
func TestASCIIKeepsTheLayout(t *testing.T) {
	for name, w := range modes(t) {
		for _, at := range [][2]int{{80, 24}, {minWidth, minHeight}, {160, 50}} {
			w.resize(at[0], at[1])
			w.rt.styles.ascii = false
			plainly := strings.Split(w.screen(), "\n")
			w.ascii()
			view := w.screen()
			for i, line := range strings.Split(view, "\n") {
				if !plain(line) {
					t.Errorf("%s at %v: line %d is not ASCII: %q", name, at, i, line)
				}
				if i < len(plainly)-1 && cells(line) != cells(plainly[i]) { // the help line writes its keys out
					t.Errorf("%s at %v: line %d is %d cells wide, not %d", name, at, i, cells(line), cells(plainly[i]))
				}
			}
			if strings.Contains(strings.Join(plainly, ""), "?") {
				continue
			}
			if strings.Contains(strings.ReplaceAll(view, "? help", ""), "?") {
				t.Errorf("%s: a sign has no ASCII form:\n%s", name, view)
			}
		}
	}
}

func TestASCIIViews(t *testing.T) {
	everySize(t, "list", func(w *world) { variety(w); w.ascii(); w.start() })
	everySize(t, "prompt", func(w *world) { variety(w); w.ascii(); w.start(); w.press("d") })
	everySize(t, "help", func(w *world) { variety(w); w.ascii(); w.start(); w.press("?") })
}

func TestASCIIOnly(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"plain":                "plain",
		"● café":               "@ caf?",
		"漢字":                   "????",
		"e\u0301x":             "ex",
		"\x1b[1m…\x1b[0m":      "\x1b[1m~\x1b[0m",
		"keyward  …p/kwd/s2":   "keyward  <p/kwd/s2",
		"2 min ago, …":         "2 min ago, ~",
		"custom…  GET":         "custom~  GET",
		"\x1b[2m…ada/x\x1b[0m": "\x1b[2m<ada/x\x1b[0m",
		"a\u200bb":             "ab",
		"│ ▏\n╰─╯":             "| |\n+-+",
	} {
		if got := asciiOnly(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if got, want := cells(asciiOnly("x"+text)), cells("x"+text); got != want {
			t.Errorf("%q became %d cells wide, want %d", text, got, want)
		}
	}
	for sign, form := range asciiForms {
		if cells(string(sign)) != 1 || form < ' ' || form > '~' {
			t.Errorf("%q of %d cells has the form %q", sign, cells(string(sign)), form)
		}
	}
}

func TestASCIILocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false},
		{"C", "", "en_US.UTF-8", true},
		{"", "POSIX", "en_US.UTF-8", true},
		{"", "", "C", true},
		{"C.UTF-8", "C", "C", false},
		{"en_US.utf8", "", "", false},
		{"", "de_DE.ISO-8859-1", "", true},
		{"", "", "de_DE@euro", false},
		{"", "", "de_DE.UTF-8@euro", false},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}
		if got := asciiLocale(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A name that cannot be shown can be confirmed as it is seen.
func TestASCIIPromptTakesWhatItShows(t *testing.T) {
	for typed, want := range map[string]bool{"caf?": true, "café": true, "cafe": false} {
		w := newWorld(t)
		w.ascii()
		w.start()
		yes := false
		w.send(askMsg{prompt{Title: "Sure?", Word: "café", Confirm: "go on", OnYes: func() tea.Msg { yes = true; return nil }}})
		w.write(typed)
		w.press("enter")
		if yes != want {
			t.Errorf("%q: %v", typed, yes)
		}
	}
}

// Without colour, and with few, the cursor and the focus are seen on every
// screen that has one.
func TestFocusIsSeenWithoutColour(t *testing.T) {
	for name, w := range modes(t) {
		for _, profile := range []termenv.Profile{termenv.Ascii, termenv.ANSI} {
			w.rt.styles.renderer.SetColorProfile(profile)
			raw := w.screen()
			view := sgr.ReplaceAllString(raw, "")
			typing := w.app.top().Typing()
			if profile == termenv.Ascii && raw != view {
				t.Errorf("%s: styling without colours", name)
			}
			if profile == termenv.Ascii && typing && !strings.Contains(view, "▏") {
				t.Errorf("%s: no cursor is seen where text is entered:\n%s", name, view)
			}
			s, aims := w.app.top().(aimer)
			if aims && s.aim().among && s.aim().key != 0 && !typing && !strings.Contains(view, "\n"+pointer) {
				t.Errorf("%s: the row under the cursor is not marked:\n%s", name, view)
			}
		}
		w.rt.styles.renderer.SetColorProfile(termenv.Ascii)
	}
}
