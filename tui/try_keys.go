package tui

import (
	"slices"
	"strings"

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
		return t.choose(1)
	case matches(msg, k.Up):
		return t.choose(-1)
	case matches(msg, k.PageDown):
		t.scroll(max(t.room()-1, 1))
	case matches(msg, k.PageUp):
		t.scroll(-max(t.room()-1, 1))
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

// choose takes the next of the keys that what was typed finds; in the other
// fields it goes to the next one.
func (t *try) choose(n int) tea.Cmd {
	if t.at != tryKey {
		if next := t.at + tryField(n); next >= 0 && next < tryFields {
			t.step(n)
		}
		return nil
	}
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
	t.touched = true
	t.key.SetValue(names[i])
	t.key.CursorEnd()
	return t.decide()
}

// turn takes another method, or another language.
func (t *try) turn(n int) tea.Cmd {
	if t.at == tryCode {
		t.language = (t.language + n + len(languages)) % len(languages)
		t.scroll(0)
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
	if typeInto(in, msg); in.Value() == before {
		return nil
	}
	t.touched = true
	if t.at == tryKey {
		t.typed = strings.TrimSpace(in.Value())
	}
	return t.decide()
}
