package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// tour is where the tour of the first start is: a line above the status line,
// while every key works as ever.
type tour struct {
	step int      // 0: none is under way
	key  model.ID // the sample key
}

// tourSteps say what is seen; each ends with what the key of the tour does next.
var tourSteps = []string{
	"A row is a key: who may call, in which environment, until when. t opens " + sampleKey + ".",
	"All about one key. It has two slots: callers move to the other one, then the first is made anew, and nobody is cut off. t shows calls.",
	"What calls become is seen here. S starts an endpoint in this console, and a call to try is shown: without a secret it is refused, and enter says why. t goes on.",
	"That was it. x takes the samples out again, n makes a key of yours, I imports an OpenAPI document. t ends the tour.",
}

// tourWaiting stands in place of a step where its keys have no such meaning, as
// where text is entered.
const tourWaiting = "it goes on once this is done or left."

// sampledMsg is the end of making the samples.
type sampledMsg struct {
	key     model.ID
	outcome outcomeMsg
}

// sampled begins the tour, once there is something to show.
func (a *app) sampled(msg sampledMsg) tea.Cmd {
	if msg.outcome.err == nil {
		a.tourBegins(msg.key)
	}
	return a.outcome(msg.outcome)
}

// tourBegins shows the first step.
func (a *app) tourBegins(key model.ID) {
	a.tour = tour{step: 1, key: key}
	a.rt.touring = true
	a.cut(1)
}

// tourEnds is the end of the tour: at its last step, or where the sample key is
// gone.
func (a *app) tourEnds() {
	a.tour, a.rt.touring = tour{}, false
}

// tourAgainMsg begins the tour again with samples that are there.
type tourAgainMsg struct{ key model.ID }

// tours reports whether the key of the tour goes on with it.
func (a *app) tours() bool { return a.tour.step > 0 && a.roams() }

// tourKey goes on with the tour, to the screen that its next step is about.
func (a *app) tourKey() tea.Cmd {
	a.tour.step = a.tourAt() + 1
	switch a.tour.step {
	case 2:
		a.cut(1)
		return push(newDetail(a.rt, a.tour.key, sampleKey))
	case 3:
		a.cut(1)
		return a.goTo(a.tourPlace())
	case 4:
		a.cut(1)
		return send(changedMsg{key: sampleKey})
	}
	a.tourEnds()
	return nil
}

// tourAt is the step that is under way: where the user went to the screen of the
// next one by another key, that one.
func (a *app) tourAt() int {
	d, opened := a.top().(*detail)
	switch _, calls := a.top().(*activityList); {
	case a.tour.step == 1 && opened && d.id == a.tour.key:
		return 2
	case a.tour.step == 2 && calls:
		return 3
	}
	return a.tour.step
}

// sampleAmong is the sample key among rows, or 0.
func sampleAmong(rows []model.KeyRow) model.ID {
	for _, r := range rows {
		if r.Name == sampleKey {
			return r.ID
		}
	}
	return 0
}

// tourPlace is where calls are seen.
func (a *app) tourPlace() place {
	for _, p := range a.placesHere() {
		if matchesHelp(p.key, placeKeys.Activity) {
			return p
		}
	}
	return place{open: func(rt *runtime, _ aim) screen { return newEndpointScreen(rt) }}
}

// tourLines are the step of the tour, in as many lines as it needs.
func (a *app) tourLines() []string {
	if a.tour.step == 0 || a.help != nil {
		return nil
	}
	step := a.tourAt()
	what := tourSteps[step-1]
	if !a.tours() { // its keys would be text here
		what = tourWaiting
	}
	text := fmt.Sprintf("Tour, %d of %d: %s", step, len(tourSteps), what)
	var lines []string
	for _, line := range strings.Split(wrapWords(text, a.width-4), "\n") {
		lines = append(lines, clip(" » "+line, a.width))
	}
	return lines
}

// askTour asks before the samples are made.
func askTour(rt *runtime) tea.Cmd {
	return ask(prompt{
		Title: "Take a tour with sample data?",
		Lines: []string{
			fmt.Sprintf("It makes %s and the key %q in this store, all of them called sample-….", count(len(tourSamples()), "workflow"), sampleKey), "",
			"Nobody learns the key's secrets, so nobody can call with it. " + tourKeys.Remove.Help().Key + " takes all of it out again; the key then lies in the bin for a while, as every deleted one.",
		},
		Confirm: "take the tour", OnYes: rt.addSamples(),
	})
}

// askRemoveSamples asks before the samples are taken out.
func askRemoveSamples(rt *runtime) tea.Cmd {
	return ask(prompt{
		Title:   "Take the samples out?",
		Lines:   []string{fmt.Sprintf("The key %q and the workflows called sample-… as they were made are deleted. What was changed of them stays, and so does everything of yours; a key of yours that permits a sample loses it.", sampleKey)},
		Confirm: "take them out", OnYes: rt.removeSamples(),
	})
}
