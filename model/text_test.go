package model_test

import (
	"os/exec"
	"testing"

	"dev.keyward/keyward/model"
)

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "''", "/a/b-1.crt": "/a/b-1.crt", "a b": "'a b'", "o'neil": `'o'\''neil'`, "a?b&c": "'a?b&c'",
		"~": "'~'", "$(x)": "'$(x)'", "a\x1b": "'a\ufffd'",
	} {
		got := model.ShellQuote(text)
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
		sh, err := exec.LookPath("sh")
		if err != nil {
			continue // a system without one
		}
		out, err := exec.Command(sh, "-c", "printf %s "+got).Output()
		if err != nil || string(out) != model.Clean(text) {
			t.Errorf("%q: the shell reads %q, %v", text, out, err)
		}
	}
}
