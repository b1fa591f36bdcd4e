package tui

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dev.keyward/keyward/model"
)

// renewals fills a store with certificates in each state of their lives.
func renewals(w *world) {
	w.t.Helper()
	variety(w)
	w.now = testNow
	w.certificateKey(model.KeyDraft{Name: "expired", Environment: "Test", Workflows: []string{"get-customer"}},
		testCertificate(w.t, 11, "expired", testNow.AddDate(-1, 0, 0), 366))
	w.certificateKey(model.KeyDraft{Name: "full", Environment: "Production", Workflows: []string{"get-customer"}},
		testCertificate(w.t, 12, "full primary", testNow.AddDate(0, 0, -30), 42), testCertificate(w.t, 13, "full secondary", testNow.AddDate(0, 0, -30), 50))
	w.now = testNow.AddDate(0, 0, 2)
}

// uses has a slot called within the last two weeks, the last time so long ago.
func (w *world) uses(name string, slot model.SlotName, ago time.Duration, remotes ...string) {
	w.t.Helper()
	at := model.At(w.now.Add(-ago).Truncate(time.Minute))
	u := model.Usage{Key: w.key(name).ID, Slot: slot, Last: at, Remote: remotes[0], Allowed: 1204, Denied: 3}
	today := int32(w.now.Unix() / (24 * 60 * 60))
	for i, n := range []uint32{40, 60, 80, 0, 1, 90, 100, 120, 90, 80, 70, 200, 160, 113} {
		u.Days = append(u.Days, model.DayUse{Day: today - 13 + int32(i), Allowed: n, Denied: uint32(i % 2)})
	}
	for _, remote := range remotes {
		u.Callers = append(u.Callers, model.CallerUse{Remote: remote, Last: at})
	}
	w.service.AddUsage([]model.Usage{u})
}

// certificateModes opens the screens of this file in each of their modes.
func certificateModes(mode func(name string, fn func(w *world))) {
	mode("certificates", func(w *world) { renewals(w); w.start(); w.press("C") })
	mode("certificates, none", func(w *world) { w.start(); w.press("C") })
	mode("certificates, filter", func(w *world) { renewals(w); w.start(); w.press("C", "/", "a") })
	mode("certificates, filtered", func(w *world) { renewals(w); w.start(); w.press("C", "/", "a", "enter") })
	mode("certificate", func(w *world) { renewals(w); w.start(); w.press("C", "down", "enter") })
	mode("certificate, write", func(w *world) { renewals(w); w.start(); w.press("C", "w") })
	mode("inspect", func(w *world) { renewals(w); w.start(); w.press("C", "i") })
	mode("rotation of a token", func(w *world) { renewals(w); w.start(); w.press("down", "R") })
	mode("rotation of certificates", func(w *world) { renewals(w); w.start(); w.press("end", "R", "tab") })
}

var certificateSizes = []struct{ width, height int }{{80, 24}, {120, 40}, {60, 16}}

func eachOfThree(t *testing.T, name string, fn func(w *world)) {
	t.Helper()
	for _, size := range certificateSizes {
		t.Run(fmt.Sprintf("%s %dx%d", name, size.width, size.height), func(t *testing.T) {
			w := newWorld(t)
			w.resize(size.width, size.height)
			fn(w)
			w.golden()
		})
	}
}

// rotates opens the rotation of a key.
func (w *world) rotates(name string) {
	w.t.Helper()
	w.start()
	w.show(newRotation(w.rt, w.key(name).ID, name))
}

func TestCertificateViews(t *testing.T) {
	eachOfThree(t, "loading", func(w *world) { w.show(newCertificateList(w.rt)); w.app.top().(*certificateList).loaded = false })
	eachOfThree(t, "none", func(w *world) { w.start(); w.press("C") })
	eachOfThree(t, "error", func(w *world) { w.start(); w.backend.err = errTest; w.press("C") })
	eachOfThree(t, "list", func(w *world) {
		renewals(w)
		w.uses("warehouse", model.Primary, time.Minute, "10.0.0.7")
		w.start()
		w.press("C", "down")
	})
	eachOfThree(t, "stale", func(w *world) { renewals(w); w.start(); w.press("C"); w.backend.err = errTest; w.press("ctrl+r") })
	eachOfThree(t, "filter", func(w *world) { renewals(w); w.start(); w.press("C", "/"); w.write("ware") })
	eachOfThree(t, "no match", func(w *world) { renewals(w); w.start(); w.press("C", "/"); w.write("zzz"); w.press("enter") })
	eachOfThree(t, "expired", func(w *world) { renewals(w); w.start(); w.press("C", "enter") })
	eachOfThree(t, "renewed", func(w *world) {
		renewals(w)
		w.uses("warehouse", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8")
		w.start()
		w.press("C", "/")
		w.write("warehouse")
		w.press("enter", "enter")
	})
	eachOfThree(t, "full", func(w *world) {
		renewals(w)
		w.uses("full", model.Primary, time.Hour, "10.0.0.7")
		w.start()
		w.press("C", "down", "n")
	})
	eachOfThree(t, "take out", func(w *world) {
		renewals(w)
		w.uses("full", model.Primary, time.Hour, "10.0.0.7")
		w.start()
		w.press("C", "down", "x")
	})
	eachOfThree(t, "the only one", func(w *world) { renewals(w); w.start(); w.press("C", "x") })
	eachOfThree(t, "write", func(w *world) { renewals(w); w.start(); w.press("C", "w") })
	eachOfThree(t, "help", func(w *world) { renewals(w); w.start(); w.press("C", "?") })
}

func TestRotationViews(t *testing.T) {
	eachOfThree(t, "never used", func(w *world) { variety(w); w.rotates("crm sync") })
	eachOfThree(t, "both in use", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8", "2001:db8::1")
		w.uses("crm sync", model.Secondary, time.Hour, "10.0.0.9")
		w.rotates("crm sync")
	})
	eachOfThree(t, "quiet", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, 30*time.Hour, "10.0.0.7")
		w.uses("crm sync", model.Secondary, time.Hour, "10.0.0.9")
		w.rotates("crm sync")
	})
	eachOfThree(t, "in grace", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, time.Hour, "10.0.0.7")
		w.start()
		secret, err := model.NewSecret(w.rt.Random)
		if err == nil {
			_, err = w.session.RegenerateKey(w.t.Context(), "crm sync", model.Primary, secret.Hold(), 24*time.Hour)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		w.rotates("crm sync")
	})
	eachOfThree(t, "certificates", func(w *world) {
		renewals(w)
		w.uses("full", model.Primary, time.Hour, "10.0.0.7")
		w.rotates("full")
	})
	eachOfThree(t, "an empty slot", func(w *world) { renewals(w); w.rotates("expired"); w.press("tab") })
	eachOfThree(t, "asked", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8", "2001:db8::1")
		w.rotates("crm sync")
		w.press("r", "enter")
	})
	eachOfThree(t, "renewal", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8", "2001:db8::1")
		w.rotates("crm sync")
		w.press("r")
	})
	eachOfThree(t, "delete asked", func(w *world) {
		variety(w)
		w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7")
		w.opens("crm sync")
		w.press("d")
	})
}

// Whoever is about to be cut off is named before it is done, and only then.
func TestWhoStillUsesIt(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(w *world)
		want string
	}{
		{"never used", func(*world) {}, ""},
		{"long ago", func(w *world) { w.uses("crm sync", model.Primary, 25*time.Hour, "10.0.0.7") }, ""},
		{"one", func(w *world) { w.uses("crm sync", model.Primary, time.Hour, "10.0.0.7") },
			"1 caller still uses primary, the last 1 h ago from 10.0.0.7."},
		{"three", func(w *world) { w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8", "10.0.0.9") },
			"3 callers still use primary, the last 4 min ago from 10.0.0.7."},
		{"very many", func(w *world) {
			for i := range 12 {
				w.uses("crm sync", model.Primary, 4*time.Minute, fmt.Sprintf("10.0.1.%d", i))
			}
		}, "8 or more callers still use primary, the last 4 min ago from 10.0.1.11."},
		{"an old record", func(w *world) { w.isUsed("crm sync", "10.0.0.7") }, "1 caller still uses primary, the last just now from 10.0.0.7."},
		{"of the other slot", func(w *world) { w.uses("crm sync", model.Secondary, time.Hour, "10.0.0.7") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			test.set(w)
			k := w.key("crm sync")
			got := stillUsed(k.Slot(model.Primary), w.now)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	w := newWorld(t)
	w.resize(120, 40)
	variety(w)
	w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7", "10.0.0.8")
	w.opens("crm sync")
	for _, keys := range [][]string{{"e"}, {"d"}} {
		w.press(keys...)
		w.sees("! 2 callers still use primary, the last 4 min ago from 10.0.0.7.")
		w.press("esc")
	}
	w.press("e", "y", "e")
	w.sees("Enable the key")
	w.seesNot("still use")
}

func TestSparkline(t *testing.T) {
	for _, test := range []struct {
		values []uint64
		want   string
	}{
		{nil, ""},
		{[]uint64{0, 0}, "··"},
		{[]uint64{1}, "█"},
		{[]uint64{0, 1, 1000}, "·▁█"},
		{[]uint64{0, 1, 2, 3, 4, 5, 6, 7, 8}, "·▂▃▄▅▅▆▇█"},
		{[]uint64{1 << 63, 1<<64 - 1}, "▅█"},
	} {
		if got := sparkline(test.values); got != test.want {
			t.Errorf("%v is %q, want %q", test.values, got, test.want)
		}
	}
	forms := map[byte]rune{}
	for _, sign := range sparks {
		form := asciiForms[sign]
		if other, taken := forms[form]; taken || form == 0 {
			t.Errorf("%q and %q are both %q in ASCII", sign, other, form)
		}
		forms[form] = sign
	}
}

// A certificate is written as what the name says, readable by all, and over
// nothing.
func TestCertificateIsWritten(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t)
	w.resize(160, 50)
	renewals(w)
	want := w.key("expired").Slots[0].Certificate
	whole, err := w.session.Certificate(t.Context(), "expired", model.Primary)
	if err != nil {
		t.Fatal(err)
	}
	w.start()
	for _, file := range []string{"a.crt", "b.CER", "c.der", "d"} {
		w.press("C", "w")
		w.press(repeat("backspace", 40)...)
		w.write(filepath.Join(dir, file))
		w.press("enter")
		w.sees("The certificate is written to")
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if block, _ := pem.Decode(data); block != nil {
			data = block.Bytes
		} else if !binaryName(file) {
			t.Errorf("%s is no PEM", file)
		}
		if string(data) != string(whole.DER) || model.FingerprintOf(data) != want.SHA256 {
			t.Errorf("%s holds something else", file)
		}
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm()&0o444 == 0 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
		w.press("esc")
	}
	w.press("C", "w")
	w.press(repeat("backspace", 40)...)
	w.write(filepath.Join(dir, "d"))
	w.press("enter")
	w.sees("nothing is overwritten", "Where is the primary certificate")
	w.press("esc")
	w.sees("Certificates")
}

// Over a connection nothing is written: what there is, is copied.
func TestRemoteCertificates(t *testing.T) {
	w := newWorld(t)
	renewals(w)
	w.rt.Remote = &Remote{}
	w.start()
	w.press("C", "w")
	w.seesNot("Where is")
	if k := w.app.top().(*certificateList).keys(); k.Write.Enabled() || k.Copy.Enabled() {
		t.Error("a file could be written, or something copied")
	}
	for _, key := range []string{"c", "w"} {
		w.press(key)
		w.sees("Not here: over SSH nothing is sent to your clipboard")
	}
	w.rt.Remote.Clipboard = true
	w.press("c")
	w.sees("The certificate was sent to the terminal")
}

// The renewal of a certificate: the empty slot is filled, the old one is taken
// out, and the only one stays.
func TestCertificateIsRenewed(t *testing.T) {
	w := newWorld(t)
	w.resize(120, 40)
	renewals(w)
	w.start()
	w.press("C", "/")
	w.write("partner")
	w.press("enter", "x")
	w.sees("It is the only certificate of")
	w.press("n")
	picked, ok := w.app.top().(*picker)
	if !ok {
		t.Fatalf("the picker is not there:\n%s", w.screen())
	}
	w.sees("New secondary certificate")
	w.run(picked.done(pickedOf(testCertificate(t, 77, "partner next", testNow, 700))))
	w.press("y") // it is about production
	if slot := w.key("partner_portal").Slots[1]; slot.Certificate == nil || !strings.Contains(slot.Certificate.Subject, "partner next") {
		t.Fatalf("%+v", slot)
	}
	w.send(popMsg{asked: true})
	w.press("x")
	w.sees("Remove the primary certificate", "The secondary one goes on")
	w.press("yes")
	if slot := w.key("partner_portal").Slots[0]; !slot.Empty {
		t.Errorf("%+v", slot)
	}
}

func pickedOf(c model.Certificate) picked { return picked{certificate: c} }

// No change is offered where nothing can be changed.
func TestReadOnlyCertificates(t *testing.T) {
	w := newWorld(t)
	renewals(w)
	w.rt.ReadOnly = true
	w.start()
	for _, open := range [][]string{{"C"}, {"C", "enter"}, {"end", "R"}} {
		w.press(open...)
		for _, press := range []string{"n", "x"} {
			top := w.app.top()
			w.press(press)
			if w.app.top() != top || w.app.prompt != nil {
				t.Errorf("%v %s did something:\n%s", open, press, w.screen())
			}
		}
		w.press("K")
	}
}

// Certificates say what they like, and shift nothing.
func TestHostileCertificates(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			variety(w)
			cert, next := testCertificate(t, 7, "plain", testNow, 30), testCertificate(t, 8, "plain", testNow, 20)
			cert.Subject, cert.Issuer, cert.SelfSigned = "CN="+text, "O="+text, false
			next.Subject = text
			w.certificateKey(model.KeyDraft{Name: "hostile", Workflows: []string{"get-customer"}}, cert, next)
			w.uses("hostile", model.Primary, time.Minute, "10.0.0.7")
			w.start()
			w.press("C")
			w.shown("a row")
			w.press("home", "n")
			w.shown("no slot")
			w.press("esc", "x")
			w.shown("taking it out")
			w.press("esc", "enter")
			w.shown("one certificate")
			w.press("R")
			w.shown("the rotation")
			w.press("C", "home")
			w.resize(160, 50)
			column := map[int]bool{} // where the slots stand
			for _, line := range strings.Split(w.screen(), "\n") {
				for _, n := range model.SlotNames {
					if at := strings.LastIndex(line, " "+n.String()+" "); at >= 0 && strings.Contains(line, "Test") == strings.Contains(line, "warehouse") {
						column[ansi.StringWidth(line[:at])] = true
					}
				}
			}
			if len(column) != 1 {
				t.Errorf("the slots stand in the columns %v:\n%s", column, w.screen())
			}
		})
	}
}
