package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"

	"dev.keyward/keyward/model"
)

// unseenError says that a change was made whose answer did not reach the
// caller.
type unseenError struct{ message string }

func (e *unseenError) Error() string { return e.message }

// printf writes to standard output; flush reports its failure.
func (a *app) printf(format string, args ...any) { _, _ = fmt.Fprintf(a.out, format, args...) }

// notef tells the person at the terminal something that is no result.
func (a *app) notef(format string, args ...any) {
	a.bar.hide()
	_, _ = fmt.Fprintln(a.env.Stderr, oneLine(fmt.Sprintf(format, args...)))
}

// warnf is notef for what the person should act on.
func (a *app) warnf(format string, args ...any) { a.notef("keyward: warning: "+format, args...) }

// warnMissing names the endpoints that have not acknowledged a change, where the
// answer is JSON; else the confirmation does.
func (a *app) warnMissing() {
	if a.json && len(a.receipt.Missing) > 0 {
		a.warnf("%s", a.receipt.Words())
	}
}

// flush sees to it that standard output has got everything.
func (a *app) flush() error {
	if err := a.out.Flush(); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// print writes v as JSON when --json asks for it and calls text when not.
func (a *app) print(v any, text func()) error {
	if !a.json {
		text()
		return nil
	}
	return writeJSON(a.out, v, "  ")
}

// writeJSON writes v and a line feed. Characters that could steer a terminal
// are written as escapes.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	_, err := io.WriteString(w, escapeHostile(b.String()))
	return err
}

// escapeHostile writes what model.Clean would replace as \u escapes. In JSON
// such characters stand in strings only, but for the line feeds between.
func escapeHostile(text string) string {
	if model.CleanBlock(text) == text {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if s := string(r); r < utf8.RuneSelf || model.Clean(s) == s {
			b.WriteString(s)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// terminal reports whether a stream is a terminal, and its file descriptor.
func terminal(stream any) (fd int, ok bool) {
	f, isFile := stream.(*os.File)
	if !isFile {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// width is how many columns standard output has; 0 when it is no terminal.
func (a *app) width() int {
	if a.given != nil {
		return a.columns
	}
	fd, ok := terminal(a.env.Stdout)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(fd)
	if err != nil || w <= 0 {
		return 80
	}
	return w
}

// array writes a JSON array as its elements come, one a line.
type array struct {
	w     io.Writer
	begun bool
}

func (a *array) add(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	lead := ",\n  "
	if !a.begun {
		lead = "[\n  "
	}
	a.begun = true
	_, err := io.WriteString(a.w, lead+escapeHostile(strings.TrimSuffix(b.String(), "\n")))
	return err
}

func (a *array) end() error {
	text := "\n]\n"
	if !a.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(a.w, text)
	return err
}

func addAll[T any](a *array, list []T) error {
	for _, v := range list {
		if err := a.add(v); err != nil {
			return err
		}
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "ry"); ok {
		return fmt.Sprintf("%d %sries", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
