package certgen

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// FuzzSubject: a subject is refused in one clean line or becomes the DER of a
// name with a value for each of its parts.
func FuzzSubject(f *testing.F) {
	for _, seed := range []string{
		"", "/", "/CN=x", `/CN=a\/b/O=c`, "/C=DE", "/CN=x+O=y", "/emailAddress=a@b", `/CN=\`, "/CN==", "/DC=a/DC=b", "//", "/CN=ü\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		der, err := parseSubject(subject)
		if err != nil {
			if !errors.Is(err, model.ErrInvalid) || model.Clean(err.Error()) != err.Error() || der != nil {
				t.Fatalf("%q: got %q, want a clean refusal", subject, err)
			}
			return
		}
		var name pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
			t.Fatalf("%q: not a name: %v", subject, err)
		}
		if most := strings.Count(subject, "/"); len(name) > most || (len(name) == 0) != (len(subject) < 2) {
			t.Fatalf("%q became %d parts", subject, len(name))
		}
		for _, part := range name {
			value, ok := part[0].Value.(string)
			if len(part) != 1 || !ok || value == "" || model.Clean(value) != value {
				t.Fatalf("%q became %q", subject, value)
			}
		}
		if again, err := parseSubject(subject); err != nil || !bytes.Equal(again, der) {
			t.Fatalf("%q: another name the second time", subject)
		}
	})
}
