package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest is a SHA-256: of a secret's text, or of a certificate's DER, which is
// what a presented certificate is matched by.
type Digest [sha256.Size]byte

// IsZero reports whether d is the digest of nothing, as an empty slot has it.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns 64 upper-case hexadecimal digits.
func (d Digest) String() string { return upperHex(d[:]) }

// MarshalText writes what String returns.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 64 hexadecimal digits in either case.
func (d *Digest) UnmarshalText(b []byte) error { return decodeDigest(d[:], b, "a digest") }

func decodeDigest(digest, text []byte, noun string) error {
	if len(text) != hex.EncodedLen(len(digest)) {
		return fmt.Errorf("reading %s: %d characters instead of %d hex digits", noun, len(text), hex.EncodedLen(len(digest)))
	}
	if _, err := hex.Decode(digest, text); err != nil {
		return fmt.Errorf("reading %s: %w", noun, err)
	}
	return nil
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
