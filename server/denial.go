package server

import (
	"net/http"
	"strconv"

	"dev.keyward/keyward/model"
)

// requestIDHeader carries the request's id to the caller and to the upstream.
// A caller's own X-Request-Id is another matter: it passes to the upstream, and
// the upstream's to the caller.
const requestIDHeader = "X-Keyward-Request-Id"

// sharedHeaders are header values that many answers share. net/http copies
// them; nobody appends to them.
type sharedHeaders struct {
	json, yaml, noStore, noSniff, noReferrer, challenges, allowRead, retryAfter []string
}

func newSharedHeaders() sharedHeaders {
	return sharedHeaders{
		json:       []string{"application/json"},
		yaml:       []string{"application/yaml"}, // RFC 9512
		noStore:    []string{"no-store"},
		noSniff:    []string{"nosniff"},
		noReferrer: []string{"no-referrer"}, // the URL of the request may hold an auth-key
		challenges: []string{`Key realm="keyward"`, `Bearer realm="keyward"`},
		allowRead:  []string{"GET, HEAD"},
		retryAfter: []string{"1"}, // second
	}
}

// denialBodies holds, by status, the body of an answer up to the request's id.
type denialBodies map[int]string

// newDenialBodies has one text a status: two requests that are denied with the
// same status get the same bytes but for the id, whatever failed.
func newDenialBodies() denialBodies {
	bodies := denialBodies{}
	for status, message := range map[int]string{
		http.StatusBadRequest:            "The request is malformed",
		http.StatusUnauthorized:          "A valid key is needed",
		http.StatusForbidden:             "The key does not permit this",
		http.StatusNotFound:              "Not found",
		http.StatusMethodNotAllowed:      "The method is not allowed here",
		http.StatusRequestTimeout:        "The request body came too slowly",
		http.StatusConflict:              "Multiple Workflows share this route",
		http.StatusRequestEntityTooLarge: "The request body is too large",
		http.StatusTooManyRequests:       "A valid key is needed; too many calls came without one",
		http.StatusInternalServerError:   "Something went wrong in the endpoint",
		http.StatusNotImplemented:        "Protocol upgrades are not supported",
		http.StatusBadGateway:            "The workflow's upstream did not answer",
		http.StatusServiceUnavailable:    "The endpoint has not loaded the newest keys yet",
		http.StatusGatewayTimeout:        "The workflow's upstream took too long to answer",
	} {
		bodies[status] = `{"Message":"` + message + `","RequestId":"`
	}
	return bodies
}

// deny answers with the status of the decision's reason, or with 429 where too
// many requests without a valid key came from the same source.
func (x *exchange) deny() {
	status := x.decision.Reason.Status()
	if x.decision.Reason.Unproven() {
		status = x.unproven(status)
	}
	if x.e.o.DenyUniform {
		status = http.StatusNotFound
	}
	x.refuse(status)
}

// fail answers with a status that is no decision about the caller; reason is
// for the log.
func (x *exchange) fail(status int, reason string) {
	x.reason = reason
	x.refuse(status)
}

// refuse writes the body that belongs to status.
func (x *exchange) refuse(status int) {
	head, h := x.e.bodies[status], x.answer.Header()
	body := make([]byte, 0, 128)
	body = append(body, head...)
	body = append(body, x.id...)
	body = append(body, "\"}\n"...)
	h["Cache-Control"] = x.e.headers.noStore
	switch status {
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = x.e.headers.challenges
	case http.StatusTooManyRequests:
		h["Www-Authenticate"] = x.e.headers.challenges // another credential would help (RFC 9110 §11.6.1)
		h["Retry-After"] = x.e.failures.retry
	case http.StatusServiceUnavailable:
		h["Retry-After"] = x.e.headers.retryAfter
	}
	x.send(status, x.e.headers.json, body)
}

// send writes a whole answer of ours.
func (x *exchange) send(status int, contentType []string, body []byte) {
	h := x.answer.Header()
	h[requestIDHeader] = []string{x.id}
	h["Content-Type"] = contentType
	h["X-Content-Type-Options"] = x.e.headers.noSniff
	h["Referrer-Policy"] = x.e.headers.noReferrer
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.answer.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.answer.Write(body) // The caller is gone, and there is nobody to tell.
	}
}

// The two probes and the key's document, by their exact spelling. Every other
// path below /_keyward/ is 404.
const (
	healthPath  = "/_keyward/health"
	readyPath   = "/_keyward/ready"
	openAPIPath = "/openapi.yml"
)

// probe answers the health and readiness checks, which need no key and tell
// nothing but themselves (spec §2.9); false means that x is no probe.
func (e *Endpoint) probe(x *exchange) bool {
	path := x.request.Path
	if path != healthPath && path != readyPath {
		return false
	}
	x.quiet = true
	x.answer.Header()["Cache-Control"] = e.headers.noStore
	switch {
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		x.answer.Header()["Allow"] = e.headers.allowRead
		x.fail(http.StatusMethodNotAllowed, "method-not-allowed")
	case path == healthPath:
		x.send(http.StatusOK, e.headers.json, []byte("{\"status\":\"ok\"}\n"))
	default:
		e.ready(x)
	}
	return true
}

// openAPI answers with the caller's own document (spec §2.8).
func (e *Endpoint) openAPI(x *exchange, snapshot *model.Snapshot) {
	x.decision = snapshot.Identify(&x.request)
	e.count(x)
	if !x.decision.Allowed() {
		x.deny()
		return
	}
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.answer.Header()["Allow"] = e.headers.allowRead
		x.fail(http.StatusMethodNotAllowed, "method-not-allowed")
		return
	}
	body, err := openAPIDocument(x.documentRequest(snapshot))
	if err != nil {
		x.err = scrub(err.Error())
		x.fail(http.StatusInternalServerError, "document-failed")
		return
	}
	x.answer.Header()["Cache-Control"] = e.headers.noStore
	x.send(http.StatusOK, e.headers.yaml, body)
}
