package tui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// emptyView stands in place of the list in a store without keys: what a key is,
// and the next step.
func emptyView(s *styles, have stock, width, height int) string {
	room := min(width-8, 64)
	lines := []string{
		s.header.Render("Welcome. There are no keys yet."),
		"",
		wrap("A key lets a caller invoke the workflows that you choose, in the environment that you choose, and nothing else.", room),
		"",
	}
	lines = append(lines, emptySteps(s, have, room)...)
	text := strings.Join(lines, "\n")
	top := max((height-lipgloss.Height(text))/3, 1)
	return strings.Repeat("\n", top) + indent(text, max((width-room)/2, 2))
}

func emptySteps(s *styles, have stock, room int) []string {
	key := func(k, text string) string { return s.strong.Render(pad(k, 3)) + text }
	step := func(done bool, number, text string) string {
		if done {
			return s.ok.Render("✓") + "  " + text
		}
		return s.accent.Render(number) + "  " + text
	}
	lines := []string{step(have.bound > 0, "1", workflowStep(have))}
	if have.all == 0 {
		lines = append(lines,
			indent(key(listKeys.Samples.Help().Key, "adds a few samples to try keyward with, or make yours:"), 3),
			indent(s.faint.Render("   keyward workflow create NAME --method GET --path /x/{id}"), 3))
	}
	return append(lines, "",
		step(false, "2", "Make a key."),
		indent(key(listKeys.New.Help().Key, "asks for its kind, name, environment and workflows"), 3), "",
		step(false, "3", "Call."),
		indent(wrap("Its secrets are shown once, with a curl line that works as soon as keyward serve runs.", room-3), 3))
}

func workflowStep(have stock) string {
	switch {
	case have.all == 0:
		return "Have workflows that can be called."
	case have.bound == 0:
		return "Bind a workflow: " + count(have.all, "workflow") + ", none bound to a REST path."
	}
	return count(have.bound, "workflow") + " can be called."
}
