package tui

import (
	"context"
	"strings"
	"testing"
)

// In the smallest terminal every sentence of the status line that says no, or
// what to do, is read whole.
func TestRefusalsAreReadWholeInTheSmallest(t *testing.T) {
	for name, refuse := range map[string]func(w *world){
		"read-only":      func(w *world) { w.readOnly(); w.press("d") },
		"a viewer's":     func(w *world) { w.rt.Remote = &Remote{}; w.readOnly(); w.press("d") },
		"degraded":       func(w *world) { w.start(); w.stands(damaged); w.press("d") },
		"the mouse":      func(w *world) { w.start(); w.press("m") },
		"the mouse back": func(w *world) { w.start(); w.press("m", "m") },
		"not left":       func(w *world) { w.edits("kiosk", partName); w.write("2"); w.press("ctrl+c", "ctrl+c") },
		"unknown":        func(w *world) { w.start(); w.send(statusMsg{statusError, changeSentence(context.DeadlineExceeded)}) },
	} {
		w := newWorld(t)
		variety(w)
		w.resize(minWidth, minHeight)
		refuse(w)
		lines := w.app.statusLines()
		text := strings.Join(lines, " ")
		if text == "" || strings.Contains(text, "…") || len(lines) > mostLines {
			t.Errorf("%s: %q", name, lines)
		}
		w.screen()
	}
}

// Every mode keeps its lines in the smallest terminal, and the help key or the
// way on in its help line.
func TestModesInTheSmallest(t *testing.T) {
	for name, w := range modes(t) {
		w.resize(minWidth, minHeight)
		lines := strings.Split(w.screen(), "\n")
		last := lines[len(lines)-1]
		if !w.app.top().Typing() && !strings.Contains(last, "? help") || strings.TrimSpace(last) == "" || strings.Contains(last, "…") {
			t.Errorf("%s: the help line is %q", name, last)
		}
	}
}
