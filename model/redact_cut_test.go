package model

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCutTextHidesSecrets: wherever a text is cut, nothing of a secret is left.
func TestCutTextHidesSecrets(t *testing.T) {
	const limit = 40
	body := "0123456789ABCDEFGHIJ"
	for _, prefix := range []string{"kw_", "KW_", "Kw_", "k%77_", "%6b%77%5f", "%256b%2577%255f"} {
		for before := range limit + 4 {
			text := strings.Repeat("/", before) + prefix + body + strings.Repeat("z", 100)
			if got, whole := appendText(nil, text, limit); strings.Contains(string(got), "01") || whole {
				t.Errorf("%q is left of %q, whole %v", got, text, whole)
			}
			query := strings.Repeat("x", before) + "&a=" + prefix + body
			if got, _ := appendQuery(nil, query, limit); strings.Contains(string(got), "01") {
				t.Errorf("%q is left of %q", got, query)
			}
			query = strings.Repeat("x", scannedQuery*limit-before) + "&auth-key=" + body
			if got, _ := appendQuery(nil, query, limit); strings.Contains(string(got), "01") {
				t.Errorf("%q is left of %q", got, query)
			}
		}
	}
	for before := range 5 {
		text := strings.Repeat("a", before) + strings.Repeat("€", 40)
		if got, whole := appendText(nil, text, limit); !utf8.Valid(got) || len(got) > limit || len(got) < limit-3 || whole || strings.Contains(string(got), "\ufffd") {
			t.Errorf("%q, whole %v", got, whole)
		}
	}
	if got, whole := appendText(nil, strings.Repeat("\x80", 100), limit); !utf8.Valid(got) || len(got) > limit || whole {
		t.Errorf("%q, whole %v", got, whole)
	}
}

// BenchmarkHostileQuery is what a query of 30 KB costs that is escaped over and
// over, beside the request itself.
func BenchmarkHostileQuery(b *testing.B) {
	raw := strings.Repeat("%"+strings.Repeat("25", 15)+"41", 1000)
	var buffer textBuffer
	for b.Loop() {
		appendQuery(buffer[:0], raw, maxKeptQuery)
		appendText(buffer[:0], raw, maxKeptPath)
	}
}
