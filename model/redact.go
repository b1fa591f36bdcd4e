package model

import (
	"strings"
	"unicode/utf8"
)

// mostLayers is how many layers of percent-encoding are looked through for a
// secret. What has more is taken to hide one.
const mostLayers = 16

// HidesSecret reports whether text holds what may be a secret of keyward's, also
// cut short, mistyped or percent-encoded over and over. It would rather take a
// harmless text for one.
func HidesSecret(text string) bool {
	if holdsPrefix(text) {
		return true
	}
	if strings.IndexByte(text, '%') < 0 {
		return false
	}
	plain, ok := decodeLayers(text)
	return !ok || holdsPrefix(plain)
}

// holdsPrefix reports whether SecretPrefix is in text, in whatever case.
func holdsPrefix(text string) bool {
	for i := strings.IndexByte(text, '_'); i >= 0; {
		if j := i + 1 - len(SecretPrefix); j >= 0 && strings.EqualFold(text[j:i+1], SecretPrefix) {
			return true
		}
		next := strings.IndexByte(text[i+1:], '_')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// decodeLayers takes off every layer of percent-encoding; what is not a valid
// escape stays as it is. ok is false where there are more than mostLayers.
func decodeLayers(text string) (plain string, ok bool) {
	for range mostLayers {
		if plain = decodeLax(text); plain == text {
			return text, true
		}
		text = plain
	}
	return text, false
}

func decodeLax(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c, n := decodeByte(text[i:], false)
		if n == 0 {
			c, n = text[i], 1
		}
		b = append(b, c)
		i += n - 1
	}
	return string(b)
}

// scannedQuery is how many times what is kept of a query is looked at: the value
// of auth-key may be long. Whoever sends 30 KB of escapes of escapes is not to
// have all of it decoded over and over.
const scannedQuery = 4

// appendQuery appends a raw query of at most limit bytes that is fit to be shown:
// without the value of auth-key, however its name is written, and without
// anything else that may be a secret. whole is false where more than that value
// is missing.
func appendQuery(b []byte, raw string, limit int) (out []byte, whole bool) {
	whole = true
	if raw == "" {
		return b, whole
	}
	if longest := scannedQuery * limit; len(raw) > longest {
		raw, whole = raw[:longest], false
	}
	start := len(b)
	for more := true; more; {
		var pair string
		if pair, raw, more = strings.Cut(raw, "&"); len(b) > start {
			b = append(b, '&')
		}
		if name, _, _ := strings.Cut(pair, "="); namesAuthKey(name) {
			b = appendAuthKey(b, name)
			continue
		}
		b, whole = appendPair(b, pair, whole)
		if len(b)-start > limit {
			return cutText(b, start, limit), false
		}
	}
	if len(b)-start > limit {
		return cutText(b, start, limit), false
	}
	return b, whole
}

// appendPair appends what is between two "&", part by part: some readers cut at
// ";" as well.
func appendPair(b []byte, pair string, whole bool) ([]byte, bool) {
	for {
		part, rest, more := strings.Cut(pair, ";")
		if b, whole = appendPart(b, part, whole); !more {
			return b, whole
		}
		b, pair = append(b, ';'), rest
	}
}

func appendPart(b []byte, part string, whole bool) ([]byte, bool) {
	name, _, _ := strings.Cut(part, "=")
	switch {
	case namesAuthKey(name):
		return appendAuthKey(b, name), whole
	case HidesSecret(part):
		return append(b, redaction...), false
	case !utf8.ValidString(part):
		return append(b, strings.ToValidUTF8(part, "\ufffd")...), false
	}
	return append(b, part...), whole
}

// appendAuthKey appends the name as it came, unless it is one only to a lax
// reader: then what follows in it may be the value.
func appendAuthKey(b []byte, name string) []byte {
	if !nameIs(name, AuthKeyParam, true) {
		name = AuthKeyParam
	}
	return append(append(b, name...), '=')
}

// namesAuthKey reports whether a raw parameter name is auth-key to the laxest
// reader: one that decodes it over and over, trims it and cuts it at a "=".
func namesAuthKey(raw string) bool {
	if len(raw) < len(AuthKeyParam) {
		return false
	}
	name, ok := decodeLayers(raw)
	if !ok {
		return true
	}
	name, _, _ = strings.Cut(strings.ReplaceAll(name, "+", " "), "=")
	name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' })
	return strings.EqualFold(name, AuthKeyParam)
}

// appendText appends a part of a request of at most limit bytes, or a redaction
// where that may hold a secret: what is cut off need not be looked at, for a
// secret begins with its prefix. whole is false where it is not all there.
func appendText(b []byte, text string, limit int) (out []byte, whole bool) {
	whole = true
	if len(text) > limit {
		text, whole = text[:startOfRune(text, limit)], false
	}
	if HidesSecret(text) {
		return append(b, redaction...), false
	}
	if !utf8.ValidString(text) {
		text, whole = strings.ToValidUTF8(text, "\ufffd"), false
	}
	start := len(b)
	if b = append(b, text...); len(text) > limit {
		return cutText(b, start, limit), false
	}
	return b, whole
}

// startOfRune returns the greatest index up to i, but for a few bytes, where no
// character is cut.
func startOfRune(text string, i int) int {
	for n := range utf8.UTFMax {
		if n <= i && utf8.RuneStart(text[i-n]) {
			return i - n
		}
	}
	return i // no UTF-8
}

// cutText leaves limit bytes of what was appended from start on, and no half
// character.
func cutText(b []byte, start, limit int) []byte {
	end := start + limit
	for end > start && !utf8.RuneStart(b[end]) {
		end--
	}
	return b[:end]
}
