package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// longest is the key of variety with the longest name.
const longest = "a-name-that-is-as-long-as-names-may-be-which-is-sixty-four-signs"

// In the smallest terminal a prompt loses words, never what to answer.
func TestPromptsFitTheSmallest(t *testing.T) {
	small := func(name, answer string, fn func(w *world)) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(minWidth, minHeight)
			fn(w)
			w.sees("╭", answer, "╰")
			w.golden()
		})
	}
	small("tour", "y take the tour", func(w *world) { w.start().press("t") })
	small("delete", "› a-name", func(w *world) { variety(w); w.start(); w.press("d"); w.write("a-name") })
	small("delete, wrong", "! That is not a-name", func(w *world) { variety(w); w.start(); w.press("d", "x", "enter") })
	small("disable", "y disable", func(w *world) { variety(w); w.start().press("e") })
	small("regenerate", "y regenerate", func(w *world) { variety(w); w.start().press("r", "enter") })
	small("remove", "y remove", func(w *world) { variety(w); w.opens("warehouse"); w.press("down", "down", "down", "down", "x") })
	small("replace", "y replace", func(w *world) {
		variety(w)
		d := w.opens("partner_portal")
		w.press("down", "down", "down", "down", "enter")
		w.brings(d, model.Primary, testCertificate(t, 9, strings.Repeat("long ", 12), testNow, 600))
	})
	small("leave", "y throw", func(w *world) {
		variety(w)
		e := w.edits("crm sync", partName)
		w.write("2")
		w.press("tab", "right", "tab")
		w.write("30d")
		w.press("tab", "space")
		w.send(workflowsChosenMsg{e, nil})
		w.press("esc")
	})
}

// A word is typed on purpose: nothing of it is lost.
func TestPromptTakesAWordAtOnce(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down")
	w.hold = true
	w.press("d")
	ask := w.held[0]
	w.held = nil
	w.send(ask()) // its time, which is held, never comes
	w.held = nil
	w.write("billing-nightly")
	if got := w.app.prompt.input.Value(); got != "billing-nightly" {
		t.Errorf("typed was %q", got)
	}
}

func TestPromptSaysThatTheWordIsWrong(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "d")
	w.write("billing")
	w.seesNot("That is not")
	w.press("enter")
	w.sees("! That is not billing-nightly")
	w.press("-")
	w.seesNot("That is not")
	w.write("nightly")
	w.press("enter", "y")
	w.sees(`✓ "billing-nightly" is deleted.`)
}
