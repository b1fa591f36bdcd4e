package tui

import "strings"

// Bar is a picture of how much of something is done, part of 1, in so many
// cells. It needs no colour.
func Bar(part float64, width int) string {
	width = max(width, 3)
	done := min(max(int(part*float64(width)), 0), width)
	return strings.Repeat("█", done) + strings.Repeat("░", width-done)
}

// Sweep is the picture of work of which nobody knows how much is left; each step
// moves it on.
func Sweep(step, width int) string {
	const block = 4
	width = max(width, block+1)
	at := step % (2 * (width - block))
	if at > width-block {
		at = 2*(width-block) - at
	}
	return strings.Repeat("░", at) + strings.Repeat("█", block) + strings.Repeat("░", width-block-at)
}

// Plain returns text as a terminal gets it that shows nothing but ASCII, each
// line as wide as it was.
func Plain(text string) string { return asciiOnly(text) }

// PlainLocale reports whether the locale in env says that the terminal shows
// nothing but ASCII: it is C or POSIX, or names another character set than UTF-8.
func PlainLocale(env func(name string) string) bool { return asciiLocale(env) }
