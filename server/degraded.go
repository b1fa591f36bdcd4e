package server

import (
	"log/slog"
	"net/http"
	"sync"
)

// degradation remembers what the log was told last.
type degradation struct {
	mu   sync.Mutex
	told string // "": sound
}

// ReportDegraded writes a record when Options.Degraded says something else than
// the last time. Serve and the readiness check call it; whoever knows that the
// state has changed calls it too, so that the log does not wait for them.
func (e *Endpoint) ReportDegraded() { e.degradedFor() }

// degradedFor returns why the endpoint is degraded, "" for not at all, fit for
// everybody's eyes, and reports a change of it.
func (e *Endpoint) degradedFor() string {
	if e.o.Degraded == nil {
		return ""
	}
	d := &e.degradation
	d.mu.Lock()
	defer d.mu.Unlock()
	reason := scrub(e.o.Degraded())
	switch {
	case reason == d.told:
	case reason == "":
		e.note(slog.LevelInfo, "sound again")
	default:
		e.note(slog.LevelWarn, "degraded", slog.String("error", reason))
	}
	d.told = reason
	return reason
}

// ready answers whether requests are decided here: not before the keys are
// loaded, nor while they are older than the newest change. An endpoint that is
// degraded decides all the same.
func (e *Endpoint) ready(x *exchange) {
	degraded := e.degradedFor()
	status, body := http.StatusOK, []byte("{\"status\":\"ready\"}\n")
	switch {
	case e.o.Snapshot() == nil:
		status, body = http.StatusServiceUnavailable, []byte("{\"status\":\"starting\"}\n")
	case e.current(x.r.Context()) == nil:
		status, body = http.StatusServiceUnavailable, []byte("{\"status\":\"stale\"}\n")
	case degraded != "":
		body = append(appendJSON([]byte(`{"status":"degraded","reason":`), degraded), "}\n"...)
	}
	x.send(status, e.headers.json, body)
}
