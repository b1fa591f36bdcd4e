package tui

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// TestMain lets bench/console.sh use the test binary as its floor: the smallest
// Bubble Tea program, in the same build; and tests as a console that shares its
// store.
func TestMain(m *testing.M) {
	if os.Getenv("KEYWARD_BARE_TEA") != "" {
		bare := tea.NewProgram(bareModel{}, tea.WithAltScreen())
		if _, err := bare.Run(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("KEYWARD_SHARED_CONSOLE"); path != "" {
		os.Exit(sharedConsole(path))
	}
	os.Exit(m.Run())
}

// bareModel is the smallest Bubble Tea program: a frame is a line.
type bareModel struct{ presses int }

func (bareModel) Init() tea.Cmd { return nil }

func (b bareModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok {
		b.presses++
		if k.Type == tea.KeyCtrlC {
			return b, tea.Quit
		}
	}
	return b, nil
}

func (b bareModel) View() string { return fmt.Sprintf("ready %d", b.presses) }

// benchApp is the console over n keys in memory, coloured, loaded.
func benchApp(b *testing.B, n, width, height int) *app {
	b.Helper()
	store := newMemory()
	store.records.Keys = manyKeys(n)
	service, err := model.NewService(b.Context(), store, model.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.TrueColor)
	r.SetHasDarkBackground(true)
	rt := newRuntime(b.Context(), Options{
		Backend: service.As(model.Caller{}), DataDir: "/var/lib/keyward",
		Env: func(string) string { return "" }, Now: time.Now,
	}, r)
	rt.sleep = func(context.Context, time.Duration) {}
	rt.output = io.Discard
	b.Cleanup(rt.close)
	a := newApp(rt, newKeyList(rt))
	a.Update(tea.WindowSizeMsg{Width: width, Height: height})
	settle(a, a.Init())
	return a
}

// settle runs commands, and what comes of them, until nothing is left: the time
// that a user waits for the rows includes them.
func settle(m tea.Model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case usageTickMsg: // it comes for ever
	case tea.BatchMsg:
		for _, c := range msg {
			settle(m, c)
		}
	default:
		_, next := m.Update(msg)
		settle(m, next)
	}
}

// frames measures key presses to their frames and reports median and p99 in
// milliseconds.
func frames(b *testing.B, m tea.Model, keys []tea.KeyMsg) {
	b.Helper()
	took := make([]time.Duration, 0, b.N)
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		_, cmd := m.Update(keys[i%len(keys)])
		settle(m, cmd)
		if view := m.View(); view == "" {
			b.Fatal("no frame")
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(took[len(took)/2]), "median-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
}

func benchKeys(names string) []tea.KeyMsg {
	var keys []tea.KeyMsg
	for name := range strings.FieldsSeq(names) {
		msg, ok := namedKeys[name]
		if !ok {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
		}
		keys = append(keys, msg)
	}
	return keys
}

// BenchmarkKeyPress is a key press to its frame with 100,000 keys at 120x40:
// at most 16 ms at the median, a filter keystroke at most 50 ms,
// beside the floor, a bare Bubble Tea model.
func BenchmarkKeyPress(b *testing.B) {
	for _, bench := range []struct{ name, keys, prepare string }{
		{"down", "down", ""},
		{"page down", "pgdown", ""},
		{"page down and up", "pgdown pgdown pgup", ""},
		{"end and home", "end home", ""},
		{"sort", "s", ""},
		{"reload", "ctrl+r", ""},
		{"filter", "0 1 2 backspace backspace backspace", "/"},
		{"filter that matches nothing", "z backspace", "/ z z"},
		{"filter by environment", "t e s t backspace backspace backspace backspace", "/"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			a := benchApp(b, 100_000, 120, 40)
			for _, k := range benchKeys(bench.prepare) {
				_, cmd := a.Update(k)
				settle(a, cmd)
			}
			frames(b, a, benchKeys(bench.keys))
		})
	}
	b.Run("floor: bare Bubble Tea", func(b *testing.B) { frames(b, bareModel{}, benchKeys("down")) })
}

// BenchmarkView is a frame alone.
func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {160, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			a := benchApp(b, 100_000, size[0], size[1])
			for b.Loop() {
				_ = a.View()
			}
		})
	}
}

// BenchmarkOpen is opening the console on a loaded store to its first rows.
func BenchmarkOpen(b *testing.B) {
	a := benchApp(b, 100_000, 120, 40)
	for b.Loop() {
		l := newKeyList(a.rt)
		n := newApp(a.rt, l)
		n.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
		settle(n, n.Init())
		if !strings.Contains(n.View(), "of 100,000") {
			b.Fatal("no rows")
		}
	}
}
