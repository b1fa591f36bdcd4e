package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pathProblem says why a path is refused, or "" for a path that every reader
// reads alike (spec §2.4).
type pathProblem string

// splitPath cuts the escaped path of a request, as received, into decoded
// segments appended to segs. One trailing slash is ignored; "/" has none.
//
// It refuses what two readers could read differently: an encoded or plain
// backslash, an encoded slash, a dot segment in any encoding (also before a
// ";", where servlet containers cut), an empty segment, a control character,
// text that is not UTF-8, invalid percent-encoding, and a second layer of
// encoding over any of these (spec §2.4, security.md D3).
func splitPath(path string, segs []string) ([]string, pathProblem) {
	if path == "" || path[0] != '/' {
		return segs, "it does not begin with a slash"
	}
	rest := path[1:]
	for rest != "" {
		raw, after, more := strings.Cut(rest, "/")
		rest = after
		if raw == "" {
			return segs, "it has an empty segment"
		}
		seg, problem := decodeSegment(raw)
		if problem != "" {
			return segs, problem
		}
		segs = append(segs, seg)
		if !more {
			break
		}
	}
	return segs, ""
}

// decodeSegment decodes one raw segment once. It allocates only for a segment
// that has an escape.
func decodeSegment(raw string) (string, pathProblem) {
	seg := raw
	if strings.IndexByte(raw, '%') >= 0 {
		var ok bool
		if seg, ok = unescape(raw, false); !ok {
			return "", "it has invalid percent-encoding"
		}
	}
	return seg, segmentProblem(seg)
}

// maxLayers is how many layers of percent-encoding are looked through. Each
// costs a pass, and no client means more than one.
const maxLayers = 3

func segmentProblem(seg string) pathProblem {
	for range maxLayers {
		if problem := plainProblem(seg); problem != "" {
			return problem
		}
		if strings.IndexByte(seg, '%') < 0 {
			return ""
		}
		again, ok := unescape(seg, false)
		if !ok || again == seg {
			return ""
		}
		seg = again
	}
	return "it is percent-encoded over and over"
}

func plainProblem(seg string) pathProblem {
	ascii := true
	for i := 0; i < len(seg); i++ {
		switch c := seg[i]; {
		case c == '/' || c == '\\':
			return "it has an encoded slash or a backslash"
		case c < 0x20 || c == 0x7f:
			return "it has a control character"
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii {
		if problem := wideProblem(seg); problem != "" {
			return problem
		}
	}
	if name, _, _ := strings.Cut(seg, ";"); name == "." || name == ".." || name == "" {
		return "it has a dot segment or an empty one"
	}
	return ""
}

func wideProblem(seg string) pathProblem {
	if !utf8.ValidString(seg) {
		return "it is not UTF-8"
	}
	if strings.ContainsFunc(seg, unicode.IsControl) {
		return "it has a control character"
	}
	return ""
}

// unescape decodes percent-encoding once, and "+" to a space where plus says
// so; ok is false for an escape that is none.
func unescape(s string, plus bool) (out string, ok bool) {
	if strings.IndexByte(s, '%') < 0 && (!plus || strings.IndexByte(s, '+') < 0) {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c, n := decodeByte(s[i:], plus)
		if n == 0 {
			return "", false
		}
		b = append(b, c)
		i += n - 1
	}
	return string(b), true
}

// decodeByte decodes the first character of s, which is not empty; n is how
// many bytes of s it took, 0 for an invalid escape.
func decodeByte(s string, plus bool) (c byte, n int) {
	switch {
	case s[0] == '+' && plus:
		return ' ', 1
	case s[0] != '%':
		return s[0], 1
	case len(s) < 3:
		return 0, 0
	}
	hi, lo := unhex(s[1]), unhex(s[2])
	if hi > 15 || lo > 15 {
		return 0, 0
	}
	return hi<<4 | lo, 3
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// DocumentPath is where a key's OpenAPI document is (spec §2.8), spelt exactly
// so.
const DocumentPath = "/openapi.yml"

// ReservedPath reports whether the path of a request, as received, is
// keyward's own and never an invoke: "/_keyward", all below it, and
// "/openapi.yml", in any percent-encoding (spec §2).
func ReservedPath(path string) bool {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	name, ok := unescape(first, false)
	return ok && reserved(name, rest == "")
}

func reserved(first string, only bool) bool {
	first, _, _ = strings.Cut(first, ";") // where servlet containers cut
	return first == "_keyward" || only && first == "openapi.yml"
}
