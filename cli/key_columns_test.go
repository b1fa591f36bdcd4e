package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// At 80 columns the day on which a key ends is never cut: what was made when is
// left out first, and a certificate is a "cert".
func TestKeyListShowsWhenKeysEnd(t *testing.T) {
	t.Parallel()
	at := model.At(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	ends := model.At(time.Date(2028, 7, 14, 12, 0, 0, 0, time.UTC))
	var keys []model.KeyRow
	for i := range 8 {
		keys = append(keys, model.KeyRow{Name: fmt.Sprintf("certkey-%d", i), Kind: model.CertificateKey, Status: model.StatusEnabled,
			Environment: "Production", WorkflowCount: 12, Created: at, Ends: ends, LastUsed: at})
	}
	for width, want := range map[int][]string{
		80:  {"cert ", "ENVIRONMENT", "WORKFLOWS", "● enabled", "2028-07-14"},
		60:  {"cert ", "2028-07-14"},
		120: {"certificate ", "CREATED", "2026-11-22", "2028-07-14"},
		0:   {"certificate ", "CREATED", "2026-11-22", "2028-07-14"},
	} {
		var b bytes.Buffer
		tb := keyTable(&b, width)
		for range 2 { // later pages have the same columns
			if err := addKeys(tb, keys, at.Time()); err != nil {
				t.Fatal(err)
			}
		}
		text := b.String()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("at %d columns there is no %q:\n%s", width, w, text)
			}
		}
		if width > 0 && width <= 80 && strings.Contains(text, "CREATED") {
			t.Errorf("at %d columns CREATED is there", width)
		}
		if n := strings.Count(text, "2028-07-14"); n != 16 {
			t.Errorf("at %d columns %d of 16 days are whole", width, n)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > 0 && n > width {
				t.Errorf("at %d columns a line has %d", width, n)
			}
		}
	}
}
