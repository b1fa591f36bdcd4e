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

// activityMsg is what endpoints decided since the question before.
type activityMsg struct {
	number int
	page   model.ActivityPage
	at     time.Time // when it was answered, in the local zone
	err    error
}

// activityTickMsg comes activityEvery after the answer with that number.
type activityTickMsg struct{ number int }

func (rt *runtime) loadActivity(number int, q model.ActivityQuery) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Activity(ctx, q)
		return activityMsg{number, page, rt.Now(), err}
	})
}

// nextActivity begins the wait for the next activityTickMsg.
func (rt *runtime) nextActivity(number int) tea.Cmd {
	return rt.after(activityEvery, activityTickMsg{number})
}
