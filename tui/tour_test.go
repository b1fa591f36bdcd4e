package tui

import "testing"

// The tour offers none of its keys where they are text, and offers them again
// after that.
func TestTourWaitsWhileTextIsEntered(t *testing.T) {
	for name, tt := range map[string]struct{ into, out []string }{
		"filter":     {[]string{"/"}, []string{"esc"}},
		"new key":    {[]string{"n", "enter"}, []string{"esc", "esc", "y"}},
		"a key":      {[]string{"t", "enter"}, []string{"esc"}},
		"a workflow": {[]string{"W", "n"}, []string{"esc", "K"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(80, 24)
			w.start()
			w.press("t", "y")
			w.sees("t opens sample-shop")
			w.press(tt.into...)
			if !w.app.top().Typing() {
				t.Fatalf("%v enter no text:\n%s", tt.into, w.screen())
			}
			w.sees("of 4: it goes on once this is done or left.")
			w.seesNot("t opens sample-shop", "t shows calls")
			w.press(tt.out...)
			w.seesNot("it goes on once")
			w.sees("Tour, ")
		})
	}
}
