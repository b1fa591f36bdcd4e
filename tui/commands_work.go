package tui

import (
	"context"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// meter is how far work has come: the command that does it tells, the console
// looks. A nil one can be told things, too.
type meter struct {
	done, total atomic.Int64
	stop        context.Context    // ends when the work is to be given up
	cut         context.CancelFunc // ends it
}

// of says how much there is to do, as far as that is known.
func (m *meter) of(n int) {
	if m != nil {
		m.total.Store(int64(n))
	}
}

// at says that n of it are done.
func (m *meter) at(n int) {
	if m != nil {
		m.done.Store(int64(n))
	}
}

// step says that n more are done.
func (m *meter) step(n int) {
	if m != nil {
		m.done.Add(int64(n))
	}
}

// far is how much of how much is done; total is 0 where nobody knows.
func (m *meter) far() (done, total int) {
	return int(min(m.done.Load(), m.total.Load())), int(m.total.Load())
}

// giveUp asks the work to end.
func (m *meter) giveUp() { m.cut() }

// stopping reports whether the work was asked to end: between two parts of it
// that is the time to.
func (m *meter) stopping() bool { return m != nil && m.stop.Err() != nil }

type meterKey struct{}

// meterOf is the meter of the work that a context is of, or nil.
func meterOf(ctx context.Context) *meter {
	m, _ := ctx.Value(meterKey{}).(*meter)
	return m
}

// job says what work is, for who waits for it.
type job struct {
	title string // "Disabling 1,000 keys"
	stays string // what giving it up leaves, as a sentence
	looks bool   // it only looks: the status line says nothing of it
	whole bool   // it has no parts: giving it up ends the context of what is under way
	limit time.Duration
}

// Work that is done in parts says of itself what was done.
const partsStay = "What is done by then stays done."

// work is do for what may take long. fn finds the meter in its context. The
// function that is returned gives it up.
func (rt *runtime) work(j job, fn func(ctx context.Context) tea.Msg) (tea.Cmd, func()) {
	m := &meter{}
	m.stop, m.cut = context.WithCancel(context.Background())
	if j.limit == 0 {
		j.limit = longTime
	}
	if j.stays == "" {
		j.stays = partsStay
	}
	begin := func() tea.Msg {
		return workMsg{work{meter: m, title: clean(j.title), stays: j.stays, looks: j.looks, began: rt.Now()}}
	}
	return tea.Sequence(begin, rt.do(j.limit, func(ctx context.Context) tea.Msg {
		defer m.cut()
		if j.whole {
			var end context.CancelFunc
			ctx, end = context.WithCancel(ctx)
			defer end()
			defer context.AfterFunc(m.stop, end)()
		}
		return workedMsg{m, fn(context.WithValue(ctx, meterKey{}, m))}
	})), m.giveUp
}

// workEvery is how often work that is under way is looked at.
const workEvery = 100 * time.Millisecond

// workTick has work looked at in a moment.
func (rt *runtime) workTick(m *meter) tea.Cmd {
	return func() tea.Msg {
		if rt.sleep(rt.ctx, workEvery); rt.ctx.Err() != nil {
			return nil
		}
		return workTickMsg{m, rt.Now()}
	}
}

// inParts does something to list, part by part, until it is done, fails or is
// given up. It returns how much of it was done.
func inParts[T any](ctx context.Context, list []T, size int, do func(part []T) error) (done int, err error) {
	m := meterOf(ctx)
	for done < len(list) && !m.stopping() {
		part := list[done:min(done+size, len(list))]
		if err := do(part); err != nil {
			return done, err
		}
		done += len(part)
		m.step(len(part))
	}
	return done, nil
}
