//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What the disk of the figure has, and what keyward leaves of it (--min-free).
const (
	diskSize = 200 << 20
	margin   = 64 << 20
)

// fullDisk is the state of the figure.
type fullDisk struct {
	rig     *rig
	at, dir string
	e       *endpoint
	con     *console
	on, off *principal // keys that stay enabled and disabled
	ledger  *ledger

	wrong    []string
	requests int
}

// takeFullDisk fills a disk under a store: up to the margin, then to the last
// byte.
func takeFullDisk(ctx context.Context, r *rig, t *table) error {
	if os.Geteuid() != 0 {
		t.skip("full disk", "only root can mount")
		return nil
	}
	f := &fullDisk{rig: r, at: r.path("small"), ledger: newLedger("writer")}
	if err := os.Mkdir(f.at, 0o700); err != nil {
		return err
	}
	if _, err := command(ctx, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", diskSize), "tmpfs", f.at); err != nil {
		t.skip("full disk", err.Error())
		return nil
	}
	r.undo("umount", f.at)
	f.dir = filepath.Join(f.at, "data")
	if err := f.prepare(ctx); err != nil {
		return err
	}
	refusal, err := f.upToTheMargin(ctx)
	if err != nil {
		return err
	}
	t.must("full disk: changes are refused with a sentence", 1, saysWhy(refusal), fmt.Sprintf("%q", shortened(refusal)))
	if err := f.freed(ctx, t); err != nil {
		return err
	}
	if err := f.toTheLastByte(ctx, t); err != nil {
		return err
	}
	t.gate("    requests decided otherwise", f.requests, len(f.wrong), f.wrong)
	return nil
}

func saysWhy(refusal string) bool {
	return strings.Contains(refusal, "free") && !strings.Contains(refusal, "\n") && !panickedText(refusal)
}

func worked(err error) string {
	if err != nil {
		return err.Error()
	}
	return "they do"
}

func shortened(text string) string {
	const most = 90
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

func (f *fullDisk) prepare(ctx context.Context) (err error) {
	if err := f.rig.newStore(ctx, f.dir, 0); err != nil {
		return err
	}
	f.on, f.off = &principal{name: "on"}, &principal{name: "off"}
	for _, p := range []*principal{f.on, f.off} {
		if err := f.rig.tokenFor(ctx, p, f.dir); err != nil {
			return err
		}
	}
	if _, err := f.rig.run(ctx, "key", "disable", "off", "--data", f.dir); err != nil {
		return err
	}
	if f.e, err = f.rig.serve(ctx, f.dir); err != nil {
		return err
	}
	f.con, err = f.rig.console(f.dir)
	return err
}

// fill writes a file until only that much is free.
func (f *fullDisk) fill(left int64) error {
	file, err := os.OpenFile(f.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	for {
		var s syscall.Statfs_t
		if err := syscall.Statfs(f.at, &s); err != nil {
			return errors.Join(err, file.Close())
		}
		spare := int64(s.Bavail)*s.Bsize - left
		if spare <= 0 {
			return file.Close()
		}
		if _, err := file.Write(block[:min(spare, int64(len(block)))]); errors.Is(err, syscall.ENOSPC) {
			return file.Close() // the store took it in between
		} else if err != nil {
			return errors.Join(err, file.Close())
		}
	}
}

func (f *fullDisk) ballast() string { return filepath.Join(f.at, "ballast") }

// judge asks the endpoint about both keys.
func (f *fullDisk) judge(ctx context.Context, when string) error {
	for p, want := range map[*principal]int{f.on: http.StatusOK, f.off: http.StatusUnauthorized} {
		status, err := f.e.probe(ctx, "/ping/1?_profile=Test", "Authorization", "Key="+p.secret)
		if err != nil {
			return fmt.Errorf("%s: %w: %s", when, err, f.e.log.String())
		}
		if f.requests++; status != want {
			f.wrong = append(f.wrong, fmt.Sprintf("%s: the key %q is answered %d", when, p.name, status))
		}
	}
	return nil
}

// upToTheMargin fills the disk while changes run, until they are refused, and
// returns the refusal.
func (f *fullDisk) upToTheMargin(ctx context.Context) (refusal string, err error) {
	writing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { f.ledger.write(writing, f.con) })
	time.Sleep(200 * time.Millisecond) // some changes before
	err = f.fill(margin / 2)
	if err == nil {
		err = eventually(ctx, func() error {
			f.ledger.mu.Lock()
			defer f.ledger.mu.Unlock()
			if len(f.ledger.faults) == 0 {
				return errors.New("changes are not refused although the disk is full")
			}
			refusal = f.ledger.faults[0]
			return nil
		})
	}
	for range 100 {
		err = errors.Join(err, f.judge(ctx, "with the disk full up to the margin"))
	}
	stop()
	wg.Wait()
	return refusal, err
}

// freed frees the disk again and looks whether all is well.
func (f *fullDisk) freed(ctx context.Context, t *table) error {
	if err := os.Remove(f.ballast()); err != nil {
		return err
	}
	flaws, err := f.ledger.verify(f.con, true)
	if err != nil {
		return err
	}
	t.gate("    confirmed changes lost", f.ledger.acks, len(flaws), flawTexts(flaws))
	err = eventually(ctx, func() error {
		_, err := f.con.must(order{Op: "enable", Name: "on", Enabled: false})
		if err == nil {
			_, err = f.con.must(order{Op: "enable", Name: "on", Enabled: true})
		}
		return err
	})
	t.must("    once there is room, changes work again", 1, err == nil, worked(err))
	return ctx.Err()
}

func flawTexts(flaws []flaw) (list []string) {
	for _, f := range flaws {
		list = append(list, f.text)
	}
	return list
}

// toTheLastByte takes all of the disk while changes run, which may end the
// endpoint, kills it, and starts it again.
func (f *fullDisk) toTheLastByte(ctx context.Context, t *table) error {
	writing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { f.ledger.write(writing, f.con) })
	err := f.fill(0)
	if !f.e.ended() {
		err = errors.Join(err, f.judge(ctx, "with the disk full to the last byte"))
	}
	died := f.e.ended()
	f.e.kill()
	stop()
	f.con.kill()
	wg.Wait()
	if err != nil {
		return err
	}
	if f.e, err = f.rig.serve(ctx, f.dir); err != nil {
		return fmt.Errorf("starting on a full disk: %w", err)
	}
	readiness, err := f.e.readiness(ctx)
	if err != nil {
		return err
	}
	f.rig.say("on the full disk: %s", readiness)
	t.must("    full to the last byte, killed: starts from the journal", 1, strings.Contains(readiness, `"degraded"`),
		fmt.Sprintf("it did (the disk ended it before: %v)", died))
	for range 100 {
		if err := f.judge(ctx, "from the journal"); err != nil {
			return err
		}
	}
	return f.roomAgain(ctx, t)
}

// roomAgain frees the disk under the endpoint that goes on from its journal.
func (f *fullDisk) roomAgain(ctx context.Context, t *table) (err error) {
	if err := os.Remove(f.ballast()); err != nil {
		return err
	}
	if f.con, err = f.rig.console(f.dir); err != nil {
		return err
	}
	err = eventually(ctx, func() error {
		_, err := f.con.must(order{Op: "enable", Name: "on", Enabled: true})
		if err == nil {
			_, err = f.con.must(order{Op: "create", Name: fmt.Sprint("after-", time.Now().UnixNano())})
		}
		return err
	})
	t.must("    once there is room, it takes changes by itself", 1, err == nil, worked(err))
	flaws, err := f.ledger.verify(f.con, true)
	if err != nil {
		return err
	}
	t.gate("    confirmed changes lost", f.ledger.acks, len(flaws), flawTexts(flaws))
	return f.judge(ctx, "afterwards")
}
