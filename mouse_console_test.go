//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// click presses the left button at a cell, the first being 1, 1.
func (w *term) click(x, y int) {
	w.t.Helper()
	w.text(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x, y, x, y))
}

// clickOn presses the left button where a text begins that is on the screen.
func (w *term) clickOn(text string) {
	w.t.Helper()
	for y, line := range strings.Split(w.screen(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			w.click(len([]rune(before))+1, y+1)
			return
		}
	}
	w.t.Fatalf("%q is not on the screen:\n%s", text, redacted(w.screen()))
}

// mouse waits until the terminal reports the mouse, or does not any more.
func (w *term) mouse(want string) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); strings.TrimSpace(w.tmux("display", "-p", "#{mouse_any_flag}")) != want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("the mouse is not %s:\n%s", want, redacted(w.screen()))
		}
	}
}

// TestMouseInTheConsole: rows, slots, keys in the last line and answers are
// clicked on; the terminal has its mouse back while secrets are shown, and in the
// end.
func TestMouseInTheConsole(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	for i := range 3 {
		keyward(t, dir, "key", "create", fmt.Sprint("key-", i), "--environment", "Test", "--out", filepath.Join(out, fmt.Sprint(i)))
	}
	w := startTerm(t, 80, 24, nil, keywardBinary(t), "--mouse", "--data", dir)
	w.wait(`1 of 3`)
	w.mouse("1")
	w.clickOn("key-2")
	w.wait(`3 of 3`)
	w.clickOn("key-2")
	w.wait(`Keys › key-2`)
	w.clickOn("Secondary")
	w.wait(`› Secondary`)
	w.clickOn("Secondary")
	w.wait(`Which secret`)
	w.clickOn("not at all")
	w.wait(`Which secret`)
	w.clickOn("enter regenerate")
	w.wait(`Regenerate the secondary secret of "key-2"(?s:.*)stops working at once`)
	w.answer("y")
	w.wait(`kw_[0-9A-Za-z]{20,}`)
	w.mouse("0")
	w.keys("Escape")
	w.wait(`Have you stored`)
	w.answer("y")
	w.wait(`Keys › key-2`)
	w.mouse("1")
	w.keys("K")
	w.wait(`of 3`)
	w.keys("m")
	w.mouse("0")
	w.keys("q")
	w.ended()
}
