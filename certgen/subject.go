package certgen

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

const maxSubject = 1024 // bytes

// attribute is one kind of name in a subject: how it is encoded and the most
// characters that RFC 5280 gives it.
type attribute struct {
	name  string
	oid   asn1.ObjectIdentifier
	limit int
	ia5   bool
}

func attributes() []attribute {
	return []attribute{
		{name: "CN", oid: asn1.ObjectIdentifier{2, 5, 4, 3}, limit: 64},
		{name: "O", oid: asn1.ObjectIdentifier{2, 5, 4, 10}, limit: 64},
		{name: "OU", oid: asn1.ObjectIdentifier{2, 5, 4, 11}, limit: 64},
		{name: "C", oid: asn1.ObjectIdentifier{2, 5, 4, 6}, limit: 2},
		{name: "ST", oid: asn1.ObjectIdentifier{2, 5, 4, 8}, limit: 128},
		{name: "L", oid: asn1.ObjectIdentifier{2, 5, 4, 7}, limit: 128},
		{name: "serialNumber", oid: asn1.ObjectIdentifier{2, 5, 4, 5}, limit: 64},
		{name: "emailAddress", oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, limit: 128, ia5: true},
		{name: "DC", oid: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, limit: 63, ia5: true},
		{name: "UID", oid: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, limit: 256},
	}
}

// parseSubject turns openssl's "/CN=x/O=y" into the DER of a name. A backslash
// takes the next character as it is. "" and "/" are the empty name.
func parseSubject(s string) ([]byte, error) {
	name := pkix.RDNSequence{}
	parts, err := splitSubject(s)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		value, err := parseAttribute(part)
		if err != nil {
			return nil, err
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{value})
	}
	der, err := asn1.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("encoding subject: %w", err)
	}
	return der, nil
}

// part is one "type=value" of a subject, its escapes resolved.
type part struct{ kind, value string }

func splitSubject(s string) ([]part, error) {
	switch {
	case s == "" || s == "/":
		return nil, nil
	case s[0] != '/':
		return nil, badSubject("a subject begins with a slash, as in /CN=client/O=Example")
	case len(s) > maxSubject:
		return nil, badSubject("the subject is longer than %d bytes: shorten it", maxSubject)
	case model.Clean(s) != s:
		return nil, badSubject("the subject has control or invisible characters: leave them out")
	}
	var parts []part
	for len(s) > 0 {
		var p part
		var err error
		if p, s, err = cutPart(s[1:]); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// cutPart reads up to the next bare slash and returns the rest from there on.
func cutPart(s string) (part, string, error) {
	kind, rest, found := strings.Cut(s, "=")
	if !found || strings.Contains(kind, "/") {
		return part{}, "", badSubject(`each part of a subject has an equals sign, as in /CN=client/O=Example; write \/ for a slash in a value`)
	}
	var value strings.Builder
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '/':
			return part{kind, value.String()}, rest[i:], nil
		case '+':
			return part{}, "", badSubject(`a subject part with several values is not supported: write \+ for a plus sign`)
		case '\\':
			if i++; i == len(rest) {
				return part{}, "", badSubject(`the subject ends in a backslash: write \\ for one`)
			}
		}
		value.WriteByte(rest[i])
	}
	return part{kind, value.String()}, "", nil
}

func parseAttribute(p part) (pkix.AttributeTypeAndValue, error) {
	var none pkix.AttributeTypeAndValue
	var names []string
	for _, a := range attributes() {
		if strings.EqualFold(a.name, p.kind) {
			return a.encode(p.value)
		}
		names = append(names, a.name)
	}
	return none, badSubject("%q is no part of a subject: use %s", p.kind, strings.Join(names, ", "))
}

func (a attribute) encode(value string) (pkix.AttributeTypeAndValue, error) {
	var none pkix.AttributeTypeAndValue
	switch n := utf8.RuneCountInString(value); {
	case n == 0:
		return none, badSubject("%s has no value in the subject: give one or leave %s out", a.name, a.name)
	case a.name == "C" && !isCountry(value):
		return none, badSubject("C in a subject is a country of two letters, such as DE")
	case n > a.limit:
		return none, badSubject("%s in a subject has at most %d characters: shorten it", a.name, a.limit)
	case !a.ia5:
		return pkix.AttributeTypeAndValue{Type: a.oid, Value: value}, nil
	case !isASCII(value):
		return none, badSubject("%s in a subject has only ASCII characters", a.name)
	}
	text := asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(value)}
	return pkix.AttributeTypeAndValue{Type: a.oid, Value: text}, nil
}

func isCountry(s string) bool {
	return len(s) == 2 && strings.Trim(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func badSubject(format string, args ...any) error {
	return model.Invalid("subject", format, args...)
}
