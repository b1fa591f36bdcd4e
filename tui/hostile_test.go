package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// hostile are texts that try to do something to a terminal or to its reader.
var hostile = readHostile()

func readHostile() []string {
	b, err := os.ReadFile(filepath.Join("..", "testdata", "hostile.txt"))
	if err != nil {
		panic(err)
	}
	all := []string{""}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
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

func TestHostileTexts(t *testing.T) {
	if len(hostile) < 28 {
		t.Fatalf("%d hostile texts", len(hostile))
	}
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			variety(w)
			cert := testCertificate(t, 7, "plain", testNow, 600)
			cert.Subject, cert.Issuer, cert.SelfSigned = "CN="+text, "CN="+text, false
			w.certificateKey(model.KeyDraft{Name: "hostile", Workflows: []string{"get-customer"}}, cert)
			w.rt.DataDir = "/tmp/" + text
			w.start()
			w.shown("the data directory")

			d := w.opens("hostile")
			w.press("down", "down", "down", "down")
			w.shown("the certificate's subject")
			w.brings(d, model.Primary, testCertificate(t, 8, "next", testNow, 600))
			w.shown("the prompt about the certificate")
			w.press("esc")
			w.press("r")
			w.shown("the slots")

			w.backend.err = errors.New(text)
			w.press("esc", "ctrl+r")
			w.shown("an error over a list")
			w.send(outcomeMsg{err: errors.New(text)})
			w.shown("an error in the status line")
			w.send(statusMsg{statusInfo, text})
			w.shown("a status")
			w.show(newDetail(w.rt, 1, text))
			w.shown("an error in place of a key, and a title")
			w.backend.err = nil

			e := w.edits("kiosk", partName)
			w.paste(text)
			w.shown("a paste into a name")
			w.backend.wrote = errors.New(text)
			w.press("ctrl+s")
			e.problems = map[editField]string{editForm: sentence(errors.New(text)), editName: sentence(errors.New(text))}
			w.shown("an error in a form")
			w.send(askMsg{prompt{Title: text, Lines: []string{text, "", text}, Word: text, Confirm: "go on"}})
			w.shown("a prompt")
			w.press("esc")
			w.send(popMsg{asked: true})
			for len(w.app.stack) > 1 {
				w.send(popMsg{asked: true})
			}
			w.press("/")
			w.paste(text)
			w.shown("a paste into the filter")
		})
	}
}
