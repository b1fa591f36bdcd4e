package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// activityEvery is how long apart the Activity screen asks for what is new. It
// makes ten frames a second at most, however many calls there are.
const activityEvery = 100 * time.Millisecond

// activityFlood is that while more comes than is brought. Five times a second the
// whole screen is another one: nobody reads that, and each answer costs the
// endpoint what it costs to write 200 rows.
const activityFlood = 200 * time.Millisecond

// activityCovered is that while the list is below another screen: often enough
// that allowed calls go on being kept, and that an endpoint which ends is heard
// to the last.
const activityCovered = time.Second

// activityWaits is how often it asks so, one after the other: for ten minutes.
// Whoever is not back by then is told of the time that nobody watched, which
// endpoints need not keep calls for.
const activityWaits = 600

// activityPause is how long to wait after an answer that left so many out.
func activityPause(missed uint64, seen bool) time.Duration {
	switch {
	case !seen:
		return activityCovered
	case missed > 0:
		return activityFlood
	}
	return activityEvery
}

// activityMsg is what endpoints decided since the question before.
type activityMsg struct {
	number int
	asked  model.ActivityQuery
	page   model.ActivityPage
	at     time.Time // when it was answered
	err    error
}

// activityTickMsg comes activityPause after the answer with that number.
type activityTickMsg struct{ number int }

func (rt *runtime) loadActivity(number int, q model.ActivityQuery) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Activity(ctx, q)
		return activityMsg{number, q, page, rt.Now(), err}
	})
}

// nextActivity begins the wait for the next activityTickMsg, after an answer that
// left so many out.
func (rt *runtime) nextActivity(number int, missed uint64, seen bool) tea.Cmd {
	return rt.after(activityPause(missed, seen), activityTickMsg{number})
}
