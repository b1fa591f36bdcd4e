//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/tui"
)

// feed makes decisions at that rate in the directory, as an endpoint does but
// for HTTP, which would take the machine. shows says that the console runs in
// this process, on its terminal, and ends it; else standard input does. How many
// decisions there were is in the directory's file "decisions" then.
func feed(ctx context.Context, dir string, rate int, shows bool) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	m, err := sharing.Join(ctx, sharing.Options{Dir: storeOf(dir, 0), Rank: model.RankServe})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	secret, err := makeCaller(ctx, m)
	if err != nil {
		return err
	}
	m.Announce([]string{"http://127.0.0.1:1"})
	var made atomic.Int64
	over := make(chan struct{})
	go func() {
		defer close(over)
		decide(ctx, m, secret, rate, &made)
	}()
	if shows {
		err = tui.Run(ctx, tui.Options{
			Backend: m, Sharing: m, DataDir: dir, Input: os.Stdin, Output: os.Stdout, Env: os.Getenv, Now: time.Now, Random: rand.Reader,
		})
		if errors.Is(err, tui.ErrInterrupted) {
			err = nil
		}
	} else {
		fmt.Println("ready")
		for in := bufio.NewScanner(os.Stdin); in.Scan(); { // until it is closed
		}
	}
	stop()
	<-over
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "decisions"), []byte(strconv.FormatInt(made.Load(), 10)), 0o600))
}

// decide makes so many decisions a second: one in ten is a refusal.
func decide(ctx context.Context, m *sharing.Member, secret model.Secret, rate int, made *atomic.Int64) {
	const every = 2 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	began, pid := time.Now(), os.Getpid()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for due := int64(time.Since(began).Seconds() * float64(rate)); made.Load() < due; {
			n := made.Add(1)
			now := time.Now()
			q := model.Request{Method: http.MethodGet, Path: fmt.Sprintf("/customers/%d", n), Host: "localhost", Authorization: []string{"Key=" + secret.Reveal()}, Now: now}
			if n%10 == 0 {
				q.Path = "/orders/7"
			}
			d := m.Snapshot().Decide(&q)
			if m.Recorder().Count(d.Allowed(), now) {
				m.Recorder().Keep(&q, &d, model.Observed{At: now, Took: 80 * time.Microsecond, PID: pid, Remote: "127.0.0.1:4242", Agent: "bench/1.0", Status: http.StatusOK})
			}
		}
	}
}
