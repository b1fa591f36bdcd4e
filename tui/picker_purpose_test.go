package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// Wherever a certificate is looked for, the screen says for which key and slot.
func TestPickerSaysWhatFor(t *testing.T) {
	for _, test := range []struct {
		name string
		made bool
		want string
	}{
		{"acme-logistics", false, "Is this the secondary certificate of acme-logistics?"},
		{"acme-logistics", true, "Made. Use as the secondary certificate of acme-logistics?"},
		{strings.Repeat("long-name-", 6), false, "Is this the secondary certificate of long-name-lo"},
		{strings.Repeat("long-name-", 6), true, "Use as the secondary certificate of long-na"},
	} {
		w := newWorld(t)
		w.resize(60, 16)
		w.start()
		p := newSlotPicker(w.rt, model.Secondary, model.KeyRow{Name: test.name, Environment: "Test"}, func(picked) tea.Cmd { return nil })
		w.show(p)
		if title := "New secondary certificate of " + test.name; p.Title() != title {
			t.Errorf("the title is %q, want %q", p.Title(), title)
		}
		p.mode = accepting
		certificate := testCertificate(t, 5, "partner", testNow, 400)
		p.found.show(certificateMsg{picked: picked{certificate: certificate, source: "a-file-with-a-name-of-its-own.crt"}}, testNow, test.made)
		w.sees(test.want, "? ")
		if !test.made {
			w.sees("a-file-with-a-name-of-its-own.crt")
		}
	}
}

// A certificate without a subject is told by its serial number.
func TestCertificateWithoutASubject(t *testing.T) {
	c := testCertificate(t, 5, "partner", testNow, 400)
	c.Subject, c.Serial = "", "0A1B"
	const want = "(no subject), serial 0A1B"
	for _, got := range []string{
		c.SubjectText(), subjectText(c, 4), subjectText(c, 80), subjectOf(model.CertificateRow{Serial: "0A1B"}), subjectUntil(c, testNow, 80)[:len(want)],
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Where nothing may be changed, no private key is written to the disk; looking
// at a certificate stays.
func TestReadOnlyGeneratesNothing(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.readOnly().press("C", "i")
	w.sees("Inspect a certificate", "can be pasted here")
	w.seesNot("ctrl+g", "generate", "self-signed")
	p := w.app.top().(*picker)
	for _, b := range p.Keys().ShortHelp() {
		if b.Enabled() && b.Help().Key == pickerKeys.Generate.Help().Key {
			t.Error("it is in the help")
		}
	}
	w.press("ctrl+g")
	if p.mode != picking {
		t.Error("the form is there")
	}
	w.sees("Nothing can be changed: this console is read-only")

	w.rt.ReadOnly = false // and it is taken away while the form is filled in
	w.press("ctrl+g")
	if p.mode != filling {
		t.Fatalf("mode %d", p.mode)
	}
	w.rt.ReadOnly = true
	w.press("enter")
	if p.mode != filling || p.cancel != nil {
		t.Error("it is made all the same")
	}
}

// A certificate without an issuer says so in plain words, wherever it is looked
// at.
func TestCertificateWithoutAnIssuer(t *testing.T) {
	const want = "(no issuer: the certificate names none)"
	c := testCertificate(t, 5, "partner", testNow, 400)
	c.Issuer, c.SelfSigned = "", false
	w := newWorld(t)
	w.certificateKey(model.KeyDraft{Name: "partner"}, c)
	w.start()
	p := newPicker(w.rt, "Inspect a certificate", "", nil)
	w.show(p)
	p.mode = accepting
	p.found.show(certificateMsg{picked: picked{certificate: c, source: "partner.crt"}}, testNow, false)
	w.sees(want)
	w.press("esc", "esc", "enter")
	w.resize(160, 50)
	w.press("down", "down")
	w.sees("(no issuer")
	w.seesNot("(empty)")
}
