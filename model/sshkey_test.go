package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

const fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

func TestNewSSHKey(t *testing.T) {
	for _, c := range []struct{ comment, want string }{
		{"ada@laptop", "ssh ada@laptop (" + fingerprint + ")"},
		{"", "ssh " + fingerprint},
		{" a\x1b]0;x\ab ", "ssh a\ufffd]0;x\ufffdb (" + fingerprint + ")"},
		{strings.Repeat("x", 200), "ssh " + strings.Repeat("x", 64) + " (" + fingerprint + ")"},
		{strings.Repeat("漢", 200), "ssh " + strings.Repeat("漢", 32) + " (" + fingerprint + ")"},
		{"\u202eroot", "ssh \ufffdroot (" + fingerprint + ")"},
	} {
		k, err := model.NewSSHKey(fingerprint, c.comment)
		if err != nil || k.String() != c.want {
			t.Errorf("%q: got %q, %v; want %q", c.comment, k, err, c.want)
		}
		if again, err := model.NewSSHKey(k.Fingerprint, k.Comment); err != nil || again != k {
			t.Errorf("%q: a second time it is %q, %v", c.comment, again, err)
		}
	}
	for _, bad := range []string{"", "SHA256:", "MD5:00", fingerprint + "=", "x" + fingerprint, fingerprint[:49], fingerprint + "\n", strings.ToLower(fingerprint)} {
		if k, err := model.NewSSHKey(bad, "x"); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%q was taken as %q: %v", bad, k, err)
		}
	}
}

// TestActorOverSSH: who came over SSH is in the trail, and in its chain.
func TestActorOverSSH(t *testing.T) {
	key, err := model.NewSSHKey(fingerprint, "ada@laptop")
	if err != nil {
		t.Fatal(err)
	}
	entry := model.Entry{Actor: model.Actor{UID: 7, PID: 8, User: "keyward", SSH: key}, Action: model.KeyCreated}
	plain := entry
	plain.Actor.SSH = model.SSHKey{}
	moved := entry
	moved.Actor.SSH = model.SSHKey{Fingerprint: key.Fingerprint + "a", Comment: "da@laptop"}
	other := entry
	other.Actor.SSH.Comment = "eve@laptop"
	for name, e := range map[string]model.Entry{"without the key": plain, "with a letter moved": moved, "with another comment": other} {
		if e.Sum() == entry.Sum() {
			t.Errorf("the entry has the same hash %s", name)
		}
	}
	if got := entry.Actor.String(); got != "ssh ada@laptop ("+fingerprint+")" {
		t.Errorf("the list names %q", got)
	}
}

// TestViewerOverSSH: a read-only session is refused by the session, on record
// with the key.
func TestViewerOverSSH(t *testing.T) {
	w := newWorld(t)
	key, _ := model.NewSSHKey(fingerprint, "bob")
	s := w.service.As(model.Caller{Actor: model.Actor{SSH: key}, ReadOnly: true})
	if _, err := s.CreateEnvironment(context.Background(), model.EnvironmentDraft{Name: "Staging"}); !errors.Is(err, model.ErrForbidden) {
		t.Fatalf("a viewer's change: %v", err)
	}
	page, err := s.Audit(context.Background(), model.AuditQuery{Filter: "bob"})
	if err != nil || len(page.Entries) != 1 || !page.Entries[0].Refused || page.Entries[0].Actor.SSH != key {
		t.Errorf("the trail says %+v, %v", page.Entries, err)
	}
}
