package model

import "fmt"

// texts is the written form of a small enumeration; index 0 is its zero value
// and is written as "".
type texts[T ~uint8] struct {
	noun  string
	words []string
}

func (t texts[T]) text(v T) string {
	if int(v) < len(t.words) {
		return t.words[v]
	}
	return fmt.Sprintf("%s(%d)", t.noun, v)
}

func (t texts[T]) parse(b []byte) (T, error) {
	for i, word := range t.words {
		if word == string(b) {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("parsing a %s: %q is none", t.noun, Clean(string(b)))
}
