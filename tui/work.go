package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// work is something that is under way and may take long. Once it has, a box over
// the screen shows how far it is and takes every key press until it has ended:
// one of them gives it up.
type work struct {
	meter *meter
	title string    // "Disabling 1,000 keys", clean
	stays string    // what giving it up leaves, as a sentence
	looks bool      // it only looks: the status line says nothing of it
	began time.Time // as the messages have it: the clock is read by commands only
	took  time.Duration
	steps int // looks at it so far
}

// workShown is after what time work is seen: what takes half a second is, what
// is done at once flashes no box.
const workShown = 300 * time.Millisecond

// workMsg says that work begins, workTickMsg that it is to be looked at,
// workedMsg that it has ended and with what.
type (
	workMsg     struct{ work work }
	workTickMsg struct {
		meter *meter
		at    time.Time
	}
	workedMsg struct {
		meter *meter
		msg   tea.Msg
	}
	workOverMsg struct{ number int } // nobody can mean to stop it any more
)

// String returns nothing of how the work ended: it may hold a secret.
func (workedMsg) String() string { return "the end of work" }

// GoString returns nothing of how the work ended.
func (m workedMsg) GoString() string { return m.String() }

// workBegins says what is under way, and has it looked at.
func (a *app) workBegins(msg workMsg) tea.Cmd {
	w := msg.work
	a.works = append(a.works, &w)
	if !w.looks {
		a.status = statusMsg{statusInfo, w.title + " …"}
	}
	return a.rt.workTick(w.meter)
}

func (a *app) workTick(msg workTickMsg) tea.Cmd {
	i := slices.IndexFunc(a.works, func(w *work) bool { return w.meter == msg.meter })
	if i < 0 {
		return nil // it has ended
	}
	w := a.works[i]
	w.took = msg.at.Sub(w.began)
	w.steps++
	return a.rt.workTick(w.meter)
}

// worked takes the end of work, which goes where it would have gone.
func (a *app) worked(msg workedMsg) tea.Cmd {
	var over tea.Cmd
	if w := a.working(); w != nil && w.meter == msg.meter {
		a.ended++
		a.stopsLate = true
		over = a.rt.after(armingTime, workOverMsg{a.ended})
	}
	for _, w := range a.works {
		if w.meter == msg.meter && a.status.text == w.title+" …" {
			a.status = statusMsg{}
		}
	}
	a.works = slices.DeleteFunc(a.works, func(w *work) bool { return w.meter == msg.meter })
	if msg.msg == nil {
		return over
	}
	return tea.Batch(over, a.route(msg.msg))
}

// working is the work that is seen, or nil.
func (a *app) working() *work {
	if i := slices.IndexFunc(a.works, func(w *work) bool { return w.took >= workShown }); i >= 0 {
		return a.works[i]
	}
	return nil
}

// workKey takes a key press while work is seen. The interrupt gives it up as the
// other key does, and quits where that was asked already.
func (a *app) workKey(msg tea.KeyMsg) tea.Cmd {
	m := a.working().meter
	switch {
	case matches(msg, globalKeys.Interrupt) && m.stopping():
		return a.quit()
	case matches(msg, workKeys.Stop, globalKeys.Interrupt):
		m.giveUp()
	}
	return nil
}

// bindings are those of the box.
func (w *work) bindings() []key.Binding {
	k := workKeys
	k.Stop.SetEnabled(!w.meter.stopping())
	return []key.Binding{k.Stop}
}

// view renders the box: how much is done, or that nobody knows how much is left.
func (w *work) view(s *styles, width int) string {
	width = min(width-8, 66)
	done, total := w.meter.far()
	figures := ""
	if total > 0 {
		figures = "  " + thousands(done) + " of " + thousands(total)
	}
	if w.took >= time.Second {
		figures += "  " + strconv.Itoa(int(w.took/time.Second)) + " s"
	}
	bar := Sweep(w.steps, width-cells(figures))
	if total > 0 {
		bar = Bar(float64(done)/float64(total), width-cells(figures))
	}
	how := workKeys.Stop.Help().Key + " stops it. " + w.stays
	if w.meter.stopping() {
		how = "Stopping …"
	}
	title := cutLines(strings.Split(wrap(w.title, width), "\n"), 2)
	for i, line := range title {
		title[i] = s.promptTitle.Render(pad(line, width))
	}
	lines := append(title, "", s.accent.Render(bar)+figures, "")
	return s.promptBox.Render(strings.Join(append(lines, strings.Split(s.faint.Render(wrap(how, width)), "\n")...), "\n"))
}
