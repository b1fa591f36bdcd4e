package tui

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/muesli/termenv"

	"dev.keyward/keyward/internal/race"
)

// hostile are texts that try to do something to a terminal or to its reader; a
// sample of them for the race detector.
var hostile = readHostile()

func readHostile() []string {
	b, err := os.ReadFile(filepath.Join("..", "testdata", "hostile.txt"))
	if err != nil {
		panic(err)
	}
	all := []string{""}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if i%race.Sample(1, 12) != 0 {
			continue
		}
		text, err := strconv.Unquote(line)
		if err != nil {
			panic(line + ": " + err.Error())
		}
		all = append(all, text)
	}
	return all
}

// shown fails the test where a view with that text is not as wide and as high
// as the terminal, or holds more than text and colours.
func (w *world) shown(what string) {
	w.t.Helper()
	for _, at := range []struct {
		profile       termenv.Profile
		width, height int
	}{{termenv.Ascii, 60, 16}, {termenv.Ascii, 160, 50}, {termenv.TrueColor, 80, 24}} {
		w.rt.styles.renderer.SetColorProfile(at.profile)
		w.resize(at.width, at.height)
		checkView(w.t, w.app.View(), at.width, at.height)
		if w.t.Failed() {
			w.t.Fatalf("with %s", what)
		}
	}
	w.rt.styles.renderer.SetColorProfile(termenv.Ascii)
}
