package server_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// document asks for the document of the key called name.
func openAPI(t *testing.T, w *world, r *running, name, query, host string) string {
	t.Helper()
	req := request(t, "GET", "https://"+r.tls+"/openapi.yml"+query, w.header(name))
	req.Host = host
	res, body := do(t, r.client(t, true, nil), req)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/yaml" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %v %s", res.StatusCode, res.Header, body)
	}
	return body
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant, as in %s,\n%s", got, file, want)
	}
	var parsed map[string]any
	if err := yaml.Unmarshal([]byte(got), &parsed); err != nil || parsed["openapi"] != "3.0.3" {
		t.Errorf("the document does not read as YAML: %v", err)
	}
}

func TestOpenAPI(t *testing.T) {
	w := newWorld(t)
	const ( // of paths that collide
		put model.ID = 50 + iota
		again
		odd
	)
	w.workflows = append(w.workflows,
		&model.Workflow{ID: put, Name: "Customer update", Method: "PUT", Path: "/customers/{customer}/"},
		&model.Workflow{ID: again, Name: "Search more", Method: "GET", Path: "/search?q={words}&page={p}"},
		&model.Workflow{ID: odd, Name: "Odd 1", Method: "GET", Path: "/a%20b/{x}/%3Fc"},
		&model.Workflow{ID: odd + 1, Name: "Unbound"},
	)
	w.change("full", func(k *model.Key) { k.Workflows = append(k.Workflows, put, again, odd, odd+1) })
	w.token("nothing", func(k *model.Key) { k.Workflows = nil })
	w.publish()
	r := w.serve(nil)
	golden(t, "openapi-full", openAPI(t, w, r, "full", "", "api.example.com"))
	golden(t, "openapi-test", openAPI(t, w, r, "tester", "?_profile=Test", "api.example.com"))
	golden(t, "openapi-nothing", openAPI(t, w, r, "nothing", "", "api.example.com"))
	if body := openAPI(t, w, r, "tester", "", "test.example.com"); strings.Contains(body, "_profile") {
		t.Errorf("through the environment's own host _profile is not needed:\n%s", body)
	}
	if body := openAPI(t, w, r, "no-query", "", "x"); strings.Contains(body, "auth-key") {
		t.Errorf("a key that takes no secret from the query is told of auth-key:\n%s", body)
	}
}

func TestOpenAPIOfCertificate(t *testing.T) {
	w := newWorld(t)
	r := w.serve(nil)
	pair := newPair(t, ecdsaKey(t), nil)
	w.certificate("machine", pair.Certificate[0])
	_, body := do(t, r.client(t, true, &pair), request(t, "GET", "https://"+r.tls+"/openapi.yml", ""))
	if strings.Contains(body, "securitySchemes") || !strings.Contains(body, "client certificate") {
		t.Errorf("got\n%s", body)
	}
}

func TestOpenAPIDenials(t *testing.T) {
	w := newWorld(t)
	for _, uniform := range []bool{false, true} {
		h := w.endpoint(func(o *server.Options) { o.DenyUniform = uniform }).Handler()
		for _, c := range []struct {
			method, query, key string
			want               int
		}{
			{"GET", "", "", 401}, {"GET", "", "disabled", 401}, {"GET", "", "tester", 403}, {"GET", "?_profile=no", "full", 403},
			{"GET", "?_profile=", "full", 400}, {"POST", "", "full", 405}, {"HEAD", "", "full", 200},
		} {
			d := denial{method: c.method, target: "/openapi.yml" + c.query}
			if c.key != "" {
				d.authorization = []string{w.header(c.key)}
			}
			want := c.want
			if uniform && want != 405 && want != 200 {
				want = http.StatusNotFound
			}
			if rec := d.send(h); rec.Code != want {
				t.Errorf("%+v, uniform %v: got %d, want %d", c, uniform, rec.Code, want)
			}
		}
	}
}
