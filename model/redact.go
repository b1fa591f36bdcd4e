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
	if strings.Contains(text, SecretPrefix) {
		return true
	}
	if strings.IndexByte(text, '%') < 0 {
		return false
	}
	plain, ok := decodeLayers(text)
	return !ok || strings.Contains(plain, SecretPrefix)
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

// appendQuery appends a raw query of at most limit bytes that is fit to be shown:
// without the value of auth-key, however its name is written, and without
// anything else that may be a secret. whole is false where more than that value
// is missing.
func appendQuery(b []byte, raw string, limit int) (out []byte, whole bool) {
	whole = true
	if raw == "" {
		return b, whole
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
// where it may hold a secret. whole is false where it is not all there.
func appendText(b []byte, text string, limit int) (out []byte, whole bool) {
	if HidesSecret(text) {
		return append(b, redaction...), false
	}
	whole = true
	if !utf8.ValidString(text) {
		text, whole = strings.ToValidUTF8(text, "\ufffd"), false
	}
	start := len(b)
	if b = append(b, text...); len(text) > limit {
		return cutText(b, start, limit), false
	}
	return b, whole
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
