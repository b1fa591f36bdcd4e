package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// maxEntries bounds the listing of one directory.
const maxEntries = 50_000

// dirEntry is one name in a directory.
type dirEntry struct {
	name   string // as the file system has it
	shown  string // clean
	folded string // what the filter looks through
	dir    bool
	likely bool // by its name, a certificate
}

// directoryMsg is the answer to readDirectory. dir is its absolute path.
type directoryMsg struct {
	request int
	dir     string
	entries []dirEntry
	more    bool   // there are more than maxEntries
	file    string // what was asked for is this file, not a directory
	err     error
}

// readDirectory lists a directory; "~" and paths relative to from, or to the
// directory that the console was started in, are resolved first. A path that is no directory comes back as file, for Certificates to
// judge.
func (rt *runtime) readDirectory(request int, from, path string) tea.Cmd {
	home := rt.Env("HOME")
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		return blocking(ctx, directoryMsg{request: request, err: context.DeadlineExceeded}, func() directoryMsg {
			dir, err := resolve(home, from, path)
			if err != nil {
				return directoryMsg{request: request, err: err}
			}
			msg := list(ctx, dir)
			msg.request = request
			return msg
		})
	})
}

// blocking runs fn, or gives late when ctx ends first: a file system on a dead
// server must not hold the console.
func blocking[T any](ctx context.Context, late T, fn func() T) T {
	done := make(chan T, 1)
	go func() { done <- fn() }()
	select {
	case v := <-done:
		return v
	case <-ctx.Done():
		return late
	}
}

// resolve makes path absolute. One that is not below from may be below the
// directory that the console was started in.
func resolve(home, from, path string) (string, error) {
	if path == "~" || strings.HasPrefix(path, "~/") {
		if home == "" {
			return "", errors.New("there is no home directory: type the path from / on")
		}
		path = home + path[1:]
	}
	if !filepath.IsAbs(path) && (there(filepath.Join(from, path)) || !there(path)) {
		path = filepath.Join(from, path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the directory: %w", err)
	}
	return abs, nil
}

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// list reads one directory in batches. It opens nothing but a directory: to
// open a pipe would wait for its other end.
func list(ctx context.Context, dir string) directoryMsg {
	msg := directoryMsg{dir: dir}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return directoryMsg{dir: filepath.Dir(dir), file: dir}
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(dir)
	}
	if err != nil {
		return directoryMsg{dir: dir, err: explain(err)}
	}
	defer func() { _ = f.Close() }()
	for {
		batch, err := f.ReadDir(1000)
		for _, e := range batch {
			if len(msg.entries) == maxEntries {
				msg.more = true
				break
			}
			msg.entries = append(msg.entries, entryOf(dir, e))
		}
		switch {
		case errors.Is(err, io.EOF) || msg.more:
			sortEntries(msg.entries)
			return msg
		case err != nil:
			return directoryMsg{dir: dir, err: explain(err)}
		case ctx.Err() != nil:
			return directoryMsg{dir: dir, err: ctx.Err()}
		}
	}
}

func entryOf(dir string, e fs.DirEntry) dirEntry {
	isDir := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 {
		// A link that leads nowhere is a file that Read will refuse.
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil {
			isDir = info.IsDir()
		}
	}
	shown := clean(e.Name())
	return dirEntry{e.Name(), shown, strings.ToLower(shown), isDir, !isDir && likely(e.Name())}
}

func likely(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".cer", ".crt", ".pem", ".der", ".cert":
		return true
	}
	return false
}

// sortEntries puts directories first, each part by name.
func sortEntries(entries []dirEntry) {
	slices.SortFunc(entries, func(a, b dirEntry) int {
		if a.dir != b.dir {
			return 2*index(b.dir) - 1
		}
		if c := strings.Compare(a.folded, b.folded); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
}

// explain says the failures that an operator can mend in plain words.
func explain(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is nothing of that name")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("this user may not look into it")
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// completedMsg is the answer to completePath: text is the path as far as it is
// unambiguous, names what it may go on with.
type completedMsg struct {
	request int
	text    string
	names   []string
	matches int // how many they are, were they all there
	err     error
}

// completePath completes the last part of a path that is being typed.
func (rt *runtime) completePath(request int, from, text string) tea.Cmd {
	home := rt.Env("HOME")
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		return blocking(ctx, completedMsg{request: request, text: text, err: context.DeadlineExceeded}, func() completedMsg {
			if text == "~" {
				return completedMsg{request: request, text: "~/"}
			}
			at := strings.LastIndexByte(text, '/') + 1
			dir, err := resolve(home, from, text[:at])
			if err != nil {
				return completedMsg{request: request, text: text, err: err}
			}
			listed := list(ctx, dir)
			done, names, matches := complete(listed.entries, text[at:])
			if at == 0 && matches == 0 { // as resolve does
				if begun := list(ctx, "."); begun.err == nil {
					done, names, matches = complete(begun.entries, text)
				}
			}
			return completedMsg{request, text[:at] + done, names, matches, listed.err}
		})
	})
}

// complete returns what every entry that begins with part begins with, up to
// eight of them, and how many there are. Hidden ones count only for a part that begins so.
func complete(entries []dirEntry, part string) (string, []string, int) {
	var names []string
	common := ""
	for _, e := range entries {
		if !strings.HasPrefix(e.name, part) || part == "" && hidden(e.name) {
			continue
		}
		name := e.name
		if e.dir {
			name += "/"
		}
		if names == nil {
			common = name
		}
		common = commonPrefix(common, name)
		names = append(names, name)
	}
	switch {
	case names == nil:
		return part, nil, 0
	case len(names) == 1:
		return common, nil, 1
	}
	return common, names[:min(len(names), 8)], len(names)
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return strings.ToValidUTF8(a[:n], "")
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }
