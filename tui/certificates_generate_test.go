package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// A certificate is generated straight from the list, for an empty slot or for a
// new key.
func TestCertificatesGenerate(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.certificateKey(model.KeyDraft{Name: "single", Environment: "Test"}, testCertificate(t, 1, "one", testNow, 600))
	w.certificateKey(model.KeyDraft{Name: "twice", Environment: "Test"}, testCertificate(t, 2, "two", testNow, 600), testCertificate(t, 3, "three", testNow, 600))
	w.start()
	w.press("C")
	w.sees("ctrl+g generate")
	w.finds("single")
	w.press("ctrl+g")
	w.sees("New secondary certificate of single", "/CN=single")
	w.press("esc")
	if len(w.app.stack) != 2 {
		t.Fatal("esc does not lead back to the certificates")
	}
	w.press("n")
	w.seesNot("/CN=single")
	w.press("esc", "esc")
	w.finds("twice")
	w.press("ctrl+g")
	w.sees("Generate for a new key", `Both slots of "twice" are taken`)
	w.press("esc", "esc", "esc")
	w.press(":")
	w.write("generate")
	w.sees("Certificates: generate")
	w.press("esc")
	w.readOnly()
	w.press("C", "ctrl+g")
	w.seesNot("/CN=", "ctrl+g generate")
}

// A key that is made with a generated certificate has it.
func TestWizardForAGeneratedCertificate(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.start()
	s := newWizardFor(w.rt, picked{certificate: testCertificate(t, 1, "one", testNow, 600), source: "generated"}).(*wizard)
	w.show(s)
	if h := s.certificate.holding(0); h.Certificate == nil || s.kind.value() != model.CertificateKey {
		t.Error("the certificate is lost")
	}
	if s.Unsaved() == nil {
		t.Error("leaving loses the certificate unasked")
	}
}
