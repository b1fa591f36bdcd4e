package server

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"dev.keyward/keyward/model"
)

// document is what a key's OpenAPI document is made from (spec §2.8).
type document struct {
	server      string // the URL through which the caller came
	key         *model.Key
	environment *model.Environment
	workflows   []*model.Workflow // permitted and bound, by name
	profile     bool              // calls must say _profile
	query       bool              // ?auth-key= is accepted
}

func (x *exchange) documentRequest(snapshot *model.Snapshot) document {
	d := &x.decision
	scheme := "http://"
	if x.r.TLS != nil {
		scheme = "https://"
	}
	return document{
		server: scheme + x.r.Host, key: d.Key, environment: d.Environment,
		workflows: snapshot.Permitted(d.Key),
		profile:   asksByQuery(snapshot, x.request, d.Environment),
		query:     !x.e.o.NoQuery && !d.Key.NoQuery,
	}
}

// asksByQuery reports whether a call without _profile through the same host
// would ask for another environment. model is asked, with the key assumed.
func asksByQuery(snapshot *model.Snapshot, r model.Request, e *model.Environment) bool {
	r.RawQuery, r.Assume = "", &model.Key{State: model.Enabled, Kind: model.TokenKey}
	d := snapshot.Identify(&r)
	return d.Environment != e
}

// The parts of OpenAPI 3.0.3 that a key's document uses, in the order in which
// people read them.
type (
	openAPIFile struct {
		OpenAPI    string                           `yaml:"openapi"`
		Info       openAPIInfo                      `yaml:"info"`
		Servers    []openAPIServer                  `yaml:"servers"`
		Security   []map[string][]string            `yaml:"security,omitempty"`
		Paths      map[string]map[string]*operation `yaml:"paths"`
		Components components                       `yaml:"components"`
	}
	openAPIInfo struct {
		Title       string `yaml:"title"`
		Version     string `yaml:"version"`
		Description string `yaml:"description"`
	}
	openAPIServer struct {
		URL         string `yaml:"url"`
		Description string `yaml:"description"`
	}
	operation struct {
		OperationID string              `yaml:"operationId"`
		Summary     string              `yaml:"summary"`
		Description string              `yaml:"description,omitempty"`
		Parameters  []*parameter        `yaml:"parameters,omitempty"`
		RequestBody *content            `yaml:"requestBody,omitempty"`
		Responses   map[string]response `yaml:"responses"`
	}
	parameter struct {
		Name        string `yaml:"name"`
		In          string `yaml:"in"`
		Required    bool   `yaml:"required"`
		Description string `yaml:"description,omitempty"`
		Schema      schema `yaml:"schema"`
	}
	schema struct {
		Type       string            `yaml:"type,omitempty"`
		Enum       []string          `yaml:"enum,omitempty,flow"`
		Properties map[string]schema `yaml:"properties,omitempty"`
	}
	content struct {
		Content map[string]mediaType `yaml:"content"`
	}
	mediaType struct {
		Schema schema `yaml:"schema"`
	}
	response struct {
		Ref         string               `yaml:"$ref,omitempty"`
		Description string               `yaml:"description,omitempty"`
		Content     map[string]mediaType `yaml:"content,omitempty"`
	}
	securityScheme struct {
		Type        string `yaml:"type"`
		In          string `yaml:"in,omitempty"`
		Name        string `yaml:"name,omitempty"`
		Scheme      string `yaml:"scheme,omitempty"`
		Description string `yaml:"description"`
	}
	components struct {
		Responses       map[string]response       `yaml:"responses"`
		SecuritySchemes map[string]securityScheme `yaml:"securitySchemes,omitempty"`
	}
)

// openAPIDocument writes the document of one key in one environment as YAML.
func openAPIDocument(d document) ([]byte, error) {
	file := openAPIFile{
		OpenAPI: "3.0.3",
		Info: openAPIInfo{
			Title: "Workflows of the key " + d.key.Name, Version: "1",
			Description: "What this key may invoke in the environment " + d.environment.Name + ".",
		},
		Servers: []openAPIServer{{URL: d.server, Description: d.environment.Name}},
		Paths:   map[string]map[string]*operation{},
		Components: components{Responses: map[string]response{"Denied": {
			Description: "No valid key, or one that does not permit this.",
			Content: map[string]mediaType{"application/json": {schema{Type: "object", Properties: map[string]schema{
				"Message": {Type: "string"}, "RequestId": {Type: "string"},
			}}}},
		}}},
	}
	d.secure(&file)
	if err := d.describePaths(&file); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(file); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	return out.Bytes(), nil
}

// secure says how the key is presented. OpenAPI 3.0 has no word for client
// certificates (3.1 calls it mutualTLS), so that one is said in prose.
func (d document) secure(file *openAPIFile) {
	if d.key.Kind == model.CertificateKey {
		file.Info.Description += " Present the key's client certificate in the TLS handshake."
		return
	}
	schemes := map[string]securityScheme{
		"key":    {Type: "apiKey", In: "header", Name: "Authorization", Description: "The header's value is Key=SECRET."},
		"bearer": {Type: "http", Scheme: "bearer", Description: "The token is the secret."},
	}
	file.Security = []map[string][]string{{"key": {}}, {"bearer": {}}}
	if d.query {
		schemes["query"] = securityScheme{Type: "apiKey", In: "query", Name: model.AuthKeyParam,
			Description: "Not recommended: URLs are logged by much software on the way."}
		file.Security = append(file.Security, map[string][]string{"query": {}})
	}
	file.Components.SecuritySchemes = schemes
}

// describePaths adds an operation a workflow. OpenAPI takes two templates that
// differ in their variables' names only for one path, so the first one's names
// stand for both.
func (d document) describePaths(file *openAPIFile) error {
	templates, ids := map[string]template{}, map[string]bool{}
	for _, w := range d.workflows {
		binding, err := model.ParseBinding(w.Method, w.Path)
		if err != nil {
			return fmt.Errorf("describing the workflow %q: %w", w.Name, err)
		}
		t := parseTemplate(w.Path)
		first, known := templates[t.shape]
		if !known {
			first = t
			templates[t.shape] = t
			file.Paths[t.path] = map[string]*operation{}
		}
		method := strings.ToLower(w.Method)
		if other := file.Paths[first.path][method]; other != nil {
			d.merge(other, w, binding)
			continue
		}
		file.Paths[first.path][method] = d.operation(w, binding, first, t, operationID(w.Name, ids))
	}
	return nil
}

func (d document) operation(w *model.Workflow, b *model.Binding, path, own template, id string) *operation {
	op := &operation{OperationID: id, Summary: w.Name, Responses: responses()}
	for i, name := range path.variables {
		p := &parameter{Name: name, In: "path", Required: true, Schema: schema{Type: "string"}}
		if own.variables[i] != name {
			p.Description = "The workflow calls it " + own.variables[i] + "."
		}
		op.Parameters = append(op.Parameters, p)
	}
	b.QueryVariables(func(param, variable string) {
		op.Parameters = append(op.Parameters, queryParameter(param, variable, true))
	})
	if d.profile {
		p := queryParameter(model.ProfileParam, "", true)
		p.Description, p.Schema.Enum = "The environment. Without it the call asks for another one.", []string{d.environment.Name}
		op.Parameters = append(op.Parameters, p)
	}
	switch w.Method {
	case "POST", "PUT", "PATCH":
		op.RequestBody = &content{map[string]mediaType{"*/*": {}}}
	}
	return op
}

func queryParameter(param, variable string, required bool) *parameter {
	p := &parameter{Name: param, In: "query", Required: required, Schema: schema{Type: "string"}}
	if variable != "" && variable != param {
		p.Description = "The workflow calls it " + variable + "."
	}
	return p
}

// merge adds a workflow with the method and path of another to its operation:
// they differ in the query at most.
func (d document) merge(op *operation, w *model.Workflow, b *model.Binding) {
	op.Description = strings.TrimSpace(op.Description + " The workflow " + w.Name +
		" is bound to the same method and path; a call that matches both is answered 409.")
	theirs := map[string]bool{model.ProfileParam: true}
	b.QueryVariables(func(param, variable string) {
		theirs[param] = true
		for _, p := range op.Parameters {
			if p.In == "query" && p.Name == param {
				return
			}
		}
		op.Parameters = append(op.Parameters, queryParameter(param, variable, false))
	})
	for _, p := range op.Parameters {
		if p.In == "query" && !theirs[p.Name] {
			p.Required = false
		}
	}
}

func responses() map[string]response {
	denied := response{Ref: "#/components/responses/Denied"}
	return map[string]response{"2XX": {Description: "What the workflow answers."}, "401": denied, "403": denied}
}

// template is a workflow's path as OpenAPI writes it.
type template struct {
	path      string   // "/customers/{id}"
	shape     string   // "/customers/{}"
	variables []string // "id"
}

// parseTemplate rewrites a template that model.ParseBinding accepts.
func parseTemplate(raw string) template {
	raw, _, _ = strings.Cut(raw, "?")
	raw = strings.TrimSuffix(strings.TrimPrefix(raw, "/"), "/")
	if raw == "" {
		return template{path: "/", shape: "/"}
	}
	var t template
	for s := range strings.SplitSeq(raw, "/") {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
		if strings.HasPrefix(s, "{") {
			t.path, t.shape = t.path+"/"+s, t.shape+"/{}"
			t.variables = append(t.variables, s[1:len(s)-1])
			continue
		}
		t.path, t.shape = t.path+"/"+url.PathEscape(s), t.shape+"/"+url.PathEscape(s)
	}
	return t
}

// operationID makes a name that code generators accept and that no other
// operation has.
func operationID(name string, taken map[string]bool) string {
	id := strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' {
			return '-'
		}
		return r
	}, name)
	for n, base := 2, id; taken[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	taken[id] = true
	return id
}
