package model

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Workflow is something callable, with at most one binding. Only bound
// workflows can be permitted (spec §1).
type Workflow struct {
	ID        ID            `json:"id"`
	Name      string        `json:"name"`
	Method    string        `json:"method,omitempty"` // of the binding; "" while unbound
	Path      string        `json:"path,omitempty"`   // the binding's REST path template
	Upstreams map[ID]string `json:"upstreams,omitempty"`
	Created   Instant       `json:"created"`
	Changed   Instant       `json:"changed"`
}

// Bound reports whether the workflow has a binding.
func (w *Workflow) Bound() bool { return w.Method != "" }

func (w *Workflow) clone() *Workflow {
	c := *w
	c.Upstreams = maps.Clone(w.Upstreams)
	return &c
}

// Limits of a binding. They bound the matcher's work per request.
const (
	maxTemplate = 1024
	maxSegments = 32
	maxQueryVar = 16
)

// Binding is the parsed form of a method and a path template.
type Binding struct {
	Method   string
	segments []segment
	query    []queryVariable
}

// segment is one part of a template's path: a literal, decoded, or a variable.
type segment struct{ literal, variable string }

// queryVariable is one name={variable} of a template's query part.
type queryVariable struct{ name, variable string }

// Variables returns the names of the binding's variables, those of the path
// first, in the order of the template.
func (b *Binding) Variables() []string {
	var names []string
	for _, s := range b.segments {
		if s.variable != "" {
			names = append(names, s.variable)
		}
	}
	for _, q := range b.query {
		names = append(names, q.variable)
	}
	return names
}

// QueryVariables calls fn with the query parameter and the variable of each
// part of the template's query.
func (b *Binding) QueryVariables(fn func(param, variable string)) {
	for _, q := range b.query {
		fn(q.name, q.variable)
	}
}

// ParseBinding reads a method and a REST path template such as
// "/customers/{id}?since={from}" (spec §2.4). The error is an *InputError about
// "method" or "path".
func ParseBinding(method, template string) (*Binding, error) {
	if err := checkMethod(method); err != nil {
		return nil, err
	}
	if len(template) > maxTemplate {
		return nil, Invalid("path", "the path template has %d characters: %d is the most", len(template), maxTemplate)
	}
	path, query, hasQuery := strings.Cut(template, "?")
	b := &Binding{Method: method}
	seen := map[string]bool{}
	if err := b.parsePath(path, seen); err != nil {
		return nil, err
	}
	if hasQuery {
		if err := b.parseQuery(query, seen); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// methods are those of RFC 9110 §9 and RFC 5789 that an invoke may use.
// CONNECT and TRACE are answered by proxies themselves.
var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// Methods lists the HTTP methods that a binding may have.
func Methods() []string { return slices.Clone(methods) }

func checkMethod(method string) error {
	if slices.Contains(methods, method) {
		return nil
	}
	if slices.Contains(methods, strings.ToUpper(method)) {
		return Invalid("method", "write the method in upper case: %s", strings.ToUpper(method))
	}
	return Invalid("method", "the method %q cannot be bound: use one of %s", Clean(method), strings.Join(methods, ", "))
}

func (b *Binding) parsePath(path string, seen map[string]bool) error {
	if strings.Contains(path, "#") || !isClean(path) {
		return Invalid("path", "a path template has no \"#\" and no control characters")
	}
	raw, problem := templateSegments(path)
	if problem != "" {
		return Invalid("path", "the path template %q cannot be used: %s", Clean(path), problem)
	}
	if len(raw) > maxSegments {
		return Invalid("path", "the path template has %d segments: %d are the most", len(raw), maxSegments)
	}
	if len(raw) > 0 && reserved(raw[0], len(raw) == 1) {
		return Invalid("path", "%q is keyward's own path: choose another", Clean(path))
	}
	for _, s := range raw {
		seg, err := parseSegment(s, seen)
		if err != nil {
			return err
		}
		b.segments = append(b.segments, seg)
	}
	return nil
}

func templateSegments(path string) ([]string, pathProblem) {
	if path == "" || path[0] != '/' {
		return nil, "begin it with a slash, as in /customers/{id}"
	}
	return splitPath(path, nil)
}

func parseSegment(s string, seen map[string]bool) (segment, error) {
	if !strings.ContainsAny(s, "{}") {
		return segment{literal: s}, nil
	}
	name, ok := variableName(s)
	if !ok {
		return segment{}, Invalid("path", "in the segment %q a variable must be the whole segment: write {name} with letters, digits, \"-\" and \"_\"", Clean(s))
	}
	if seen[name] {
		return segment{}, Invalid("path", "the variable {%s} is there twice: give each its own name", name)
	}
	seen[name] = true
	return segment{variable: name}, nil
}

// variableName returns the name in "{name}".
func variableName(s string) (string, bool) {
	if len(s) < 3 || len(s) > MaxName+2 || s[0] != '{' || s[len(s)-1] != '}' {
		return "", false
	}
	name := s[1 : len(s)-1]
	for _, r := range name {
		if !nameRune(r) || r == ' ' || r == '.' {
			return "", false
		}
	}
	return name, true
}

func (b *Binding) parseQuery(query string, seen map[string]bool) error {
	for pair := range strings.SplitSeq(query, "&") {
		rawName, value, _ := strings.Cut(pair, "=")
		param, ok := unescape(rawName, true)
		name, isVar := variableName(value)
		switch {
		case !ok || param == "" || !isVar || !isClean(param) || strings.ContainsAny(param, ";{}"):
			return Invalid("path", "the query part %q cannot be used: write it as name={variable}, joined with \"&\"", Clean(pair))
		case ownParam(rawName):
			return Invalid("path", "the query parameter %q is keyward's own: choose another", param)
		case seen[name]:
			return Invalid("path", "the variable {%s} is there twice: give each its own name", name)
		case slices.ContainsFunc(b.query, func(q queryVariable) bool { return q.name == param }):
			return Invalid("path", "the query parameter %q is there twice", Clean(param))
		case len(b.query) == maxQueryVar:
			return Invalid("path", "the path template has more than %d query variables", maxQueryVar)
		}
		seen[name] = true
		b.query = append(b.query, queryVariable{param, name})
	}
	return nil
}

// Overlap returns a path that both bindings match, or "" when no request
// matches both. Two workflows that overlap make such requests fail with 409
// (spec §2.4), so whoever binds one is warned.
func Overlap(a, b *Binding) string {
	if a.Method != b.Method || len(a.segments) != len(b.segments) {
		return ""
	}
	var path strings.Builder
	for i, s := range a.segments {
		o := b.segments[i]
		example := s.literal
		switch {
		case s.variable != "" && o.variable != "":
			example = "x"
		case s.variable != "":
			example = o.literal
		case o.variable == "" && s.literal != o.literal:
			return ""
		}
		path.WriteString("/" + url.PathEscape(example))
	}
	if path.Len() == 0 {
		path.WriteByte('/')
	}
	return path.String() + exampleQuery(a, b)
}

// exampleQuery lists the query parameters that a request needs to match both.
func exampleQuery(a, b *Binding) string {
	var out []string
	for _, q := range slices.Concat(a.query, b.query) {
		if pair := url.QueryEscape(q.name) + "=x"; !slices.Contains(out, pair) {
			out = append(out, pair)
		}
	}
	if out == nil {
		return ""
	}
	return "?" + strings.Join(out, "&")
}

// CheckUpstream says why raw cannot receive invokes: an absolute http or https
// URL with a host and without user information, query or fragment. An invoke's
// path is appended to the URL's own.
func CheckUpstream(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil && strings.Contains(raw, "@"): // what stands before it may be a password
		return Invalid("upstream", "the upstream is not a URL: write http://HOST:PORT or https://HOST/PATH")
	case err != nil || !isClean(raw) || len(raw) > 2048:
		return Invalid("upstream", "the upstream %q is not a URL: write http://HOST:PORT or https://HOST/PATH", Clean(raw))
	case u.Scheme != "http" && u.Scheme != "https":
		return Invalid("upstream", "the upstream %q must begin with http:// or https://", Clean(raw))
	case u.Host == "" || u.Hostname() == "":
		return Invalid("upstream", "the upstream %q names no host", Clean(raw))
	case !upstreamPort(u.Port()):
		return Invalid("upstream", "the port of the upstream %q is none: use 1 to 65535", Clean(raw))
	case u.Path != "" && u.Path != "/" && pathTrouble(u.EscapedPath()) != "":
		return Invalid("upstream", "the path of the upstream %q cannot be used: %s", Clean(raw), pathTrouble(u.EscapedPath()))
	case u.User != nil:
		return Invalid("upstream", "an upstream URL may not hold a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return Invalid("upstream", "the upstream %q may not have a query or a fragment", Clean(raw))
	}
	return nil
}

func upstreamPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

func pathTrouble(path string) pathProblem {
	_, problem := splitPath(path, nil)
	return problem
}
