package sshd

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// spoiled are the ways in which an administrator's key loses what it could do,
// and what its user is told.
var spoiled = map[string]struct {
	do   func(f *fixture)
	says string
}{
	"removed": {
		func(f *fixture) { f.write(publicText(f.viewer.PublicKey())) },
		"your SSH key is not listed any more: ask whoever runs this endpoint",
	},
	"other role": {
		func(f *fixture) { f.write(publicText(f.admin.PublicKey())) },
		"the role of your SSH key is viewer now, no longer admin: connect again",
	},
	"no terminal": {
		func(f *fixture) { f.write(`restrict,keyward-role="admin" ` + publicText(f.admin.PublicKey())) },
		"your SSH key may not have a terminal any more (restrict or no-pty): give a command, such as key list",
	},
	"another address": {
		func(f *fixture) { f.write(`from="192.0.2.1",keyward-role="admin" ` + publicText(f.admin.PublicKey())) },
		"your SSH key may not come from this address any more: ask whoever runs this endpoint",
	},
	"expired": {
		func(f *fixture) {
			f.write(`expiry-time="20261122115959Z",keyward-role="admin" ` + publicText(f.admin.PublicKey()))
		},
		"the time for which your SSH key was listed is over: ask whoever runs this endpoint",
	},
	"file gone": {
		func(f *fixture) { must(f.t, os.Remove(f.file)) },
		"nobody may be logged in, because the list of SSH keys is gone: tell whoever runs this endpoint",
	},
}

// TestStill: whether a key may still do what it could is read from the file each
// time, and no is an answer only a second later, when the file says it still.
func TestStill(t *testing.T) {
	f := newFixture(t, nil)
	w := f.console(f.login(f.admin))
	w.wait("hello")
	f.mu.Lock()
	s := f.sessions[0]
	f.mu.Unlock()
	if err := s.Still(t.Context()); err != nil {
		t.Fatalf("the file is as it was: %v", err)
	}
	before, err := os.ReadFile(f.file)
	must(t, err)
	ask := func(then func()) error {
		t.Helper()
		answer := make(chan error, 1)
		go func() { answer <- s.Still(t.Context()) }()
		f.clock.waits(t, doubtTime)
		then()
		f.clock.turn(doubtTime)
		return <-answer
	}
	f.write("")
	if err := ask(func() { f.write(string(before)) }); err != nil {
		t.Errorf("an editor wrote the file: %v", err)
	}
	// As long as before and a moment later: nothing but what it holds tells that it
	// is another.
	f.write("#" + string(before[1:]))
	err = ask(func() {})
	if err == nil || !strings.Contains(err.Error(), "not listed any more") {
		t.Errorf("the key is a comment now: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Still(gone); err == nil {
		t.Error("who does not wait for the second look may do it")
	}
	s.End(err)
	w.wait("restored;keyward: your SSH key is not listed any more")
}

// BenchmarkStill is what a change over SSH costs more for the look.
func BenchmarkStill(b *testing.B) {
	path := b.TempDir() + "/keys"
	text := strings.Repeat("# a line that a person wrote about whoever is next\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	f := OpenKeyFile(path, time.UTC)
	for b.Loop() {
		if _, err := f.read(); err != nil {
			b.Fatal(err)
		}
	}
}
