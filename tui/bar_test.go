package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// TestBars: pictures are as wide as they are to be, whatever they show.
func TestBars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part  float64
		width int
		want  string
	}{
		{0, 8, "░░░░░░░░"}, {0.5, 8, "████░░░░"}, {0.99, 8, "███████░"}, {1, 8, "████████"},
		{-1, 4, "░░░░"}, {7, 4, "████"}, {0.5, 0, "█░░"},
	} {
		if got := Bar(c.part, c.width); got != c.want {
			t.Errorf("Bar(%v, %d) = %s, want %s", c.part, c.width, got, c.want)
		}
	}
	seen := map[string]bool{}
	for step := range 40 {
		sweep := Sweep(step, 10)
		if cells(sweep) != 10 || strings.Count(sweep, "█") != 4 || !strings.Contains(sweep, "████") {
			t.Errorf("step %d: %s", step, sweep)
		}
		if step > 0 && sweep == Sweep(step-1, 10) {
			t.Errorf("it stands still at step %d", step)
		}
		seen[sweep] = true
	}
	if len(seen) != 7 {
		t.Errorf("%d pictures", len(seen))
	}
	if got := Plain(Bar(0.5, 8)); got != "####...." {
		t.Errorf("in ASCII: %s", got)
	}
}

// generation is a form whose certificate is being made until ctx ends.
func generation(t *testing.T) (m *maker, tick func(after time.Duration), result <-chan tea.Msg) {
	t.Helper()
	m, p, _, _ := newPickerTest(t)
	m.certs.generate = func(ctx context.Context, _ GenerateOptions) (Generated, error) {
		<-ctx.Done()
		return Generated{}, ctx.Err()
	}
	m.keys("ctrl+g", "7", "tab", "x", "tab", "backspace", "backspace", "backspace", "90")
	m.sees("billing-nightly7", "/CN=Billing Nightlyx", "90")
	batch, ok := p.formKey(keyPress("enter"))().(tea.BatchMsg)
	if !ok {
		t.Fatal("nothing is made")
	}
	made := make(chan tea.Msg, 1)
	go func() { made <- batch[0]() }()
	first := batch[1]().(spinnerTick)
	next := first
	tick = func(after time.Duration) {
		t.Helper()
		next.Time = first.Time.Add(after)
		if _, again := m.app.Update(next); again == nil {
			t.Error("the indicator stands still")
		}
		next = p.form.spinner.Tick().(spinnerTick) // as the one that was asked for
	}
	return m, tick, made
}

// TestGeneratingShowsHowLong: from a second on something moves, with the time that
// it takes, at every size; esc gives up, and what was typed stays.
func TestGeneratingShowsHowLong(t *testing.T) {
	t.Parallel()
	m, tick, result := generation(t)
	tick(0)
	tick(900 * time.Millisecond)
	m.sees("Making the key…", "esc cancels")
	if strings.Contains(m.app.View(), "████") {
		t.Error("too early")
	}
	tick(1200 * time.Millisecond)
	m.sees("████", " 1 s")
	before := m.app.View()
	tick(12300 * time.Millisecond)
	m.sees("████", " 12 s")
	if lineWith(before, "████") == lineWith(m.app.View(), "████") {
		t.Error("nothing moves")
	}
	m.fits()
	m.size(60, 16)
	m.sees("Making the key…", "████", " 12 s")
	m.rt.styles.ascii = true
	m.sees("####", " 12 s")
	if view := m.app.View(); !isASCII(onlyStyling.ReplaceAllString(view, "")) {
		t.Errorf("not ASCII:\n%s", view)
	}
	m.rt.styles.ascii = false
	m.keys("esc")
	m.sees("Cancelling…")
	m.send(<-result)
	m.sees("Cancelled: nothing was made.", "billing-nightly7", "/CN=Billing Nightlyx", "90")
	if view := m.app.View(); strings.Contains(view, "████") || strings.Contains(view, "12 s") {
		t.Errorf("the indicator stayed:\n%s", view)
	}
}

func lineWith(view, part string) string {
	for line := range strings.Lines(view) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// TestImportBar: an import shows how much is done, at every size, and esc stops it
// with what is not made still marked.
func TestImportBar(t *testing.T) {
	w := newWorld(t)
	i := w.previews(manyRows(200))
	w.holdsImport()
	w.sees("0 of 200", "esc stops", "░░░░")
	first := w.held[0]
	w.held = w.held[1:]
	w.send(first())
	w.sees("25 of 200", "█░")
	for _, size := range [][2]int{{160, 50}, {80, 24}, {minWidth, minHeight}} {
		w.resize(size[0], size[1])
		w.sees("25 of 200; esc stops", "░░░")
	}
	w.press("esc")
	w.sees("25 of 200, stopping …")
	w.release()
	w.resize(80, 24)
	w.sees("Stopped: 50 of 200 workflows imported; the others stay marked.")
	if len(i.marked) != 150 {
		t.Errorf("%d are marked", len(i.marked))
	}
	w.seesNot("░░░")
}
