package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// rawAdmin sends text to an owner's socket and returns a reader of what comes.
func rawAdmin(t testing.TB, dir, text string) *bufio.Reader {
	t.Helper()
	conn, err := net.Dial("unix", filepath.Join(dir, "admin.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}

func post(method, headers, body string) string {
	return fmt.Sprintf("POST /v1/%s HTTP/1.1\r\nHost: keyward\r\n%sContent-Length: %d\r\n\r\n%s", method, headers, len(body), body)
}

// TestRawRequests: what a client of ours never sends is refused, by a sentence.
func TestRawRequests(t *testing.T) {
	o := newOwner(t, nil)
	for _, test := range []struct{ name, text, status, words string }{
		{"hello", "GET /hello HTTP/1.1\r\nHost: keyward\r\n\r\n", "200 OK", `"protocol":1,"owner":{"pid":4711,"rank":"console","version":"1.0"},"state":"ready"`},
		{"key", post("Key", "", `{"ref":"x"}`), "404 Not Found", `"kind":"not-found"`},
		{"another host", "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403 Forbidden", "browsers"},
		{"a page", "GET /hello HTTP/1.1\r\nHost: keyward\r\nOrigin: null\r\n\r\n", "403 Forbidden", "browsers"},
		{"a link", "GET /hello HTTP/1.1\r\nHost: keyward\r\nReferer: http://x/\r\n\r\n", "403 Forbidden", "browsers"},
		{"a method by GET", "GET /v1/Keys HTTP/1.1\r\nHost: keyward\r\n\r\n", "404 Not Found", "another version"},
		{"an unknown method", post("Nonsense", "", "{}"), "404 Not Found", "another version"},
		{"an unknown field", post("Key", "", `{"ref":"x","force":true}`), "400 Bad Request", "unknown field"},
		{"two values", post("Key", "", `{"ref":"x"}{}`), "400 Bad Request", "something follows"},
		{"no JSON", post("Key", "", "\x00\x1b"), "400 Bad Request", "cannot read"},
		{"a bad change id", post("DeleteKey", "Keyward-Request: ../../x\r\n", `{"ref":"x"}`), "400 Bad Request", "32 hexadecimal"},
		{"a call given up", post("DeleteKey", "Keyward-Deadline: 1\r\n", `{"ref":"x"}`), "503 Service Unavailable", `"state":"late"`},
		{"a call not given up", post("DeleteKey", "Keyward-Deadline: 9223372036854775807\r\n", `{"ref":"x"}`), "404 Not Found", `"kind":"not-found"`},
		{"a bad deadline", post("DeleteKey", "Keyward-Deadline: soon\r\n", `{"ref":"x"}`), "400 Bad Request", "nanoseconds"},
		{"a bad reason", post("DeleteKey", "Keyward-Reason: %zz\r\n", `{"ref":"x"}`), "400 Bad Request", "percent"},
		{"a parsed certificate", post("CreateKey", "", `{"draft":{"name":"x","kind":"certificate","environment":"","workflows":null,"noQuery":false,"primary":{"certificate":{}}},"primary":{},"secondary":{}}`), "400 Bad Request", "beside"},
		{"a certificate in an edit", post("EditKey", "", `{"ref":"x","edit":{"certificate":{}}}`), "400 Bad Request", "beside"},
		{"no certificate", post("EditKey", "", `{"ref":"x","edit":{},"certificate":"AAAA"}`), "400 Bad Request", "certificate"},
		{"another owner", post("DeleteKey", "Keyward-Instance: elsewhere\r\n", `{"ref":"x"}`), "503 Service Unavailable", `"state":"leaving"`},
		{"too much", post("Key", "", `{"ref":"`+strings.Repeat("x", 1<<20)+`"}`), "413 Request Entity Too Large", "1 MiB"},
		{"too long a header", "GET /hello HTTP/1.1\r\nHost: keyward\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "431", ""},
		{"a stream of nothing", post("Follow", "", "{\n"), "400 Bad Request", "followed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			res, err := http.ReadResponse(rawAdmin(t, o.dir, test.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || !strings.HasPrefix(res.Status, test.status) || !strings.Contains(string(body), test.words) {
				t.Errorf("%s %s, %v; want %s with %q", res.Status, body, err, test.status, test.words)
			}
		})
	}
}

// TestTooMuch: a request too large is told before it is sent, and an answer
// too large when it comes.
func TestTooMuch(t *testing.T) {
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Diagnose = func(context.Context) (json.RawMessage, error) {
			return json.RawMessage(`"` + strings.Repeat("x", 64<<20) + `"`), nil
		}
	})
	c := o.dial(t, server.ClientOptions{})
	_, err := c.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: strings.Repeat("x", 1<<20)})
	mustBe(t, err, model.ErrTooLarge)
	refs := make([]string, race.Sample(100_000, 40_000))
	for i := range refs {
		refs[i] = fmt.Sprintf("key-%032d", i)
	}
	_, err = c.ChangeKeys(t.Context(), refs, model.KeyBulk{Disable: true})
	mustBe(t, err, model.ErrTooLarge)
	_, err = c.ChangeKeys(t.Context(), refs[:2*model.MaxBatch], model.KeyBulk{Disable: true})
	mustBe(t, err, model.ErrNotFound)
	if !race.Enabled { // it goes through the 64 MiB byte by byte
		if _, err = c.Diagnose(t.Context()); err == nil || !strings.Contains(err.Error(), "64 MiB") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := c.Keys(t.Context(), model.KeyQuery{}); err != nil {
		t.Error(err)
	}
}

// TestSignsOfLife: while a call lasts, the owner says so each second.
func TestSignsOfLife(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	o := newOwner(t, func(_ *owner, a *server.AdminOptions) {
		a.Diagnose = func(context.Context) (json.RawMessage, error) {
			<-finish
			return json.RawMessage(`[]`), nil
		}
	})
	r := rawAdmin(t, o.dir, post("Diagnose", "", "{}"))
	for i, want := range []string{"HTTP/1.1 102 Processing", "", "HTTP/1.1 102 Processing", "", "HTTP/1.1 200 OK"} {
		if i == 4 {
			close(finish)
		}
		line, err := r.ReadString('\n')
		if err != nil || strings.TrimSpace(line) != want {
			t.Fatalf("line %d: %q, %v", i, line, err)
		}
	}
}

// TestConnections: whoever comes when there are too many is told so.
func TestConnections(t *testing.T) {
	o := newOwner(t, nil)
	const hello = "GET /hello HTTP/1.1\r\nHost: keyward\r\n\r\n"
	conns := make([]*bufio.Reader, 256)
	for i := range conns {
		conns[i] = rawAdmin(t, o.dir, hello)
		if line, err := conns[i].ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatalf("connection %d: %q, %v", i, line, err)
		}
	}
	err := dialError(t, o.dir)
	if err == nil || !strings.Contains(err.Error(), "close some consoles or commands") {
		t.Errorf("error %v", err)
	}
}

// TestActor: the audit trail names the peer, and a read-only session is refused
// on record.
func TestActor(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{ReadOnly: true, Claimed: strings.Repeat("ä", 100)})
	_, err := c.CreateKey(t.Context(), tokenDraft(t, "one"))
	mustBe(t, err, model.ErrForbidden)
	page, err := c.Audit(t.Context(), model.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	e := page.Entries[0]
	if !e.Refused || e.Action != model.KeyCreated || e.Actor.UID != os.Getuid() || e.Actor.PID != os.Getpid() || e.Actor.User != userName(t) {
		t.Errorf("on record: %+v", e)
	}
	if n := len(e.Actor.Claimed); n == 0 || n > model.MaxName || !strings.HasPrefix(e.Actor.Claimed, "ää") {
		t.Errorf("claimed %q", e.Actor.Claimed)
	}
}

// alteredStore is a store whose audit trail somebody altered.
type alteredStore struct{ model.Store }

func (s alteredStore) Entries(ctx context.Context, first, last uint64) ([]*model.Entry, error) {
	list, err := s.Store.Entries(ctx, first, last)
	for _, e := range list {
		if e.Seq == 2 {
			e.Reason = "another"
		}
	}
	return list, err
}

func TestAuditFault(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{})
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.service, err = model.NewService(t.Context(), alteredStore{o.store}, model.Options{}); err != nil {
		t.Fatal(err)
	}
	_, err = c.VerifyAudit(t.Context())
	var fault *model.AuditFault
	if !errors.As(err, &fault) || *fault != (model.AuditFault{Seq: 2, Problem: "it was altered"}) {
		t.Errorf("error %#v", err)
	}
}

// TestHelperProcess dials as another user; it is run by TestOtherUser.
func TestHelperProcess(t *testing.T) {
	dir := os.Getenv("KEYWARD_TEST_DIAL")
	if dir == "" {
		t.Skip("it is run by TestOtherUser")
	}
	conn, err := net.Dial("unix", filepath.Join(dir, "admin.sock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /hello HTTP/1.1\r\nHost: keyward\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(body), err)
}

// TestOtherUser: the mode of the socket is not what keeps others out.
func TestOtherUser(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	o := newOwner(t, nil)
	for path, mode := range map[string]os.FileMode{o.dir: 0o755, filepath.Join(o.dir, "admin.sock"): 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(o.dir, "program") // where anybody may run it
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^TestHelperProcess$", "-test.v")
	cmd.Dir, cmd.Env = "/", append(os.Environ(), "KEYWARD_TEST_DIAL="+o.dir)
	asNobody(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "403 ") || !strings.Contains(string(out), "sudo -u root") || !strings.Contains(string(out), `"kind":"forbidden"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestEveryGoroutineEnds: nothing is left of an owner and its clients.
func TestEveryGoroutineEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{})
	if _, err := c.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"client", "function", "owner"} {
		ctx, cancel := context.WithCancel(t.Context())
		err := c.Follow(ctx, model.Following{Records: true, Decides: true}, func(u model.Update, ack func(uint64)) error {
			ack(u.Head.Seq)
			switch end {
			case "client":
				cancel()
			case "owner":
				return o.admin.Leave(t.Context())
			default:
				return io.EOF
			}
			return nil
		})
		cancel()
		if err == nil {
			t.Errorf("%s: no error", end)
		}
	}
	c.Close()
	o.close(t)
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines were there before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}

// TestNoSecretOnTheWire: no type that crosses the socket has room for a secret.
func TestNoSecretOnTheWire(t *testing.T) {
	for _, found := range server.WireTypesWith[model.Secret]() {
		t.Errorf("%s holds a secret", found)
	}
	if len(server.WireTypesWith[model.Digest]()) == 0 {
		t.Error("the search finds nothing at all")
	}
}

// FuzzAdminRequest: no bytes on the socket bring the owner down.
func FuzzAdminRequest(f *testing.F) {
	service, _ := newAdminService(f)
	admin := server.NewAdmin(server.AdminOptions{
		Hello:   func() server.Hello { return server.Hello{State: server.StateReady} },
		Service: func() *model.Service { return service },
		Log:     slog.New(slog.DiscardHandler),
	})
	for _, seed := range []struct{ method, body string }{
		{"Key", `{"ref":"x"}`}, {"Keys", `{"filter":"a","sort":"created","cursor":"x"}`},
		{"CreateKey", `{"draft":{"name":"a","kind":"token"},"primary":{"digest":"` + strings.Repeat("0A", 32) + `","hint":"abcd…efgh"},"secondary":{}}`},
		{"EditKey", `{"ref":"a","edit":{"slot":"primary","expires":"2026-11-21T00:00:00Z"},"certificate":"MAA="}`},
		{"RegenerateKey", `{"ref":"a","slot":"secondary","holding":{},"grace":-1}`},
		{"ChangeKeys", `{"refs":["a"],"bulk":{"disable":true}}`}, {"Check", `{"query":{},"method":"R0VU","url":"L8M="}`},
		{"CreateWorkflow", `{"name":"w","method":"GET","path":"/{a}?b={c}","upstreams":{"Test":"http://x"}}`},
		{"Audit", `{"since":"2026-11-21T00:00:00Z","limit":-1,"before":18446744073709551615}`}, {"Settle", `{"request":""}`},
		{"AddUsage", `{"usage":[{"key":"0000000000000001","slot":"","allowed":1,"denied":0}]}`}, {"Overlaps", `{"method":"","path":"{"}`},
	} {
		f.Add(seed.method, []byte(seed.body), "00112233445566778899aabbccddeeff", "why")
	}
	f.Fuzz(func(t *testing.T, method string, body []byte, request, reason string) {
		status, answer := server.AskAdmin(admin, url.PathEscape(method), body, request, reason)
		if status < 200 || status > 599 || !json.Valid(answer) {
			t.Errorf("%d %q", status, answer)
		}
	})
}

// TestRefusalsKeepTheConnection: a refused call does not take down the next one
// on its connection.
func TestRefusalsKeepTheConnection(t *testing.T) {
	o := newOwner(t, nil)
	dials := 0
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(o.dir, "admin.sock"))
	}}
	defer transport.CloseIdleConnections()
	for i := range 200 {
		r, err := http.NewRequest(http.MethodPost, "http://keyward/v1/"+[]string{"Nonsense", "Key"}[i%2], strings.NewReader(`{"ref":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		res, body := do(t, &http.Client{Transport: transport}, r)
		if res.StatusCode != http.StatusNotFound {
			t.Fatalf("%s %s", res.Status, body)
		}
	}
	if dials != 1 {
		t.Errorf("%d connections for 200 calls", dials)
	}
}
