package model

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxName is the longest name of a key, workflow or environment, in characters
// (spec §8).
const MaxName = 64

// CheckName reports why name cannot name a key, a workflow or an environment:
// 1 to 64 ASCII letters, digits, spaces and "-_.", no leading or trailing
// space (spec §8). The error wraps ErrInvalid and says what to change.
func CheckName(name string) error {
	switch {
	case name == "":
		return Invalid("name", "a name is needed: 1 to %d letters a to z, digits, spaces, \"-\", \"_\" or \".\"", MaxName)
	case len(name) > MaxName:
		return Invalid("name", "the name has %d characters: %d is the most", len([]rune(name)), MaxName)
	case name[0] == ' ' || name[len(name)-1] == ' ':
		return Invalid("name", "the name begins or ends with a space: take it away")
	}
	if !utf8.ValidString(name) {
		return Invalid("name", "the name is not valid text (UTF-8): use letters a to z, digits, spaces, \"-\", \"_\" and \".\" only")
	}
	if HoldsSecret(name) {
		return Invalid("name", "the name holds what looks like a secret: names are shown in lists and logs, so choose another")
	}
	for _, r := range name {
		if !nameRune(r) {
			return Invalid("name", "the name holds %s: use letters a to z, digits, spaces, \"-\", \"_\" and \".\" only", describe(r))
		}
	}
	return nil
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		r == ' ' || r == '-' || r == '_' || r == '.'
}

// describe names a character that may itself be unfit to print.
func describe(r rune) string {
	if s := string(r); isClean(s) && r != '"' {
		return fmt.Sprintf("%q", r)
	}
	return fmt.Sprintf("the character %U", r)
}

// Fold returns the form under which names are compared and indexed: names are
// unique without regard to ASCII case (spec §8). It allocates only where the
// name has an upper-case letter.
func Fold(name string) string { return strings.ToLower(name) }
