package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// View renders the progress line, the question with its advice, and the step.
func (w *wizard) View() string {
	if w.saving {
		return w.progress() + "\n\n" + gutter + w.rt.styles.faint.Render("Making the key…")
	}
	body := w.part(w.step).view(w.width, w.room())
	if problem := w.problemView(); problem != "" {
		body += "\n\n" + problem
	}
	return w.head() + body
}

// problemView is the error of a failed save, at the step that it is about.
func (w *wizard) problemView() string {
	if w.problem == "" || w.at != w.step {
		return ""
	}
	return errorLines(w.rt.styles, w.problem, w.width)
}

// room is the height that the head and an error leave to the step.
func (w *wizard) room() int {
	room := w.height - lipgloss.Height(w.head()) + 1
	if problem := w.problemView(); problem != "" {
		room -= lipgloss.Height(problem) + 1
	}
	return max(room, 3)
}

// head ends in a line break. Where the terminal is low it has no blank lines.
func (w *wizard) head() string {
	s, part := w.rt.styles, w.part(w.step)
	gap := "\n\n"
	if w.height < 16 {
		gap = "\n"
	}
	head := w.progress() + gap + gutter + s.strong.Render(clip(part.question(), w.width-3))
	if advice := part.advice(); advice != "" {
		head += "\n" + strings.Join(faintLines(s, advice, w.width), "\n")
	}
	return head + gap
}

// progress is "1 Kind › [2 Name] › 3 Environment". Where it is too wide, the
// words farthest from the present step go first.
func (w *wizard) progress() string {
	s, steps := w.rt.styles, w.steps()
	now := 0
	for i, step := range steps {
		if step == w.step {
			now = i
		}
	}
	var line string
	for reach := len(steps); reach >= 0; reach-- {
		var parts []string
		for i, step := range steps {
			text := fmt.Sprint(i + 1)
			if i-now <= reach && now-i <= reach {
				text += " " + w.part(step).title()
			}
			switch {
			case i == now:
				text = s.marked.Render("[" + text + "]")
			case i > now:
				text = s.faint.Render(text)
			}
			parts = append(parts, text)
		}
		line = strings.Join(parts, s.faint.Render(" › "))
		if lipgloss.Width(line) <= w.width-len(gutter) {
			break
		}
	}
	return gutter + clip(line, w.width-len(gutter))
}
