package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestReadScreen(t *testing.T) {
	red := style{text: ansi.IndexedColor(1)}
	for _, test := range []struct {
		name, text string
		want       [][]cell
	}{
		{"plain", "ab", [][]cell{{{0, 1, "a", style{}}, {1, 1, "b", style{}}}}},
		{"a colour and its end", "\x1b[31ma\x1b[39mb", [][]cell{{{0, 1, "a", red}, {1, 1, "b", style{}}}}},
		{"a style lasts over lines", "\x1b[31ma\nb", [][]cell{{{0, 1, "a", red}}, {{0, 1, "b", red}}}},
		{"reset without a number", "\x1b[31ma\x1b[mb", [][]cell{{{0, 1, "a", red}, {1, 1, "b", style{}}}}},
		{"of 256", "\x1b[38;5;215ma", [][]cell{{{0, 1, "a", style{text: ansi.IndexedColor(215)}}}}},
		{"after a colour of 256", "\x1b[38;5;215;1ma", [][]cell{{{0, 1, "a", style{text: ansi.IndexedColor(215), bold: true}}}}},
		{"bright", "\x1b[92;101ma", [][]cell{{{0, 1, "a", style{text: ansi.IndexedColor(10), back: ansi.IndexedColor(9)}}}}},
		{"bold, dim and neither", "\x1b[1;2ma\x1b[22mb", [][]cell{{{0, 1, "a", style{bold: true, dim: true}}, {1, 1, "b", style{}}}}},
		{"kinds of underline", "\x1b[4:3ma\x1b[4:0mb", [][]cell{{{0, 1, "a", style{underline: true}}, {1, 1, "b", style{}}}}},
		{"reverse", "\x1b[7ma\x1b[27mb", [][]cell{{{0, 1, "a", style{reverse: true}}, {1, 1, "b", style{}}}}},
		{"wide, and combining", "漢e\u0301x", [][]cell{{{0, 2, "漢", style{}}, {2, 1, "e\u0301", style{}}, {3, 1, "x", style{}}}}},
		{"beyond the width", "abcdefgh", [][]cell{{{0, 1, "a", style{}}, {1, 1, "b", style{}}, {2, 1, "c", style{}}, {3, 1, "d", style{}}}}},
		{"other sequences", "\x1b[2K\x1b]0;title\x07a\x1b[1;1H", [][]cell{{{0, 1, "a", style{}}}}},
		{"beyond the height", "a\nb\nc", [][]cell{{{0, 1, "a", style{}}}, {{0, 1, "b", style{}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, readScreen(test.text, 4, 2), cmp.AllowUnexported(cell{}, style{})); diff != "" {
				t.Error("-want +got:\n" + diff)
			}
		})
	}
}

func TestTrueColour(t *testing.T) {
	for _, text := range []string{"\x1b[38;2;1;2;255mx", "\x1b[38:2::1:2:255mx"} {
		if got := dark.hex(readScreen(text, 4, 1)[0][0].style.text, ""); got != "#0102ff" {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// svgOf converts a screen, and fails where the picture is no well-formed XML.
func svgOf(t *testing.T, text string, light bool) string {
	t.Helper()
	var b strings.Builder
	if err := convert(strings.NewReader(text), &b, 10, 2, light, `A "title" <&>`); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return b.String()
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
	}
}

func TestDraw(t *testing.T) {
	for _, test := range []struct {
		name, text string
		light      bool
		want       []string
	}{
		{"text on the grid", "  ab c", false, []string{`<text x="28.8" y="25" textLength="33.6" lengthAdjust="spacingAndGlyphs">ab c</text>`}},
		{"gaps are left out", "a b   c", false, []string{`textLength="25.2" lengthAdjust="spacingAndGlyphs">a b</text>`, `<text x="62.4" y="25" textLength="8.4" lengthAdjust="spacingAndGlyphs">c</text>`}},
		{"what XML has for itself", "<&>", false, []string{">&lt;&amp;&gt;</text>"}},
		{"the title", "", false, []string{"<title>A &quot;title&quot; &lt;&amp;&gt;</title>"}},
		{"a second line", "\na", false, []string{`y="42"`}},
		{"reverse", "\x1b[7mab", false, []string{`<rect x="12" y="12" width="16.8" height="17" fill="#d4d4d4"/>`, `fill="#1b1d23">ab`}},
		{"bold and dim", "\x1b[1;2ma", false, []string{` font-weight="bold" opacity="0.6">a`}},
		{"underlined blanks", "\x1b[4m a ", false, []string{" text-decoration=\"underline\">\u00a0a\u00a0</text>"}},
		{"wide characters stand alone", "漢字", false, []string{`x="12" y="25" textLength="16.8"`, `x="28.8" y="25" textLength="16.8"`}},
		{"lines meet", "─│", false, []string{`<rect x="12" y="19.9" width="8.4" height="1.2" fill="#d4d4d4"/>`, `<rect x="24" y="12" width="1.2" height="17" fill="#d4d4d4"/>`}},
		{"half a block", "▄", false, []string{`<rect x="12" y="20.5" width="8.4" height="8.5" fill="#d4d4d4"/>`}},
		{"light", "\x1b[32ma", true, []string{`fill="#ffffff"/>`, `fill="#116329">a`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := svgOf(t, test.text, test.light)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in\n%s", want, got)
				}
			}
		})
	}
}

func TestBlanksDrawNothing(t *testing.T) {
	if got := svgOf(t, "   \x1b[31m   ", false); strings.Contains(got, "<text") {
		t.Errorf("blanks are drawn:\n%s", got)
	}
}
