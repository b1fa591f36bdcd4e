package tui

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// asciiForms are the signs that the console draws with, each with what stands
// for it where only ASCII can be shown. Each takes one cell, as its form does:
// no column moves. What is not here, as in names, becomes a question mark a
// cell. Nothing is told by a sign alone, so that none has to be guessed.
var asciiForms = map[rune]byte{
	'●': '@', '○': 'o', '✗': 'x', '✓': '+', '◆': '#', '·': '-', '•': '*', '…': '~',
	'›': '>', '‹': '<', '▲': '^', '▼': 'v', '▏': '|', '▸': '>', '▾': 'v', '◂': '<',
	'↑': '^', '↓': 'v', '←': '<', '→': '>', '↵': '<', '↻': '@', '⟳': '@', '×': 'x', '–': '-', '—': '-',
	'─': '-', '━': '=', '│': '|', '┃': '#', '╭': '+', '╮': '+', '╰': '+', '╯': '+',
	'┌': '+', '┐': '+', '└': '+', '┘': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+',
	'▁': '_', '▂': '.', '▃': ':', '▄': '=', '▅': '+', '▆': '*', '▇': '%', '█': '#', '░': '.', '▒': ':', '▓': '%',
	'“': '"', '”': '"', '‘': '\'', '’': '\'', '\u00a0': ' ', 'µ': 'u', '\uFFFD': '?',
}

// asciiKeys are the keys with an arrow for a name, as the help has them then.
var asciiKeys = strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right")

// asciiOnly returns a view with nothing in it but ASCII, each line as wide as it
// was: a wide character becomes two question marks, one without a width is gone.
func asciiOnly(view string) string {
	if isASCII(view) {
		return view
	}
	var b strings.Builder
	b.Grow(len(view))
	for i, line := range strings.Split(view, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		asciiLine(&b, line)
	}
	return b.String()
}

// colourEnd is a change of colour at the end of a text.
var colourEnd = regexp.MustCompile(`\x1b\[[0-9;:]*m$`)

// cutBefore puts a "<" for an ellipsis that stands for what is cut off before a
// text: a "~" would look like a part of it, such as the home of a path.
func cutBefore(line string) string {
	const sign = "…"
	for at := 0; ; {
		i := strings.Index(line[at:], sign)
		if i < 0 {
			return line
		}
		i += at
		at = i + len(sign)
		begins := i == 0 || line[i-1] == ' ' || colourEnd.MatchString(line[max(0, i-24):i])
		if begins && at < len(line) && line[at] > ' ' && line[at] < 0x7f {
			line = line[:i] + "<" + line[at:]
			at = i + 1
		}
	}
}

// asciiLine takes a line apart as the terminal's cells have it: a cluster of
// several characters is as wide as the whole of it.
func asciiLine(b *strings.Builder, line string) {
	var state byte
	line = cutBefore(line)
	for len(line) > 0 {
		seq, width, n, next := ansi.DecodeSequence(line, state, nil)
		state, line = next, line[n:]
		switch form, known := asciiForms[firstRune(seq)]; {
		case isASCII(seq):
			b.WriteString(seq)
		case firstRune(seq) >= firstBraille && firstRune(seq) <= lastBraille && width == 1:
			b.WriteByte('*') // of a spinner
		case known && width == 1:
			b.WriteByte(form)
		default:
			b.WriteString(strings.Repeat("?", width))
		}
	}
}

const firstBraille, lastBraille = '\u2800', '\u28ff'

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// asciiLocale reports whether the locale says that the terminal shows ASCII
// only: it is C or POSIX, or names a character set other than UTF-8. LC_ALL goes
// before LC_CTYPE and that before LANG, as POSIX.1-2017, 8.2, has it; an empty
// one counts as unset. Where none is set POSIX has C. Sessions over SSH and in
// containers have none set though, in terminals that all show UTF-8: nothing
// said is no reason to show less, and --ascii says it.
func asciiLocale(env func(string) string) bool {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = env(name); locale != "" {
			break
		}
	}
	locale, _, _ = strings.Cut(locale, "@")
	language, set, named := strings.Cut(locale, ".")
	if named {
		set = strings.ToLower(strings.ReplaceAll(set, "-", ""))
		return set != "utf8"
	}
	return language == "C" || language == "POSIX"
}

// keyName is how the help writes a key.
func (s *styles) keyName(name string) string {
	if s.ascii {
		return asciiKeys.Replace(name)
	}
	return name
}
