package tui

import (
	"io"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/google/go-cmp/cmp"
)

func TestFilterField(t *testing.T) {
	for _, test := range []struct {
		name    string
		does    string // keys, "'text" is typed, "<text" is pasted
		want    string
		typing  bool
		changed int // how often the list is told
		moves   int // how often the cursor is
	}{
		{name: "opened", typing: true},
		{name: "typed", does: "'ab", want: "ab", typing: true, changed: 2},
		{name: "letters are no keys", does: "'jkqG/", want: "jkqG/", typing: true, changed: 5},
		{name: "kept", does: "'ab enter", want: "ab", changed: 2},
		{name: "kept with tab", does: "'ab tab", want: "ab", changed: 2},
		{name: "kept without a text", does: "enter"},
		{name: "cleared", does: "'ab esc", changed: 3},
		{name: "cleared without a text", does: "esc"},
		{name: "the cursor moves", does: "'a up down pgup pgdown", want: "a", typing: true, changed: 1, moves: 4},
		{name: "home and end are of the text", does: "'b home 'a end 'c", want: "abc", typing: true, changed: 3},
		{name: "corrected", does: "'ab backspace left delete 'c", want: "c", typing: true, changed: 5},
		{name: "nothing to correct", does: "backspace", typing: true},
		{name: "pasted", does: "<ab", want: "ab", typing: true, changed: 1},
		{name: "a paste is no key", does: "<enter <esc", want: "enteresc", typing: true, changed: 2},
		{name: "a paste of nothing to see", does: "<\u202e\x1b", typing: true},
		{name: "a paste of a document", does: "<" + strings.Repeat("x", 5000), want: strings.Repeat("x", mostFiltered), typing: true, changed: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFilterField(newStyles(lipgloss.NewRenderer(io.Discard)), "words")
			f.open()
			changed, moves := 0, 0
			move := func(msg tea.KeyMsg, k moveKeyMap) bool {
				_, moved := k.step(msg, 10, 100)
				moves += index(moved)
				return moved
			}
			for _, word := range strings.Fields(test.does) {
				for _, msg := range pressesOf(word) {
					changed += index(f.key(msg, move))
				}
			}
			type state struct {
				text           string
				typing         bool
				changed, moves int
			}
			got := state{f.Value(), f.typing, changed, moves}
			if diff := cmp.Diff(state{test.want, test.typing, test.changed, test.moves}, got, cmp.AllowUnexported(state{})); diff != "" {
				t.Error(diff)
			}
			if f.shown() != (test.typing || test.want != "") || f.input.Focused() != test.typing {
				t.Errorf("shown is %v, focused is %v", f.shown(), f.input.Focused())
			}
		})
	}
}

// pressesOf reads the short form of the test above.
func pressesOf(word string) []tea.KeyMsg {
	if text, pasted := strings.CutPrefix(word, "<"); pasted {
		return []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}}
	}
	text, typed := strings.CutPrefix(word, "'")
	if !typed {
		return []tea.KeyMsg{namedKeys[word]}
	}
	var all []tea.KeyMsg
	for _, r := range text {
		all = append(all, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
	return all
}

func TestFilterFieldView(t *testing.T) {
	s := newStyles(lipgloss.NewRenderer(io.Discard))
	long := strings.Repeat("long ", 20)
	for _, test := range []struct {
		name, text string
		typing     bool
		want       string
	}{
		{"placeholder", "", true, "/ ▏words in names"},
		{"typed", "ab", true, "/ ab▏"},
		{"kept", "ab", false, "/ ab"},
		{"long and typed", long, true, "/ …ng long long long ▏"},
		{"long and kept", long, false, "/ " + clip(long, 28)},
		{"hostile and kept", "a\u202eb", false, "/ a\uFFFDb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFilterField(s, "words in names")
			f.input.SetValue(test.text)
			if test.typing {
				f.open()
			}
			got := f.view(s, 30)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if cells(got) > 30 {
				t.Errorf("%d cells are more than the room", cells(got))
			}
		})
	}
}

// The filter is the same wherever there is one.
func TestEveryFilterIsTheSame(t *testing.T) {
	for name, open := range map[string][]string{
		"keys": nil, "workflows": {"W"}, "environments": {"E"}, "audit": {"A"}, "activity": {"L"}, "certificates": {"C"},
		"bin": {"B"}, "chooser": {"p"}, "help": {"?"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(120, 40)
			binned(w)
			w.press("K")
			w.press(open...)
			without := len(w.app.stack)
			w.seesNot("/ ▏")
			w.press("/")
			w.sees("/ ▏", "enter keep the filter", "esc clear it")
			w.write("qzK")
			w.press("home", "end", "down", "up", "backspace")
			w.paste("K?\u202e")
			w.sees("/ qzK?▏")
			w.press("tab")
			w.sees("/ qzK?")
			w.seesNot("▏", "enter keep the filter")
			w.press("/", "backspace", "enter")
			w.sees("/ qzK")
			w.seesNot("▏", "/ qzK?")
			w.press("/", "esc")
			w.seesNot("/ qzK", "/ ▏", "enter keep the filter")
			if len(w.app.stack) != without {
				t.Error("another screen is seen")
			}
		})
	}
}

// To clear a filter that holds nothing asks for nothing.
func TestClearingNothingLoadsNothing(t *testing.T) {
	for _, place := range []string{"K", "A", "L", "C"} {
		t.Run(place, func(t *testing.T) {
			w := newWorld(t)
			binned(w)
			w.press("K", place, "/")
			w.hold = true
			w.press("esc")
			if len(w.held) != 0 {
				t.Errorf("%d commands", len(w.held))
			}
		})
	}
}
