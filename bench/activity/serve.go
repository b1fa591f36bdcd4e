//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/sharing"
)

// serve runs the endpoint of each arm until standard input ends. It says where
// they listen and by which secret they are called, and answers each line with
// the processor time used so far, in nanoseconds.
func serve(ctx context.Context, dir string) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	lines := server.NewLogWriter(out)
	defer func() { err = errors.Join(err, lines.Close()) }()
	log := slog.New(server.NewLogHandler(lines, false, slog.LevelInfo))
	ended := make(chan error, len(arms))
	running := 0
	defer func() {
		cancel()
		for ; running > 0; running-- {
			err = errors.Join(err, <-ended)
		}
	}()
	for arm := range arms {
		m, err := sharing.Join(ctx, sharing.Options{Dir: storeOf(dir, arm), Rank: model.RankServe, Log: log})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.Close()) }()
		address, secret, err := begin(ctx, m, log, arm, ended)
		if err != nil {
			return err
		}
		running++
		fmt.Println(address, secret.Reveal())
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			return err
		}
		fmt.Println(time.Duration(used.Utime.Nano() + used.Stime.Nano()).Nanoseconds())
	}
	return nil
}

// storeOf is where the store of an arm is: one that nobody watched is none that
// somebody watched a moment ago.
func storeOf(dir string, arm int) string { return filepath.Join(dir, fmt.Sprint("store", arm)) }

// makeCaller makes a key, and the one workflow that it may invoke.
func makeCaller(ctx context.Context, m *sharing.Member) (secret model.Secret, err error) {
	if _, err = m.CreateWorkflow(ctx, model.WorkflowDraft{Name: "customer", Method: "GET", Path: "/customers/{id}"}); err != nil {
		return secret, err
	}
	d := model.KeyDraft{Name: "caller", Kind: model.TokenKey, Workflows: []string{"customer"}}
	if secret, err = model.NewSecret(rand.Reader); err != nil {
		return secret, err
	}
	other, err := model.NewSecret(rand.Reader)
	if err != nil {
		return secret, err
	}
	d.Primary, d.Secondary = secret.Hold(), other.Hold()
	_, err = m.CreateKey(ctx, d)
	return secret, err
}

// begin makes a key and runs the endpoint of one arm.
func begin(ctx context.Context, m *sharing.Member, log *slog.Logger, arm int, ended chan<- error) (address string, secret model.Secret, err error) {
	if secret, err = makeCaller(ctx, m); err != nil {
		return "", secret, err
	}
	listener, err := server.ListenPlain(ctx, "127.0.0.1:0", false)
	if err != nil {
		return "", secret, err
	}
	o := server.Options{Snapshot: m.Snapshot, Newest: m.Newest, Meter: m.Meter(), Degraded: m.Trouble, Log: log}
	if arm > 0 {
		o.Recorder = m.Recorder()
		m.Announce([]string{"http://" + listener.Addr().String()})
	}
	endpoint, err := server.New(o)
	if err != nil {
		return "", secret, err
	}
	go func() { ended <- endpoint.Serve(ctx, server.Listeners{Plain: listener}) }()
	return listener.Addr().String(), secret, nil
}
