package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"dev.keyward/keyward/model"
)

// emptyView stands in place of the list in a store without keys: what a key is,
// and the next step. Where it is too tall it is told in fewer lines.
func emptyView(s *styles, have stock, calls string, width, height int) string {
	room := min(width-6, 64)
	head := s.header.Render(noKeysText(have.deleted, "Welcome. There are no keys yet."))
	steps := emptySteps(s, have, calls, room)
	text := strings.Join([]string{
		head,
		wrap("A key lets a caller invoke the workflows that you choose, in the environment that you choose, and nothing else.", room),
		strings.Join(steps, "\n\n"),
	}, "\n\n")
	if lipgloss.Height(text) >= height {
		text = head + "\n\n" + strings.Join(steps, "\n")
	}
	top := max((height-lipgloss.Height(text))/3, 1)
	return strings.Repeat("\n", top) + indent(text, max((width-room)/2, 2))
}

// noKeysText is the heading of a list without keys: none is what it is where there
// never was one.
func noKeysText(deleted int, none string) string {
	if deleted == 0 {
		return none
	}
	return "No keys. " + count(deleted, "key") + " " + isAre(deleted) + " in the bin: " + placeKeys.Bin.Help().Key
}

// days is a length of time in days.
func days(d time.Duration) string { return count(int(d/(24*time.Hour)), "day") }

// whereToCall says where there is an endpoint to call, or how to start one; ""
// where neither is known.
func (rt *runtime) whereToCall() string {
	switch {
	case rt.local.address != "" || rt.answers:
		return " An endpoint runs on " + clean(rt.Endpoint) + "."
	case rt.endpointsOff() == "":
		return " " + endpointKeys.Toggle.Help().Key + " starts an endpoint here to call."
	}
	return ""
}

// emptySteps are the ways to begin, each with its key; calls says where there is an
// endpoint to call.
func emptySteps(s *styles, have stock, calls string, room int) []string {
	step := func(key, head, text string) string {
		return s.strong.Render(pad(key, 3)) + s.accent.Render(head) + "\n" + indent(wrap(text, room-3), 3)
	}
	var steps []string
	if have.all == have.samples {
		steps = append(steps, step(tourKeys.Begin.Help().Key, "Take a tour", "Four short steps with sample data, which one key takes out again."))
	}
	imports := "Makes a workflow of each operation that you choose."
	if have.all > 0 {
		imports = workflowText(have) + " " + imports
	}
	steps = append(steps,
		step(placeKeys.Import.Help().Key, "Import an OpenAPI document", imports),
		step(listKeys.New.Help().Key, "Make a key", "Asks for kind, name, environment and workflows, and shows the secrets once, with a curl line."+calls))
	if have.deleted > 0 {
		steps = append([]string{step(placeKeys.Bin.Help().Key, "Restore deleted keys", "The bin has them, for "+days(model.PurgeAfter)+".")}, steps...)
	}
	if have.samples > 0 {
		steps = append(steps, step(tourKeys.Remove.Help().Key, "Take the samples out", count(have.samples, "sample workflow")+" of a tour."))
	}
	return steps
}

// workflowText is what there is to be called.
func workflowText(have stock) string {
	if have.bound == 0 {
		return count(have.all, "workflow") + ", none bound to a REST path."
	}
	return count(have.bound, "workflow") + " can be called."
}
