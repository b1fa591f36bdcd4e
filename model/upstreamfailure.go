package model

import "net/url"

// UpstreamFailure says what kept a workflow's upstream from answering an allowed
// call. The texts are a contract: they stand in JSON.
type UpstreamFailure uint8

// The ways in which an upstream fails. The zero value: it did not, or was not
// asked.
const (
	UpstreamDidNotFail  UpstreamFailure = iota
	UpstreamRefused                     // nothing listens at its address
	UpstreamUnknown                     // its name has no address
	UpstreamUnreachable                 // no way leads to its address
	UpstreamTimeout                     // it took too long to accept a connection, or to answer
	UpstreamTLS                         // TLS could not be agreed on: a certificate that is not trusted, say
	UpstreamBroke                       // it ended the connection, or spoke something else than HTTP
	UpstreamUnreadable                  // the URL in the workflow cannot be read
)

var upstreamFailureTexts = texts[UpstreamFailure]{"upstream failure", []string{
	"", "upstream-refused", "upstream-unknown", "upstream-unreachable", "upstream-timeout", "upstream-tls", "upstream-broke", "upstream-unreadable",
}}

// String returns the failure as JSON has it.
func (f UpstreamFailure) String() string { return upstreamFailureTexts.text(f) }

// MarshalText writes what String returns.
func (f UpstreamFailure) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText wrote. One that a newer endpoint knows
// and this process does not is UpstreamBroke: that it failed is what counts.
func (f *UpstreamFailure) UnmarshalText(b []byte) error {
	found, err := upstreamFailureTexts.parse(b)
	if err != nil {
		found = UpstreamBroke
	}
	*f = found
	return nil
}

// Cause says in a few words what the upstream did, as they follow its address.
func (f UpstreamFailure) Cause() string {
	switch f {
	case UpstreamDidNotFail:
		return ""
	case UpstreamRefused:
		return "refused the connection: nothing listens there"
	case UpstreamUnknown:
		return "was not found: its name has no address"
	case UpstreamUnreachable:
		return "could not be reached: no way leads there from the endpoint"
	case UpstreamTimeout:
		return "took too long to answer"
	case UpstreamTLS:
		return "could not be reached over TLS: its certificate is not trusted, or it speaks no TLS there"
	case UpstreamUnreadable:
		return "cannot be called: its URL cannot be read"
	}
	return "ended the connection before it had answered"
}

// Failed reports whether a call that got through came to nothing: its upstream
// did not answer, or the answer, whoever gave it, was that something went wrong
// (5xx).
func (a Activity) Failed() bool {
	return a.Allowed() && (a.UpstreamFailure != UpstreamDidNotFail || a.Status >= 500)
}

// FailedItself reports whether a call that got through came to nothing because
// its upstream answered that something went wrong there (5xx).
func (a Activity) FailedItself() bool {
	return a.Failed() && a.UpstreamFailure == UpstreamDidNotFail && a.Upstream != ""
}

// upstreamOrigin is an upstream's address without its path: scheme, host and
// port. Nothing in it is a secret.
func upstreamOrigin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
