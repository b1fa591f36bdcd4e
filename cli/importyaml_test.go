package cli

import (
	"strings"
	"testing"
)

// The line in an error is the one that people count, whichever part of the
// library says it.
func TestYAMLErrorsNameTheLine(t *testing.T) {
	for document, want := range map[string]string{
		"openapi: 3.0.0\ninfo: {a: 1\npaths: {}\n":             "(line 2: did not find expected ',' or '}')",
		"a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: {x: 1\nh: 2\n": "(line 7: did not find expected ',' or '}')",
		"a: 1\nb: [1, 2\nc: 3\n":                               "(line 2: did not find expected ',' or ']')",
		"a: 1\nb: ]\n":                                         "(line 2: did not find expected node content)",
		"a: 1\nb:\n  - 1\n  c: 2\n":                            "(line 3: did not find expected '-' indicator)",
		"a: 1\nb: !e!x 1\n":                                    "(line 2: found undefined tag handle)",
		"a: 1\n b: 2\n":                                        "(line 2: mapping values are not allowed",
		"a: 1\nb: 2\nc\n":                                      "(line 3: could not find expected ':')",
		"a: 1\nb: !<x\n":                                       "(line 2: did not find the expected '>')",
		"a: 1\nb: *x\n":                                        "(unknown anchor 'x' referenced)",
	} {
		if _, err := parseYAML([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", document, err, want)
		}
	}
}
