package tui

import (
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// How well a word that was typed fits a name; 0 is not at all.
const (
	fitScattered = 1 + iota // its letters are in the name, in their order
	fitInside               // it is within a word
	fitStart                // a word begins with it
	fitWhole                // it is a word
	fitExact     = 99       // the text is the whole name
	fitFirst     = 1        // more, where the name begins with it
)

// fitOf says how well a text that was typed fits a name: each of its words has
// to, in any order. 0 is not at all.
func fitOf(typed, name string) int {
	name = model.Fold(name)
	sum := 1
	for _, word := range strings.Fields(model.Fold(typed)) {
		fit := wordFit(word, name)
		if fit == 0 {
			return 0
		}
		sum += fit
	}
	return sum
}

func wordFit(word, name string) int {
	words := wordsOf(name)
	first := 0
	if strings.HasPrefix(name, word) {
		first = fitFirst
	}
	switch {
	case slices.Contains(words, word), slices.Contains(words, word+"s"):
		return fitWhole*2 + first
	case slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, word) }):
		return fitStart*2 + first
	case strings.Contains(name, word):
		return fitInside * 2
	case scattered(word, name):
		return fitScattered
	}
	return 0
}

func wordsOf(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" -_./:,()", r) })
}

// scattered reports whether the letters of word are in name in their order, the
// first of them where a word begins.
func scattered(word, name string) bool {
	letters := []rune(word)
	at, before := 0, ' '
	for _, r := range name {
		if at < len(letters) && r == letters[at] && (at > 0 || before == ' ') {
			at++
		}
		before = r
	}
	return len(letters) > 1 && at == len(letters)
}
