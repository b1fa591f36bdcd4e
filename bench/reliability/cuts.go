//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// cuts is the state of the figure: power cuts as a loop device shows them. What
// was synced is in the image; what only the page cache has is not. A copy of the
// image, taken while everything stands still, is what a machine finds that lost
// its power.
type cuts struct {
	rig       *rig
	confirmed int
	lost      []string
	wrong     []string // requests decided wrongly
	judged    int
	reopen    times
}

// takeCuts cuts the power under writes.
func takeCuts(ctx context.Context, r *rig, t *table) error {
	why := needsDevices()
	if why == "" {
		why = r.tryVolume(ctx)
	}
	if why != "" {
		t.skip("power cuts", why)
		return nil
	}
	c := &cuts{rig: r}
	for i := range r.cuts {
		if err := c.cut(ctx); err != nil {
			return fmt.Errorf("cut %d: %w", i+1, err)
		}
	}
	forgotten, written, err := c.control(ctx)
	if err != nil {
		return fmt.Errorf("the control: %w", err)
	}
	t.gate(fmt.Sprintf("power cuts under writes: confirmed changes lost (of %d)", c.confirmed), r.cuts, len(c.lost), c.lost)
	t.gate("    requests decided wrongly afterwards", c.judged, len(c.wrong), c.wrong)
	t.must("    the control, a writer that does not sync, loses lines", written, forgotten > 0, fmt.Sprintf("%d lost", forgotten))
	t.figure("    exec to ready on what the cut left", len(c.reopen), c.reopen.String(), "< 1 s", "")
	return nil
}

// cut writes, takes the power away at a random moment, and looks at what is
// left.
func (c *cuts) cut(ctx context.Context) error {
	r := c.rig
	v, err := r.newVolume(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(v.at, "data")
	if err := r.newStore(ctx, dir, 0); err != nil {
		return err
	}
	owner, err := r.serve(ctx, dir)
	if err != nil {
		return err
	}
	if _, err := command(ctx, "sync", "-f", v.at); err != nil {
		return err
	}
	ledgers, stop, err := c.writers(ctx, dir)
	if err != nil {
		return err
	}
	time.Sleep(300*time.Millisecond + rand.N(700*time.Millisecond)) // the random moment
	var image string
	if err = owner.freeze(ctx); err == nil {
		image, err = r.copyImage(ctx, v)
	}
	stop()
	if err != nil {
		return err
	}
	after, err := r.mount(ctx, image)
	if err != nil {
		return err
	}
	if err := c.look(ctx, filepath.Join(after.at, "data"), ledgers); err != nil {
		return err
	}
	return r.unmount(v, after)
}

// writers starts three, and returns their ledgers and what kills all processes
// and waits for the writers.
func (c *cuts) writers(ctx context.Context, dir string) (ledgers []*ledger, stop func(), err error) {
	var consoles []*console
	for range 3 {
		con, err := c.rig.console(dir)
		if err != nil {
			return nil, nil, err
		}
		consoles = append(consoles, con)
	}
	writing, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for i, con := range consoles {
		l := newLedger(fmt.Sprint("writer-", i))
		ledgers = append(ledgers, l)
		wg.Go(func() { l.write(writing, con) })
	}
	return ledgers, func() {
		cancel()
		c.rig.killProcesses()
		wg.Wait()
	}, nil
}

// look opens what the cut left, and compares it with what was confirmed.
func (c *cuts) look(ctx context.Context, dir string, ledgers []*ledger) error {
	began := time.Now()
	e, err := c.rig.serve(ctx, dir)
	if err != nil {
		return fmt.Errorf("opening what the cut left: %w", err)
	}
	c.reopen = append(c.reopen, time.Since(began))
	con, err := c.rig.console(dir)
	if err != nil {
		return err
	}
	for _, l := range ledgers {
		c.confirmed += l.acks
		if err := c.judge(ctx, e, l); err != nil {
			return err
		}
		flaws, err := l.verify(con, true)
		if err != nil {
			return err
		}
		c.lost = append(c.lost, flawTexts(flaws)...)
	}
	_, err = con.must(order{Op: "verify"})
	return err
}

// judge makes a request with the secret of each key, as it was confirmed, and
// with those that were replaced or deleted.
func (c *cuts) judge(ctx context.Context, e *endpoint, l *ledger) error {
	for _, secret := range l.dead {
		if err := c.judgeOne(ctx, e, "a secret of "+l.writer+" that is no more", secret, "Test", http.StatusUnauthorized); err != nil {
			return err
		}
	}
	for _, a := range l.accounts {
		if a.secret == "" || len(a.possible) > 0 {
			continue // a change whose answer was lost may have made it another
		}
		environment, want := "Test", http.StatusUnauthorized
		if a.confirmed.wide {
			environment = "Production"
		}
		if a.confirmed.enabled {
			want = http.StatusOK
		}
		if err := c.judgeOne(ctx, e, a.name, a.secret, environment, want); err != nil {
			return err
		}
	}
	return nil
}

func (c *cuts) judgeOne(ctx context.Context, e *endpoint, what, secret, environment string, want int) error {
	status, err := e.probe(ctx, "/ping/1?_profile="+environment, "Authorization", "Key="+secret)
	if err != nil {
		return err
	}
	if c.judged++; status != want {
		c.wrong = append(c.wrong, fmt.Sprintf("%s: status %d, want %d", what, status, want))
	}
	return nil
}

// carelessArgument makes this program a writer that does not sync: it appends
// lines to a file, and says the number of each when it is written.
const carelessArgument = "-careless"

func beCareless(arguments []string) int {
	file, err := os.OpenFile(arguments[0], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for n := 1; ; n++ {
		if _, err := fmt.Fprintln(file, n); err != nil {
			return 1
		}
		fmt.Println(n)
		time.Sleep(time.Millisecond)
	}
}

// control cuts the power of a writer that does not sync. Where nothing of it is
// lost, the cuts of this rig cut nothing.
func (c *cuts) control(ctx context.Context) (lost, written int, err error) {
	v, err := c.rig.newVolume(ctx)
	if err != nil {
		return 0, 0, err
	}
	cmd := exec.Command(c.rig.self, carelessArgument, filepath.Join(v.at, "lines"))
	out, in, err := os.Pipe()
	if err != nil {
		return 0, 0, err
	}
	cmd.Stdout = in
	p, err := c.rig.start(cmd)
	_ = in.Close() // the writer has it
	if err != nil {
		return 0, 0, err
	}
	told := make(chan int)
	go func() {
		n := 0
		for lines := bufio.NewScanner(out); lines.Scan(); n++ {
		}
		told <- n
	}()
	time.Sleep(500 * time.Millisecond) // long enough for hundreds of lines
	if err := p.freeze(ctx); err != nil {
		return 0, 0, err
	}
	image, err := c.rig.copyImage(ctx, v)
	if err != nil {
		return 0, 0, err
	}
	p.kill()
	written = <-told
	after, err := c.rig.mount(ctx, image)
	if err != nil {
		return 0, 0, err
	}
	kept, err := os.ReadFile(filepath.Join(after.at, "lines"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, 0, err
	}
	return written - strings.Count(string(kept), "\n"), written, c.rig.unmount(v, after)
}
