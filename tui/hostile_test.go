package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// hostile are texts that try to do something to a terminal or to its reader.
var hostile = []string{
	"\x1b]52;c;aGVsbG8=\x07", "\x1b]52;c;aGVsbG8=\x1b\\", "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b[2J\x1b[H", "\x1b[31mred\x1b[0m",
	"\x1b[?1049l", "\x1b[6n", "\x1bc", "\x1b(0lqqk", "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
	"\x9b31m", "\u009b31m", "\u009d0;title\u009c", "\u0085next", "\x7f\x08\x08\x08back", "\x00nul", "\x07bell", "a\rb", "a\nb", "a\r\nb", "a\tb", "a\vb\fc",
	"\u202egnp.exe", "\u2066iso\u2069", "\u200e\u200f\u061c", "zero\u200bwidth\u200d\ufeff", "line\u2028sep\u2029", "\U000e0041\U000e0042tag", "\u00adsoft",
	"漢字かな交じり文の長い名前をここに書く", "👩‍👩‍👧‍👦 family 🇩🇪", "e\u0301\u0301\u0301\u0301", strings.Repeat("\u0301", 50) + "x", "שלום عربي",
	"\u3164\u115f\uffa0", "\xff\xfe\xc0\x80 invalid", "\ue000private", strings.Repeat("long ", 400), strings.Repeat("x", 3000), "",
	"%s%n%d", "$(reboot) `id` 'q' \"q\"", "﷽﷽﷽", "\u2800blank",
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
