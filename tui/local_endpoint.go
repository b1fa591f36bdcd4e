package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// localEndpoint is the endpoint that runs in this process, as far as the console
// knows. The root alone changes it.
type localEndpoint struct {
	address string // "": none runs
	busy    bool   // it is being started or stopped
	run     int    // tells it from those before it, which may have had its address
}

// endpointsOff says why no endpoint can be started or stopped here, "" where one
// can.
func (rt *runtime) endpointsOff() string {
	switch {
	case rt.remote():
		return "Over SSH no endpoint is started or stopped: it would be one of the server's."
	case rt.ReadOnly:
		return "This console is read-only: start keyward without --read-only to start an endpoint."
	case rt.NoEndpoints != "":
		return rt.NoEndpoints
	case rt.Endpoints == nil:
		return "No endpoint can be started here: keyward serve runs one."
	}
	return ""
}

// endpointsOffShort is endpointsOff in few words.
func (rt *runtime) endpointsOffShort() string {
	switch {
	case rt.endpointsOff() == "":
		return ""
	case rt.remote():
		return "over SSH"
	case rt.ReadOnly:
		return "read-only"
	case rt.NoEndpoints != "":
		return "one runs already"
	}
	return "not here"
}

// endpointBinding is the key that starts or stops the endpoint, as it works now.
func (rt *runtime) endpointBinding() key.Binding {
	b := endpointKeys.Toggle
	b.SetEnabled(rt.endpointsOff() == "" && !rt.local.busy)
	if rt.local.address != "" {
		b.SetHelp(b.Help().Key, "stop the one here")
	}
	return b
}

// endpointKey starts the endpoint, or begins to stop it.
func (a *app) endpointKey() tea.Cmd {
	local := &a.rt.local
	switch off := a.rt.endpointsOff(); {
	case off != "":
		a.status = statusMsg{statusWarning, off}
		return nil
	case local.busy:
		return nil
	case local.address != "":
		local.busy = true
		return a.rt.askRecent(local.run)
	}
	local.busy, local.run = true, a.rt.next()
	a.status = statusMsg{statusInfo, "Starting an endpoint …"}
	return a.rt.startEndpoint()
}

// endpointNews takes what became of the endpoint.
func (a *app) endpointNews(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		return a.started(msg)
	case recentMsg:
		return a.mayStop(msg)
	case stoppedMsg:
		if a.rt.local.run != msg.run {
			return nil // that one is gone, and another is there
		}
		a.rt.local.busy = false
		if msg.err != nil {
			a.status = statusMsg{statusError, sentence(msg.err)}
			return nil
		}
		a.rt.local.address = ""
		a.status = statusMsg{statusDone, "The endpoint is stopped."}
	case endedMsg:
		if a.rt.local.address != msg.address {
			return nil
		}
		a.rt.local = localEndpoint{}
		a.status = statusMsg{statusError, "The endpoint ended by itself."}
		if msg.err != nil {
			a.status.text = "The endpoint ended by itself: " + lowerFirst(sentence(msg.err))
		}
	case stopAnywayMsg:
		if a.rt.local.busy || a.rt.local.address == "" || a.rt.local.run != msg.run {
			return nil
		}
		a.rt.local.busy = true
		a.status = statusMsg{statusInfo, "Stopping the endpoint …"}
		return a.rt.stopEndpoint(msg.run)
	}
	return tea.Batch(a.pollNow(), a.rt.askServing())
}

// started takes a new endpoint: what is shown to be called is called there.
func (a *app) started(msg startedMsg) tea.Cmd {
	a.rt.local.busy = false
	if msg.err != nil {
		a.status = statusMsg{statusError, sentence(msg.err)}
		return nil
	}
	a.rt.local.address, a.rt.Endpoint = msg.started.Address, msg.started.Address
	a.status = statusMsg{statusDone, fmt.Sprintf("An endpoint runs in this process, on %s.", msg.started.Address)}
	if taken := msg.started.Taken; taken != "" {
		a.status.text = fmt.Sprintf("An endpoint runs in this process, on %s: another program has %s.", msg.started.Address, taken)
	}
	return tea.Batch(a.rt.nextEnd(msg.started), a.pollNow(), a.rt.askServing())
}

// stopAnywayMsg stops the endpoint.
type stopAnywayMsg struct{ run int }

// mayStop asks before an endpoint that somebody uses is stopped. Where that is
// not known it is asked as well. What is told of one that has ended meanwhile
// says nothing of the next.
func (a *app) mayStop(msg recentMsg) tea.Cmd {
	if a.rt.local.run != msg.run {
		return nil
	}
	a.rt.local.busy = false
	if msg.err == nil && msg.requests == 0 {
		return send(stopAnywayMsg{msg.run})
	}
	lines := []string{"Whoever calls it gets no connection from then on. Requests in flight are answered first."}
	if msg.requests > 0 {
		lines = slices.Insert(lines, 0, fmt.Sprintf("It got %s in the last minute.", count(int(min(msg.requests, 1<<30)), "request")), "")
	}
	return ask(prompt{
		Title: "Stop the endpoint on " + a.rt.local.address + "?", Lines: lines, Confirm: "stop it",
		OnYes: send(stopAnywayMsg{msg.run}),
	})
}

// endsEndpoint is the question before the console is left while an endpoint runs
// in its process, or nil.
func (a *app) endsEndpoint() *prompt {
	if a.rt.local.address == "" {
		return nil
	}
	return &prompt{
		Title:   "Stop the endpoint and quit?",
		Lines:   []string{"It runs in this process, on " + a.rt.local.address + ", and ends with it. keyward serve runs one on its own."},
		Confirm: "stop it and quit",
	}
}
