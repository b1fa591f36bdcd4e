//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// disk measures what the disk itself takes to make a change durable.
type disk struct {
	file *os.File
	took times // for a change
}

// newDisk writes to a file beside dir, which is on the same file system.
func newDisk(dir string) (*disk, error) {
	file, err := os.OpenFile(filepath.Join(filepath.Dir(dir), "floor"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &disk{file: file}, nil
}

// syncsAChange is how often a change waits for the disk: Badger calls msync twice,
// and the journal fdatasync once (strace -f -c counts them).
const syncsAChange = 3

// sync appends as much as a small change does and waits for the disk, as often
// as a change does.
func (d *disk) sync() error {
	began := time.Now()
	for range syncsAChange {
		if _, err := d.file.Write(make([]byte, 512)); err != nil {
			return err
		}
		if err := unix.Fdatasync(int(d.file.Fd())); err != nil {
			return err
		}
	}
	d.took = append(d.took, time.Since(began))
	return nil
}

func (d *disk) close() { _ = d.file.Close() } // nothing of it is needed

// bareProcess returns how long a process of the real program takes that opens
// nothing.
func (r *rig) bareProcess(ctx context.Context) (times, error) {
	var took times
	for range 10 {
		began := time.Now()
		if err := exec.CommandContext(ctx, r.keyward, "version").Run(); err != nil {
			return nil, fmt.Errorf("keyward version: %w", err)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// bareRequests returns how long requests to a handler take that does nothing.
func bareRequests(ctx context.Context, n int) (times, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}
	go func() { _ = server.Serve(listener) }() // until it is closed
	defer func() { _ = server.Close() }()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var took times
	for range n {
		began := time.Now()
		response, err := client.Get("http://" + listener.Addr().String() + "/")
		if err != nil {
			return nil, err
		}
		_, _ = io.Copy(io.Discard, response.Body) // it is empty
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
