package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// ✓ says that the key has a later certificate, also once this one has expired.
func TestSignOfACertificate(t *testing.T) {
	for _, test := range []struct {
		name    string
		days    int
		renewed bool
		want    string
	}{
		{"lasting", 400, false, "  "},
		{"lasting, with a later one", 400, true, "  "},
		{"ends soon", 5, false, "! "},
		{"ends soon, renewed", 5, true, "✓ "},
		{"expired", -5, false, "✗ "},
		{"expired, renewed", -5, true, "✓ "},
	} {
		t.Run(test.name, func(t *testing.T) {
			row := model.CertificateRow{
				NotBefore: model.At(testNow.AddDate(-2, 0, 0)), NotAfter: model.At(testNow.Add(time.Duration(test.days) * 24 * time.Hour)), Renewed: test.renewed,
			}
			if got, _ := leftCell(row, testNow); got[:len(test.want)] != test.want {
				t.Errorf("%q does not begin with %q", got, test.want)
			}
		})
	}
}
