package model

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePathPrefix(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "/": "", "/v1": "/v1", "/shop/v2/": "/shop/v2", " /a\n": "/a", "/{tenant}/api": "/{tenant}/api", "/a%20b": "/a%20b",
	} {
		if got, err := ParsePathPrefix(text); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"v1": "write /v1", "//": "", "/a//b": "", "/v1?x=1": "no query", "/a#b": "#", "/..": "", "/a/../b": "", "/_keyward": "keyward's own",
		"/_keyward/x/": "keyward's own", "/x{a}": "", "/{a}/{a}": "", "/a\tb": "", "/" + strings.Repeat("a", maxTemplate): "",
	} {
		_, err := ParsePathPrefix(text)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\t") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
