package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
)

func TestHelpSearchViews(t *testing.T) {
	everySize(t, "typed", func(w *world) { variety(w); w.start(); w.press("?", "/"); w.write("filter") })
	everySize(t, "nothing", func(w *world) { variety(w); w.start(); w.press("?", "/"); w.write("zzz") })
}

func TestHelpSearch(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("?", "/")
	w.write("sort")
	w.sees("reverse the sort", "here", "the list of keys")
	w.seesNot("regenerate")
	w.press("enter")
	w.sees("/ sort")
	w.press("/", "esc")
	w.sees("What the keys do here")
	w.press("q")
	if w.app.help != nil || w.quit {
		t.Error("another key does more or less than close the help")
	}
	w.press("?", ":")
	if w.app.help != nil || w.app.palette == nil {
		t.Error("the palette does not open from the help")
	}
}

// The search finds what every screen can do, and says on which; also what has
// nothing to work on just now.
func TestHelpSearchesEveryScreen(t *testing.T) {
	for typed, want := range map[string][]string{
		"undo": {"undo", "every screen"}, "verify": {"verify the chain", "the audit trail"}, "purge": {"purge what is due", "the bin"},
		"activity": {"activity", "here"}, "actions": {"ctrl+p"}, "pause": {"pause", "activity"}, "renew": {"regenerate", "here"},
		"curl": {"copy the curl line"}, "start": {"start an endpoint here"}, "restore": {"restore", "the bin"}, "inspect": {"inspect a file", "certificates"},
	} {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("?", "/")
		w.write(typed)
		w.sees(want...)
	}
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("?", "/")
	w.write("zzz")
	w.sees("No key of any screen does that.")
	w = newWorld(t)
	variety(w)
	w.readOnly()
	w.press("?", "/")
	w.write("undo")
	w.sees("No key of any screen does that.")
}

// Every key that there is can be found, by what it does.
func TestHelpSearchFindsEveryKey(t *testing.T) {
	w := newWorld(t)
	w.rt.Endpoints, w.rt.Documents = &endpoints{}, &reader{}
	variety(w)
	w.start()
	w.resize(160, 50)
	for _, b := range append(w.app.placeBindings(), flat([][]key.Binding{bindingsOf(t, placeKeys), bindingsOf(t, undoKeys), bindingsOf(t, mouseKeys)})...) {
		w.press("?", "/")
		w.write(b.Help().Desc)
		if view := w.screen(); !strings.Contains(view, b.Help().Key) || strings.Contains(view, "No key of any") {
			t.Errorf("%q is not found:\n%s", b.Help().Desc, view)
		}
		w.press("esc", "q")
	}
}

// Every enabled binding of a screen is on its help screen, with the keys of
// every other screen below.
func TestHelpHasEveryBinding(t *testing.T) {
	for name, w := range modes(t) {
		if w.app.top().Typing() {
			continue
		}
		w.resize(100, 200)
		w.press("?")
		view := strings.Join(strings.Fields(w.screen()), " ")
		all := append(flat(w.app.top().Keys().FullHelp()), w.app.placeBindings()...)
		for _, s := range everywhere(w.rt) {
			all = append(all, s.keys...)
		}
		for _, b := range all {
			if b.Enabled() && !strings.Contains(view, b.Help().Key+" "+b.Help().Desc) {
				t.Errorf("%s: %q is not in the help:\n%s", name, b.Help().Desc, view)
			}
		}
	}
}

// A console that may only look has no key that changes something anywhere in
// its help.
func TestReadOnlyHelpHasNothingThatChanges(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly()
	w.resize(100, 200)
	w.press("?")
	w.seesNot("regenerate", "delete", "mark all shown", "enable/disable")
}

// meanings says what several words of help mean as one. What is not in it means
// what it says.
var meanings = map[string]string{
	"load again": "load again", "read again": "load again", "take the new version": "load again",
	"filter": "filter", "path": "filter", // of files: a path is what narrows their list
	"enable/disable": "enable or disable", "new": "new", "delete": "delete", "regenerate": "regenerate", "renew": "regenerate",
	"take it out": "take out", "remove the certificate": "take out",
	"copy the curl line": "copy the call", "mark": "mark", "next choice": "mark", "next value": "mark", // space chooses
	"mark all shown": "mark all", "all or none shown": "mark all",
	"quit": "leave", "back": "leave", "done": "leave", "cancel": "leave", "close": "leave", "no filter": "leave", "clear it": "leave", "back to the list": "leave",
	"up": "up", "scroll up": "up", "previous field": "up", "down": "down", "scroll down": "down", "next field": "down",
	"up a directory": "up a directory", "page up": "page up", "page down": "page down", "top": "top", "bottom": "bottom",
	"previous choice": "left", "other value": "left",
	"open": "go on", "change": "go on", "confirm": "go on", "next": "go on", "create the key": "go on", "change this": "go on",
	"choose a file, paste or generate": "go on", "mark this": "go on", "keep the filter": "go on", "choose": "go on",
	"accept": "go on", "generate": "go on", "write": "go on", "do it": "go on", "why": "go on",
	"open the key": "go on", "new for this key": "new", "write primary to a file": "write to a file", "copy primary": "copy", "copy as PEM": "copy",
	"take the samples out": "take out", "mark all or none": "mark all", "import what is marked": "go on", "compare again": "load again", "stop": "leave",
	"next of the tour": "tour",
	"path prefix":      "down", "keep it": "go on", "as it was": "leave", // of an import: the field above its list
	"enable the key": "enable or disable", "new workflow": "new", "copy these lines": "copy the call", "next key": "mark", "key before": "left", "field below": "down", "field above": "up",
}

// otherwise are the keys that mean something else somewhere, and why.
var otherwise = map[string]map[string]string{
	"y":     {"yes": "it answers a question, which takes all keys"},
	"enter": {"regenerate": "it goes on, and says to what", "down": "it goes on to the next field", "leave": "there is nothing left to go on to"},
	"tab": {
		"complete": "a path is completed with tab in every shell", "go on with none": "it goes on, and says with what", "next question": "it goes on", "go on": "it goes on",
		"down": "it goes on",
	},
	"shift+tab": {"previous question": "it goes back", "previous step": "it goes back", "up": "it goes back"},
	"left":      {"up": "in directories left leads to the one above"},
	"right":     {"mark": "it chooses, as space does", "into the directory": "in directories right leads into one"},
	"W":         {"write secondary": "no place can be gone to while secrets are shown"},
	"C":         {"copy secondary": "no place can be gone to while secrets are shown"},
	"delete":    {"take out": "x, by its other name"},
}

// One key has one meaning in the whole console; what has not is in otherwise,
// with its reason.
func TestOneMeaningAKey(t *testing.T) {
	used := map[string]bool{}
	meaning, of := map[string]string{}, map[string]string{}
	for _, m := range keyMaps() {
		for _, b := range bindingsOf(t, m) {
			means := b.Help().Desc
			if same, ok := meanings[means]; ok {
				means = same
			}
			for _, k := range b.Keys() {
				if otherwise[k][means] != "" {
					used[k+means] = true
					continue
				}
				if other, taken := meaning[k]; taken && other != means {
					t.Errorf("%q means %q (%s) and %q (%T)", k, other, of[k], means, m)
				}
				meaning[k], of[k] = means, typeName(m)
			}
		}
	}
	for k, all := range otherwise {
		for means := range all {
			if !used[k+means] {
				t.Errorf("%q means %q nowhere", k, means)
			}
		}
	}
	for k, want := range map[string]key.Binding{"m": mouseKeys.Toggle, ":": paletteKeys.Open, "u": undoKeys.Undo, "A": placeKeys.Audit} {
		if meaning[k] != want.Help().Desc {
			t.Errorf("%q means %q", k, meaning[k])
		}
	}
}

func typeName(v any) string {
	return strings.TrimPrefix(strings.TrimSuffix(sprint("%T", v), "KeyMap"), "tui.")
}
