package server_test

import (
	"strings"
	"testing"

	"dev.keyward/keyward/server"
)

// TestReadiness holds what the readiness check says in each state, that health
// says nothing of it, and that the log is told of changes only.
func TestReadiness(t *testing.T) {
	w := newWorld(t)
	degraded := ""
	newest, follow := following(1)
	e := w.endpoint(func(o *server.Options) {
		follow(o)
		o.CatchUp, o.Degraded = -1, func() string { return degraded }
	})
	h, snapshot := e.Handler(), w.snapshot.Load()
	const path, secret = "the store cannot be opened: \"disk\x1b full\"", "kw_0123456789abcdef"
	for _, c := range []struct {
		name, degraded string
		loaded         bool
		newest         uint64
		status         int
		body           string
	}{
		{"sound", "", true, 1, 200, `{"status":"ready"}`},
		{"degraded", path, true, 1, 200, `{"status":"degraded","reason":"the store cannot be opened: \"disk� full\""}`},
		{"degraded still", path, true, 1, 200, `{"status":"degraded","reason":"the store cannot be opened: \"disk� full\""}`},
		{"another reason", secret, true, 1, 200, `{"status":"degraded","reason":"[secret]"}`},
		{"degraded and behind", secret, true, 2, 503, `{"status":"stale"}`},
		{"degraded and empty", secret, false, 1, 503, `{"status":"starting"}`},
		{"sound again", "", true, 1, 200, `{"status":"ready"}`},
		{"behind", "", true, 2, 503, `{"status":"stale"}`},
		{"empty", "", false, 0, 503, `{"status":"starting"}`},
	} {
		degraded = c.degraded
		newest.Store(c.newest)
		w.snapshot.Store(nil)
		if c.loaded {
			w.snapshot.Store(snapshot)
		}
		rec := denial{method: "GET", target: "/_keyward/ready"}.send(h)
		if got := strings.TrimSpace(rec.Body.String()); rec.Code != c.status || got != c.body {
			t.Errorf("%s: got %d %s, want %d %s", c.name, rec.Code, got, c.status, c.body)
		}
		rec = denial{method: "GET", target: "/_keyward/health"}.send(h)
		if got := strings.TrimSpace(rec.Body.String()); rec.Code != 200 || got != `{"status":"ok"}` {
			t.Errorf("%s: health is %d %s", c.name, rec.Code, got)
		}
	}
	degraded = "again"
	e.ReportDegraded()
	e.ReportDegraded()
	var told []string
	for _, record := range lines(t, w.log.await(t, `"error":"again"`)) {
		if text, _ := record["error"].(string); record["msg"] != "request" {
			told = append(told, record["level"].(string)+" "+record["msg"].(string)+" "+text)
		}
	}
	want := "WARN degraded the store cannot be opened: \"disk� full\"\nWARN degraded [secret]\nINFO sound again \nWARN degraded again"
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("the log was told\n%s\nwant\n%s", got, want)
	}
}

// TestStartsDegraded holds that the log says so before there is a request.
func TestStartsDegraded(t *testing.T) {
	w := newWorld(t)
	w.serve(func(o *server.Options) {
		o.Degraded = func() string { return "the store is damaged" }
	})
	w.log.await(t, `"level":"WARN","msg":"degraded","error":"the store is damaged"`)
}
