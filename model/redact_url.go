package model

import "strings"

// CarriesAuthKey reports whether a URL, or a path with a query, has the parameter
// auth-key, whose value is a secret: in any case, however its name is encoded,
// and also where only some readers see a parameter, behind ";" and "#". That
// auth-key stands elsewhere, in a path or as a value, does not count.
func CarriesAuthKey(rawURL string) bool {
	_, query, _ := strings.Cut(rawURL, "?")
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return strings.ContainsRune("&;#?", r) }) {
		if name, _, _ := strings.Cut(pair, "="); namesAuthKey(name) {
			return true
		}
	}
	return false
}

// HidesCredential reports whether text holds what HidesSecret looks for, or
// auth-key anywhere and however encoded. It is for what is handed on to others
// (a Referer): it would rather take a harmless text for a credential.
func HidesCredential(text string) bool {
	plain, ok := decodeLayers(text)
	return !ok || holdsPrefix(plain) || strings.Contains(strings.ToLower(plain), AuthKeyParam)
}
