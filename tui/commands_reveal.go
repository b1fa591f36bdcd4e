package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// secretUse counts the commands that hold a reveal's secrets. All copies of a
// secret share its text, so that it may be wiped only once none is at work.
type secretUse struct {
	mu      sync.Mutex
	running int
	left    [2]model.Secret // to be wiped by the last one
}

func (u *secretUse) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.running++
}

func (u *secretUse) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.running--
	u.wipe()
}

// leave wipes secrets now, or when the last command ends.
func (u *secretUse) leave(secrets [2]model.Secret) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.left = secrets
	u.wipe()
}

func (u *secretUse) wipe() {
	if u.running > 0 {
		return
	}
	for _, s := range u.left {
		s.Wipe()
	}
	u.left = [2]model.Secret{}
}

// copySecret sends a secret to the clipboard.
func (rt *runtime) copySecret(request, slot int, secret model.Secret, use *secretUse) tea.Cmd {
	use.begin()
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		defer use.end()
		if rt.looksAgain() {
			if err := rt.Remote.Still(ctx); err != nil {
				return copiedMsg{request: request, slot: slot, remote: true, err: err}
			}
		}
		return rt.copy(ctx, request, slot, secret.Reveal())
	})
}

// writtenMsg says where a secret was written, or why it was not.
type writtenMsg struct {
	request int
	slot    int
	path    string
	err     error
}

// writeSecret writes the header that a caller sends, as curl -H @FILE reads it.
// The file is new and the user's alone.
func (rt *runtime) writeSecret(request, slot int, path string, secret model.Secret, use *secretUse) tea.Cmd {
	home := rt.Env("HOME")
	use.begin()
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		late := writtenMsg{request: request, slot: slot, err: context.DeadlineExceeded}
		return blocking(ctx, late, func() writtenMsg {
			defer use.end() // which may be after the command gave up
			full, err := resolve(home, ".", strings.TrimSpace(path))
			if err == nil {
				err = writeNew(full, "Authorization: Key="+secret.Reveal()+"\n")
			}
			return writtenMsg{request, slot, full, err}
		})
	})
}

// writeNew writes a file that was not there before, 0600, and has the disk
// confirm it. What could not be written whole is taken away again.
func writeNew(path, text string) error { return writeFile(path, []byte(text), 0o600) }

// writeFile is writeNew with that mode.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return errors.New("there is a file of that name already: choose another name, nothing is overwritten")
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such directory: choose another place")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("this user may not write there: choose another place")
	case err != nil:
		return fmt.Errorf("nothing was written: %w", explain(err))
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("nothing was written: %w", explain(err))
	}
	return nil
}

// mayShow asks, under a number of its own, whether the secrets of a reveal may be
// shown again.
func (rt *runtime) mayShow(asking int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		return mayShowMsg{asking, rt.Remote.Still(ctx)}
	})
}
