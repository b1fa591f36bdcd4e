package model

import "strings"

// The two query parameters that are keyward's own (spec §2.1, §2.3). They are
// recognised after one percent-decoding and without regard to ASCII case.
const (
	AuthKeyParam = "auth-key"
	ProfileParam = "_profile"
)

// queryScanner walks the pairs of a raw query without an allocation.
type queryScanner struct{ rest string }

// next returns the next pair, raw; ok is false at the end. Empty pairs are
// passed over.
func (q *queryScanner) next() (name, value string, ok bool) {
	for q.rest != "" {
		var pair string
		pair, q.rest, _ = strings.Cut(q.rest, "&")
		if pair != "" {
			name, value, _ = strings.Cut(pair, "=")
			return name, value, true
		}
	}
	return "", "", false
}

// nameIs reports whether the raw parameter name, decoded once, is want; fold
// ignores ASCII case, want then being lower-case.
func nameIs(raw, want string, fold bool) bool {
	if len(raw) < len(want) {
		return false
	}
	i := 0
	for j := 0; j < len(want); j++ {
		if i >= len(raw) {
			return false
		}
		c, n := decodeByte(raw[i:], true)
		if n == 0 {
			return false
		}
		if fold && c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want[j] {
			return false
		}
		i += n
	}
	return i == len(raw)
}

// ownParam reports whether a raw parameter name is one of keyward's own, to the
// laxest reader: one that trims blanks, or cuts the name at an encoded "=".
func ownParam(raw string) bool {
	if nameIs(raw, AuthKeyParam, true) || nameIs(raw, ProfileParam, true) {
		return true
	}
	name, ok := unescape(raw, true)
	if !ok {
		return false
	}
	name, _, _ = strings.Cut(name, "=")
	name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' })
	return strings.EqualFold(name, AuthKeyParam) || strings.EqualFold(name, ProfileParam)
}

// ForwardQuery returns the raw query as an upstream gets it: without auth-key
// and _profile, in whatever percent-encoding and case their names came, also
// between semicolons, where some readers cut as well (spec §2.1, §2.7). The
// other pairs stay as they are, byte for byte.
func ForwardQuery(raw string) string {
	if !mayHoldOwn(raw) {
		return raw
	}
	return withoutParams(raw, ownParam)
}

// mayHoldOwn is a quick test that most queries fail.
func mayHoldOwn(raw string) bool {
	for rest := raw; rest != ""; {
		var part string
		i := strings.IndexAny(rest, "&;")
		if i < 0 {
			part, rest = rest, ""
		} else {
			part, rest = rest[:i], rest[i+1:]
		}
		if name, _, _ := strings.Cut(part, "="); ownParam(name) {
			return true
		}
	}
	return false
}

// ownParams is what a query says to keyward itself.
type ownParams struct {
	authKey      string // raw value
	authKeys     int    // how many, in any case
	authKeyExact bool   // the name came in its exact case
	profile      string // raw value
	profiles     int
}

func readOwnParams(raw string) (p ownParams) {
	q := queryScanner{raw}
	for {
		name, value, ok := q.next()
		if !ok {
			return p
		}
		switch {
		case nameIs(name, AuthKeyParam, true):
			p.authKeys++
			p.authKey, p.authKeyExact = value, nameIs(name, AuthKeyParam, false)
		case nameIs(name, ProfileParam, true):
			p.profiles++
			p.profile = value
		}
	}
}

// variable returns the decoded value of the query parameter called name, which
// is compared exactly after one decoding.
func variable(rawQuery, name string) (value string, count int, ok bool) {
	ok = true
	q := queryScanner{rawQuery}
	for {
		n, v, more := q.next()
		if !more {
			return value, count, ok
		}
		if nameIs(n, name, false) {
			count++
			if value, ok = unescape(v, true); !ok {
				return "", count, false
			}
		}
	}
}
