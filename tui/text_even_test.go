package tui

import (
	"strings"
	"testing"
)

func TestEven(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "café": "café", "e\u0301": "e\u0301", "漢字": "漢字", "שלום": "שלום",
		"👍🏽":                              "👍\uFFFD",
		"\u2764\ufe0f":                    "\u2764\uFFFD",
		"\u0301x":                         "\uFFFDx",
		"Z" + strings.Repeat("\u0301", 9): "Z\uFFFD",
	} {
		got := even(text)
		if got != want || even(got) != got {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
