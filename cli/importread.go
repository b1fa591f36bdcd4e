package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"dev.keyward/keyward/model"
)

// Limits of an OpenAPI document. They bound the time and the memory that one
// from a stranger can cost.
const (
	importLimit      = 10 << 20 // bytes
	maxOperations    = 2000
	maxServerURL     = 2048
	maxServerDefault = 256
	maxRefHops       = 8
)

// readDocument reads an OpenAPI 3 document, JSON or YAML. References within the
// document from a path to a path item are followed, all others are not. The
// error says what is wrong with the document.
func readDocument(data []byte) (document, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) == 0 {
		return document{}, badDocument("it is empty")
	} else if text[0] != '{' {
		pruned, err := pruneYAML(data)
		if err != nil {
			return document{}, err
		}
		data = pruned
	}
	var o outline
	if err := json.Unmarshal(data, &o); err != nil {
		return document{}, jsonTrouble(err)
	}
	if err := o.checkVersion(); err != nil {
		return document{}, err
	}
	return o.read()
}

func badDocument(format string, args ...any) error {
	return model.Invalid("file", "the OpenAPI document cannot be read: "+format, args...)
}

// jsonTrouble is err without the words of Go.
func jsonTrouble(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return badDocument("at byte %d it is no JSON (%s)", syntax.Offset, model.Clean(strings.TrimPrefix(syntax.Error(), "json: ")))
	case errors.As(err, &kind):
		return badDocument("%q may not be a JSON %s", model.Clean(cut(kind.Field, 100)), kind.Value)
	}
	return badDocument("%s", model.Clean(err.Error()))
}

func (o *outline) checkVersion() error {
	version := strings.Trim(string(o.OpenAPI), `"`)
	switch {
	case len(o.OpenAPI) == 0 && len(o.Swagger) > 0:
		return model.Invalid("file", "the document is of Swagger 2: convert it to OpenAPI 3 first")
	case len(o.OpenAPI) == 0:
		return model.Invalid("file", "the document has no \"openapi\" line, so it is no OpenAPI 3 document: give one")
	case version != "3" && !strings.HasPrefix(version, "3."):
		return model.Invalid("file", "the document is of OpenAPI %q: give one of version 3", model.Clean(cut(version, 20)))
	}
	return nil
}

// read hands the outline to the library and lists the operations, by path and
// then in the order of model.Methods.
func (o *outline) read() (document, error) {
	var doc document
	items := map[string]*outlineItem{}
	count := 0
	for _, path := range slices.Sorted(maps.Keys(o.Paths)) {
		if strings.HasPrefix(path, "x-") {
			continue // an extension
		}
		item, trouble, err := o.item(o.Paths[path])
		rootless := !strings.HasPrefix(path, "/")
		switch {
		case err != nil && rootless:
			item = &outlineItem{} // it is named all the same
		case err != nil:
			return doc, err
		}
		count += max(1, len(item.operations()))
		if count > maxOperations {
			return doc, model.Invalid("file", "the document has more than %d operations: divide it", maxOperations)
		}
		switch {
		case trouble != "":
			doc.operations = append(doc.operations, operation{path: path, trouble: trouble})
			continue
		case rootless:
			doc.operations = append(doc.operations, item.rootless(path)...)
			continue
		}
		items[path] = item
	}
	if err := checkServers(o.Servers); err != nil {
		return doc, err
	}
	t, err := load(o.Servers, items)
	if err != nil {
		return doc, err
	}
	return doc, doc.fill(t)
}

// item reads a path item, through references within the document.
func (o *outline) item(raw json.RawMessage) (item *outlineItem, trouble string, err error) {
	for range maxRefHops {
		item = &outlineItem{}
		if err := json.Unmarshal(raw, item); err != nil {
			return nil, "", jsonTrouble(err)
		}
		if item.Ref == "" {
			return item, "", item.check()
		}
		if !strings.HasPrefix(item.Ref, "#") {
			return item, "its operations are in another file, which is not read: put them into one document", nil
		}
		var found bool
		if raw, found = o.resolve(item.Ref); !found {
			return item, "its reference " + model.Clean(cut(item.Ref, 60)) + " leads nowhere: mend it", nil
		}
	}
	return item, "its reference leads in a circle or too far: mend it", nil
}

// resolve finds a path item of the document by its JSON pointer.
func (o *outline) resolve(ref string) (json.RawMessage, bool) {
	unescape := strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}", "%7b", "{", "%7d", "}")
	if name, ok := strings.CutPrefix(ref, "#/paths/"); ok {
		raw, found := o.Paths[unescape.Replace(name)]
		return raw, found
	}
	name, ok := strings.CutPrefix(ref, "#/components/pathItems/")
	if !ok || o.Components == nil {
		return nil, false
	}
	raw, found := o.Components.PathItems[unescape.Replace(name)]
	return raw, found
}

func (i *outlineItem) check() error {
	if err := checkServers(i.Servers); err != nil {
		return err
	}
	for _, op := range i.operations() {
		if err := checkServers(op.Servers); err != nil {
			return err
		}
	}
	return nil
}

// checkServers refuses what would grow beyond all bounds when the variables are
// filled in, or stand for nothing.
func checkServers(servers []*outlineServer) error {
	for _, s := range servers {
		if s == nil {
			return badDocument("a server is missing in its list")
		}
		if len(s.URL) > maxServerURL {
			return badDocument("a server's URL has %d bytes, %d are the most", len(s.URL), maxServerURL)
		}
		for name, v := range s.Variables {
			if v == nil || len(v.Default) > maxServerDefault || strings.ContainsAny(v.Default, "{}") || name == "" {
				return badDocument("the server variable %q needs a default of at most %d characters without braces", model.Clean(cut(name, 60)), maxServerDefault)
			}
		}
	}
	return nil
}

// load has the library read the outline. There is no reference in it any more;
// the library may follow none.
func load(servers []*outlineServer, items map[string]*outlineItem) (*openapi3.T, error) {
	data, err := json.Marshal(map[string]any{
		"openapi": "3.0.3", "info": map[string]string{"title": "import", "version": "1"}, "servers": servers, "paths": items,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	t, err := loader.LoadFromData(data)
	if err != nil {
		return nil, badDocument("%s", model.Clean(cut(err.Error(), 300)))
	}
	return t, nil
}

func (d *document) fill(t *openapi3.T) (err error) {
	if d.base, err = basePath(t.Servers); err != nil {
		return err
	}
	paths := t.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path]
		itemBase, itemRest := d.base, path
		if len(item.Servers) > 0 {
			itemRest = ""
			if itemBase, err = basePath(item.Servers); err != nil {
				return err
			}
		}
		operations := item.Operations()
		for _, method := range slices.SortedFunc(maps.Keys(operations), compareMethods) {
			op, base, rest := operations[method], itemBase, itemRest
			if op.Servers != nil && len(*op.Servers) > 0 {
				rest = ""
				if base, err = basePath(*op.Servers); err != nil {
					return err
				}
			}
			d.operations = append(d.operations, operation{id: op.OperationID, method: method, path: base + path, rest: rest})
		}
	}
	return nil
}

// basePath is the path of the first server, without a slash at its end.
func basePath(servers openapi3.Servers) (string, error) {
	base, err := servers.BasePath()
	if err != nil {
		return "", badDocument("its server's URL %q is none: write https://HOST/PATH or /PATH", model.Clean(cut(servers[0].URL, 100)))
	}
	return strings.TrimRight(base, "/"), nil
}

// compareMethods orders methods as model.Methods does, others after them.
func compareMethods(a, b string) int {
	rank := func(m string) int {
		if i := slices.Index(model.Methods(), m); i >= 0 {
			return i
		}
		return len(model.Methods())
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
