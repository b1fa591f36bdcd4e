package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/tui"
)

// beside runs an endpoint in the console's process. It takes part in the data
// directory as a member of its own, of an endpoint's rank, so that the owner of
// the store, hand-overs and everybody who watches treat it as they treat keyward
// serve; the console's member stays what it is.
type beside struct {
	app     *app
	dir     string
	console *sharing.Member // whose store it is

	mu    sync.Mutex
	now   *besideRun // the endpoint that runs, or nil
	begun bool       // one is being started or stopped

	held     bool          // the process lets go of the store, until it takes part again
	starting chan struct{} // closed when what is being started is in now, or failed; nil: none is
}

// besideRun is one endpoint from its start to its end.
type besideRun struct {
	member *sharing.Member
	stop   context.CancelFunc
	ended  chan error    // gets why it ended by itself
	over   chan struct{} // closed when nothing of it is left
	err    error         // of its end; read it once over is closed

	mu     sync.Mutex
	totals []uint64 // of requests, one every sampleEvery, the newest last
}

// How far Recent looks back, and in what steps.
const (
	sampleEvery = 5 * time.Second
	samplesKept = int(time.Minute / sampleEvery)
)

// sample keeps how many requests there were, until ctx ends.
func (r *besideRun) sample(ctx context.Context, now func() time.Time) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		r.keep(r.total(now()))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *besideRun) total(now time.Time) uint64 {
	report, _ := r.member.Recorder().Report(now)
	return report.Allowed + report.Denied
}

func (r *besideRun) keep(total uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals = append(r.totals, total)
	if over := len(r.totals) - samplesKept; over > 0 {
		r.totals = r.totals[over:]
	}
}

// recent is how many requests came in the last minute, of which total is all
// that ever came.
func (r *besideRun) recent(total uint64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.totals) == 0 {
		return total
	}
	return total - r.totals[0]
}

var errBesideBusy = errors.New("the endpoint in this process is just being started or stopped: try again in a moment")

// Start starts it where the examples call it, or on a free port of this machine
// where another program has that one. It makes the certificate for development
// where there is none, as keyward serve does.
func (b *beside) Start(ctx context.Context) (tui.StartedEndpoint, error) {
	if !b.begin() {
		return tui.StartedEndpoint{}, errBesideBusy
	}
	defer b.end()
	if b.running() != nil {
		return tui.StartedEndpoint{}, errors.New("the endpoint in this process runs already")
	}
	defer b.starts()()
	listener, err := server.Listen(ctx, defaultListen)
	taken := errors.Is(err, syscall.EADDRINUSE)
	if taken {
		listener, err = server.Listen(ctx, "127.0.0.1:0")
	}
	if err != nil {
		return tui.StartedEndpoint{}, err
	}
	run, err := b.serve(ctx, server.Listeners{TLS: listener})
	if err != nil {
		closeListener(listener)
		return tui.StartedEndpoint{}, fmt.Errorf("starting the endpoint: %w", err)
	}
	b.holdToo(ctx, run)
	started := tui.StartedEndpoint{Address: "https://" + callableAddress(listener.Addr().String()), Ended: run.ended}
	if taken {
		started.Taken = defaultListen
	}
	return started, nil
}

// serve joins the directory and begins to answer on l.
func (b *beside) serve(ctx context.Context, l server.Listeners) (*besideRun, error) {
	silent := b.app.silenced() // the console has the terminal
	options := silent.sharing(b.dir, model.RankServe)
	options.FromJournal, options.Same, options.Kind = true, b.console, "console"
	member, err := sharing.Join(ctx, options)
	if err != nil {
		return nil, err
	}
	if l.Certificate, err = silent.serverCertificate(ctx, &serve{listen: l.TLS.Addr().String()}, b.dir); err != nil {
		return nil, errors.Join(err, member.Close())
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	run := &besideRun{member: member, stop: stop, ended: make(chan error, 1), over: make(chan struct{})}
	b.set(run)
	go run.sample(running, b.app.env.Now)
	go func() {
		defer close(run.over)
		err := silent.answer(running, member, server.Options{}, l)
		closeListener(l.TLS)
		run.err = errors.Join(err, member.Close())
		if running.Err() == nil { // nobody stopped it
			stop()
			b.forget(run)
			run.ended <- run.err
		}
		close(run.ended)
	}()
	return run, nil
}

// Recent returns how many requests the endpoint got in the last minute.
func (b *beside) Recent(context.Context) (uint64, error) {
	run := b.running()
	if run == nil {
		return 0, nil
	}
	return run.recent(run.total(b.app.env.Now())), nil
}

// Stop stops the endpoint, and returns once the requests in flight are answered
// and the store, if it was the endpoint's, is another's.
func (b *beside) Stop(ctx context.Context) error {
	if !b.begin() {
		return errBesideBusy
	}
	defer b.end()
	run := b.running()
	if run == nil {
		return nil
	}
	run.stop()
	select {
	case <-run.over:
		b.forget(run)
		return run.err
	case <-ctx.Done():
		return fmt.Errorf("stopping the endpoint: requests are still being answered, or the store is not handed over yet: %w", ctx.Err())
	}
}

// close stops it for good, when the console has been left.
func (b *beside) close() error {
	run := b.running()
	if run == nil {
		return nil
	}
	run.stop()
	<-run.over
	b.forget(run)
	return run.err
}

// begin reports whether the endpoint may be started or stopped now; end lets
// others.
func (b *beside) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begun {
		return false
	}
	b.begun = true
	return true
}

func (b *beside) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun = false
}

func (b *beside) running() *besideRun {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *beside) set(run *besideRun) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = run
}

func (b *beside) forget(run *besideRun) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now == run {
		b.now = nil
	}
}
