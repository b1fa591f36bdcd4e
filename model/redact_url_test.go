package model_test

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

func TestCarriesAuthKey(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"":                              false,
		"/x":                            false,
		"/x?":                           false,
		"/auth-key":                     false,
		"/auth-key=1":                   false,
		"/x?auth-key=1":                 true,
		"/x?auth-key":                   true,
		"/x?a=1&auth-key=1":             true,
		"/x?a=1;auth-key=1":             true,
		"/x?AUTH-KEY":                   true,
		"/x?%61uth-key=1":               true,
		"/x?%2561uth-key=1":             true,
		"/x?auth-key%3D1":               true,
		"/x?+auth-key%20=1":             true,
		"/x?my-auth-key=1":              false,
		"/x?auth-keys=1":                false,
		"/x?a=auth-key":                 false,
		"/x?a=1&b=auth-key=1":           false,
		"https://h/x?_profile=T#?":      false,
		"https://h/?x=1#&auth-key=1":    true,
		"https://h/#?auth-key=1":        true,
		"/x?auth-key%":                  false,
		"/x?a=%zz&auth-key=1":           true,
		"https://h?auth%2dkey=1":        true,
		"/x?auth-key=1?auth-key=2&b=%%": true,
		"/x?a=1?auth-key=2":             true,
		"/x?%" + strings.Repeat("25", 40) + "61uth-key=1": true, // more layers than are looked through
	} {
		if got := model.CarriesAuthKey(url); got != want {
			t.Errorf("%q: got %v", url, got)
		}
	}
}

func TestHidesSecretAndCredential(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ secret, credential bool }{
		"":                                 {},
		"https://h/orders?a=1":             {},
		"100% of k_w":                      {},
		"kw":                               {},
		"kw_":                              {true, true},
		"/x/KW_0123":                       {true, true},
		"/x/%6bw%5f0123":                   {true, true},
		"/x/%256bw%255f0123":               {true, true},
		"%" + strings.Repeat("25", 40):     {true, true},
		"https://h/?auth-key=1":            {false, true},
		"https://h/?AUTH%2dKEY=1":          {false, true},
		"https%3A%2F%2Fh%3Fauth%252Dkey=1": {false, true},
		"/auth-key/x":                      {false, true},
		"/auth/key":                        {},
	} {
		if got := model.HidesSecret(text); got != want.secret {
			t.Errorf("%q: a secret: %v", text, got)
		}
		if got := model.HidesCredential(text); got != want.credential {
			t.Errorf("%q: a credential: %v", text, got)
		}
	}
}
