package cli

import (
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dev.keyward/keyward/tui"
)

// When progress is shown: what is over sooner needs none, and a slow line is not
// to be filled with it.
const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 200 * time.Millisecond
)

// progress is a line on standard error that says how far something is: from half
// a second on, until it is over and the line is wiped. It is shown on a terminal
// only, and never beside JSON. It is safe for concurrent use.
type progress struct {
	w     io.Writer        // nil: nothing is shown
	width func() int       // columns of the terminal, now
	now   func() time.Time // of elapsed time
	plain bool             // nothing but ASCII

	mu    sync.Mutex
	state progressState
	began time.Time // the whole
	drawn bool      // the line is on the screen
	steps int       // how often it was drawn
	over  chan struct{}
}

// progressState is how far something is.
type progressState struct {
	verb        string    // what is being done
	began       time.Time // the step of that verb
	done, total int64     // what the share is of; total 0: nobody knows
	sized       bool      // done and total are bytes
	bytes       int64     // that went by, where done counts something else
}

// progress begins to show that something is being done; end ends it.
func (a *app) progress(verb string) *progress {
	p := newProgress(verb, time.Now)
	fd, ok := terminal(a.env.Stderr)
	if !ok || a.json || a.env.Getenv("TERM") == "dumb" {
		return p
	}
	p.w, p.plain = a.env.Stderr, a.ascii || tui.PlainLocale(a.env.Getenv)
	p.width = func() int { return columnsOf(fd) }
	a.bar = p
	go p.run()
	return p
}

// newProgress is one that shows nothing, until it has a writer and a width.
func newProgress(verb string, now func() time.Time) *progress {
	p := &progress{now: now, over: make(chan struct{})}
	p.step(verb, 0, false)
	p.began = p.state.began
	return p
}

// asciiFlag gives the command --ascii, for what it shows while it works.
func (a *app) asciiFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.ascii, "ascii", false, "show how far it is in ASCII only, as in a C or POSIX locale")
}

// columnsOf is how wide a terminal is; 80 where it does not say.
func columnsOf(fd int) int {
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return width
	}
	return 80
}

// run draws the line now and then until it is over.
func (p *progress) run() {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.draw()
		case <-p.over:
			return
		}
	}
}

// step goes on to the next thing that is done, of which there is total; 0: nobody
// knows.
func (p *progress) step(verb string, total int64, sized bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = progressState{verb: verb, began: p.now(), total: total, sized: sized}
}

// of says how much there is to do in this step, which begins to be done now.
func (p *progress) of(total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.total, p.state.began = total, p.now()
}

// at says how far the step of that verb is, which begins where another one went on.
func (p *progress) at(verb string, done, total int64) {
	p.mu.Lock()
	same := p.state.verb == verb
	p.mu.Unlock()
	if !same {
		p.step(verb, total, false)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.done, p.state.total = done, total
}

// add counts more as done.
func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.done += int64(n)
}

// Write counts bytes that go by: as done where the step is of bytes.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state.sized {
		p.state.done += int64(len(b))
	} else {
		p.state.bytes += int64(len(b))
	}
	return len(b), nil
}

// draw shows the line as it is now, once there is reason to.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.w == nil || p.isOver() || now.Sub(p.began) < progressAfter {
		return
	}
	p.steps++
	line := p.state.line(now, p.width()-1, p.steps) // a full line would wrap
	if p.plain {
		line = tui.Plain(line)
	}
	_, _ = io.WriteString(p.w, "\r"+line+"\x1b[K")
	p.drawn = true
}

func (p *progress) isOver() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// hide wipes the line, until it is drawn again: something else is to be told.
func (p *progress) hide() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

// end wipes the line for good. More calls do nothing.
func (p *progress) end() {
	p.mu.Lock()
	if !p.isOver() {
		close(p.over) // before the line is wiped: it is not drawn again then
	}
	p.mu.Unlock()
	p.hide()
}

// beneath writes to w what somebody else has to say while the line may be shown,
// which is wiped first and drawn again.
type beneath struct {
	shown *progress
	w     io.Writer
}

func (b beneath) Write(text []byte) (int, error) {
	b.shown.hide()
	return b.w.Write(text)
}
