package model

import (
	"cmp"
	"strings"
)

// compareFold orders two names as Fold would have them, without allocating.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

// containsFold reports whether s holds word, which is folded, without regard
// to ASCII case and without allocating.
func containsFold(s, word string) bool {
	if word == "" {
		return true
	}
	first := word[0]
	upper := first
	if first >= 'a' && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for len(s) >= len(word) {
		i := strings.IndexByte(s, first)
		if upper != first {
			if j := strings.IndexByte(s, upper); j >= 0 && (i < 0 || j < i) {
				i = j
			}
		}
		if i < 0 || len(s)-i < len(word) {
			return false
		}
		if hasPrefixFold(s[i:], word) {
			return true
		}
		s = s[i+1:]
	}
	return false
}

func hasPrefixFold(s, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for i := 0; i < len(word); i++ {
		if lower(s[i]) != word[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
