package model

import (
	"net/url"
	"strings"
)

// ExampleCall returns a call that a key may make: one of its bound workflows,
// if it can be one that changes nothing, else one that deletes nothing, with 1 for each variable, and the
// environment in the query where a call has to name it ("" is any). Without a
// bound workflow method is "" and the target only shows the form.
func ExampleCall(workflows []WorkflowRef, environment string, production bool) (method, target string) {
	path, pairs := "/path", []string(nil)
	if w, ok := exampleWorkflow(workflows); ok {
		method = w.Method
		path, pairs = exampleTarget(w)
	}
	if environment != "" && !production {
		pairs = append(pairs, ProfilePair(environment))
	}
	if len(pairs) == 0 {
		return method, path
	}
	return method, path + "?" + strings.Join(pairs, "&")
}

// ChangesData reports whether a call by that method may change something, by what
// HTTP says of methods (RFC 9110 section 9.2.1): a GET, HEAD, OPTIONS or TRACE may
// not. Where there is no method there is no call.
func ChangesData(method string) bool {
	switch method {
	case "", "GET", "HEAD", "OPTIONS", "TRACE":
		return false
	}
	return true
}

// exampleRank puts what changes nothing first, and what deletes last.
func exampleRank(w WorkflowRef) int {
	switch {
	case w.Method == "GET":
		return 0
	case !ChangesData(w.Method):
		return 1
	case w.Method == "DELETE":
		return 3
	}
	return 2
}

func exampleWorkflow(workflows []WorkflowRef) (w WorkflowRef, ok bool) {
	for _, other := range workflows {
		if other.Method != "" && (!ok || exampleRank(other) < exampleRank(w)) {
			w, ok = other, true
		}
	}
	return w, ok
}

// exampleTarget fills the template of a workflow's binding.
func exampleTarget(w WorkflowRef) (path string, pairs []string) {
	b, err := ParseBinding(w.Method, w.Path)
	if err != nil { // it was bound under other rules
		return Clean(w.Path), nil
	}
	for _, s := range b.segments {
		value := url.PathEscape(s.literal)
		if s.variable != "" {
			value = "1"
		}
		path += "/" + value
	}
	for _, q := range b.query {
		pairs = append(pairs, url.QueryEscape(q.name)+"=1")
	}
	return max(path, "/"), pairs
}

// ProfilePair is the query's pair that names an environment:
// "_profile=User%20Test".
func ProfilePair(environment string) string {
	return ProfileParam + "=" + strings.ReplaceAll(url.QueryEscape(environment), "+", "%20")
}

// CurlMethod returns curl's option for a method, or "" for GET. With -X HEAD
// curl would wait for a body that never comes.
func CurlMethod(method string) string {
	switch method {
	case "", "GET":
		return ""
	case "HEAD":
		return "--head"
	}
	return "-X " + ShellQuote(method)
}
