package model

import "strings"

// WithoutAuthKey returns a raw query without auth-key, in whatever
// percent-encoding and case its name came: what is left of a call that brought
// its secret there, for one that brings it in the header. The other pairs stay as
// they are, byte for byte, that for the environment too.
func WithoutAuthKey(raw string) string {
	return withoutParams(raw, func(name string) bool {
		return ownParam(name) && !nameIs(name, ProfileParam, true)
	})
}

// withoutParams returns a raw query without the parameters whose raw names are to
// be left out, also between semicolons, where some readers cut as well.
func withoutParams(raw string, leftOut func(name string) bool) string {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		var parts []string
		cut := false
		for part := range strings.SplitSeq(pair, ";") {
			if name, _, _ := strings.Cut(part, "="); leftOut(name) {
				cut = true
				continue
			}
			parts = append(parts, part)
		}
		if !cut || len(parts) > 0 {
			kept = append(kept, strings.Join(parts, ";"))
		}
	}
	return strings.Join(kept, "&")
}
