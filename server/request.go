package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// exchange is one request and what becomes of it. It is pooled: nothing may
// keep it after the answer, but for a proxied one, which is left to the
// garbage collector.
type exchange struct {
	e        *Endpoint
	r        *http.Request
	answer   answer
	request  model.Request
	decision model.Decision
	snapshot *model.Snapshot // that decided
	right    *right          // of a proxied request
	named    model.RequestID // of the request, made here,
	id       string          // and its text, in every answer and log record
	start    time.Time
	reason   string  // why, where the decision does not say
	err      string  // what went wrong, for the log, scrubbed
	from     origin  // zero until it is asked for
	held     verdict // what the failure limit says
	failure  model.UpstreamFailure
	answered bool // by the upstream, with whatever status
	quiet    bool // a probe: not worth a record
	kept     bool // something may hold on to the exchange
}

// answer is the response writer of an exchange: it remembers the status.
type answer struct {
	http.ResponseWriter
	status int // 0: nothing is sent yet
}

// WriteHeader sends the status; a 1xx one is not the answer yet.
func (a *answer) WriteHeader(status int) {
	if status >= 200 && a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body, after status 200 where none was sent.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// begin reads what the decision needs from the request, as it was received.
func (e *Endpoint) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := e.exchanges.Get().(*exchange) // all zero
	x.e, x.r, x.answer.ResponseWriter, x.start = e, r, w, e.o.Now()
	x.named, x.id = e.requestID()
	path, query := target(r)
	if len(path) > maxPath {
		path = "" // which no rule of model's lets through, once the caller is known
	}
	q := &x.request
	q.Method, q.Path, q.RawQuery, q.Host = r.Method, path, query, r.Host
	q.Authorization = r.Header["Authorization"]
	q.Certificate = certificateOf(r)
	q.NoQuery, q.Now = e.o.NoQuery, x.start
	return x
}

// end runs when the handler returns or panics: it answers 500 where it still
// can, writes the record and returns the exchange to the pool.
func (x *exchange) end() {
	switch v := recover(); {
	case v == nil:
		x.observe()
		x.record()
	case v == http.ErrAbortHandler: // the proxy gave up in the middle of an answer
		x.kept = true
		x.cutOff()
		x.observe()
		x.record()
		panic(v)
	default:
		x.panicked(v)
	}
	if !x.kept {
		e := x.e
		*x = exchange{} // also so that the pool keeps nothing alive
		e.exchanges.Put(x)
	}
}

// cutOff names the side that ended a proxied answer, where that is not known
// yet.
func (x *exchange) cutOff() {
	switch {
	case x.reason != "":
	case x.right.why() != model.Allowed:
		x.reason = lossReason(x.right.why())
	case x.r.Context().Err() != nil:
		x.reason = x.gone()
	default:
		x.reason, x.failure = "upstream-cut-off", model.UpstreamBroke
	}
}

// gone says why the caller's connection is closed: at shutdown by us.
func (x *exchange) gone() string {
	if x.e.cutOff.Load() {
		return "shutdown"
	}
	return "caller-gone"
}

// panicked deals with a fault of ours. The panic's text may quote the request,
// so only its scrubbed form is kept; a stack holds no strings.
func (x *exchange) panicked(v any) {
	x.kept = true
	x.err = panicText(v) + " at " + panicPlace(debug.Stack())
	if x.answer.status == 0 {
		x.answered = false
		x.fail(http.StatusInternalServerError, panicReason)
		x.observe()
		x.record()
		return
	}
	x.reason = panicReason
	x.observe()
	x.record()
	panic(http.ErrAbortHandler)
}

// requestID returns 128 random bits, and them as 32 hexadecimal digits.
func (e *Endpoint) requestID() (b model.RequestID, text string) {
	for i, n := 0, e.o.Random(); i < 8; i, n = i+1, n>>8 {
		b[i] = byte(n)
	}
	for i, n := 8, e.o.Random(); i < 16; i, n = i+1, n>>8 {
		b[i] = byte(n)
	}
	var digits [32]byte
	hex.Encode(digits[:], b[:])
	return b, string(digits[:])
}

// target cuts the request target, as received, into path and query. net/http
// has parsed it too, but what it keeps is decoded. An absolute-form target (RFC
// 9112 §3.2.2) gives the part behind its authority, and "/" where there is none.
// HTTP/2 has no such form (RFC 9113 §8.3.1): there it comes back as it is and is
// no path, like the "*" of OPTIONS and the authority of CONNECT.
func target(r *http.Request) (path, query string) {
	uri := r.RequestURI
	absolute := r.ProtoMajor < 2 && (r.URL.Scheme == "http" || r.URL.Scheme == "https")
	if absolute && !strings.HasPrefix(uri, "/") {
		_, rest, _ := strings.Cut(uri, "://")
		i := strings.IndexAny(rest, "/?")
		switch {
		case i < 0:
			uri = "/"
		case rest[i] == '?':
			uri = "/" + rest[i:]
		default:
			uri = rest[i:]
		}
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}

// connection is what is remembered of a client's connection.
type connection struct {
	once        sync.Once
	certificate model.Digest

	unknown   sync.Once
	presented *model.Presented // by a caller whose certificate no key has
}

type connectionKey struct{}

func withConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(connection))
}

// certificateOf returns the SHA-256 of the client certificate's DER, digested
// once a connection. Only the leaf counts: the caller proved to hold its key
// and nothing about the rest of what it sent.
func certificateOf(r *http.Request) model.Digest {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return model.Digest{}
	}
	leaf := r.TLS.PeerCertificates[0].Raw
	c, ok := r.Context().Value(connectionKey{}).(*connection)
	if !ok {
		return sha256.Sum256(leaf)
	}
	c.once.Do(func() { c.certificate = sha256.Sum256(leaf) })
	return c.certificate
}

// presented is what the client certificate says of itself where no key has it,
// put into words once a connection: whoever sends one over and over is not to cost
// more than that. nil for every other request.
func (x *exchange) presented() *model.Presented {
	if x.decision.Reason != model.CertificateUnknown || x.r.TLS == nil || len(x.r.TLS.PeerCertificates) == 0 {
		return nil
	}
	leaf := x.r.TLS.PeerCertificates[0]
	c, ok := x.r.Context().Value(connectionKey{}).(*connection)
	if !ok {
		return model.PresentedIn(leaf)
	}
	c.unknown.Do(func() { c.presented = model.PresentedIn(leaf) })
	return c.presented
}
