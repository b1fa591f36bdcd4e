package tui

import (
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
	w.press("y")
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
