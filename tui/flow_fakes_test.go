package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	"dev.keyward/keyward/model"
)

// reporting is a backend whose endpoints say what a test has them say.
type reporting struct {
	Backend
	page  model.ActivityPage
	err   error
	asked int
}

func (f *reporting) Activity(context.Context, model.ActivityQuery) (model.ActivityPage, error) {
	f.asked++
	return f.page, f.err
}

// reports gives the world's backend these endpoints.
func (w *world) reports(reported ...model.EndpointReport) *reporting {
	f := &reporting{Backend: w.backend, page: model.ActivityPage{
		Serving:  reported,
		Consoles: []model.Peer{{PID: 4711, Rank: model.RankConsole, Version: "1.2.0", Since: model.At(testNow.Add(-time.Hour))}, {PID: 4801, Rank: model.RankConsole, Since: model.At(testNow.Add(-time.Minute))}},
	}}
	w.rt.Backend, w.rt.pid = f, 4711
	return f
}

// endpoints is a port that starts and stops nothing, and says it did.
type endpoints struct {
	started StartedEndpoint
	recent  uint64
	err     error
	calls   []string
}

func (e *endpoints) Start(context.Context) (StartedEndpoint, error) {
	e.calls = append(e.calls, "start")
	if e.err != nil {
		return StartedEndpoint{}, e.err
	}
	if e.started.Address == "" {
		e.started.Address = "https://localhost:8443"
	}
	return e.started, nil
}

func (e *endpoints) Recent(context.Context) (uint64, error) { return e.recent, nil }

func (e *endpoints) Stop(context.Context) error {
	e.calls = append(e.calls, "stop")
	return e.err
}

func (e *endpoints) did(calls ...string) bool { return slices.Equal(e.calls, calls) }

var errStart = errors.New("listening on 127.0.0.1:8443: this user may not open that port")
