package tui

import (
	"strings"
	"testing"
)

// Where the code has no room below the fields and the decision, these are told in
// a line each, and what is left out is counted with the key that shows it.
func TestTryShowsTheCodeAtEverySize(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 16}} {
		w := newWorld(t)
		variety(w)
		w.resize(size[0], size[1])
		w.start()
		w.press("T")
		at := w.app.top().(*try)
		w.press("shift+tab")
		w.sees("✓ Allowed", "‹curl›", "curl --", "y copy")
		for _, l := range languages {
			w.sees("‹" + l.name + "›")
			var read []string
			for range 100 {
				w.sees("‹" + l.name + "›")
				read = append(read, w.screen())
				if at.top+at.room() >= len(at.lines()) {
					break
				}
				w.sees("more: pgdn")
				w.press("pgdown")
			}
			w.seesNot("more: pgdn")
			for _, line := range at.codeLines() {
				if !strings.Contains(strings.Join(read, "\n"), strings.TrimRight(line, " ")) {
					t.Errorf("%v: the %s line %q is on no page", size, l.name, line)
				}
			}
			if at.top > 0 {
				w.sees("above: pgup")
				w.press("up")
				w.sees("more: pgdn")
			}
			w.press("right")
			if at.top != 0 {
				t.Errorf("%v: another language begins at line %d", size, at.top)
			}
		}
	}
}

// The way to the code stands where it is out of sight, and is the one.
func TestTrySaysTheWayToTheCode(t *testing.T) {
	for _, field := range []tryField{tryMethod, tryURL, tryKey} {
		w := newWorld(t)
		variety(w)
		w.resize(60, 16)
		w.start()
		w.press("T")
		at := w.app.top().(*try)
		for at.at != field {
			w.press("tab")
		}
		_, way, ok := strings.Cut(w.screen(), "the call as code: ")
		if !ok {
			t.Fatalf("field %d: no way is told:\n%s", field, w.screen())
		}
		way, _, _ = strings.Cut(way, "\n")
		w.press(strings.Fields(way)...)
		if at.at != tryCode {
			t.Errorf("from field %d %q leads to %d", field, way, at.at)
		}
		w.sees("‹curl›", "curl --")
	}
}

// A click goes to what is in the line, whatever stands above it.
func TestTryClicksWhereItIsSeen(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
		w := newWorld(t)
		variety(w)
		w.resize(size[0], size[1])
		w.start()
		w.press("T")
		at := w.app.top().(*try)
		line := func(text string) int {
			for y, line := range strings.Split(at.View(), "\n") {
				if strings.Contains(line, text) {
					return y
				}
			}
			t.Fatalf("%v: %q is not seen:\n%s", size, text, at.View())
			return 0
		}
		at.clickAt(20, line("  URL "))
		at.clickAt(20, line("  Key "))
		if at.at != tryKey {
			t.Errorf("%v: the field is %d", size, at.at)
		}
		w.press("tab")
		at.clickAt(len(gutter)+labelWidth+8, line("‹curl›"))
		if at.at != tryCode || at.language != 1 {
			t.Errorf("%v: the field is %d, the language %s", size, at.at, languages[at.language].name)
		}
		at.clickAt(5, 0)
		if at.at == tryCode {
			t.Errorf("%v: a click on the call stays at the code", size)
		}
	}
}
