package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns s fit to be shown on one line of a terminal: control
// characters (C0, DEL, C1), bidirectional overrides and isolates, zero-width
// characters, line and paragraph separators and invalid UTF-8 each become one
// U+FFFD, so that nothing in s can move a cursor, set a title, touch a
// clipboard or make two different texts look alike (security.md E1).
//
// Everything that came from outside passes through it on its way to a screen,
// a log or an error. Clean is idempotent and returns s itself when s is clean.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if hostile(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isClean reports whether Clean would return s unchanged.
func isClean(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < 0x20 || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || hostile(r) {
			return false
		}
		i += n
	}
	return true
}

// hostile reports whether r may not reach a terminal. Category Cf covers the
// bidirectional controls (UAX #9), the zero-width characters, U+FEFF and the
// language tags; Co and Cs have no agreed look.
func hostile(r rune) bool {
	if r < utf8.RuneSelf {
		return r < 0x20 || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp) ||
		r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' // fillers: blank, yet letters
}

// CleanBlock is Clean for text of several lines: line feeds stay, and carriage
// returns before them go.
func CleanBlock(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Clean(line)
	}
	return strings.Join(lines, "\n")
}

// ShellQuote returns s, cleaned, as one word for a POSIX shell, quoted where it
// needs it.
func ShellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%="
	if s = Clean(s); s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
