package tui

import (
	"slices"
	"testing"

	"github.com/charmbracelet/bubbles/key"
)

// onlyHere are the key maps that the help of other screens leaves out, and why.
var onlyHere = map[string]string{
	"global":     "they work on every screen, whose help has them",
	"place":      "they work on every screen, whose help has them",
	"palette":    "it opens from every screen, whose help has it; what it does stands in it",
	"mouse":      "it works on every screen, whose help has it",
	"undo":       "it works on every screen while there is something to take back",
	"prompt":     "a question says how it is answered",
	"filter":     "the line of keys has them while a filter is typed",
	"help":       "it is the help itself",
	"prefix":     "the line of keys has them while a path prefix is typed",
	"path":       "the line of keys has them while a path is typed",
	"accept":     "the line of keys has them while a certificate is accepted",
	"paste":      "there is nothing but to go back",
	"form":       "the fields of a certificate are those of every form",
	"export":     "the line of keys has them while a file is named",
	"renew":      "the questions are gone through as those of a new key",
	"move":       "they move every cursor",
	"typingMove": "they move every cursor",
}

// leftOut are the bindings that the sections leave out, by what they do:
// those that move a cursor or leave, and those of a key that goes on to the next
// of a form, which the sections have once.
var leftOut = []string{
	"up", "down", "scroll up", "scroll down", "page up", "page down", "back", "no filter", "show again", "write", "cancel",
	"next", "create the key", "change this", "choose a file, paste or generate", "mark this", "go on with none", "choose", "next value", "into the directory",
}

// What a key of any screen does is in the help of every other one.
func TestHelpHasEveryScreen(t *testing.T) {
	w := newWorld(t)
	w.rt.Endpoints = &endpoints{}
	w.rt.Documents = &reader{}
	var told []key.Binding
	for _, s := range everywhere(w.rt) {
		told = append(told, s.keys...)
	}
	seen := map[string]bool{}
	for _, m := range keyMaps() {
		name := typeName(m)
		seen[name] = true
		if onlyHere[name] != "" {
			continue
		}
		for _, b := range bindingsOf(t, m) {
			in := slices.ContainsFunc(told, func(other key.Binding) bool { return other.Help() == b.Help() })
			if !in && !slices.Contains(leftOut, b.Help().Desc) {
				t.Errorf("%s: %q (%s) is in no section of everywhere", name, b.Help().Desc, b.Help().Key)
			}
		}
	}
	for name := range onlyHere {
		if !seen[name] && name != "typingMove" {
			t.Errorf("there is no key map %q", name)
		}
	}
}

// Where nothing can be changed, the help of every screen has no key of a change.
func TestHelpOfEveryScreenIsLimited(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly()
	w.rt.Endpoints, w.rt.Documents = &endpoints{}, &reader{}
	w.resize(100, 200)
	w.press("?")
	w.sees("Activity", "The bin", "Certificates")
	w.seesNot("permit", "b restore", "purge what is due", "import what is marked", "start an endpoint", "new for this key")
}
