package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// mostMarks bounds the marks on a letter; more of them are drawn over the lines
// above and below.
const mostMarks = 4

// even returns s with nothing in it of which terminals disagree how wide it is.
// Some take a letter with what belongs to it (an emoji with its colour, a Thai
// letter with its vowel) for one cell or two, others add up the width of each
// character: a column would be elsewhere than where it was laid out. What makes
// the difference becomes one U+FFFD, so that no two texts come to look alike.
// So does a mark on nothing, which would sit on whatever stands before s.
func even(s string) string {
	if plain(s) || isEven(s) {
		return s
	}
	var b strings.Builder
	if joins(s) {
		_, size := utf8.DecodeRuneInString(s)
		b.WriteRune(utf8.RuneError)
		s = s[size:]
	}
	for rest := s; rest != ""; {
		cluster, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[len(cluster):]
		b.WriteString(evenCluster(cluster, width))
	}
	return b.String()
}

// isEven reports whether s has no cluster that even would change: most text has
// no cluster of several characters at all.
func isEven(s string) bool {
	if joins(s) {
		return false
	}
	for rest := s; rest != ""; {
		cluster, width := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		if evenCluster(cluster, width) != cluster {
			return false
		}
		rest = rest[len(cluster):]
	}
	return true
}

// joins reports whether s begins with what would become one with a blank before
// it.
func joins(s string) bool {
	cluster, _ := ansi.FirstGraphemeCluster(" "+s, ansi.GraphemeWidth)
	return cluster != " "
}

func evenCluster(cluster string, width int) string {
	first, size := utf8.DecodeRuneInString(cluster)
	switch {
	case width == 0:
		return string(utf8.RuneError)
	case size == len(cluster) && ansi.StringWidthWc(cluster) == width:
		return cluster
	case size == len(cluster):
		return string(utf8.RuneError)
	}
	if ansi.StringWidthWc(cluster) != width || utf8.RuneCountInString(cluster) > 1+mostMarks {
		return string(first) + string(utf8.RuneError)
	}
	return cluster
}
