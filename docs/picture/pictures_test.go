package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPicturesAreThere: the pictures that README.md and docs/console.md show, the
// files and the table of docs/pictures.sh are the same.
func TestPicturesAreThere(t *testing.T) {
	files, err := filepath.Glob("../pictures/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = filepath.Base(file)
	}
	shown := append(found(t, "../console.md", `\(pictures/([^)]+)\)`), found(t, "../../README.md", `\(docs/pictures/([^)]+)\)`)...)
	slices.Sort(shown)
	if diff := cmp.Diff(files, slices.Compact(shown)); diff != "" {
		t.Error("-files +shown in the documents:\n" + diff)
	}
	made := found(t, "../pictures.sh", `(?m)^\t\t([a-z]+) +\d+x\d+ `)
	for i, name := range made {
		made[i] = name + ".svg"
	}
	slices.Sort(made)
	if diff := cmp.Diff(files, made); diff != "" {
		t.Error("-files +made by the script:\n" + diff)
	}
}

// found returns what a pattern's group matches in a file.
func found(t *testing.T, file, pattern string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(data, -1) {
		all = append(all, string(match[1]))
	}
	return all
}
