package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"dev.keyward/keyward/model"
)

// Limits of a YAML document, beside those of any: a node costs far more memory
// than its text, and an alias stands for as much as somebody likes.
const (
	maxYAMLMarks = 1_500_000 // line ends, commas, colons and brackets: there are no more nodes
	maxYAMLNodes = 500_000   // looked at for the outline, through aliases
)

// shape says what is taken out of a YAML document: text, or certain fields of a
// mapping, every field of a mapping, or every element of a list.
type shape struct {
	fields     map[string]*shape
	each, list *shape
}

var (
	textShape      = &shape{}
	serverShape    = &shape{fields: map[string]*shape{"url": textShape, "variables": {each: &shape{fields: map[string]*shape{"default": textShape}}}}}
	operationShape = &shape{fields: map[string]*shape{"operationId": textShape, "servers": {list: serverShape}}}
	itemShape      = &shape{fields: map[string]*shape{
		"$ref": textShape, "servers": {list: serverShape},
		"get": operationShape, "put": operationShape, "post": operationShape, "delete": operationShape,
		"options": operationShape, "head": operationShape, "patch": operationShape, "trace": operationShape,
	}}
	documentShape = &shape{fields: map[string]*shape{
		"openapi": textShape, "swagger": textShape, "servers": {list: serverShape},
		"paths":      {each: itemShape},
		"components": {fields: map[string]*shape{"pathItems": {each: itemShape}}},
	}}
)

// pruneYAML returns, as JSON, the outline of a document in YAML.
func pruneYAML(data []byte) ([]byte, error) {
	marks := 0
	for _, mark := range []string{"\n", ",", ":", "[", "{"} {
		marks += bytes.Count(data, []byte(mark))
	}
	if marks > maxYAMLMarks {
		return nil, badDocument("it has too many parts for YAML: write it as JSON, or divide it")
	}
	root, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, badDocument("it is neither a JSON object nor a YAML mapping")
	}
	p := &pruner{}
	out, err := p.prune(root.Content[0], documentShape)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// goYAML is what the YAML library puts before its words.
var goYAML = regexp.MustCompile(`^yaml: (unmarshal errors:\s*)?`)

// ofParser is what the library says where its parser fails, which counts lines
// from 0, and not its scanner: fail in its decode.go mends the scanner's alone.
var ofParser = regexp.MustCompile(`^line (\d+): (did not find expected (?:<|node content|key$|'-' indicator|',' or )|found (?:undefined tag handle|duplicate %|incompatible YAML))`)

// yamlWords are the library's words about what is wrong, with the line as people
// count it.
func yamlWords(err error) string {
	words := goYAML.ReplaceAllString(err.Error(), "")
	m := ofParser.FindStringSubmatch(words)
	if m == nil {
		return words
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		return words
	}
	return fmt.Sprintf("line %d%s", line+1, strings.TrimPrefix(words, "line "+m[1]))
}

// parseYAML parses; a panic of the parser is an error about the document.
func parseYAML(data []byte) (root yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = badDocument("the YAML parser failed: %s", model.Clean(cut(fmt.Sprint(r), 100)))
		}
	}()
	if err := yaml.Unmarshal(data, &root); err != nil {
		return root, badDocument("it is no YAML (%s)", model.Clean(cut(yamlWords(err), 200)))
	}
	return root, nil
}

// pruner counts what was looked at.
type pruner struct{ nodes int }

func (p *pruner) prune(n *yaml.Node, s *shape) (any, error) {
	if n = target(n); n == nil || n.Tag == "!!null" {
		return nil, nil
	}
	switch {
	case s.fields != nil || s.each != nil:
		if n.Kind != yaml.MappingNode {
			return nil, badDocument("line %d should begin a mapping", n.Line)
		}
		out := map[string]any{}
		return out, p.mapping(n, s, out, 0)
	case s.list != nil:
		return p.sequence(n, s.list)
	case n.Kind != yaml.ScalarNode:
		return nil, badDocument("line %d should hold a text", n.Line)
	}
	return n.Value, nil
}

// target is what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (p *pruner) look(n *yaml.Node) error {
	if p.nodes++; p.nodes > maxYAMLNodes {
		return badDocument("at line %d it is too large, counting what its aliases stand for", n.Line)
	}
	return nil
}

// mapping puts the fields of n, and of what it merges in with "<<", into out.
// Fields of n itself win.
func (p *pruner) mapping(n *yaml.Node, s *shape, out map[string]any, depth int) error {
	var merged []*yaml.Node
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := target(n.Content[i]), n.Content[i+1]
		if err := p.look(n.Content[i]); err != nil {
			return err
		}
		if key.Kind != yaml.ScalarNode {
			return badDocument("line %d should begin with a name", key.Line)
		}
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if own[key.Value] {
			return badDocument("line %d names %q again", key.Line, model.Clean(cut(key.Value, 60)))
		}
		own[key.Value] = true
		if err := p.field(key.Value, value, s, out); err != nil {
			return err
		}
	}
	return p.merge(merged, s, out, depth)
}

func (p *pruner) field(name string, value *yaml.Node, s *shape, out map[string]any) error {
	inner := s.each
	if s.fields != nil {
		inner = s.fields[name]
	}
	extension := s.each == itemShape && strings.HasPrefix(name, "x-")
	if _, there := out[name]; there || inner == nil || extension {
		return nil
	}
	v, err := p.prune(value, inner)
	if v != nil {
		out[name] = v
	}
	return err
}

// merge follows "<<" a few levels: deeper ones are nobody's own writing.
func (p *pruner) merge(values []*yaml.Node, s *shape, out map[string]any, depth int) error {
	for _, v := range values {
		v = target(v)
		list := []*yaml.Node{v}
		if v.Kind == yaml.SequenceNode {
			list = v.Content
		}
		for _, from := range list {
			if from = target(from); from.Kind != yaml.MappingNode || depth == maxRefHops {
				return badDocument("line %d merges what is no mapping, or too deep", v.Line)
			}
			if err := p.look(from); err != nil {
				return err
			}
			if err := p.mapping(from, s, out, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pruner) sequence(n *yaml.Node, s *shape) (any, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, badDocument("line %d should begin a list", n.Line)
	}
	out := []any{}
	for _, e := range n.Content {
		if err := p.look(e); err != nil {
			return nil, err
		}
		v, err := p.prune(e, s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
