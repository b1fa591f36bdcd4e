package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// upstream remembers the last request that it got.
type upstream struct {
	*httptest.Server
	mu   sync.Mutex
	last *http.Request
	body string
}

func newUpstream(t testing.TB) *upstream {
	u := new(upstream)
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		u.mu.Lock()
		u.last, u.body = r.Clone(context.Background()), string(body)
		u.last.Trailer = r.Trailer
		u.mu.Unlock()
		w.Header().Set("X-Request-Id", "the upstream's own")
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) reset() { u.mu.Lock(); u.last = nil; u.mu.Unlock() }

// target returns the last request's target, "" for none.
func (u *upstream) target() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		return ""
	}
	return u.last.RequestURI
}

func handlerUpstream(t testing.TB, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestForgedHeaders sends every header that an upstream believes of a proxy.
func TestForgedHeaders(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	var forged strings.Builder
	for _, name := range []string{
		"X-Keyward-Key", "x-keyward-key", "X_Keyward_Key", "X-Keyward_Key", "X.Keyward.Key", "X-Keyward-Anything",
		"X-Keyward-Request-Id", "X_KEYWARD_REQUEST_ID", "X-Initialisation-Xml", "x_initialisation_xml", "X-INITIALISATION_XML",
		"Forwarded", "X-Forwarded", "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
		"X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert", "X-Real-Ip", "x_real_ip",
		"X-Original-Uri", "X-Original-Method", "X_Original_Url", "X-Rewrite-Url", "X-Http-Method-Override", "X-HTTP-Method", "X-Method-Override",
		"Client-Cert", "Client_Cert", "Client-Cert-Chain", "X-Client-Cert", "X-Client-Certificate", "X-SSL-Client-Cert", "X-Ssl-Verify", "SSL_CLIENT_CERT",
		"X-Provide-Client-Certificate", "X-ARR-ClientCert", "True-Client-IP", "Proxy",
		"Tls-Client-Cert", "Tls-Client-Certificate", "X-Tls-Client-Cert-Subject", "Remote-User", "Remote_Groups", "X-Remote-User", "X-Remote-Group",
		"X-Auth-Request-User", "X-Auth-Request-Email", "X-Host", "X-Scheme", "Host-Override", "X-Host-Override", "Front-End-Https",
		"Fastly-Client-Ip", "X-Azure-ClientIP", "X-Azure-Fdid", "X-Envoy-External-Address", "x_envoy_original_path", "Connection-Not: x\r\nProxy-Authorization",
	} {
		forged.WriteString(name + ": forged\r\n")
	}
	answer := raw(t, r.plain, "GET /customers/7?a=b HTTP/1.1\r\nHost: the.host:1\r\nAuthorization: "+w.header("full")+"\r\n"+
		"Connection: close, X-Keyward-Key, X-Initialisation-Xml, X-Forwarded-For, Authorization\r\nTe: gzip\r\nKeep-Alive: x\r\n"+
		"X-Request-Id: mine\r\nAccept: */*\r\nCookie: c=d\r\n"+forged.String()+"\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 200 ") {
		t.Fatalf("got %s", answer)
	}
	h := up.last.Header
	for name, values := range h {
		if strings.Contains(strings.Join(values, ","), "forged") && name != "Connection-Not" {
			t.Errorf("the upstream got %s: %q", name, values)
		}
	}
	id := h.Get("X-Keyward-Request-Id")
	for name, want := range map[string]string{
		"X-Keyward-Key": "full", "X-Keyward-Key-Id": "0000000000000064", "X-Keyward-Kind": "token", "X-Keyward-Slot": "primary",
		"X-Keyward-Environment": "Production", "X-Keyward-Workflow": "Customer lookup",
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "the.host:1", "X-Forwarded-Proto": "http",
		"X-Request-Id": "mine", "Accept": "*/*", "Cookie": "c=d", "Authorization": "", "Te": "", "Keep-Alive": "", "Connection": "", "User-Agent": "",
		"X-Initialisation-Xml": "<Initialisation><Username>Key: full</Username><Environment>Production</Environment><KeyId>0000000000000064</KeyId>" +
			"<Slot>primary</Slot><Workflow>Customer lookup</Workflow><RequestId>" + id + `</RequestId><Variables><Variable Name="id">7</Variable></Variables></Initialisation>`,
	} {
		if got := strings.Join(h.Values(name), ","); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if want := strings.TrimPrefix(up.URL, "http://"); up.last.Host != want {
		t.Errorf("Host: got %q, want %q", up.last.Host, want)
	}
	if !requestID.MatchString(id) || strings.Count(answer, "X-Keyward-Request-Id: "+id) != 1 || !strings.Contains(answer, "X-Request-Id: the upstream's own") {
		t.Errorf("the answer to request %q is %s", id, answer)
	}
}

func TestCredentialStaysHere(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	secret := w.secrets["full"].Reveal()
	for _, c := range []struct{ name, query, authorization, wantQuery, wantAuthorization string }{
		{"header", "?x=1", "Key=" + secret, "?x=1", ""},
		{"bearer", "", "Bearer " + secret, "", ""},
		{"query", "?a=1&auth-key=" + secret + "&b=2", "", "?a=1&b=2", ""},
		{"encoded query", "?%61uth-key=" + secret + "&b=2", "", "?b=2", ""},
		{"profile", "?_profile=production&%5Fprofile2=x", "Key=" + secret, "?%5Fprofile2=x", ""},
		{"between semicolons", "?a=1;auth-key=x;b=2&q", "Key=" + secret, "?a=1;b=2&q", ""},
		{"another scheme beside", "?auth-key=" + secret, "Basic eDp5", "", "Basic eDp5"},
	} {
		up.reset()
		res, _ := do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/customers/7"+c.query, c.authorization))
		if res.StatusCode != 200 {
			t.Errorf("%s: got %d", c.name, res.StatusCode)
			continue
		}
		if got := up.target(); got != "/customers/7"+c.wantQuery {
			t.Errorf("%s: the upstream got %s, want the query %q", c.name, got, c.wantQuery)
		}
		if got := up.last.Header.Get("Authorization"); got != c.wantAuthorization {
			t.Errorf("%s: the upstream got the Authorization %q, want %q", c.name, got, c.wantAuthorization)
		}
	}
}

// TestLongVariables holds X-Initialisation-Xml to a length that upstreams take.
func TestLongVariables(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/search?q="+strings.Repeat("%3C", 2000), w.header("full")))
	xml := up.last.Header.Get("X-Initialisation-Xml")
	if len(xml) > 4<<10 || !strings.HasSuffix(xml, `<Variables Omitted="1"/></Initialisation>`) {
		t.Errorf("got %d bytes: %s", len(xml), xml)
	}
	do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/search?q=%00%0A%FF%F0%9F%98%80%EF%BF%BE", w.header("full")))
	if xml := up.last.Header.Get("X-Initialisation-Xml"); !strings.Contains(xml, `"term">&#xfffd;&#xa;&#xfffd;&#x1f600;&#xfffd;</`) {
		t.Errorf("got %s", xml)
	}
}

func TestUpgrade(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	for protocol, want := range map[string]string{"websocket": "501", "h2c, websocket": "501", "h2c": "200"} {
		up.reset()
		answer := raw(t, r.plain, "GET /customers/7 HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: "+protocol+
			"\r\nAuthorization: "+w.header("full")+"\r\n\r\n")
		if got := strings.Fields(answer)[1]; got != want || (up.target() != "") != (want == "200") {
			t.Errorf("%s: got %s, and the upstream %q", protocol, got, up.target())
		}
	}
}

func TestUpstreamFailures(t *testing.T) {
	w := newWorld(t)
	dead := listen(t)
	_ = dead.Close()
	silent := listen(t)
	t.Cleanup(func() { _ = silent.Close() })
	r := w.serve(func(o *server.Options) { o.Timeouts.Upstream = time.Second })
	for _, c := range []struct {
		url    string
		want   int
		reason string
	}{
		{"http://" + dead.Addr().String(), 502, "upstream-failed"},
		{"http://" + silent.Addr().String(), 504, "upstream-timeout"},
		{handlerUpstream(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), 502, "upstream-failed"},
		{strings.Replace(handlerUpstream(t, func(http.ResponseWriter, *http.Request) {}), "http:", "https:", 1), 502, "upstream-failed"},
		{handlerUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "websocket")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}), 502, "upstream-failed"},
	} {
		w.upstream(c.url)
		res, body := do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full")))
		id := res.Header.Get("X-Keyward-Request-Id")
		if res.StatusCode != c.want || !strings.Contains(body, `"RequestId":"`+id+`"`) || !requestID.MatchString(id) {
			t.Errorf("got %d %s, want %d", res.StatusCode, body, c.want)
		}
		log := w.log.await(t, `"request_id":"`+id+`"`)
		if line := log[strings.LastIndex(log[:strings.Index(log, id)], "\n")+1:]; !strings.Contains(line, `"reason":"`+c.reason+`"`) {
			t.Errorf("logged %s, want the reason %s", line, c.reason)
		}
	}
}

// TestAnswerPassesUnchanged covers statuses, headers, redirects, trailers, early
// hints and content encodings.
func TestAnswerPassesUnchanged(t *testing.T) {
	w := newWorld(t)
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style>")
		w.WriteHeader(http.StatusEarlyHints)
		h := w.Header()
		h.Set("Trailer", "X-Checksum")
		h.Set("Location", "http://169.254.169.254/")
		h.Set("Content-Encoding", "gzip")
		h.Set("X-Keyward-Request-Id", "forged")
		h["Set-Cookie"] = []string{"a=1", "b=2"}
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, "not gzip at all")
		h.Set("X-Checksum", "abc")
	}))
	r := w.serve(nil)
	var hints int
	req := request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full"))
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { hints = code; return nil },
	}))
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{DisableCompression: true}}
	res, body := do(t, c, req)
	if res.StatusCode != 302 || body != "not gzip at all" || hints != 103 || res.Trailer.Get("X-Checksum") != "abc" ||
		len(res.Header.Values("Set-Cookie")) != 2 || res.Header.Get("Location") != "http://169.254.169.254/" {
		t.Errorf("got %d %v %q, trailer %v, hints %d", res.StatusCode, res.Header, body, res.Trailer, hints)
	}
	if ids := res.Header.Values("X-Keyward-Request-Id"); len(ids) != 1 || !requestID.MatchString(ids[0]) {
		t.Errorf("got the request ids %q", ids)
	}
}

// TestTrailersOfCallers holds that a trailer cannot carry what a header may not.
func TestTrailersOfCallers(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	raw(t, r.plain, "POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Keyward-Key, X-Other\r\nAuthorization: "+
		w.header("full")+"\r\n\r\n3\r\nabc\r\n0\r\nX-Keyward-Key: forged\r\nX-Other: y\r\n\r\n")
	if up.body != "abc" || len(up.last.Trailer) != 0 {
		t.Errorf("the upstream got %q and the trailer %v", up.body, up.last.Trailer)
	}
}

// TestStreaming holds that each event arrives before the next one is made.
func TestStreaming(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	next := make(chan struct{})
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	r := w.serve(func(o *server.Options) { o.Timeouts.Write = time.Second })
	for _, h2 := range []bool{false, true} {
		res, err := r.client(t, h2, nil).Do(request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full")))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(res.Body)
		for i := range 3 {
			line, err := lines.ReadString('\n')
			if want := fmt.Sprintf("data: %d\n", i); line != want || err != nil {
				t.Fatalf("%s: got %q, %v; want %q", res.Proto, line, err, want)
			}
			_, _ = lines.ReadString('\n')
			if i == 1 {
				time.Sleep(1300 * time.Millisecond) // longer than the write timeout: silence is no fault
			}
			next <- struct{}{}
		}
		if _, err := lines.ReadString('\n'); err != io.EOF {
			t.Errorf("%s: the stream ends with %v", res.Proto, err)
		}
		_ = res.Body.Close()
	}
}

// TestRevokedWhileStreaming disables the key in the middle of an answer.
func TestRevokedWhileStreaming(t *testing.T) {
	w := newWorld(t)
	next := make(chan struct{})
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, "x\n"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
		}
	}))
	r := w.serve(nil)
	for _, h2 := range []bool{false, true} {
		w.change("full", func(k *model.Key) { k.State = model.Enabled })
		res, err := r.client(t, h2, nil).Do(request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full")))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(res.Body)
		read := func() (string, error) { return lines.ReadString('\n') }
		if _, err := read(); err != nil {
			t.Fatal(err)
		}
		w.change("tester", func(k *model.Key) { k.NoQuery = true }) // a change that does not concern it
		next <- struct{}{}
		if _, err := read(); err != nil {
			t.Fatalf("%s: another key's change ended the answer: %v", res.Proto, err)
		}
		w.disable("full")
		next <- struct{}{}
		if got, err := read(); err == nil || err == io.EOF {
			t.Errorf("%s: got %q, %v after the key was disabled", res.Proto, got, err)
		}
		_ = res.Body.Close()
		w.log.await(t, `"reason":"revoked"`)
	}
}

func TestBigUpload(t *testing.T) {
	w := newWorld(t)
	sum := make(chan string, 1)
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, err := io.Copy(h, r.Body)
		sum <- fmt.Sprintf("%d %v %x", n, err, h.Sum(nil))
	}))
	r := w.serve(nil)
	body := bytes.Repeat([]byte("0123456789abcdef"), race.Sample(1<<20, 1<<17))
	want := fmt.Sprintf("%d <nil> %x", len(body), sha256.Sum256(body))
	for _, h2 := range []bool{false, true} {
		for _, length := range []int64{int64(len(body)), -1} {
			req := request(t, "PUT", "https://"+r.tls+"/files/big", w.header("full"))
			req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), length
			if res, _ := do(t, r.client(t, h2, nil), req); res.StatusCode != 200 {
				t.Errorf("got %s %d", res.Proto, res.StatusCode)
			}
			if got := <-sum; got != want {
				t.Errorf("HTTP/2 %v, length %d: got %s, want %s", h2, length, got, want)
			}
		}
	}
}

func TestBodyLimit(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(func(o *server.Options) { o.MaxBody = 1000 })
	for _, length := range []int64{1001, -1} {
		req := request(t, "PUT", "http://"+r.plain+"/files/x", w.header("full"))
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", 1001))), length
		if res, _ := do(t, http.DefaultClient, req); res.StatusCode != 413 {
			t.Errorf("length %d: got %d, want 413", length, res.StatusCode)
		}
	}
}

// TestStalledUploadHTTP2 is the end of TestSlowUpload for one stream.
func TestStalledUploadHTTP2(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(func(o *server.Options) { o.Timeouts.Body = 200 * time.Millisecond })
	stalled, slow := io.Pipe()
	defer func() { _ = slow.Close() }()
	go func() { _, _ = io.WriteString(slow, "12") }()
	req := request(t, "PUT", "https://"+r.tls+"/files/x", w.header("full"))
	req.Body, req.ContentLength = stalled, 5
	if res, _ := do(t, r.client(t, true, nil), req); res.StatusCode != 408 {
		t.Errorf("got %s %d, want 408", res.Proto, res.StatusCode)
	}
}

// TestSlowUpload holds that an allowed upload may last, but not stand still.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(func(o *server.Options) { o.Timeouts.Body = time.Second })
	head := "PUT /files/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nAuthorization: " + w.header("full") + "\r\n\r\n"
	conn, err := net.Dial("tcp", r.plain)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, part := range []string{head, "1", "2", "3", "4", "5"} {
		_, _ = io.WriteString(conn, part)
		time.Sleep(300 * time.Millisecond)
	}
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || up.body != "12345" {
		t.Errorf("a slow upload: got %s, and the upstream %q", answer, up.body)
	}
	if answer := raw(t, r.plain, head+"12"); !strings.HasPrefix(answer, "HTTP/1.1 408 ") {
		t.Errorf("a stalled upload: got %s", answer)
	}
	head = strings.Replace(head, w.header("full"), "none", 1)
	if answer := raw(t, r.plain, head+"12"); !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
		t.Errorf("a stalled upload without a key: got %s", answer)
	}
}

func TestCallerGone(t *testing.T) {
	w := newWorld(t)
	arrived, left := make(chan struct{}), make(chan struct{})
	w.upstream(handlerUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	}))
	r := w.serve(nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := http.DefaultClient.Do(request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full")).WithContext(ctx))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-left
	w.log.await(t, `"reason":"caller-gone"`)
}

func TestUpstreamBreaksOff(t *testing.T) {
	w := newWorld(t)
	w.upstream(handlerUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	r := w.serve(nil)
	res, err := http.DefaultClient.Do(request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("a broken-off answer reads as whole: %q", body)
	}
	w.log.await(t, `"reason":"upstream-cut-off"`)
}

// TestReferer holds that a secret in the URL that a browser comes from goes no
// further, and that our own answers ask for none.
func TestReferer(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	r := w.serve(nil)
	for _, path := range []string{"/customers/7", "/openapi.yml", "/nothing", "/_keyward/health"} {
		res, _ := do(t, http.DefaultClient, request(t, "GET", "http://"+r.plain+path, w.header("full")))
		if got := res.Header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s: got the Referrer-Policy %q", path, got)
		}
	}
	w.upstream(up.URL)
	secret := w.secrets["full"].Reveal()
	for referer, passes := range map[string]bool{
		"https://h/x?y=z":                         true,
		"https://h/%zz":                           true,
		"https://h/x?auth-key=" + secret:          false,
		"https://h/x?a;AUTH-KEY=mistyped":         false,
		"https://h/%zz?%61uth-key=x":              false,
		"https://h/x?%2561uth%252Dkey=x":          false,
		"https://h/x#auth-key=x":                  false,
		"https://h/" + secret:                     false,
		"https://h/?" + strings.Repeat("%25", 60): true,
		"https://h/?%" + strings.Repeat("25", 60): false,
	} {
		req := request(t, "GET", "http://"+r.plain+"/customers/7", w.header("full"))
		req.Header.Set("Referer", referer)
		do(t, http.DefaultClient, req)
		want := ""
		if passes {
			want = referer
		}
		if got := up.last.Header.Get("Referer"); got != want {
			t.Errorf("the upstream got the Referer %q for %q", got, referer)
		}
	}
}

// TestCallersFault holds that what a caller's request fails by is a warning, and
// not written without end.
func TestCallersFault(t *testing.T) {
	w := newWorld(t)
	w.upstream(newUpstream(t).URL)
	clock := time.Unix(time.Now().Unix(), 0)
	h := w.endpoint(func(o *server.Options) {
		o.MaxBody, o.Now = 10, func() time.Time { return clock }
	}).Handler()
	for range 100 {
		r := httptest.NewRequest("PUT", "/files/x", strings.NewReader("longer than that"))
		r.Header.Set("Authorization", w.header("full"))
		h.ServeHTTP(httptest.NewRecorder(), r)
		r = httptest.NewRequest("GET", "/customers/7", nil)
		r.Header.Set("Authorization", w.header("full"))
		r.Header.Set("Upgrade", "websocket")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	clock = clock.Add(time.Second)
	denial{method: "GET", target: "/customers/7"}.send(h)
	log := w.log.await(t, `"reason":"credential-missing"`)
	for _, reason := range []string{"body-too-large", "upgrade-refused"} {
		if got := strings.Count(log, `"level":"WARN","msg":"request","allowed":true,"reason":"`+reason+`"`); got != 50 {
			t.Errorf("%s: got %d warnings, want 50:\n%.300s", reason, got, log)
		}
	}
}
