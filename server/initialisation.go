package server

import (
	"strconv"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// maxInitialisation is how long X-Initialisation-Xml may get, in bytes. Common
// servers take 8 KiB of headers in all, so what the caller makes long, the
// variables, is left out where it would not fit.
const maxInitialisation = 4 << 10

// appendInitialisation appends the X-Initialisation-Xml of an allowed request,
// one line of ASCII XML (spec §2.7):
//
//	<Initialisation><Username>Key: NAME</Username><Environment>Test</Environment>
//	<KeyId>…</KeyId><Slot>primary</Slot><Workflow>…</Workflow><RequestId>…</RequestId>
//	<Variables><Variable Name="id">7</Variable></Variables></Initialisation>
//
// The real one has no line breaks. Username and its text are the original's
// (seed), the rest is ours. Variables that would make it too long are all left
// out: <Variables Omitted="2"/>; the upstream has them in path and query.
func (x *exchange) appendInitialisation(b []byte) []byte {
	d, start := &x.decision, len(b)
	b = append(b, "<Initialisation><Username>"...)
	b = appendXML(b, x.e.o.UsernamePrefix)
	b = appendXML(b, d.Key.Name)
	b = append(b, "</Username>"...)
	b = appendElement(b, "Environment", d.Environment.Name)
	b = appendElement(b, "KeyId", d.Key.ID.String())
	b = appendElement(b, "Slot", d.Slot.String())
	b = appendElement(b, "Workflow", d.Workflow.Name)
	b = appendElement(b, "RequestId", x.id)
	short := len(b)
	b = appendVariables(b, d.Variables)
	if len(b)-start > maxInitialisation-len("</Initialisation>") {
		b = append(b[:short], `<Variables Omitted="`...)
		b = strconv.AppendInt(b, int64(len(d.Variables)), 10)
		b = append(b, `"/>`...)
	}
	return append(b, "</Initialisation>"...)
}

func appendVariables(b []byte, variables []model.Variable) []byte {
	if len(variables) == 0 {
		return append(b, "<Variables/>"...)
	}
	b = append(b, "<Variables>"...)
	for _, v := range variables {
		b = append(b, `<Variable Name="`...)
		b = appendXML(b, v.Name)
		b = append(b, `">`...)
		b = appendXML(b, v.Value)
		b = append(b, "</Variable>"...)
	}
	return append(b, "</Variables>"...)
}

func appendElement(b []byte, name, text string) []byte {
	b = append(b, '<')
	b = append(b, name...)
	b = append(b, '>')
	b = appendXML(b, text)
	b = append(b, "</"...)
	b = append(b, name...)
	return append(b, '>')
}

// appendXML appends s as ASCII that is safe in an element and in an attribute.
// What XML 1.0 cannot hold (§2.2) and what is not UTF-8 becomes U+FFFD.
func appendXML(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '<' && c != '>' && c != '&' && c != '"' && c != '\'' {
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if !inXML(r) {
			r = utf8.RuneError
		}
		b = append(b, "&#x"...)
		b = strconv.AppendInt(b, int64(r), 16)
		b = append(b, ';')
	}
	return b
}

// inXML reports whether r is a Char of XML 1.0.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
