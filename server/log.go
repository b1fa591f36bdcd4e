package server

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// The longest pieces of a request that a record holds, in bytes. With them a
// line stays under 2 KiB.
const (
	maxLoggedPath   = 512
	maxLoggedMethod = 24
	maxLoggedError  = 512
)

// record writes the decision log's one record of a request, unless flood
// control has had enough of its kind.
func (x *exchange) record() {
	reason := x.why()
	level := x.level(reason)
	ctx := context.Background()
	if !x.e.log.Enabled(ctx, level) {
		return
	}
	if (!x.decision.Allowed() || x.callersFault()) && !x.quiet && !x.admitted(reason) {
		return
	}
	now := x.e.o.Now()
	if quick, ok := x.e.log.(*LogHandler); ok {
		quick.record(x, level, reason, now)
		return
	}
	attrs := make(attrSink, 0, 18)
	x.fields(&attrs, reason, now)
	record := slog.NewRecord(now, level, recordMessage, 0)
	record.AddAttrs(attrs...)
	_ = x.e.log.Handle(ctx, record) // A decision does not wait for its log (security.md F11).
}

// admitted asks flood control, which only counts what the failure limit hides.
func (x *exchange) admitted(reason string) bool {
	from := x.origin()
	if x.held == hidden {
		x.e.flood.hide(reason, from)
		return false
	}
	return x.e.flood.admit(reason, from)
}

const (
	recordMessage = "request"
	panicReason   = "panic"
	revokedReason = "revoked"
)

var staleReason = model.Stale.String()

// callersFault reports whether an allowed request failed by what the caller
// sent. Such requests are recorded as denials are.
func (x *exchange) callersFault() bool {
	switch x.reason {
	case "upgrade-refused", "body-too-large", "body-too-slow", "method-not-allowed":
		return true
	}
	return false
}

// level is Warn for what was denied, failed by the caller or was ended by
// keyward itself, and Error for what went wrong, a stale endpoint included.
func (x *exchange) level(reason string) slog.Level {
	switch {
	case x.quiet:
		return slog.LevelDebug
	case x.callersFault():
		return slog.LevelWarn
	case x.answer.status >= 500, reason == panicReason, reason == staleReason:
		return slog.LevelError
	case !x.decision.Allowed(), reason == revokedReason, reason == "shutdown":
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (x *exchange) why() string {
	if x.reason != "" {
		return x.reason
	}
	return x.decision.Reason.String()
}

// sink takes the fields of a record. Empty texts and a zero id are left out.
type sink interface {
	text(key, value string)
	id(key string, value model.ID)
	number(key string, value int64)
	flag(key string, value bool)
}

// fields gives the record of x to to. The keys are a contract, which docs/log.md
// states. The query is
// never among them, nor any header.
func (x *exchange) fields(to sink, reason string, now time.Time) {
	d := &x.decision
	to.flag("allowed", d.Allowed())
	to.text("reason", reason)
	to.number("status", int64(x.answer.status))
	to.text("method", loggable(x.r.Method, maxLoggedMethod))
	to.text("path", loggable(x.request.Path, maxLoggedPath))
	to.text("credential", d.Credential.String())
	if d.Key != nil {
		to.text("key", d.Key.Name)
		to.id("key_id", d.Key.ID)
		to.text("kind", d.Key.Kind.String())
		to.text("slot", d.Slot.String())
		if d.Retiring && d.Reason != model.SecretRetired {
			to.flag("retiring", true)
		}
	}
	if d.Environment != nil {
		to.text("environment", d.Environment.Name)
	}
	if d.Workflow != nil {
		to.text("workflow", d.Workflow.Name)
	}
	if d.Reason == model.CertificateUnknown {
		to.text("certificate_sha256", x.request.Certificate.String())
	}
	to.text("error", x.err)
	to.text("remote", x.r.RemoteAddr)
	to.text("source", x.from.address)
	to.text("request_id", x.id)
	to.number("duration_us", now.Sub(x.start).Microseconds())
}

// attrSink gathers fields for any handler of slog's.
type attrSink []slog.Attr

func (a *attrSink) text(key, value string) {
	if value != "" {
		*a = append(*a, slog.String(key, value))
	}
}

func (a *attrSink) id(key string, value model.ID) { a.text(key, value.String()) }

func (a *attrSink) number(key string, value int64) { *a = append(*a, slog.Int64(key, value)) }

func (a *attrSink) flag(key string, value bool) { *a = append(*a, slog.Bool(key, value)) }

// note writes a record that is not about one request.
func (e *Endpoint) note(level slog.Level, message string, attrs ...slog.Attr) {
	ctx := context.Background()
	if !e.log.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(e.o.Now(), level, message, 0)
	record.AddAttrs(attrs...)
	_ = e.log.Handle(ctx, record)
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
	if c.e.flood.admit("connection", netip.Prefix{}) {
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
	if model.HidesSecret(text) {
		return "[secret]"
	}
	return cut(model.Clean(cut(text, limit)), limit)
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
