package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// Whoever chooses a certificate sees for which slot of which key, whatever room
// the way at the top has.
func TestPickerSaysForWhichKey(t *testing.T) {
	for _, at := range []struct{ width, height int }{{80, 24}, {minWidth, minHeight}} {
		w := newWorld(t)
		w.resize(at.width, at.height)
		w.certificateKey(model.KeyDraft{Name: "integration-test", Environment: "Test"}, testCertificate(t, 1, "one", testNow, 600))
		w.start()
		w.press("C", "n")
		w.sees("For       the secondary certificate of integration-test")
	}
}
