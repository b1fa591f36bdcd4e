package cli

import (
	"encoding/json"
	"slices"

	"dev.keyward/keyward/model"
)

// operation is a call that an OpenAPI document describes.
type operation struct {
	id           string // its operationId, "" for none
	method, path string // the path with its server's base path before it
	rest         string // the path without that of the document's first server, "" where another one is before it
	trouble      string // why it cannot be read, "" for none
}

// document is what is read of an OpenAPI document.
type document struct {
	base       string // the path of the first server, "" for none
	operations []operation
}

// under is the document with another path in the place of its first server's. An
// operation, or a path, that names servers of its own keeps theirs.
func (d document) under(base string) document {
	d.base, d.operations = base, slices.Clone(d.operations)
	for i := range d.operations {
		if op := &d.operations[i]; op.rest != "" {
			op.path = base + op.rest
		}
	}
	return d
}

// outline is what of an OpenAPI document goes to the library: no schema, no
// reference, nothing else that a stranger could make costly.
type outline struct {
	OpenAPI    json.RawMessage            `json:"openapi"`
	Swagger    json.RawMessage            `json:"swagger,omitempty"`
	Servers    []*outlineServer           `json:"servers,omitempty"`
	Paths      map[string]json.RawMessage `json:"paths"`
	Components *outlineComponents         `json:"components,omitempty"`
}

type outlineComponents struct {
	PathItems map[string]json.RawMessage `json:"pathItems,omitempty"`
}

type outlineServer struct {
	URL       string                      `json:"url"`
	Variables map[string]*outlineVariable `json:"variables,omitempty"`
}

type outlineVariable struct {
	Default string `json:"default"`
}

type outlineItem struct {
	Ref     string            `json:"$ref,omitempty"`
	Servers []*outlineServer  `json:"servers,omitempty"`
	Get     *outlineOperation `json:"get,omitempty"`
	Put     *outlineOperation `json:"put,omitempty"`
	Post    *outlineOperation `json:"post,omitempty"`
	Delete  *outlineOperation `json:"delete,omitempty"`
	Options *outlineOperation `json:"options,omitempty"`
	Head    *outlineOperation `json:"head,omitempty"`
	Patch   *outlineOperation `json:"patch,omitempty"`
	Trace   *outlineOperation `json:"trace,omitempty"`
}

type outlineOperation struct {
	OperationID string           `json:"operationId,omitempty"`
	Servers     []*outlineServer `json:"servers,omitempty"`
}

// operations lists those of the item that are there.
func (i *outlineItem) operations() []*outlineOperation {
	all := []*outlineOperation{i.Get, i.Put, i.Post, i.Delete, i.Options, i.Head, i.Patch, i.Trace}
	return slices.DeleteFunc(all, func(o *outlineOperation) bool { return o == nil })
}

// rootless are the operations of a path without "/" at its beginning, which
// OpenAPI does not allow: nobody knows what it meant.
func (i *outlineItem) rootless(path string) []operation {
	trouble := "its path does not begin with /: write /" + model.Clean(cut(path, 60)) + " in the document"
	methods := []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}
	var all []operation
	for at, op := range []*outlineOperation{i.Get, i.Put, i.Post, i.Delete, i.Options, i.Head, i.Patch, i.Trace} {
		if op != nil {
			all = append(all, operation{id: op.OperationID, method: methods[at], path: path, trouble: trouble})
		}
	}
	if all == nil {
		all = []operation{{path: path, trouble: trouble}}
	}
	return all
}
