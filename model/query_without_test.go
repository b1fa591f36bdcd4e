package model_test

import (
	"testing"

	"dev.keyward/keyward/model"
)

// What is left out of a query is the secret's parameter, however it is written,
// and nothing else.
func TestWithoutAuthKey(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                "",
		"_profile=Test&auth-key=":         "_profile=Test",
		"auth-key=kw_x&_profile=Test&a=1": "_profile=Test&a=1",
		"AUTH%2Dkey=&a=1":                 "a=1",
		"auth-key":                        "",
		"auth-key=&auth-key=":             "",
		"a=1;auth-key=;b=2":               "a=1;b=2",
		"auth%2dkey%3dkw_x=1&a":           "a",
		"a=auth-key&auth-keys=1&&b":       "a=auth-key&auth-keys=1&&b",
	} {
		if got := model.WithoutAuthKey(raw); got != want {
			t.Errorf("WithoutAuthKey(%q) = %q, want %q", raw, got, want)
		}
	}
}
