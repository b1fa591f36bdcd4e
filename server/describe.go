package server

import (
	"net/http"
	"unicode/utf8"
)

// describe answers an allowed invoke that has no upstream in the environment
// asked for: it shows what would have been sent, so that a caller can be tested
// with no backend (spec §2.6).
func (e *Endpoint) describe(x *exchange) {
	if upgrade(x.r) {
		x.fail(http.StatusNotImplemented, "upgrade-refused")
		return
	}
	buf := e.buffers.small()
	defer e.buffers.putSmall(buf)
	xml := x.appendInitialisation((*buf)[:0])
	body := x.appendDescription(xml, xml)
	*buf = body
	h := x.answer.Header()
	h["Cache-Control"], h["Content-Type"], h[requestIDHeader] = e.headers.noStore, e.headers.json, []string{x.id}
	h["Referrer-Policy"] = e.headers.noReferrer
	_, _ = x.answer.Write(body[len(xml):]) // The caller is gone, and there is nobody to tell.
}

func (x *exchange) appendDescription(b, xml []byte) []byte {
	d := &x.decision
	b = append(b, `{"status":200,"statusMessage":"Allowed. The workflow has no upstream in this environment, so nothing was invoked","workflow":`...)
	b = appendJSON(b, d.Workflow.Name)
	b = append(b, `,"environment":`...)
	b = appendJSON(b, d.Environment.Name)
	b = append(b, `,"username":`...)
	b = appendJSON(b, x.e.o.UsernamePrefix+d.Key.Name)
	b = append(b, `,"variables":{`...)
	for i, v := range d.Variables {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v.Name)
		b = append(b, ':')
		b = appendJSON(b, v.Value)
	}
	b = append(b, `},"initialisationXml":`...)
	b = appendJSON(b, string(xml))
	return append(b, "}\n"...)
}

// appendJSON appends s as a JSON string. It is encoding/json's encoding
// without its HTML escapes, which would make the XML unreadable, and without
// its allocations.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= 0x20 && c != '"' && c != '\\' && c < 0x7f {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		r, n := utf8.DecodeRuneInString(s[i:])
		b = appendJSONRune(b, r)
		i += n
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendJSONRune(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r < 0x20 || r == 0x7f:
		return append(b, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
	}
	return utf8.AppendRune(b, r)
}
