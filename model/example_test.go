package model_test

import (
	"testing"

	"dev.keyward/keyward/model"
)

func TestExampleCall(t *testing.T) {
	t.Parallel()
	bound := func(method, path string) model.WorkflowRef { return model.WorkflowRef{Method: method, Path: path} }
	for _, test := range []struct {
		name           string
		workflows      []model.WorkflowRef
		environment    string
		production     bool
		method, target string
	}{
		{"none", nil, "", false, "", "/path"},
		{"unbound ones", []model.WorkflowRef{{Name: "a"}}, "Test", false, "", "/path?_profile=Test"},
		{"the first", []model.WorkflowRef{{Name: "a"}, bound("POST", "/orders"), bound("PUT", "/b")}, "", false, "POST", "/orders"},
		{"one that changes nothing", []model.WorkflowRef{bound("DELETE", "/a"), bound("GET", "/b")}, "", false, "GET", "/b"},
		{"one that deletes nothing", []model.WorkflowRef{bound("DELETE", "/a"), bound("PUT", "/b"), bound("POST", "/c")}, "", false, "PUT", "/b"},
		{"no body", []model.WorkflowRef{bound("POST", "/a"), bound("HEAD", "/b")}, "", false, "HEAD", "/b"},
		{"nothing but a delete", []model.WorkflowRef{bound("DELETE", "/a/{id}")}, "", false, "DELETE", "/a/1"},
		{"production", []model.WorkflowRef{bound("GET", "/a")}, "Production", true, "GET", "/a"},
		{"variables", []model.WorkflowRef{bound("GET", "/c/{id}?since={from}&to={to}")}, "User Test", false, "GET", "/c/1?since=1&to=1&_profile=User%20Test"},
		{"escapes", []model.WorkflowRef{bound("GET", "/a b/é/x%20y?a+b={c}")}, "", false, "GET", "/a%20b/%C3%A9/x%20y?a+b=1"},
		{"the root", []model.WorkflowRef{bound("GET", "/")}, "", false, "GET", "/"},
		{"no template", []model.WorkflowRef{bound("GET", "/{a}{\x1b}")}, "", false, "GET", "/{a}{\ufffd}"},
	} {
		method, target := model.ExampleCall(test.workflows, test.environment, test.production)
		if method != test.method || target != test.target {
			t.Errorf("%s: got %s %s, want %s %s", test.name, method, target, test.method, test.target)
		}
	}
}

func TestChangesData(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{"": false, "GET": false, "HEAD": false, "OPTIONS": false, "POST": true, "DELETE": true, "PATCH": true} {
		if got := model.ChangesData(method); got != want {
			t.Errorf("%s: got %v", method, got)
		}
	}
}

func TestCurlMethod(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{"": "", "GET": "", "HEAD": "--head", "POST": "-X POST"} {
		if got := model.CurlMethod(method); got != want {
			t.Errorf("%s: got %q, want %q", method, got, want)
		}
	}
}
