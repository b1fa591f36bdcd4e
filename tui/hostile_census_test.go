package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-runewidth"

	"dev.keyward/keyward/internal/race"
)

// Each hostile text on each screen that shows one: nothing but text and colours
// reaches the terminal, all ways to measure a line agree, and where the text
// stands by itself the screen is, cell by cell, what it is with a harmless text
// of the same shape. In ASCII every line is as wide as it was.
func TestHostileTextsOnEveryScreen(t *testing.T) {
	base := crowd(t)
	for n, s := range census {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			harmless := map[string][2][]string{} // by the text and how it is shown
			for i, text := range hostile {
				if (i+n)%race.Sample(1, 4) != 0 {
					continue
				}
				got := views(t, base, s, text)
				if t.Failed() {
					t.Fatalf("the text is %q", text)
				}
				if s.how == altered || s.how != asItIs && hasWide(text) {
					continue
				}
				if safe := clean(text); safe != text && (s.how == inQuotes || joins(text)) { // what joins what stands before it is fewer cells there
					text = safe
					got = views(t, base, s, text)
				}
				same := shape(clean(text))
				if _, known := harmless[same]; !known {
					harmless[same] = views(t, base, s, same)
				}
				for i := range got {
					alike(t, text, same, got[i], harmless[same][i])
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		})
	}
}

// views are the lines of a screen at two sizes; they are checked, in ASCII too.
func views(t *testing.T, base *world, s seen, text string) (all [2][]string) {
	t.Helper()
	w := base.again(t, text)
	s.open(w, text)
	for i, at := range [2][2]int{{80, 24}, {minWidth, minHeight}} {
		w.resize(at[0], at[1])
		view := w.app.View()
		all[i] = strings.Split(view, "\n")
		if len(all[i]) != at[1] {
			t.Errorf("at %v: %d lines", at, len(all[i]))
		}
		for n, line := range all[i] {
			measured(t, n, line, at[0])
		}
		for n, line := range strings.Split(asciiOnly(view), "\n") {
			if !plain(line) || cells(line) != cells(all[i][n]) {
				t.Errorf("at %v: in ASCII line %d is %q: %q", at, n, line, all[i][n])
			}
		}
	}
	return all
}

// measured fails the test where a line is wider than the terminal, holds more
// than text, or is as wide as one or another of those who measure think.
func measured(t *testing.T, n int, line string, width int) {
	t.Helper()
	sum := 0
	for _, r := range line {
		sum += runewidth.RuneWidth(r)
	}
	a, b := ansi.StringWidth(line), runewidth.StringWidth(line)
	if a > width || a != b || a != sum {
		t.Errorf("line %d is %d, %d or %d cells wide, the terminal %d: %q", n, a, b, sum, width, line)
	}
	if clean(line) != line {
		t.Errorf("line %d holds more than text: %q", n, line)
	}
}

// shape is a harmless text that is as wide as a clean one, and breaks where it
// does: what is neither ASCII nor a sign of the console's own becomes an x a cell.
func shape(text string) string {
	var b strings.Builder
	for text != "" {
		cluster, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(cluster):]
		if _, ours := asciiForms[firstRune(cluster)]; plain(cluster) || ours && cluster != "\uFFFD" {
			b.WriteString(cluster)
			continue
		}
		b.WriteString(strings.Repeat("x", width))
	}
	return b.String()
}

func hasWide(text string) bool {
	for text != "" {
		cluster, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		if text = text[len(cluster):]; width > 1 {
			return true
		}
	}
	return false
}

// alike fails the test where two views differ but in what a text looks like. A
// wide character may leave a cell free before the end of its column.
func alike(t *testing.T, text, same string, got, want []string) {
	t.Helper()
	free := append([]rune(strings.ToLower(same)), ' ', '…')
	for n := range got {
		g, h := []rune(strings.ToLower(shape(got[n]))), []rune(strings.ToLower(shape(want[n])))
		for i := range max(len(g), len(h)) {
			a, b := cellAt(g, i), cellAt(h, i)
			if a == b || hasWide(text) && slices.Contains(free, a) && slices.Contains(free, b) {
				continue
			}
			t.Errorf("with %q line %d is\n%s\nand with %q\n%s", text, n, got[n], same, want[n])
			break
		}
	}
}

func cellAt(line []rune, i int) rune {
	if i < len(line) {
		return line[i]
	}
	return ' '
}

// Each line of the census shows the text that it is about.
func TestCensusShowsItsText(t *testing.T) {
	base := crowd(t)
	for _, s := range census {
		w := base.again(t, "fromoutside")
		s.open(w, "fromoutside")
		w.resize(160, 50)
		if view := w.app.View(); !strings.Contains(strings.ToLower(view), "fromoutside") {
			t.Errorf("%s: the text is not on the screen:\n%s", s.name, view)
		}
	}
}
