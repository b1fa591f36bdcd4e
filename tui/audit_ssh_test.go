package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// Two SSH keys with the same comment are told apart in the list, at any width.
func TestAuditTellsSSHKeysApart(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {110, 30}, {160, 50}} {
		w := newWorld(t)
		for _, start := range []string{"kG8x", "Zz0q"} {
			w.acts(model.Actor{UID: 1, SSH: model.SSHKey{Fingerprint: "SHA256:" + start + strings.Repeat("a", 39), Comment: "alice@the-same-laptop"}}, "")
			w.token(model.KeyDraft{Name: "by " + start})
		}
		w.start()
		w.press("A")
		w.resize(size[0], size[1])
		w.sees("ssh kG8", "ssh Zz0")
		w.press("/")
		w.write("SHA256:kG8x")
		w.press("enter")
		w.sees("by kG8x")
		w.seesNot("by Zz0q")
	}
}
