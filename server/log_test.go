package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// lines decodes the log, one record a line.
func lines(t *testing.T, log string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(log) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("the line %q: %v", line, err)
		}
		out = append(out, record)
	}
	return out
}

func TestRecord(t *testing.T) {
	w := newWorld(t)
	clock := time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC)
	tick := func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	h := w.endpoint(func(o *server.Options) { o.Now = tick; o.Random = func() uint64 { return 0x0123456789abcdef } }).Handler()
	r := httptest.NewRequest("GET", "/search?q=x&_profile=Test", nil)
	r.Header.Set("Authorization", w.header("full"))
	h.ServeHTTP(httptest.NewRecorder(), r)
	got := lines(t, w.log.await(t, "\n"))[0]
	want := map[string]any{
		"time": "2027-01-02T03:04:05.002006Z", "level": "INFO", "msg": "request",
		"allowed": true, "reason": "allowed", "status": 200.0, "method": "GET", "path": "/search", "credential": "header",
		"key": "full", "key_id": "0000000000000064", "kind": "token", "slot": "primary", "environment": "Test", "workflow": "Search",
		"remote": "192.0.2.1:1234", "request_id": "efcdab8967452301efcdab8967452301", "duration_us": 1000.0,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestRecordIsDocumented holds docs/log.md to the fields and reasons there are.
func TestRecordIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/log.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	h := w.endpoint(nil).Handler()
	for _, d := range denials(w) {
		d.send(h)
	}
	denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	known := map[string]bool{}
	for _, record := range lines(t, w.log.await(t, `"allowed":true`)) {
		for field := range record {
			known[field] = true
		}
	}
	if len(known) < 15 {
		t.Fatalf("only the fields %v were seen", known)
	}
	for reason := model.Allowed; !strings.Contains(reason.String(), "("); reason++ {
		known[reason.String()] = true
	}
	for text := range known {
		if !strings.Contains(string(page), "`"+text+"`") {
			t.Errorf("docs/log.md does not say what %q means", text)
		}
	}
}

// TestRecordIsSlogs holds the quick way of writing a record to slog's own.
func TestRecordIsSlogs(t *testing.T) {
	w := newWorld(t)
	w.token("a \"k=y\" é", nil)
	w.publish()
	clock := time.Unix(1e9, 1)
	records := func(handler func(*server.LogWriter) slog.Handler) string {
		var out bytes.Buffer
		log := server.NewLogWriter(&out)
		random := uint64(0)
		h := w.endpoint(func(o *server.Options) {
			o.Log, o.Now = slog.New(handler(log)), func() time.Time { return clock }
			o.Random = func() uint64 { random++; return random }
		}).Handler()
		for _, d := range denials(w)[:8] { // before those that expire
			d.send(h)
		}
		denial{method: "GET", target: "/customers/\"\\%C3%A9%E2%80%AE<x>", authorization: []string{w.header("full")}}.send(h)
		for _, path := range hostileTexts {
			r := httptest.NewRequest("GET", "/", nil)
			r.RequestURI, r.Method = "/customers/"+path, "GET"+path
			r.Header.Set("Authorization", w.header("a \"k=y\" é"))
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		return out.String()
	}
	level := &slog.HandlerOptions{Level: slog.LevelInfo}
	quick := lines(t, records(func(l *server.LogWriter) slog.Handler { return server.NewLogHandler(l, true, slog.LevelInfo) }))
	slow := lines(t, records(func(l *server.LogWriter) slog.Handler { return slog.NewJSONHandler(l, level) }))
	if !reflect.DeepEqual(quick, slow) || len(quick) != 9+len(hostileTexts) {
		t.Errorf("got  %v\nwant %v", quick, slow)
	}
	for _, clock = range []time.Time{clock, time.Date(2027, 1, 2, 3, 4, 5, 999999999, time.FixedZone("", -5400)), time.Unix(1e9, 0).UTC()} {
		got := records(func(l *server.LogWriter) slog.Handler { return server.NewLogHandler(l, false, slog.LevelInfo) })
		want := records(func(l *server.LogWriter) slog.Handler { return slog.NewTextHandler(l, level) })
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// hostileTexts are values that a line of text could be misread over.
var hostileTexts = []string{
	"plain", "two words", "a=b", "\"", "\\", "a\\b", "'", "<&>", "\n", "a\nlevel=ERROR", "\r", "\t", "\x00", "\x1b[2J", "\x7f",
	"é", "\u00a0", "\u2028", "\u202e", "\u200b", "\ufffd", "\xff", "a\xc3", "\U0001f600", "\ue000", "\U000e0001", "%20", "`", "{}", "…",
}

func TestTextLog(t *testing.T) {
	w := newWorld(t)
	var out bytes.Buffer
	log := server.NewLogWriter(&out)
	h := w.endpoint(func(o *server.Options) { o.Log = slog.New(server.NewLogHandler(log, false, slog.LevelWarn)) }).Handler()
	denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	denial{method: "GET", target: "/forbidden", authorization: []string{w.header("full")}}.send(h)
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `level=WARN msg=request allowed=false reason=workflow-not-permitted status=403 method=GET path=/forbidden`) {
		t.Errorf("got %s", got)
	}
}

// TestSecretsStayOut sends secrets in every place that a request has, and
// through every way that a request can fail.
func TestSecretsStayOut(t *testing.T) {
	w := newWorld(t)
	var calls []*model.Secret
	for _, s := range w.secrets {
		calls = append(calls, &s)
	}
	dead := listen(t)
	_ = dead.Close()
	ups := map[string]string{"none": "", "dead": "http://" + dead.Addr().String(), "alive": newUpstream(t).URL}
	for _, url := range ups {
		w.upstream(url)
		if url == "" {
			w.workflows = newWorld(t).workflows
			w.publish()
		}
		r := w.serve(nil)
		for _, d := range denials(w) {
			req := request(t, d.method, "http://"+r.plain+"/", "")
			req.URL.Opaque, req.Host, req.Header["Authorization"] = d.target, d.host, d.authorization
			do(t, http.DefaultClient, req)
		}
		for _, s := range calls {
			text := s.Reveal()
			hidden := strings.NewReplacer("k", "%6b", "w", "%77").Replace(text)
			for _, request := range []string{
				"GET /customers/" + text + " HTTP/1.1\r\nHost: x",
				"GET /customers/" + hidden + "?auth-key=" + text + " HTTP/1.1\r\nHost: x",
				"GET /customers/" + strings.ReplaceAll(hidden, "%", "%25") + " HTTP/1.1\r\nHost: x",
				"GET /customers/" + strings.ReplaceAll(hidden, "%", "%25252525") + " HTTP/1.1\r\nHost: x",
				"GET /customers/" + strings.ReplaceAll(hidden, "%", "%"+strings.Repeat("25", 40)) + " HTTP/1.1\r\nHost: x",
				"GET /customers/" + strings.ReplaceAll(hidden, "%", "%25") + "%zz HTTP/1.1\r\nHost: x",
				"GET /" + text + "/%2e%2e HTTP/1.1\r\nHost: x\r\nAuthorization: Key=" + text,
				text + " /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Key=" + text,
				"GET /customers/7?x=" + text + "&AUTH-key=" + hidden + " HTTP/1.1\r\nHost: " + text,
				"GET /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Key=" + text + "\r\nAuthorization: Key=" + text,
				"GET /customers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + text + "\r\nCookie: a=" + text + "\r\nUser-Agent: " + text + "\r\nX-Request-Id: " + text,
				"GET /customers/7 HTTP/1.1\r\nHost: x\r\nUpgrade: " + text + "\r\nConnection: Upgrade\r\nAuthorization: Key=" + text,
				"GET /customers/7 HTTP/" + text + "\r\nHost: x",
				"GET /_keyward/" + text + " HTTP/1.1\r\nHost: x",
				"GET /openapi.yml?auth-key=" + text + "&_profile=" + text + " HTTP/1.1\r\nHost: x",
				"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + text + "\r\nAuthorization: Key=" + text,
				"PUT /files/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Key=" + text + "\r\n\r\n" + text,
			} {
				raw(t, r.plain, request+"\r\nConnection: close\r\n\r\n")
			}
			raw(t, r.tls, "GET /?auth-key="+text+" HTTP/1.1\r\n\r\n") // plain HTTP to the TLS port
		}
		r.stop()
		if err := <-r.done; err != nil {
			t.Error(err)
		}
	}
	log := w.log.await(t, "upstream-failed")
	for name, s := range w.secrets {
		text := s.Reveal()
		if strings.Contains(log, text) || strings.Contains(log, text[3:20]) {
			at := strings.Index(log, text[3:20])
			line := log[strings.LastIndex(log[:at], "\n")+1:]
			t.Errorf("the secret of %q is in the log: %s", name, line[:strings.Index(line, "\n")])
		}
	}
	if found := regexp.MustCompile(`(?i)auth-key|_profile`).FindString(log); found != "" {
		t.Errorf("a query is in the log: %q", found)
	}
}

// TestHostileText holds that nothing of a request moves a terminal that shows
// the log, and that a line has a bounded length.
func TestHostileText(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(nil).Handler()
	r := httptest.NewRequest("GET", "/", nil)
	r.RequestURI = "/\x1b]52;c;eA==\x07\u202e" + strings.Repeat("\"\u200b", 4000)
	r.Method = "GET\x1b[2J" + strings.Repeat("x", 5000)
	h.ServeHTTP(httptest.NewRecorder(), r)
	line := w.log.await(t, "\n")
	if len(line) > 2<<10 || strings.ContainsAny(line, "\x1b\x07\u202e\u200b") {
		t.Errorf("logged %d bytes: %q", len(line), line)
	}
}

// TestFlood holds what a minute of refused requests may write.
func TestFlood(t *testing.T) {
	w := newWorld(t)
	clock := time.Unix(1e9, 0)
	h := w.endpoint(func(o *server.Options) { o.Now = func() time.Time { return clock } }).Handler()
	send := func(remote string, times int) {
		for range times {
			r := httptest.NewRequest("GET", "/customers/7", nil)
			r.RemoteAddr = remote
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	send("198.51.100.1:1", 300)
	send("[2001:db8::1]:1", 40)
	send("[2001:db8::ffff]:2", 40)
	send("198.51.100.2:1", 3)
	for range 30 { // what is allowed is never left out
		denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	}
	clock = clock.Add(time.Second)
	send("198.51.100.1:1", 1)
	log := w.log.await(t, `"msg":"suppressed","reason":"credential-missing","remote":"2001:db8::/64","count":30}`)
	for text, want := range map[string]int{
		`"remote":"198.51.100.1:1"`: 51, `"remote":"[2001:db8:`: 50, `"remote":"198.51.100.2:1"`: 3, `"allowed":true`: 30,
		`"msg":"suppressed","reason":"credential-missing","remote":"198.51.100.1","count":250}`: 1, `"msg":"suppressed"`: 2,
	} {
		if got := strings.Count(log, text); got != want {
			t.Errorf("%s: got %d lines, want %d", text, got, want)
		}
	}
}

// TestFloodOfSources holds memory and lines when every request comes from
// somewhere else.
func TestFloodOfSources(t *testing.T) {
	w := newWorld(t)
	clock := time.Unix(1e9, 0)
	h := w.endpoint(func(o *server.Options) { o.Now = func() time.Time { return clock } }).Handler()
	for i := range 5000 {
		r := httptest.NewRequest("GET", "/customers/7", nil)
		r.RemoteAddr = "10.0." + string(rune('0'+i/1000)) + "." + string(rune('0'+i%10)) + ":1"
		if i%2 == 0 {
			r.RemoteAddr = "[2001:db8:" + strings.Repeat("1", i%4+1) + ":" + string("0123456789abcdef"[i%16]) + string("0123456789abcdef"[i/16%16]) + string("0123456789abcdef"[i/256%16]) + "::1]:1"
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	clock = clock.Add(time.Second)
	denial{method: "GET", target: "/customers/7"}.send(h)
	log := w.log.await(t, `"msg":"suppressed"`)
	if got := strings.Count(log, `"msg":"request"`); got > 1001 {
		t.Errorf("got %d lines in a second", got)
	}
	if got := strings.Count(log, `"msg":"suppressed"`); got > 21 {
		t.Errorf("got %d lines about suppressed ones", got)
	}
}

// gate is a writer that blocks until it is opened.
type gate struct {
	open chan struct{}
	syncBuffer
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.syncBuffer.Write(p)
}

func TestLogWriterNeverWaits(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	l := server.NewLogWriter(g)
	line := append(bytes.Repeat([]byte("x"), 1023), '\n')
	line[0] = '{'
	start := time.Now()
	for range 20 << 10 { // 20 MiB
		_, _ = l.Write(line)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("writing to a stalled reader took %v", took)
	}
	close(g.open)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	got := g.String()
	if len(got) > 10<<20 || !strings.Contains(got, `"msg":"log lines dropped","count":`) {
		t.Errorf("got %d bytes, ending %q", len(got), got[len(got)-80:])
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestLogWriterIsPrompt(t *testing.T) {
	var out syncBuffer
	l := server.NewLogWriter(&out)
	defer func() { _ = l.Close() }()
	for _, line := range []string{"one\n", "two\n"} {
		_, _ = io.WriteString(l, line)
		out.await(t, line)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestLogWriterReportsErrors(t *testing.T) {
	l := server.NewLogWriter(brokenWriter{})
	_, _ = io.WriteString(l, "x\n")
	if err := l.Flush(); !errors.Is(err, errBroken) {
		t.Errorf("Flush: got %v", err)
	}
	if err := l.Close(); !errors.Is(err, errBroken) {
		t.Errorf("Close: got %v", err)
	}
}

func TestLogHandlerLevel(t *testing.T) {
	l := server.NewLogWriter(io.Discard)
	defer func() { _ = l.Close() }()
	h := server.NewLogHandler(l, true, slog.LevelWarn)
	if h.Enabled(context.Background(), slog.LevelInfo) || !h.Enabled(context.Background(), slog.LevelWarn) {
		t.Error("the level is not kept")
	}
}

// FuzzEncoders holds appendJSON to encoding/json's reader, appendText to
// slog.TextHandler, and appendXML to one line of ASCII that an XML reader takes.
func FuzzEncoders(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\n\x00\x7f", "<&>'", "é\u2028\U0001f600", "\xff\xfe", "\ufffe\ud7ff"} {
		f.Add(seed)
	}
	for _, seed := range hostileTexts {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var line bytes.Buffer
		_ = slog.NewTextHandler(&line, nil).Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, s, 0))
		if want := "level=INFO msg=" + string(server.AppendText(nil, s)) + "\n"; line.String() != want {
			t.Errorf("%q: slog writes %s, we %s", s, line.String(), want)
		}
		var back string
		encoded := server.AppendJSON(nil, s)
		if err := json.Unmarshal(encoded, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(back, "\ufffd") {
			t.Errorf("%q became %s, which reads as %q: %v", s, encoded, back, err)
		}
		for _, c := range server.AppendXML(nil, s) {
			if c < 0x20 || c > 0x7e || strings.IndexByte("<>\"'", c) >= 0 {
				t.Errorf("%q became %q", s, server.AppendXML(nil, s))
			}
		}
	})
}
