package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

// TestHostileDocuments: what a stranger may send is refused in a sentence, or
// read without what makes it hostile. The figures are generous: without the
// limits each of these takes minutes or gigabytes.
func TestHostileDocuments(t *testing.T) {
	const head = "openapi: 3.0.0\npaths:\n"
	var laughs strings.Builder
	laughs.WriteString("openapi: 3.0.0\na0: &a0 {get: {operationId: x}}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d {<<: [*a%d, *a%d, *a%d]}\n", i, i, i-1, i-1, i-1)
	}
	wide := "openapi: 3.0.0\nmany: &many {" + strings.Repeat("a: 1, ", 1) + manyFields(20000) + "}\npaths:\n"
	for i := range 200 {
		wide += fmt.Sprintf("  /p%d: {get: *many}\n", i)
	}
	fill := func(s string) string { return strings.Repeat(s, importLimit/len(s)) }
	for _, test := range []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"binary", "\x00\x01\x02", "it is no YAML"},
		{"list", "- a\n", "neither a JSON object"},
		{"no version", "paths: {}\n", "no \"openapi\" line"},
		{"version 2", `{"swagger": "2.0"}`, "Swagger 2"},
		{"version 4", "openapi: 4.0.0\n", "version 3"},
		{"cut off", `{"openapi": "3.0.0", "paths": {`, "is no JSON"},
		{"paths of text", `{"openapi": "3.0.0", "paths": "x"}`, `"paths" may not be`},
		{"item of text", head + "  /a: text\n", "line 3 should begin a mapping"},
		{"path twice", head + "  /a: {}\n  /a: {}\n", "line 4 names \"/a\" again"},
		{"merge bomb", laughs.String() + "paths: {/a: *a39}\n", "too deep"},
		{"wide aliases", wide, "counting what its aliases stand for"},
		{"alias in itself", head + "  /a: &a {<<: *a}\n", ""},
		{"deep YAML", head + "  /a: " + strings.Repeat("[", race.Sample(1_000_000, 100_000)), "it is no YAML"},
		{"deep mappings", "openapi: 3.0.0\nx: " + strings.Repeat("{a: ", race.Sample(500_000, 50_000)), "it is no YAML"},
		{"deep JSON", `{"openapi": "3.0.0", "paths": ` + strings.Repeat(`{"a":`, race.Sample(1_000_000, 100_000)), "is no JSON"},
		{"many nodes", fill("a,") + "]", "too many parts"},
		{"many comments", fill("#\n"), "too many parts"},
		{"many operations", `{"openapi": "3.0.0", "paths": {` + manyPaths(race.Sample(300_000, 30_000)) + `}}`, "more than 2000 operations"},
		{"servers that grow", "openapi: 3.0.0\nservers: [{url: '{a}', variables: {a: {default: '{b}{b}'}}}]\npaths: {}\n", "without braces"},
		{"server of nothing", `{"openapi": "3.0.0", "servers": [null], "paths": {}}`, "a server is missing"},
		{"server of another kind", "openapi: 3.0.0\nservers: [{url: 'example.com/v1'}]\npaths: {}\n", "write https://HOST/PATH"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readDocument([]byte(test.text))
			runtime.ReadMemStats(&after)
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 800 {
				t.Errorf("it took %d MiB", used)
			}
			switch {
			case test.want == "":
				if err != nil && !errors.Is(err, model.ErrInvalid) {
					t.Error(err)
				}
			case err == nil || !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 500:
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d: 1, ", i)
	}
	return b.String()
}

func manyPaths(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"/%d":{"get":{}},`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// TestReferencesStayInside: references that leave the document, lead nowhere or
// in a circle are named, and nothing is fetched.
func TestReferencesStayInside(t *testing.T) {
	doc, err := readDocument([]byte(`{"openapi": "3.1.0", "paths": {
		"/circle": {"$ref": "#/paths/~1round"}, "/round": {"$ref": "#/paths/~1circle"},
		"/far": {"$ref": "https://127.0.0.1:1/x.json"}, "/file": {"$ref": "/etc/passwd"},
		"/lost": {"$ref": "#/components/pathItems/none"}, "/odd": {"$ref": "#/info"},
		"/fine": {"get": {"operationId": "fine", "responses": {"200": {"$ref": "https://127.0.0.1:1/y.json"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, op := range doc.operations {
		got[op.path] = op.trouble
	}
	for path, want := range map[string]string{
		"/circle": "in a circle", "/round": "in a circle", "/far": "another file", "/file": "another file", "/lost": "leads nowhere", "/odd": "leads nowhere",
	} {
		if !strings.Contains(got[path], want) {
			t.Errorf("%s: %q, want %q", path, got[path], want)
		}
	}
	if got["/fine"] != "" || len(got) != 7 {
		t.Errorf("the operations are %q", got)
	}
}

// Another path takes the place of the document's own server alone, and the
// document stays what it was.
func TestImportUnderAnotherPath(t *testing.T) {
	doc, err := readDocument([]byte(`{"openapi": "3.0.0", "servers": [{"url": "https://x.example/v1"}], "paths": {
		"/a": {"get": {}, "put": {"servers": [{"url": "/own"}]}},
		"/b": {"servers": [{"url": "/other"}], "get": {}, "put": {"servers": [{"url": "/own"}]}}, "c": {"get": {}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{
		"": "c /a /own/a /other/b /own/b", "/x/{y}": "c /x/{y}/a /own/a /other/b /own/b", doc.base: "c /v1/a /own/a /other/b /own/b",
	} {
		var got []string
		moved := doc.under(base)
		for _, op := range moved.operations {
			got = append(got, op.path)
		}
		if strings.Join(got, " ") != want || moved.base != base {
			t.Errorf("under %q: %q", base, got)
		}
	}
	if doc.operations[1].path != "/v1/a" {
		t.Error("the document itself was changed")
	}
}

func TestImportNames(t *testing.T) {
	long := strings.Repeat("x", 70)
	for _, test := range []struct {
		name, prefix string
		operations   []operation
		want         []string
	}{
		{"as it is", "", []operation{{id: "list.Books_2-a"}}, []string{"list.Books_2-a"}},
		{"other characters", "", []operation{{id: "a/b::ü c"}}, []string{"a-b- c"}},
		{"method and path", "", []operation{{method: "GET", path: "/a/{b}"}, {method: "GET", path: "/"}}, []string{"GET-a-b", "GET"}},
		{"nothing left", "", []operation{{id: "検索", method: "GET", path: "/s"}}, []string{"GET-s"}},
		{"clash in another case", "", []operation{{id: "Get"}, {id: "get"}, {id: "GET"}, {id: "get-2"}}, []string{"Get", "get-2", "GET-3", "get-2-2"}},
		{"long", "", []operation{{id: long}, {id: long}}, []string{long[:64], long[:62] + "-2"}},
		{"prefix", "lib ", []operation{{id: "a"}, {id: "a"}}, []string{"lib a", "lib a-2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range planImport(test.operations, nil, test.prefix) {
				got = append(got, r.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the names differ (-want +got):\n%s", diff)
			}
		})
	}
}

// failing creates so many workflows and then fails.
type failing struct {
	Backend
	left int
}

var errFull = errors.New("the disk is full")

func (f *failing) CreateWorkflow(_ context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	if f.left--; f.left < 0 {
		return model.WorkflowInfo{}, errFull
	}
	return model.WorkflowInfo{}, nil
}

func TestImportSaysHowFarItCame(t *testing.T) {
	o := workflowImport{answer: imported{Workflows: []importRow{{Name: "a"}, {Name: "b", Conflict: true}, {Name: "c"}, {Name: "d"}}}}
	o.answer.count()
	err := o.create(t.Context(), &failing{left: 1}, newProgress("importing", time.Now))
	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), `1 of 3 workflows were created, the next, "c", was not`) {
		t.Errorf("the error is %v", err)
	}
	want := []importRow{{Name: "a", Created: true}, {Name: "b", Conflict: true}, {Name: "c"}, {Name: "d"}}
	if diff := cmp.Diff(want, o.answer.Workflows, cmp.AllowUnexported(importRow{})); diff != "" {
		t.Errorf("the answer differs (-want +got):\n%s", diff)
	}
}
