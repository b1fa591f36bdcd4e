package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// doubt is a change of a key, of which a secret is known to this process alone,
// and how to find out whether it was made.
type doubt struct {
	// find looks at the key; made says that it is as the change leaves it.
	find func(ctx context.Context) (k model.KeyInfo, made bool, err error)
	// made and failed are the messages that the change ends with.
	made   func(k model.KeyInfo) tea.Msg
	failed func(err error) tea.Msg
}

// doubtMsg says that it is not known yet whether a change was made. then goes on
// asking, and ends with a settledMsg.
type doubtMsg struct {
	err  error
	then tea.Cmd
}

// settledMsg is the end of a doubtMsg.
type settledMsg struct{ msg tea.Msg }

// String returns no secret: fmt would look into the fields.
func (settledMsg) String() string { return "the end of a change" }

// GoString returns no secret.
func (m settledMsg) GoString() string { return m.String() }

// errNotMade ends a change that nobody answered for when it was made.
var errNotMade = errors.New("whoever owns the store answers again, and the change was not made: nothing that you entered is lost, try again")

// settleTime bounds a look after a change whose outcome is not known, lookEvery
// is how long apart such looks are, and lateTime how long an owner that answers
// again has for a change that reached it before it was stopped.
const (
	settleTime = 3 * time.Second
	lookEvery  = 2 * time.Second
	lateTime   = time.Second
)

// unanswered reports whether err leaves open what an owner did or will do.
func unanswered(err error) bool {
	if errors.Is(err, model.ErrDegraded) || errors.Is(err, model.ErrNoSpace) {
		return false
	}
	return errors.Is(err, model.ErrUnknownOutcome) || errors.Is(err, model.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
}

// settle finds out what became of a change that ended with err: its secret would
// be lost. Where nobody can be asked now it is told so, and goes on once an owner
// answers.
func (rt *runtime) settle(ctx context.Context, err error, d doubt) tea.Msg {
	if !unanswered(err) {
		return d.failed(err)
	}
	_, told := rt.newestStanding()
	k, made, lookErr := d.look(context.WithoutCancel(ctx))
	switch {
	case made:
		return d.made(k)
	case unanswered(lookErr):
		return doubtMsg{err, rt.wait(func(ctx context.Context) tea.Msg { return rt.settleLater(ctx, told, err, d) })}
	}
	return d.failed(err)
}

func (d doubt) look(ctx context.Context) (k model.KeyInfo, made bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	return d.find(ctx)
}

// settleLater is settle as long as the console lasts.
func (rt *runtime) settleLater(ctx context.Context, told <-chan struct{}, err error, d doubt) tea.Msg {
	for rt.awaitOwner(ctx, told) {
		_, told = rt.newestStanding()
		k, made, lookErr := d.look(ctx)
		if lookErr == nil && !made {
			rt.sleep(ctx, lateTime)
			k, made, lookErr = d.look(ctx)
		}
		switch {
		case made:
			return settledMsg{d.made(k)}
		case lookErr == nil:
			return settledMsg{d.failed(errNotMade)}
		case !unanswered(lookErr):
			return settledMsg{d.failed(err)}
		}
	}
	return nil
}

// awaitOwner waits until told says that an owner answers now, or it is time to
// look whether one does. It returns false when ctx ends.
func (rt *runtime) awaitOwner(ctx context.Context, told <-chan struct{}) bool {
	timer := time.NewTicker(lookEvery)
	defer timer.Stop()
	for {
		select {
		case <-told:
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
		newest, next := rt.newestStanding()
		if next == nil || newest.answers() {
			return true
		}
		told = next
	}
}

// answers reports whether there is an owner who answers.
func (m standingMsg) answers() bool {
	st := m.standing
	return m.err == nil && st.Stale == "" && (st.Mine || st.Owner.PID != 0)
}

// newestStanding returns what was told last, and what is closed when something
// else is; nil where nobody else has the store.
func (rt *runtime) newestStanding() (standingMsg, <-chan struct{}) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return rt.newest, rt.told
}
