package cli

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// TestDemoFills: the samples are all made, with the states that they are to
// show, and every caller of the traffic holds something.
func TestDemoFills(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	a := newApp(Env{Now: nil, Getenv: func(string) string { return "" }})
	samples, err := a.fillDemo(t.Context(), m.dir)
	if err != nil {
		t.Fatal(err)
	}
	m.now = a.env.Now()
	out, _ := m.run(0, "key", "list")
	for _, k := range demoKeys {
		if !strings.Contains(out, k.name) {
			t.Errorf("there is no key %s:\n%s", k.name, out)
		}
	}
	for status, want := range map[string]int{"✗ expired": 2, "! expiring": 2, "○ disabled": 1, "● enabled": 8} {
		if got := strings.Count(out, status); got != want {
			t.Errorf("%d keys are %q, want %d:\n%s", got, status, want, out)
		}
	}
	if out, _ := m.run(0, "key", "show", "reporting"); !strings.Contains(out, "works until") && !strings.Contains(out, "grace") {
		t.Errorf("the key reporting has nothing in its grace:\n%s", out)
	}
	m.run(0, "audit", "verify")
	for _, c := range demoCalls {
		_, certified := samples.certificates[c.caller]
		if c.caller != "" && !certified && samples.secrets[c.caller].IsZero() {
			t.Errorf("%s holds nothing", c.caller)
		}
	}
	samples.wipe()
}

// TestDemoRequests: what is sent is a request as net/http reads it, and its
// secret is where the endpoint takes it from.
func TestDemoRequests(t *testing.T) {
	t.Parallel()
	secret, err := model.NewSecret(strings.NewReader(strings.Repeat("x", 512)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range demoCalls {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.request(secret, "127.0.0.1:4242"))))
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.path, err)
			continue
		}
		if r.Method != c.method || r.Host != "localhost:4242" || strings.Contains(r.URL.String(), "%") ||
			r.Header.Get("Authorization") != "Key="+secret.Reveal() || !r.Close {
			t.Errorf("%s %s: sent as %s %s to %s", c.method, c.path, r.Method, r.URL, r.Host)
		}
	}
}

// TestAnyCall: each call is made as often as it weighs.
func TestAnyCall(t *testing.T) {
	t.Parallel()
	got := make([]int, len(demoCalls))
	for n := range allWeights {
		c := anyCall(n)
		got[slices.Index(demoCalls, c)]++
	}
	for i, c := range demoCalls {
		if got[i] != c.weight {
			t.Errorf("%s %s of %s: %d of %d, want %d", c.method, c.path, c.caller, got[i], allWeights, c.weight)
		}
	}
}
