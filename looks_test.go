//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// escape is what colours or moves in what tmux says of its screen.
var escape = regexp.MustCompile("\x1b[^m]*m")

// looks are the terminals that show less than others, and what must hold of each
// of their screens.
var looks = []struct {
	name          string
	width, height int
	env, flags    []string
	holds         func(screen string) string // what is wrong, "" for nothing
}{
	{"60x16", 60, 16, nil, nil, func(screen string) string {
		lines := strings.Split(strings.TrimRight(escape.ReplaceAllString(screen, ""), "\n"), "\n")
		if promptBox.MatchString(screen) {
			return "" // which says how it is answered
		}
		if len(lines) != 16 || !strings.HasPrefix(lines[0], " keyward") || strings.TrimSpace(lines[15]) == "" || strings.Contains(lines[15], "…") {
			return "the first or the last line is not whole"
		}
		return ""
	}},
	{"NO_COLOR", 80, 24, []string{"NO_COLOR=1"}, nil, func(screen string) string {
		if found := escape.FindString(screen); found != "" {
			return "it is styled with " + strings.TrimPrefix(found, "\x1b")
		}
		return ""
	}},
	{"16 colours", 80, 24, []string{"TERM=screen", "COLORTERM="}, nil, func(screen string) string {
		for _, found := range escape.FindAllString(screen, -1) {
			if strings.Contains(found, "38;") || strings.Contains(found, "48;") {
				return "it has more colours: " + strings.TrimPrefix(found, "\x1b")
			}
		}
		return ""
	}},
	{"--ascii", 80, 24, nil, []string{"--ascii"}, onlyASCII},
	{"C locale", 80, 24, []string{"LC_ALL=C", "LANG=C"}, nil, onlyASCII},
	{"60x16, --ascii, NO_COLOR", 60, 16, []string{"NO_COLOR=1"}, []string{"--ascii"}, onlyASCII},
}

func onlyASCII(screen string) string {
	for _, r := range escape.ReplaceAllString(screen, "") {
		if r > '~' || r < ' ' && r != '\n' {
			return "it shows " + string(r)
		}
	}
	return ""
}

// TestLooks: in terminals that are small, without colours, with few or without
// more than ASCII, every place is told by its words, and a key is disabled
// through a question.
func TestLooks(t *testing.T) {
	t.Parallel()
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			home := shortTemporary(t)
			dir := filepath.Join(home, "data")
			keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
			keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--workflow", "get-customer", "--out", filepath.Join(home, "orders"))
			hostileCertificate(t, filepath.Join(home, "wide.crt"), "注文 e\u0301 \u05e9\u05dc")
			keyward(t, dir, "key", "create", "wide", "--environment", "Test", "--cert", filepath.Join(home, "wide.crt"))
			w := startTerm(t, look.width, look.height, append([]string{"HOME=" + home}, look.env...),
				append([]string{keywardBinary(t), "--data", dir}, look.flags...)...)
			shows := func(pattern string) {
				t.Helper()
				w.wait(pattern)
				if screen := w.tmux("capture-pane", "-p", "-e"); look.holds(screen) != "" {
					t.Errorf("%s: %s\n%s", pattern, look.holds(screen), screen)
				}
			}
			shows(`(?s)1 of 2.*orders.*enabled.*wide`)
			for _, place := range []struct{ key, title string }{
				{"W", `Workflows(?s:.*)get-customer`}, {"E", `Environments(?s:.*)Production`}, {"C", `Certificates(?s:.*)wide`},
				{"A", `Audit(?s:.*)key created`}, {"L", `Activity`}, {"T", `Try it(?s:.*)Allowed: "orders" would`}, {"P", `Endpoints(?s:.*)1 console`},
				{"B", `Bin(?s:.*)empty`}, {"K", `1 of 2`},
			} {
				w.keys(place.key)
				shows(place.title)
			}
			w.keys("?")
			shows(`What the keys do here`)
			w.keys("Escape", ":")
			w.text("audit trail")
			shows(`audit trail +A`)
			w.keys("Escape", "Enter")
			shows(`Keys .*orders`)
			w.keys("Down", "Down", "Down", "Down", "Escape", "e")
			shows(`Disable the key "orders"`)
			w.answer("y")
			shows(`"orders" is disabled`)
			shows(`(?m)^.*orders.*disabled`)
			w.keys("G", "Enter")
			shows(`Keys .*wide`)
			w.keys("Escape", "q")
			w.ended()
			if out := keyward(t, dir, "key", "show", "orders"); !strings.Contains(out, "disabled") {
				t.Errorf("the key is not disabled:\n%s", out)
			}
		})
	}
}

// TestHostileCallsInATerminal: calls whose path, query and User-Agent try to do
// something to the terminal are watched, explained and tried; title, clipboard,
// cursor and modes are what they were.
func TestHostileCallsInATerminal(t *testing.T) {
	t.Parallel()
	home := shortTemporary(t)
	dir := filepath.Join(home, "data")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	e := startServe(t, dir)
	w := startTerm(t, 80, 24, []string{"HOME=" + home}, keywardBinary(t), "--data", dir)
	w.wait(`serve pid`)
	w.keys("L")
	w.wait(`Activity`)
	state := func() string {
		return w.tmux("display", "-p", "#{pane_title}|#{alternate_on}|#{mouse_any_flag}|#{pane_in_mode}|#{cursor_flag}|#{insert_flag}|#{wrap_flag}|#{scroll_region_upper}-#{scroll_region_lower}")
	}
	before := state()
	for _, call := range []struct{ target, agent string }{
		{"/customers/%1B%5D52;c;aGVsbG8=%07?a=%1B%5D0;taken%07", "plain"},
		{"/%1B%5B2J%1B%5B?25l%1B%5B?1003h", "\u202egnp.exe \u6f22\u5b57 \U0001f469\u200d\U0001f469"},
		{"/%C2%9D0;taken%C2%9C/%E2%80%AE", "e\u0301\u0301\u0301\u0301\u0301\u0301 \u061c\u200f"},
		{"/%FF%FE?%ff%fe", strings.Repeat("x", 3000)},
	} {
		if got := e.curl(call.target, "-A", call.agent); got == "200" {
			t.Errorf("%s: got %s", call.target, got)
		}
	}
	w.wait(`(?s)(refused.*){4}`)
	for range 4 {
		w.keys("Enter")
		w.wait(`Refused: `)
		w.keys("PageDown", "PageUp", "T")
		w.wait(`As code`)
		w.keys("Tab", "Tab", "Tab", "Right", "Right", "Escape", "Escape")
		w.wait(`\bf follow|z pause`)
		w.keys("Up")
	}
	if now := state(); now != before {
		t.Errorf("the terminal is %q, was %q", now, before)
	}
	if out, err := exec.Command("tmux", "-S", w.socket, "show-buffer").CombinedOutput(); err == nil {
		t.Errorf("the clipboard holds %q", out)
	}
	w.keys("K", "q")
	w.ended()
}
