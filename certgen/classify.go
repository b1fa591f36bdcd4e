package certgen

import (
	"bytes"

	"dev.keyward/keyward/model"
)

// The first bytes of DER values.
const (
	derInteger     = 0x02
	derBitString   = 0x03
	derOctetString = 0x04
	derOID         = 0x06
	derSequence    = 0x30
	derSet         = 0x31
	derTag0        = 0xa0
)

// classify tells by its first fields what a DER (or BER) structure is, when it
// is not a certificate: a kind to refuse it with, or nil when model may judge.
// It reads only as far as it must, so that a file cut short is still known.
func classify(der []byte) error {
	outer, rest, ok := cutValue(der, derSequence)
	if !ok {
		return nil
	}
	if kind := classifyBody(outer); kind != nil {
		return kind
	}
	return classifyRest(rest)
}

func classifyBody(body []byte) error {
	switch {
	case len(body) == 0:
		return nil
	case body[0] == derInteger:
		return classifyNumbered(body)
	case bytes.HasPrefix(body, pkcs7Prefix()):
		return ErrPKCS7
	case body[0] == derSequence:
		return classifyNested(body)
	}
	return nil
}

// classifyNumbered tells structures that begin with a version apart. A PKCS#1
// public key begins with an integer that is no version.
func classifyNumbered(body []byte) error {
	version, rest, ok := cutValue(body, derInteger)
	switch {
	case !ok || len(rest) == 0:
		return nil
	case len(version) > 1:
		return ErrPublicKey
	case bytes.Equal(version, []byte{3}) && rest[0] == derSequence:
		return ErrPFX
	case rest[0] == derSequence, rest[0] == derOctetString, rest[0] == derInteger:
		return ErrPrivateKey // PKCS#8, SEC 1, PKCS#1 or DSA.
	}
	return nil
}

// classifyNested tells structures that begin with another apart. Those of a
// certificate are the part that is signed, an algorithm and a bit string.
func classifyNested(body []byte) error {
	inner, rest, ok := cutValue(body, derSequence)
	if !ok || len(inner) == 0 {
		return nil
	}
	switch {
	case inner[0] == derOID && len(rest) > 0 && rest[0] == derOctetString && isEncryption(inner):
		return ErrPrivateKey // Encrypted PKCS#8.
	case inner[0] == derOID && len(rest) > 0 && rest[0] == derBitString:
		return ErrPublicKey
	case isRequest(inner):
		return ErrRequest
	}
	return nil
}

// isRequest holds for a version, a name and a key in a row. A certificate of
// version 1 has an algorithm, which begins with its OID, where the name is.
func isRequest(inner []byte) bool {
	_, rest, ok := cutValue(inner, derInteger)
	if !ok {
		return false
	}
	name, rest, ok := cutValue(rest, derSequence)
	if !ok || (len(name) > 0 && name[0] != derSet) {
		return false
	}
	key, _, ok := cutValue(rest, derSequence)
	return ok && len(key) > 0 && key[0] == derSequence
}

// classifyRest looks at what follows the first structure.
func classifyRest(rest []byte) error {
	body, _, ok := cutValue(rest, derSequence)
	if !ok {
		return nil // Nothing, or something for model to refuse.
	}
	if kind := classifyBody(body); kind == ErrPrivateKey || kind == ErrPFX { // Kinds, not chains.
		return kind
	}
	if inner, _, ok := cutValue(body, derSequence); ok && len(inner) > 0 && inner[0] == derTag0 {
		return ErrSeveral
	}
	return model.ErrTrailingData
}

// isEncryption holds for an algorithm that protects private keys: PKCS#5 or
// PKCS#12 encryption.
func isEncryption(algorithm []byte) bool {
	pkcs5 := []byte{derOID, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05}
	pkcs12 := []byte{derOID, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c}
	return bytes.HasPrefix(algorithm, pkcs5) || bytes.HasPrefix(algorithm, pkcs12)
}

func pkcs7Prefix() []byte {
	return []byte{derOID, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07}
}

// cutValue cuts the content of a value with the given tag off b, and what
// follows it. A content cut short, or of indefinite length as BER has it,
// counts as reaching to the end.
func cutValue(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	length, b := int(b[1]), b[2:]
	if length >= 0x80 {
		n := length & 0x7f
		if n == 0 {
			return b, nil, true
		}
		if n > 4 || n > len(b) {
			return nil, nil, false
		}
		length = 0
		for _, digit := range b[:n] {
			length = length<<8 | int(digit)
		}
		b = b[n:]
	}
	if length < 0 || length > len(b) {
		return b, nil, true
	}
	return b[:length], b[length:], true
}
