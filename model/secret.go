package model

import (
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/big"
	"strings"
)

// The shape of a secret (spec §5): SecretPrefix, secretBody base62 characters
// that carry 256 random bits, secretCheck base62 characters of the CRC-32
// (IEEE) of the body, zero-padded. SecretPattern finds one in any text.
const (
	SecretPrefix  = "kw_"
	SecretLength  = len(SecretPrefix) + secretBody + secretCheck
	SecretPattern = `\bkw_[0-9A-Za-z]{49}\b`

	secretBody  = 43 // 62^43 > 2^256
	secretCheck = 6  // 62^6 > 2^32
	hintPart    = 4
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Secret is the text that a caller sends. It exists only between its making
// and its one showing; every way of printing it but Reveal gives a redaction,
// also where it is a field that fmt cannot call methods on: there fmt prints
// the pointer. Copies share the text, so that Wipe ends them all.
type Secret struct{ text *[SecretLength]byte }

// NewSecret draws 256 bits from random, which must be a cryptographic source.
// It fails only when random does.
func NewSecret(random io.Reader) (Secret, error) {
	var bits [32]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return Secret{}, fmt.Errorf("drawing a secret: %w", err)
	}
	var text [SecretLength]byte
	copy(text[:], SecretPrefix)
	body := text[len(SecretPrefix) : len(SecretPrefix)+secretBody]
	n, base, digit := new(big.Int).SetBytes(bits[:]), big.NewInt(62), new(big.Int)
	for i := len(body) - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		body[i] = base62[digit.Int64()]
	}
	check := checksum(string(body))
	copy(text[len(SecretPrefix)+secretBody:], check[:])
	return Secret{&text}, nil
}

// ParseSecret takes what somebody typed, piped or sent. ok is false when it
// cannot be a secret of keyward's: a wrong length, alphabet or checksum. No
// store is asked, so a typo costs nothing.
func ParseSecret(text string) (s Secret, ok bool) {
	if !wellFormed(text) {
		return Secret{}, false
	}
	return Secret{(*[SecretLength]byte)([]byte(text))}, true
}

// HoldsSecret reports whether text holds a secret of keyward's or most of one:
// what nothing that is listed, logged or forwarded may hold.
func HoldsSecret(text string) bool {
	const most = 24 // base62 characters behind the prefix
	for {
		_, rest, found := strings.Cut(text, SecretPrefix)
		if !found {
			return false
		}
		run := 0
		for run < len(rest) && base62Not[rest[run]] == 0 {
			run++
		}
		if run >= most {
			return true
		}
		text = rest
	}
}

// wellFormed is ParseSecret's test, without an allocation.
func wellFormed(text string) bool {
	if len(text) != SecretLength || text[:len(SecretPrefix)] != SecretPrefix {
		return false
	}
	body := text[len(SecretPrefix) : len(SecretPrefix)+secretBody]
	bad := uint8(0)
	for i := range len(body) {
		bad |= base62Not[body[i]]
	}
	if bad != 0 {
		return false
	}
	check := checksum(body)
	return string(check[:]) == text[len(SecretPrefix)+secretBody:]
}

// base62Not is 1 for each byte that is no base62 character.
var base62Not = func() (t [256]uint8) {
	for i := range t {
		if strings.IndexByte(base62, byte(i)) < 0 {
			t[i] = 1
		}
	}
	return t
}()

// checksum writes the CRC-32 of body in base62. It goes through the table by
// itself, because crc32.Update would move its argument to the heap.
func checksum(body string) (out [secretCheck]byte) {
	sum := ^uint32(0)
	for i := range len(body) {
		sum = crc32.IEEETable[byte(sum)^body[i]] ^ sum>>8
	}
	sum = ^sum
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = base62[sum%62]
		sum /= 62
	}
	return out
}

// digestOf hashes a well-formed secret without an allocation.
func digestOf(text string) Digest {
	var buf [SecretLength]byte
	return sha256.Sum256(buf[:copy(buf[:], text)])
}

// IsZero reports whether s holds no secret, or one that was wiped.
func (s Secret) IsZero() bool { return s.text == nil || s.text[0] == 0 }

// Reveal returns the secret's text, or "" for none. Only the one showing calls
// it.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return string(s.text[:])
}

// Wipe overwrites the text in this copy and in every other.
func (s Secret) Wipe() {
	if s.text != nil {
		clear(s.text[:])
	}
}

// Digest returns what is kept of the secret; the zero digest for none.
func (s Secret) Digest() Digest {
	if s.IsZero() {
		return Digest{}
	}
	return sha256.Sum256(s.text[:])
}

// Hint returns what is kept of the secret beside its digest.
func (s Secret) Hint() Hint {
	var h Hint
	if !s.IsZero() {
		copy(h[:hintPart], s.text[len(SecretPrefix):])
		copy(h[hintPart:], s.text[SecretLength-hintPart:])
	}
	return h
}

const redaction = "[secret]"

// String returns a redaction.
func (s Secret) String() string { return redaction }

// Format writes a redaction, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redaction) }

// LogValue returns a redaction.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redaction) }

// MarshalText returns a redaction, so that no encoder writes the secret by
// accident.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redaction), nil }

// Hint is the first four characters of a secret after its prefix and the last
// four: enough to tell two secrets apart, and worthless to a caller (spec §5).
type Hint [2 * hintPart]byte

// String returns "AbCd…wXyZ", or "" for no hint.
func (h Hint) String() string {
	if h == (Hint{}) {
		return ""
	}
	return string(h[:hintPart]) + "…" + string(h[hintPart:])
}

// MarshalText writes what String returns.
func (h Hint) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hint) UnmarshalText(b []byte) error {
	first, last, ok := strings.Cut(string(b), "…")
	switch {
	case len(b) == 0:
		*h = Hint{}
		return nil
	case !ok || len(first) != hintPart || len(last) != hintPart:
		return fmt.Errorf("parsing a hint: it is not four characters, an ellipsis and four more")
	}
	copy(h[:hintPart], first)
	copy(h[hintPart:], last)
	return nil
}
