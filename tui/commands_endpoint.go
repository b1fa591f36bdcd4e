package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// trafficMsg is what endpoints say of themselves.
type trafficMsg struct {
	number int
	page   model.ActivityPage
	at     time.Time
	err    error
}

// askEndpoints asks how the endpoints are. One record is enough: the figures are
// wanted.
func (rt *runtime) askEndpoints(number int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Activity(ctx, model.ActivityQuery{Limit: 1})
		return trafficMsg{number, page, rt.Now(), err}
	})
}

// askServing asks which endpoints answer. Nobody watches because of that.
func (rt *runtime) askServing() tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Activity(ctx, model.ActivityQuery{Serving: true})
		return servingMsg{page.Serving, err}
	})
}

// startedMsg is the end of starting an endpoint.
type startedMsg struct {
	started StartedEndpoint
	err     error
}

// startEndpoint starts an endpoint in this process.
func (rt *runtime) startEndpoint() tea.Cmd {
	return rt.do(patient, func(ctx context.Context) tea.Msg {
		started, err := rt.Endpoints.Start(ctx)
		return startedMsg{started, err}
	})
}

// endedMsg says that an endpoint ended by itself.
type endedMsg struct {
	address string
	err     error
}

// nextEnd waits for the end of an endpoint that nobody stopped.
func (rt *runtime) nextEnd(e StartedEndpoint) tea.Cmd {
	if e.Ended == nil {
		return nil
	}
	return rt.wait(func(ctx context.Context) tea.Msg {
		select {
		case err, ended := <-e.Ended:
			if !ended {
				return nil // somebody stopped it
			}
			return endedMsg{e.Address, err}
		case <-ctx.Done():
			return nil
		}
	})
}

// recentMsg says how many requests an endpoint got in the last minute.
type recentMsg struct {
	run      int // which endpoint: localEndpoint.run
	requests uint64
	err      error
}

// askRecent asks whether somebody uses the endpoint of this process.
func (rt *runtime) askRecent(run int) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		n, err := rt.Endpoints.Recent(ctx)
		return recentMsg{run, n, err}
	})
}

// stoppedMsg is the end of stopping an endpoint.
type stoppedMsg struct {
	run int // which endpoint: localEndpoint.run
	err error
}

// errStopSlow says that an endpoint is still at work after it was stopped.
var errStopSlow = errors.New("the endpoint takes no more requests, and still answers some: it is gone once they are answered")

// stopEndpoint stops the endpoint of this process.
func (rt *runtime) stopEndpoint(run int) tea.Cmd {
	return rt.do(patient, func(ctx context.Context) tea.Msg {
		err := rt.Endpoints.Stop(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = errStopSlow
		}
		return stoppedMsg{run, err}
	})
}
