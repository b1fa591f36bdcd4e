package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dev.keyward/keyward/server"
)

// TestRawPaths sends request targets byte for byte: every Go client would clean
// them on the way.
func TestRawPaths(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL + "/base/")
	r := w.serve(nil)
	for _, c := range []struct {
		target string
		want   string // the status
		got    string // what the upstream's request line then holds
	}{
		{"/customers/7", "200", "/base/customers/7"},
		{"/customers/7/", "200", "/base/customers/7/"},
		{"/customers/a%20b", "200", "/base/customers/a%20b"},
		{"/customers/%61%2C%3Bb,;", "200", "/base/customers/%61%2C%3Bb,;"},
		{"/customers/%c3%A9", "200", "/base/customers/%c3%A9"},
		{"/customers/\xc3\xa9{x}|^`%3B", "200", "/base/customers/%C3%A9%7Bx%7D%7C%5E%60%3B"},
		{"/customers/a[b]!$&'()*+,=:@~", "200", "/base/customers/a%5Bb%5D!$&'()*+,=:@~"},
		{"/customers/7?a=1;b=2&&c=%zz&d", "200", "/base/customers/7?a=1;b=2&&c=%zz&d"},
		{"/customers/7?", "200", "/base/customers/7"},
		{"http://elsewhere.example/customers/7?x=1", "200", "/base/customers/7?x=1"},
		{"HTTP://elsewhere.example/customers/7", "200", "/base/customers/7"},
		{"/a/%2e%2e/customers/7", "400", ""},
		{"/customers/../customers/7", "400", ""},
		{"/customers/.%2e", "400", ""},
		{"/customers/..;x", "400", ""},
		{"/customers/%252e%252e", "400", ""},
		{"//customers/7", "400", ""},
		{"/customers//7", "400", ""},
		{"/customers/a%2fb", "400", ""},
		{"/customers/a\\b", "400", ""},
		{"/customers/a%5Cb", "400", ""},
		{"/customers/a%00b", "400", ""},
		{"/customers/a%0d%0ab", "400", ""},
		{"/customers/%zz", "400", ""},
		{"/customers/%ff", "400", ""},
		{"http://elsewhere.example", "404", ""},
		{"http://elsewhere.example//customers/7", "400", ""},
		{"http://elsewhere.example?x", "404", ""},
		{"ftp://elsewhere.example/customers/7", "400", ""},
		{"*", "400", ""},
		{"/openapi.yml", "200", ""},
		{"http://elsewhere.example/_keyward/x", "404", ""},
	} {
		up.reset()
		answer := raw(t, r.plain, "GET "+c.target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "+w.header("full")+"\r\n\r\n")
		if status := strings.Fields(answer)[1]; status != c.want {
			t.Errorf("%q: got %s, want %s", c.target, status, c.want)
		}
		if got := up.target(); got != c.got {
			t.Errorf("%q: the upstream got %q, want %q", c.target, got, c.got)
		}
	}
}

func TestSpecialMethods(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	for line, want := range map[string]string{
		"OPTIONS * HTTP/1.1":                       "400",
		"CONNECT upstream.example:443 HTTP/1.1":    "400",
		"TRACE /customers/7 HTTP/1.1":              "404",
		"get /customers/7 HTTP/1.1":                "404",
		"GET /customers/7 HTTP/1.0":                "200",
		"PRI * HTTP/2.0":                           "", // HTTP/2 without TLS is not spoken
		"GET /customers/7 HTTP/1.1\r\nHost: again": "400",
	} {
		answer := raw(t, r.plain, line+"\r\nHost: x\r\nConnection: close\r\nAuthorization: "+w.header("full")+"\r\n\r\n")
		got := ""
		if fields := strings.Fields(answer); len(fields) > 1 {
			got = fields[1]
		}
		if got != want && !(want == "" && got >= "400") {
			t.Errorf("%q: got %q, want %q", line, answer, want)
		}
	}
}

// TestRawPathsHTTP2 sends :path as it stands.
func TestRawPathsHTTP2(t *testing.T) {
	w := newWorld(t)
	up := newUpstream(t)
	w.upstream(up.URL)
	r := w.serve(nil)
	c := r.client(t, true, nil)
	for _, tc := range []struct {
		path string
		want int
		got  string
	}{
		{"/customers/7", 200, "/customers/7"},
		{"/customers/a b", 200, "/customers/a%20b"},
		{"/customers/7#x", 200, "/customers/7%23x"},
		{"/customers/7?x= HTTP/1.0#&_profile=Production&y", 200, "/customers/7?x=%20HTTP/1.0%23&y"},
		{"/a/%2e%2e/customers/7", 400, ""},
		{"/customers//7", 400, ""},
		{"/customers/a%2fb", 400, ""},
		{"/customers/a\\b", 400, ""},
		{"/customers/%00", 400, ""},
	} {
		up.reset()
		req := request(t, "GET", "https://"+r.tls, w.header("full"))
		req.URL = &url.URL{Scheme: "https", Host: r.tls, Opaque: tc.path}
		res, _ := do(t, c, req)
		if res.ProtoMajor != 2 || res.StatusCode != tc.want || up.target() != tc.got {
			t.Errorf("%q: got %s %d and upstream %q, want %d and %q", tc.path, res.Proto, res.StatusCode, up.target(), tc.want, tc.got)
		}
	}
}

// FuzzTarget holds two promises whatever the request target is: nothing panics,
// and an allowed invoke reaches the upstream as the one segment that was
// matched, with none of keyward's own parameters.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"/customers/7", "/customers/%2e%2e", "/customers/a%2fb", "//customers/7", "/customers/7?_profile=Production&x=1;auth-key=2",
		"http://h/customers/7?%61uth-key=x", "/customers/\xff", "/customers/7;x", "*", "", "/customers/%", "/customers/a?b?c#d",
	} {
		f.Add(seed)
	}
	w := newWorld(f)
	up := newUpstream(f)
	w.upstream(up.URL)
	h := w.endpoint(nil).Handler()
	f.Fuzz(func(t *testing.T, target string) {
		parsed, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http refuses it
		}
		up.reset()
		r := httptest.NewRequest("GET", "/", nil)
		r.URL, r.RequestURI = parsed, target
		r.Header.Set("Authorization", w.header("full"))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		sent := up.target()
		if sent == "" {
			return
		}
		path, query, _ := strings.Cut(sent, "?")
		rest, ok := strings.CutPrefix(path, "/customers/")
		if plain, err := url.PathUnescape(strings.TrimSuffix(rest, "/")); !ok || err != nil || plain == "" || plain == ".." || strings.ContainsAny(plain, "/\\\x00") {
			if !strings.HasPrefix(path, "/search") && !strings.HasPrefix(path, "/either/") {
				t.Errorf("%q reached the upstream as %q", target, sent)
			}
		}
		for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
			name, _, _ := strings.Cut(pair, "=")
			if plain, err := url.QueryUnescape(name); err == nil && (strings.EqualFold(plain, "auth-key") || strings.EqualFold(plain, "_profile")) {
				t.Errorf("%q reached the upstream with the query %q", target, query)
			}
		}
	})
}

// FuzzAuthorization holds that no header but the key's own lets a caller in.
func FuzzAuthorization(f *testing.F) {
	w := newWorld(f)
	h := w.endpoint(func(o *server.Options) { o.FailureLimit = -1 }).Handler()
	secret := w.secrets["full"].Reveal()
	for _, seed := range []string{"Key=" + secret, "Bearer " + secret, "Key " + secret, "Key==" + secret, "Basic " + secret, "Key=" + secret + ",Key=x", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, "/customers/7", nil)
		r.Header["Authorization"] = []string{value}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code == 200 && !strings.HasSuffix(strings.Trim(value, " \t"), secret) {
			t.Errorf("%q was let in", value)
		}
		if rec.Code != 200 && rec.Code != 401 {
			t.Errorf("%q was answered %d", value, rec.Code)
		}
	})
}

// TestAbsolutePathHTTP2 holds that :path is a path: an absolute URL in it is
// malformed, and not read as HTTP/1's absolute form.
func TestAbsolutePathHTTP2(t *testing.T) {
	w := newWorld(t)
	h := w.endpoint(nil).Handler()
	for proto, want := range map[int]int{1: 200, 2: 400} {
		r := httptest.NewRequest("GET", "https://elsewhere.example/customers/7", nil)
		r.RequestURI, r.ProtoMajor = "https://elsewhere.example/customers/7", proto
		r.Header.Set("Authorization", w.header("full"))
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != want {
			t.Errorf("HTTP/%d: got %d, want %d", proto, answer.Code, want)
		}
	}
}
