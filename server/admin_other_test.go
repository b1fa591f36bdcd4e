//go:build !linux && !darwin && !freebsd

package server_test

import (
	"errors"
	"os/exec"
	"testing"

	"dev.keyward/keyward/server"
)

func asNobody(*exec.Cmd) {}

// TestUnsupported: nobody waits for what cannot be.
func TestUnsupported(t *testing.T) {
	dir := shortDir(t)
	if _, err := server.ListenAdmin(dir); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("listening: %v", err)
	}
	mustBe(t, dialError(t, dir), errors.ErrUnsupported, server.ErrNotDone)
}
