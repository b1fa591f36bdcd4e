package model

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// RequestID names one request: the answer to a refused call carries it as
// RequestId, so that the caller can tell which call it was. 128 random bits, shown
// as 32 hexadecimal digits; zero is no id, as an endpoint of an earlier version
// has it on its records.
type RequestID [16]byte

// IsZero reports whether it is no id.
func (r RequestID) IsZero() bool { return r == RequestID{} }

// String returns 32 lower-case hexadecimal digits, or "" for no id.
func (r RequestID) String() string {
	if r.IsZero() {
		return ""
	}
	return hex.EncodeToString(r[:])
}

// MarshalText writes what String returns.
func (r RequestID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *RequestID) UnmarshalText(b []byte) error {
	if *r = (RequestID{}); len(b) == 0 {
		return nil
	}
	if len(b) != hex.EncodedLen(len(r)) {
		return fmt.Errorf("reading a request's id: %d characters instead of %d hex digits", len(b), hex.EncodedLen(len(r)))
	}
	if _, err := hex.Decode(r[:], b); err != nil {
		return fmt.Errorf("reading a request's id: %w", err)
	}
	return nil
}

// LeastRequestID is how many digits of a request's id find it: of fewer, a number
// in a path would find calls that it has nothing to do with.
const LeastRequestID = 8

// begins reports whether word, folded, is the id or its first LeastRequestID
// digits or more. What a person copies around it does no harm: quotes, commas,
// brackets.
func (r RequestID) begins(word string) bool {
	word = strings.Trim(word, "\"'`.,:;()[]{}<>")
	if len(word) < LeastRequestID || len(word) > hex.EncodedLen(len(r)) || r.IsZero() {
		return false
	}
	var digits [2 * len(r)]byte
	hex.Encode(digits[:], r[:])
	return string(digits[:len(word)]) == word
}
