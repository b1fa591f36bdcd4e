package tui

import (
	"strings"
	"testing"
)

// Nobody answers what is not seen.
func TestTooSmallTakesNoAnswer(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "e")
	w.resize(59, 16)
	w.press("y", "enter", "esc", "q", "?")
	if !w.key("billing-nightly").Enabled || w.app.prompt == nil || w.app.help != nil || w.quit {
		t.Fatal("a key reached a prompt that is not seen")
	}
	w.resize(80, 24)
	w.sees("Disable the key")
	w.press("yes")
	if w.key("billing-nightly").Enabled {
		t.Error("the prompt is seen again and takes no answer")
	}
}

func TestTooSmallKeepsWhatIsUnsaved(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.resize(59, 16)
	w.press("ctrl+c")
	if w.quit {
		t.Fatal("ctrl+c lost what was typed")
	}
	w.sees("Something is unsaved")
	w.resize(58, 16)
	w.press("ctrl+c")
	if w.quit {
		t.Fatal("the warning was not given again")
	}
	w.resize(80, 24)
	w.sees("crm sync2")
	w.resize(20, 5)
	w.press("ctrl+c", "ctrl+c")
	if !w.quit {
		t.Error("the second ctrl+c does not quit")
	}
	w = newWorld(t).start()
	w.resize(20, 5)
	w.press("ctrl+c")
	if !w.quit {
		t.Error("ctrl+c does not quit where nothing is unsaved")
	}
}

// ctrl+c asks, cancels, and then means it.
func TestInterruptInsists(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.press("ctrl+c", "ctrl+c")
	if w.quit || w.app.prompt != nil {
		t.Fatal("the second ctrl+c is a no")
	}
	w.sees("ctrl+c again quits; what is unsaved")
	w.press("3", "ctrl+c", "ctrl+c", "left", "ctrl+c")
	if w.quit || w.app.prompt == nil {
		t.Fatal("a key between them starts anew")
	}
	w.press("n", "ctrl+c")
	if w.quit {
		t.Fatal("a no that is no ctrl+c does not count")
	}
	w.press("ctrl+c", "ctrl+c")
	if !w.quit {
		t.Fatal("the third ctrl+c in a row does not quit")
	}
}

func TestInterruptOfAnotherPromptDoesNotQuit(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.edits("crm sync", partName)
	w.write("2")
	w.press("esc", "ctrl+c", "ctrl+c")
	if w.quit || w.app.prompt == nil {
		t.Error("ctrl+c quit unasked")
	}
}

// Help says what q and esc do on the screen that it is about.
func TestHelpSaysWhatQDoes(t *testing.T) {
	for _, test := range []struct {
		below     bool
		want, not string
	}{{false, "q          quit", "esc        back"}, {true, "q          back", "q          quit"}} {
		w := newWorld(t)
		variety(w)
		w.start()
		if test.below {
			w.opens("kiosk")
		}
		w.press("?")
		w.sees(test.want, "3 times: unasked")
		w.seesNot(test.not)
	}
}

// Where "?" is text, the help line does not promise help.
func TestTextFieldsPromiseNoHelp(t *testing.T) {
	for name, w := range modes(t) {
		lines := strings.Split(w.screen(), "\n")
		if got := strings.Contains(lines[len(lines)-1], "? help"); got == w.app.top().Typing() {
			t.Errorf("%s: typing is %v, and the help line is %q", name, !got, lines[len(lines)-1])
		}
	}
}
