package model

import "strings"

// ParsePathPrefix reads what is to stand before the paths of several bindings, a
// path such as "/shop/v2": it comes back without a slash at its end, and as ""
// where there is nothing but one. Blanks around it do not count. The error, an
// ErrInvalid, says why no binding can begin so: it has a query, a segment that is
// none, or is keyward's own.
func ParsePathPrefix(text string) (string, error) {
	prefix := strings.TrimSuffix(strings.TrimSpace(text), "/")
	switch {
	case prefix == "":
		return "", nil
	case !strings.HasPrefix(prefix, "/"):
		return "", Invalid("path-prefix", "a path prefix begins with /: write /%s", Clean(prefix))
	case strings.HasSuffix(prefix, "/"):
		return "", Invalid("path-prefix", "no path can begin so: it has an empty segment")
	case strings.Contains(prefix, "?"):
		return "", Invalid("path-prefix", "a path prefix has no query: leave out what follows the ?")
	}
	if _, err := ParseBinding(methods[0], prefix); err != nil {
		return "", Invalid("path-prefix", "no path can begin so: %s", err.Error())
	}
	return prefix, nil
}
