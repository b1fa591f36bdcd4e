package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// A path that is typed in the palette is that of an OpenAPI document: no action
// and no key has a "/" before its name, and nothing else is read from a path.

// importsPath reports whether what is typed is the path of a document that can be
// imported here.
func (p *palette) importsPath() bool {
	text := strings.TrimSpace(p.input.Value())
	return p.imports && slices.ContainsFunc([]string{"/", "~/", "./", "../"}, func(begins string) bool { return strings.HasPrefix(text, begins) })
}

// importing opens the import with the document of that path.
func (p *palette) importing(path string) action {
	return action{name: "import OpenAPI from " + clean(path), key: placeKeys.Import.Help().Key, leaves: true, run: func() tea.Cmd {
		files, ok := newImport(p.rt).(*picker)
		if !ok {
			return nil
		}
		files.first = path
		return push(files)
	}}
}
