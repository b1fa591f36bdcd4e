package tui

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestColourProfile(t *testing.T) {
	for _, test := range []struct {
		env  []string
		want termenv.Profile
	}{
		{[]string{"TERM", "xterm"}, termenv.ANSI},
		{[]string{"TERM", "xterm-256color"}, termenv.ANSI256},
		{[]string{"TERM", "tmux-256color", "COLORTERM", "truecolor"}, termenv.TrueColor},
		{[]string{"TERM", "xterm-256color", "COLORTERM", "24bit"}, termenv.TrueColor},
		{[]string{"TERM", "dumb", "COLORTERM", "truecolor"}, termenv.Ascii},
		{[]string{"TERM", "xterm-256color", "COLORTERM", "truecolor", "NO_COLOR", "1"}, termenv.Ascii},
		{nil, termenv.Ascii},
	} {
		if got := colourProfile(env(test.env...)); got != test.want {
			t.Errorf("%v: got %v, want %v", test.env, got, test.want)
		}
	}
}

// The terminal's answer is taken out of the keys wherever a read cuts them.
func TestTerminalInputTakesAnswers(t *testing.T) {
	for _, end := range []string{"\x1b\\", "\a"} {
		const before, after = "ab\x1b[A", "\x1b[200~c\x1b[201~\x1bd"
		answer := "\x1b]11;rgb:ffff/ffff/ffff" + end
		whole := before + answer + after
		for cut := range len(whole) {
			dark := []bool{}
			in := newTerminalInput(nil, time.Now)
			in.background = func(d bool) { dark = append(dark, d) }
			var got []byte
			for _, part := range []string{whole[:cut], whole[cut:]} {
				got = append(got, in.filter([]byte(part))...)
			}
			want := before + after
			if cut == len(before)+1 {
				want = before + "\x1b" + after // it may have been the key
			}
			if string(got) != want || len(dark) != 1 || dark[0] {
				t.Errorf("cut at %d: got %q, dark %v", cut, got, dark)
			}
		}
	}
}

func TestTerminalInputLeavesTheRest(t *testing.T) {
	for _, text := range []string{"", "\x1b", "\x1b]", "\x1b]12;x", "\x1b]11;" + strings.Repeat("x", 200), "\x1b]11;rgb:11/2\a", "keys"} {
		in := newTerminalInput(nil, time.Now)
		in.until = time.Time{} // none is expected
		in.background = func(bool) { t.Errorf("%q was taken for a colour", text) }
		got := in.filter([]byte(text))
		if strings.HasSuffix(text, "\a") {
			text = "" // an answer, though not one that can be read
		}
		if !bytes.Equal(got, []byte(text)) {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

// What comes byte by byte, or without its end, is not typed, and swallows
// nothing that is.
func TestTerminalInputOverASlowLine(t *testing.T) {
	const start = "\x1b]11;rgb:1e1e/1e1e/1e1e"
	for _, test := range []struct {
		name   string
		reads  []string
		pauses map[int]time.Duration // before a read
		want   string
	}{
		{name: "byte by byte", reads: strings.Split(start+"\x1b\\dx", ""), want: "\x1bdx"},
		{name: "unterminated, then keys", reads: []string{start, "jk"}, want: "jk"},
		{name: "unterminated, then an arrow", reads: []string{start, "\x1b[A"}, want: "\x1b[A"},
		{name: "unterminated, then a key that an answer may hold", reads: []string{start, "d"},
			pauses: map[int]time.Duration{1: 2 * time.Second}, want: "d"},
		{name: "without an end for ever", reads: strings.Split(start+strings.Repeat("f", 60), ""), want: "\x1b" + strings.Repeat("f", len(start)+60-answerMost)},
		{name: "a key like the beginning", reads: []string{"\x1b]", "x"}, want: "\x1b]x"},
		{name: "keys like the beginning", reads: []string{"\x1b", "]", "1", "a"}, want: "\x1b]1a"},
		{name: "keys like the beginning, slowly", reads: []string{"\x1b", "]", "1"},
			pauses: map[int]time.Duration{1: 2 * time.Second}, want: "\x1b]1"},
		{name: "when none is expected any more", reads: []string{"\x1b", "]"},
			pauses: map[int]time.Duration{0: time.Minute}, want: "\x1b]"},
		{name: "esc, esc", reads: []string{"\x1b", "\x1b", "q"}, want: "\x1b\x1bq"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := testNow
			in := newTerminalInput(nil, func() time.Time { return now })
			got := ""
			for i, read := range test.reads {
				now = now.Add(test.pauses[i])
				got += string(in.filter([]byte(read)))
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTerminalInputReads(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var dark atomic.Bool
	in := newTerminalInput(r, time.Now)
	in.background = func(d bool) { dark.Store(d) }
	if _, err := w.WriteString("x\x1b]11;rgb:1e/1e/1e\x1b\\y"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 256)
	n, err := in.Read(buf)
	if err != nil || string(buf[:n]) != "xy" || !dark.Load() {
		t.Errorf("got %q, %v, dark %v", buf[:n], err, dark.Load())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Read(buf); err == nil {
		t.Error("the end of the input is no error")
	}
}

// Nothing of the console runs once close has returned.
func TestRuntimeWaitsForItsCommands(t *testing.T) {
	w := newWorld(t)
	started, ended := make(chan struct{}), atomic.Bool{}
	cmd := w.rt.do(quickly, func(ctx context.Context) tea.Msg {
		close(started)
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond)
		ended.Store(true)
		return nil
	})
	go cmd()
	<-started
	w.rt.close()
	if !ended.Load() {
		t.Error("a command outlived the console")
	}
	if msg := w.rt.do(quickly, func(context.Context) tea.Msg { t.Error("it ran"); return 1 })(); msg != nil {
		t.Error("a command began after the end")
	}
}

func TestOverlayFits(t *testing.T) {
	s := newWorld(t).rt.styles
	for _, width := range []int{60, 61, 80, 200} {
		for _, rows := range []int{1, 12, 40} {
			body := fit(strings.Repeat(strings.Repeat("漢", width)+"\n", rows), width, rows)
			for boxWidth := 1; boxWidth <= width; boxWidth += 7 {
				got := s.overlay(body, strings.Repeat(strings.Repeat("x", boxWidth)+"\n", 5)+"end", width, rows)
				lines := strings.Split(got, "\n")
				if len(lines) != rows {
					t.Fatalf("%d lines, want %d", len(lines), rows)
				}
				for _, line := range lines {
					if ansi.StringWidth(line) > width {
						t.Fatalf("%dx%d, box %d: %q", width, rows, boxWidth, line)
					}
				}
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{clip("abcdef", 4), "abc…"}, {clip("abc", 3), "abc"}, {clip("abc", 0), ""}, {clip("漢字", 3), "漢…"},
		{pad("ab", 4), "ab  "}, {pad("漢", 4), "漢  "}, {padLeft("7", 3), "  7"},
		{clipLeft("/a/long/path", 6), "…/path"}, {clipLeft("/a", 6), "/a"}, {clipLeft("/a", 1), "…"}, {clipLeft("abc", 0), ""},
		{count(1, "key"), "1 key"}, {count(12345, "key"), "12,345 keys"}, {thousands(999), "999"}, {thousands(1000000), "1,000,000"},
		{sentence(errTest), "The store does not answer."}, {sentence(context.DeadlineExceeded), "There was no answer in time: look again before you repeat it."},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
