package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

func (t *try) press(msg tea.KeyMsg) tea.Cmd {
	k := t.keys()
	switch {
	case msg.Paste:
		return t.typeText(msg)
	case matches(msg, k.Back):
		return pop()
	case matches(msg, k.Next):
		t.step(1)
	case matches(msg, k.Previous):
		t.step(-1)
	case matches(msg, k.Down):
		if !t.scrolls(1) {
			t.stepTo(1)
		}
	case matches(msg, k.Up):
		if !t.scrolls(-1) {
			t.stepTo(-1)
		}
	case matches(msg, k.NextKey):
		return t.choose(1)
	case matches(msg, k.KeyBefore):
		return t.choose(-1)
	case matches(msg, k.PageDown):
		t.scroll(t.page())
	case matches(msg, k.PageUp):
		t.scroll(-t.page())
	case matches(msg, k.CopyCall):
		t.copied = t.rt.next()
		return t.rt.copyText(t.copied, t.copyable())
	case matches(msg, k.Write):
		return t.rt.writeCall("keyward-call"+languages[t.language].end, t.copyable()+"\n")
	case matches(msg, k.Left):
		return t.turn(-1)
	case matches(msg, k.Right):
		return t.turn(1)
	case !t.Typing() && !t.callable() && matches(msg, tryKeys.CopyCall, tryKeys.Write):
		return status(statusWarning, "There is no call to copy or write yet: type its URL.")
	default:
		return t.typeText(msg)
	}
	return nil
}

// step goes from field to field, and from the last to the first.
func (t *try) step(n int) {
	t.at = (t.at + tryField(n) + tryFields) % tryFields
	t.focus()
	t.top = 0
}

// stepTo is step that stays at the first and at the last field.
func (t *try) stepTo(n int) {
	if next := t.at + tryField(n); next >= 0 && next < tryFields {
		t.step(n)
	}
}

// choose takes the next of the keys that what was typed finds.
func (t *try) choose(n int) tea.Cmd {
	names := t.answer.matching
	if len(names) == 0 {
		return nil
	}
	i := slices.Index(names, t.key.Value())
	switch {
	case i >= 0:
		i = (i + n + len(names)) % len(names)
	case n < 0:
		i = len(names) - 1
	default:
		i = 0
	}
	t.touched, t.whole[tryKey] = true, true
	t.key.SetValue(names[i])
	t.key.CursorEnd()
	return t.decide()
}

// turn takes another method, or another language.
func (t *try) turn(n int) tea.Cmd {
	if t.at == tryCode {
		t.language, t.top = (t.language+n+len(languages))%len(languages), 0
		return nil
	}
	t.touched = true
	t.method = (t.method + n + len(t.methods)) % len(t.methods)
	return t.decide()
}

func (t *try) typeText(msg tea.KeyMsg) tea.Cmd {
	in := t.input()
	if in == nil {
		return nil
	}
	before := in.Value()
	if t.replaces(msg) {
		in.SetValue("")
	}
	t.whole[t.at] = false
	if typeInto(in, msg); in.Value() == before {
		return nil
	}
	t.touched = true
	if t.at == tryKey {
		t.typed = strings.TrimSpace(in.Value())
	}
	return t.decide()
}

// replaces reports whether a key press takes the place of what stands in the
// field, and is not added to it: text does where that was put there, and a whole
// URL that is pasted.
func (t *try) replaces(msg tea.KeyMsg) bool {
	if msg.Paste && t.at == tryURL && strings.Contains(string(msg.Runes), "://") {
		return true
	}
	return t.whole[t.at] && replacing(t.input(), msg)
}

// replacing reports whether a key press takes the place of all that stands in an
// input, where typing does that: text, and what erases a character.
func replacing(in *textinput.Model, msg tea.KeyMsg) bool {
	erase := in.KeyMap
	return msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace || key.Matches(msg, erase.DeleteCharacterBackward, erase.DeleteCharacterForward)
}
