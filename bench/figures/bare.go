//go:build unix

package main

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// bareModel is the floor: a Bubble Tea program that shows as many rows and a
// cursor among them, and computes nothing.
type bareModel struct {
	count, cursor int
	filter        string
	size          tea.WindowSizeMsg
}

func (bareModel) Init() tea.Cmd { return nil }

func (b bareModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		b.size = msg
	case tea.KeyMsg:
		switch msg.Type {
		case tea.KeyDown:
			b.cursor++
		case tea.KeyPgDown:
			b.cursor += b.size.Height
		case tea.KeyRunes:
			b.filter += string(msg.Runes)
		case tea.KeyBackspace:
			b.filter = b.filter[:max(len(b.filter)-1, 0)]
		case tea.KeyCtrlC:
			return b, tea.Quit
		}
	}
	return b, nil
}

func (b bareModel) View() string {
	if b.size.Height == 0 {
		return ""
	}
	first := b.cursor - b.cursor%(b.size.Height-1)
	lines := []string{fmt.Sprintf("%d of %s %s", b.cursor+1, thousands(b.count), b.filter)}
	for i := first; i < first+b.size.Height-1; i++ {
		line := fmt.Sprintf("  key-%06d%s", i, strings.Repeat(" .", (b.size.Width-14)/2))
		if i == b.cursor {
			line = "\x1b[7m" + line + "\x1b[m"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func runBare(count int) error {
	_, err := tea.NewProgram(bareModel{count: count}, tea.WithAltScreen()).Run()
	return err
}
