package server

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/url"
	"regexp"
	"strings"

	"dev.keyward/keyward/model"
)

// The longest pieces of a request that a record holds, in bytes. With them a
// line stays under 2 KiB.
const (
	maxLoggedPath   = 512
	maxLoggedMethod = 24
	maxLoggedError  = 512
)

// attrList is a record's attributes in the making.
type attrList struct {
	n    int
	list [20]slog.Attr
}

func (a *attrList) add(attr slog.Attr) {
	a.list[a.n] = attr
	a.n++
}

// text adds an attribute unless it is empty.
func (a *attrList) text(key, value string) {
	if value != "" {
		a.add(slog.String(key, value))
	}
}

// record writes the decision log's one record of a request. Its keys are a
// contract. The query is never in it, nor any header.
func (x *exchange) record() {
	level := slog.LevelInfo
	reason := x.reason
	if reason == "" {
		reason = x.decision.Reason.String()
	}
	allowed := x.decision.Allowed()
	switch {
	case x.quiet:
		level = slog.LevelDebug
	case !allowed:
		level = slog.LevelWarn
	case x.answer.status >= 500:
		level = slog.LevelError
	}
	ctx := context.Background()
	if !x.e.log.Enabled(ctx, level) || !allowed && !x.quiet && !x.e.flood.admit(reason, x.r.RemoteAddr) {
		return
	}
	now := x.e.o.Now()
	x.describeRequest(reason, allowed)
	x.describeCaller()
	x.attrs.add(slog.Duration("duration", now.Sub(x.start)))
	record := slog.NewRecord(now, level, "request", 0)
	record.AddAttrs(x.attrs.list[:x.attrs.n]...)
	x.e.log.Handle(ctx, record) //nolint:errcheck // A decision does not wait for its log (security.md F11).
}

func (x *exchange) describeRequest(reason string, allowed bool) {
	a := &x.attrs
	a.add(slog.Bool("allowed", allowed))
	a.add(slog.String("reason", reason))
	a.add(slog.Int("status", x.answer.status))
	a.add(slog.String("method", loggable(x.r.Method, maxLoggedMethod)))
	a.add(slog.String("path", loggable(x.request.Path, maxLoggedPath)))
	a.add(slog.String("request_id", x.id))
	a.add(slog.String("remote", x.r.RemoteAddr))
	a.text("error", x.err)
}

func (x *exchange) describeCaller() {
	a, d := &x.attrs, &x.decision
	a.text("credential", d.Credential.String())
	if d.Key != nil {
		a.add(slog.String("key", d.Key.Name))
		a.add(slog.String("key_id", d.Key.ID.String()))
		a.add(slog.String("kind", d.Key.Kind.String()))
		a.add(slog.String("slot", d.Slot.String()))
		if d.Retiring {
			a.add(slog.Bool("retiring", true))
		}
	}
	if d.Environment != nil {
		a.add(slog.String("environment", d.Environment.Name))
	}
	if d.Workflow != nil {
		a.add(slog.String("workflow", d.Workflow.Name))
	}
	if d.Reason == model.CertificateUnknown {
		a.text("certificate_sha256", x.request.Certificate.String())
	}
}

// note writes a record that is not about one request.
func (e *Endpoint) note(level slog.Level, message string, attrs ...slog.Attr) {
	ctx := context.Background()
	if !e.log.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(e.o.Now(), level, message, 0)
	record.AddAttrs(attrs...)
	e.log.Handle(ctx, record) //nolint:errcheck // As above.
}

// suppressed writes what flood control left out.
func (e *Endpoint) suppressed(reason, source string, count int) {
	e.note(slog.LevelWarn, "suppressed",
		slog.String("reason", reason), slog.String("remote", source), slog.Int("count", count))
}

// errorLog returns a logger for what net/http has to say. Its texts may quote
// what a peer sent.
func (e *Endpoint) errorLog() *log.Logger { return log.New(connectionLog{e}, "", 0) }

type connectionLog struct{ e *Endpoint }

// Write takes one message.
func (c connectionLog) Write(p []byte) (int, error) {
	if c.e.flood.admit("connection", "") {
		text := scrub(strings.TrimSpace(string(p)))
		c.e.note(slog.LevelInfo, "connection", slog.String("error", text))
	}
	return len(p), nil
}

// secretLike finds what may be a secret, also cut short or mistyped, and any
// value of auth-key.
var secretLike = regexp.MustCompile(`kw_[0-9A-Za-z]{8,}|(?i:auth-key=)[^&;\s"']*`)

// scrub makes any text fit for the log: clean, without secrets, bounded.
func scrub(text string) string {
	text = secretLike.ReplaceAllString(cut(text, 4*maxLoggedError), "[secret]")
	return cut(model.Clean(text), maxLoggedError)
}

// loggable returns a part of a request fit for the log. Who puts a secret into
// a path has put it into every other log on the way, but not into this one.
func loggable(text string, limit int) string {
	if strings.Contains(text, "kw_") || strings.IndexByte(text, '%') >= 0 && hidesSecret(text) {
		return "[secret]"
	}
	return cut(model.Clean(cut(text, limit)), limit)
}

func hidesSecret(text string) bool {
	for range 3 { // layers of percent-encoding
		plain, err := url.PathUnescape(text)
		if err != nil || plain == text {
			break
		}
		text = plain
	}
	return strings.Contains(text, "kw_")
}

// cut returns at most limit bytes of text.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len("…")], "") + "…"
}

func panicText(v any) string { return scrub(fmt.Sprintf("%T: %v", v, v)) }

// panicPlace returns the first line of ours in a stack below the panic.
func panicPlace(stack []byte) string {
	_, below, _ := strings.Cut(string(stack), "\npanic(")
	for line := range strings.Lines(below) {
		if line = strings.TrimSpace(line); strings.Contains(line, ".go:") && !strings.Contains(line, "/runtime/") {
			place, _, _ := strings.Cut(line, " +0x")
			return place[strings.LastIndexByte(place, '/')+1:]
		}
	}
	return "an unknown place"
}
