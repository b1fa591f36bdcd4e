package server

import (
	"net/http"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// Headers that a caller may not send to an upstream, because an upstream
// believes them when they come from a proxy: who calls, from where, for which
// host and path, with which method and certificate (spec §2.7, security.md D8).
// They are in the form of foldHeader. Via is none of them: it names the hops for
// people, and stays as it came.
var (
	droppedHeaders = []string{
		"cf-connecting-ip", "client-cert", "client-cert-chain", "client-ip", "fastly-client-ip", "forwarded",
		"forwarded-for", "front-end-https", "host-override", "proxy", "ssl-client-cert", "true-client-ip",
		"x-arr-clientcert", "x-client-ip", "x-cluster-client-ip", "x-host", "x-host-override", "x-http-method",
		"x-http-method-override", "x-initialisation-xml", "x-method-override", "x-provide-client-certificate",
		"x-real-ip", "x-rewrite-url", "x-scheme",
	}
	droppedPrefixes = []string{
		"remote-", "ssl-", "tls-client-cert", "x-amzn-mtls-", "x-auth-request-", "x-azure-", "x-client-cert",
		"x-client-dn", "x-client-verify", "x-envoy-", "x-forwarded", "x-keyward-", "x-original-", "x-remote-",
		"x-ssl-", "x-tls-client-cert",
	}
)

// dropForgeries removes them from the header of a request to an upstream, and a
// Referer that holds a secret: the URL that a browser came from may be one of
// ours with ?auth-key=.
func dropForgeries(h http.Header) {
	for name, values := range h {
		if forgery(name) || foldHeader(name) == "referer" && slices.ContainsFunc(values, model.HidesCredential) {
			delete(h, name)
		}
	}
}

func forgery(name string) bool {
	folded := foldHeader(name)
	return slices.Contains(droppedHeaders, folded) ||
		slices.ContainsFunc(droppedPrefixes, func(p string) bool { return strings.HasPrefix(folded, p) })
}

// foldHeader returns the name as the laxest reader sees it: CGI and its
// descendants turn every character but letters and digits into "_" and ignore
// case, so that "X_Keyward.Key" is read as X-Keyward-Key.
func foldHeader(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, name)
}

// setIdentity tells the upstream who calls. It runs after the hop-by-hop
// headers are gone, so that no Connection header of the caller's names ours.
func (x *exchange) setIdentity(h http.Header) {
	d := &x.decision
	h["X-Keyward-Key"] = []string{d.Key.Name}
	h["X-Keyward-Key-Id"] = []string{d.Key.ID.String()}
	h["X-Keyward-Kind"] = []string{d.Key.Kind.String()}
	h["X-Keyward-Slot"] = []string{d.Slot.String()}
	h["X-Keyward-Environment"] = []string{d.Environment.Name}
	h["X-Keyward-Workflow"] = []string{d.Workflow.Name}
	h[requestIDHeader] = []string{x.id}
	h["X-Initialisation-Xml"] = []string{string(x.appendInitialisation(nil))}
}

// setForwarded tells the upstream where the call came from. Nobody's word but
// our own connection's is taken for it.
func (x *exchange) setForwarded(h http.Header) {
	scheme := "http"
	if x.r.TLS != nil {
		scheme = "https"
	}
	h["X-Forwarded-For"] = []string{addressOf(x.r.RemoteAddr)}
	h["X-Forwarded-Host"] = []string{x.r.Host}
	h["X-Forwarded-Proto"] = []string{scheme}
}

// addressOf returns the address without its port.
func addressOf(remote string) string {
	if i := strings.LastIndexByte(remote, ':'); i >= 0 {
		remote = remote[:i]
	}
	return strings.Trim(remote, "[]")
}

// upgrade reports whether the request asks for another protocol. One for
// cleartext HTTP/2, which some clients send along with every first request, is
// ignored (RFC 9110 §7.8): it is a hop-by-hop header and goes with the others.
func upgrade(r *http.Request) bool {
	for _, value := range r.Header["Upgrade"] {
		for protocol := range strings.SplitSeq(value, ",") {
			if p := strings.TrimSpace(protocol); p != "" && !strings.EqualFold(p, "h2c") {
				return true
			}
		}
	}
	return false
}

// uriPath returns a path, as received, in a form that can stand on a request
// line: the bytes that no path of a URI may hold (RFC 3986 §3.3) come
// percent-encoded, everything else stays as it is, escapes included.
func uriPath(raw string) string {
	for i := 0; i < len(raw); i++ {
		if !inPath(raw[i]) {
			return escapePath(raw)
		}
	}
	return raw
}

func escapePath(raw string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(raw)+16)
	for _, c := range []byte(raw) {
		if inPath(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

func inPath(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("/%-._~!$&'()*+,;=:@", c) >= 0
}

// uriQuery returns the query that an upstream gets: keyward's own parameters
// are taken out, and of the rest only a space and a "#", which would end it for
// some readers, are escaped.
func uriQuery(raw string) string {
	query := model.ForwardQuery(raw)
	if strings.ContainsAny(query, " #") {
		query = strings.NewReplacer(" ", "%20", "#", "%23").Replace(query)
	}
	return query
}
