package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// machine is a data directory with a clock.
type machine struct {
	t   *testing.T
	now time.Time
	dir string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	return &machine{t, time.Date(2026, time.November, 21, 9, 30, 0, 0, time.UTC), filepath.Join(t.TempDir(), "data")}
}

// run runs a command that must exit with code and returns what it printed.
func (m *machine) run(code int, args ...string) (stdout, stderr string) {
	m.t.Helper()
	var out, err bytes.Buffer
	got := Run(m.t.Context(), Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
		Getenv: func(name string) string { return map[string]string{"KEYWARD_DATA": m.dir}[name] },
		Now:    func() time.Time { return m.now },
	})
	if got != code {
		m.t.Fatalf("keyward %q: exit code %d, want %d\n%s", args, got, code, err.String())
	}
	return out.String(), err.String()
}

func TestTimePasses(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(0, "workflow", "create", "Ping", "--method", "GET", "--path", "/ping")
	m.run(0, "key", "create", "brief", "--environment", "Production", "--workflow", "Ping", "--expires", "2026-11-30", "--json")
	status := func(want string) {
		t.Helper()
		if out, _ := m.run(0, "key", "list"); !strings.Contains(out, want) {
			t.Errorf("at %v the list has no %q:\n%s", m.now, want, out)
		}
	}
	status("! expiring")
	m.now = time.Date(2026, time.November, 30, 23, 59, 58, 0, time.UTC)
	m.run(0, "check", "GET", "/ping", "--key", "brief")
	m.now = m.now.Add(time.Second)
	status("✗ expired")
	if out, _ := m.run(5, "check", "GET", "/ping", "--key", "brief"); !strings.Contains(out, "key-expired") {
		t.Errorf("an expired key is denied so:\n%s", out)
	}
	m.run(0, "key", "edit", "brief", "--expires", "4w")
	m.run(0, "check", "GET", "/ping", "--key", "brief")
}

func TestCertificateEnds(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	certs := t.TempDir()
	m.run(0, "cert", "generate", "--out", certs, "--name", "c", "--algorithm", "p256", "--days", "10")
	m.run(0, "cert", "generate", "--out", certs, "--name", "d", "--algorithm", "p256", "--days", "10")
	cert := filepath.Join(certs, "c.crt")
	if _, warnings := m.run(0, "key", "create", "partner", "--cert", cert, "--environment", "Test"); !strings.Contains(warnings, "ends soon (10 days left)") {
		t.Errorf("a certificate that ends soon is warned of so:\n%s", warnings)
	}
	m.now = m.now.AddDate(0, 0, 11)
	if out, _ := m.run(0, "key", "show", "partner"); !strings.Contains(out, "expired 1 day ago") {
		t.Errorf("an expired certificate is shown so:\n%s", out)
	}
	late := filepath.Join(certs, "d.crt")
	if _, refusal := m.run(2, "key", "edit", "partner", "--slot", "secondary", "--cert", late); !strings.Contains(refusal, "expired 2026-12-01") {
		t.Errorf("an expired certificate is refused so:\n%s", refusal)
	}
}

// manyKeys is a list of so many keys.
type manyKeys struct {
	Keys
	total, pages int
}

type keyLister struct{ *manyKeys }

func (l keyLister) Keys(_ context.Context, q model.KeyQuery) (model.KeyPage, error) {
	from := 0
	_, _ = fmt.Sscan(q.Cursor, &from)
	if q.Limit == 0 {
		q.Limit = model.MaxPage
	}
	l.pages++
	page := model.KeyPage{All: l.total, Total: l.total}
	to := min(from+q.Limit, l.total)
	for i := from; i < to; i++ {
		page.Keys = append(page.Keys, model.KeyRow{ID: model.ID(i + 1), Name: fmt.Sprintf("key-%06d", i), Kind: model.TokenKey, Status: model.StatusEnabled})
	}
	if to < l.total {
		page.Next = fmt.Sprint(to)
	}
	return page, nil
}

func TestListsPageByPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ total, limit, shown, pages int }{
		{0, 0, 0, 1}, {1, 0, 1, 1}, {1000, 0, 1000, 1}, {1001, 0, 1001, 2}, {2500, 0, 2500, 3},
		{2500, 10, 10, 1}, {2500, 1500, 1500, 2}, {10, 1500, 10, 1},
	} {
		for _, asJSON := range []bool{false, true} {
			var out bytes.Buffer
			a := newApp(Env{Stdout: &out, Stderr: io.Discard})
			a.data = t.TempDir()
			a.json = asJSON
			l := keyLister{&manyKeys{total: test.total}}
			if err := a.listKeys(t.Context(), l, model.KeyQuery{}, test.limit); err != nil {
				t.Fatal(err)
			}
			if err := a.flush(); err != nil {
				t.Fatal(err)
			}
			var rows []model.KeyRow
			if !asJSON {
				rows = make([]model.KeyRow, strings.Count(out.String(), "key-"))
			} else if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
				t.Fatalf("%+v: %v", test, err)
			}
			if len(rows) != test.shown || l.pages != test.pages {
				t.Errorf("%+v: %d keys shown in %d pages", test, len(rows), l.pages)
			}
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	ctx, cancel := context.WithCancel(t.Context())
	stdin, silent := io.Pipe()
	defer func() { _ = silent.Close() }()
	time.AfterFunc(50*time.Millisecond, cancel)
	var stderr bytes.Buffer
	code := Run(ctx, Env{
		Args: []string{"check", "GET", "/", "--secret-file", "-", "--data", m.dir}, Stdin: stdin, Stdout: io.Discard, Stderr: &stderr,
		Getenv: func(string) string { return "" },
	})
	if code != 130 || stderr.String() != "keyward: interrupted\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}
