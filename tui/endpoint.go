package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// endpointScreen shows the endpoints that run on the store, and the consoles
// that look at it. It asks every endpointEvery while it is seen.
type endpointScreen struct {
	rt            *runtime
	table         table[endpointRow]
	width, height int

	listing  latest
	loaded   bool
	at       time.Time
	err      error // of the newest answer
	consoles []model.Peer
	series   map[int]*series // by pid
	on       int             // the pid under the cursor
}

// endpointRow is one endpoint with what its figures became in between.
type endpointRow struct {
	model.EndpointReport
	rate    float64       // requests a second, lately; below 0: not known yet
	over    time.Duration // how far the following look back: a minute at most, if it reports each second; 0: not known yet
	seen    uint64        // requests in that time
	refused uint64        // of them
	rates   []float64     // in that time, the newest last
	mine    bool          // it runs in this process
}

// share is the refused part of the requests lately; below 0: there were none.
func (r endpointRow) share() float64 { return shareOf(r.refused, r.seen) }

// shareOf is a part of all; below 0: all are none.
func shareOf(part, all uint64) float64 {
	if all == 0 {
		return -1
	}
	return float64(part) / float64(all)
}

// How often endpoints are asked for their figures, over how long a rate is
// taken, and how far the shares and the picture of the rates look back.
const (
	endpointEvery  = time.Second
	rateOver       = 5 * time.Second
	endpointWindow = time.Minute
)

// endpointTickMsg has a screen ask again, if it is still there.
type endpointTickMsg struct{ screen *endpointScreen }

func newEndpointScreen(rt *runtime) screen {
	s := &endpointScreen{rt: rt, series: map[int]*series{}}
	s.table = table[endpointRow]{columns: s.columns(), sorted: -1}
	return s
}

// Init asks for the figures.
func (s *endpointScreen) Init() tea.Cmd {
	return tea.Batch(s.reload(), s.rt.after(endpointEvery, endpointTickMsg{s}))
}

func (s *endpointScreen) reload() tea.Cmd { return s.rt.askEndpoints(s.listing.ask(s.rt)) }

// endpointTick has the screen ask while it is the one that is seen.
func (a *app) endpointTick(msg endpointTickMsg) tea.Cmd {
	if !slices.Contains(a.stack, screen(msg.screen)) {
		return nil
	}
	again := a.rt.after(endpointEvery, msg)
	if a.top() != screen(msg.screen) || msg.screen.listing.loading || a.shared.letting || a.shared.resuming {
		return again
	}
	return tea.Batch(msg.screen.reload(), again)
}

// pollNow has the screen of endpoints ask at once, where it is seen.
func (a *app) pollNow() tea.Cmd {
	if s, ok := a.top().(*endpointScreen); ok {
		return s.reload()
	}
	return nil
}

// Update takes keys and figures.
func (s *endpointScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return s.key(msg)
	case trafficMsg:
		if mine, _ := s.listing.answered(msg.number); mine {
			s.take(msg)
		}
	}
	return nil
}

func (s *endpointScreen) key(msg tea.KeyMsg) tea.Cmd {
	if msg.Paste {
		return nil
	}
	t := &s.table
	if n, ok := moveKeys.step(msg, t.height, t.total); ok {
		t.moveTo(t.cursor + n)
		s.follow()
		return nil
	}
	switch {
	case matches(msg, endpointsKeys.Reload):
		return s.reload()
	case matches(msg, endpointsKeys.Back):
		return pop()
	}
	return nil
}

func (s *endpointScreen) follow() {
	row, _ := s.table.current()
	s.on = row.PID
}

// take takes figures. After a failure what was there stays to be seen.
func (s *endpointScreen) take(msg trafficMsg) {
	if s.err = msg.err; msg.err != nil {
		return
	}
	s.loaded, s.at, s.consoles = true, msg.at, msg.page.Consoles
	serving := slices.SortedFunc(slices.Values(msg.page.Serving), func(a, b model.EndpointReport) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.PID, b.PID))
	})
	kept := map[int]*series{}
	rows := make([]endpointRow, 0, len(serving))
	for _, r := range serving {
		if s.rt.stopped(r) {
			continue
		}
		one := s.series[r.PID]
		if one == nil || one.since != r.Since {
			one = &series{since: r.Since}
		}
		kept[r.PID] = one
		one.add(r)
		row := one.row(r)
		row.mine = !s.rt.remote() && r.PID == s.rt.pid
		rows = append(rows, row)
	}
	s.series = kept
	s.table.load(rows, 0, len(rows), slices.IndexFunc(rows, func(r endpointRow) bool { return r.PID == s.on }))
	s.name()
	s.follow()
	s.layout()
}

// name says above the shares which time they are of.
func (s *endpointScreen) name() {
	over := time.Duration(0)
	for _, r := range s.table.rows {
		over = max(over, r.over)
	}
	s.table.columns[refusedColumn].title = strings.TrimSpace(refusedTitle + " " + spanText(over))
}

// series is what one endpoint said in the last minute.
type series struct {
	since   model.Instant
	reports []model.EndpointReport // the newest last
	rates   []float64              // between each of them and the one before
}

// add takes a report, unless it is an old one.
func (s *series) add(r model.EndpointReport) {
	if n := len(s.reports); n > 0 {
		last := s.reports[n-1]
		took := r.At.Sub(last.At)
		if took <= 0 {
			return
		}
		s.rates = append(s.rates, float64(requestsBetween(last, r))/took.Seconds())
	}
	s.reports = append(s.reports, r)
	for len(s.reports) > 2 && r.At.Sub(s.reports[1].At) >= endpointWindow {
		s.reports = s.reports[1:]
	}
	if over := len(s.rates) - int(endpointWindow/endpointEvery); over > 0 {
		s.rates = s.rates[over:]
	}
}

// requestsBetween is how many requests came between two reports. An endpoint
// whose totals fell began anew.
func requestsBetween(a, b model.EndpointReport) uint64 {
	before, after := a.Allowed+a.Denied, b.Allowed+b.Denied
	return after - min(before, after)
}

// row is what there is to be shown of the newest report.
func (s *series) row(r model.EndpointReport) endpointRow {
	newest, from := s.reports[len(s.reports)-1], s.reports[0]
	row := endpointRow{
		EndpointReport: r, rate: -1, rates: slices.Clone(s.rates[max(len(s.rates)-len(s.reports)+1, 0):]),
		over: newest.At.Sub(from.At), seen: requestsBetween(from, newest),
	}
	row.refused = min(newest.Denied-min(from.Denied, newest.Denied), row.seen)
	for _, old := range s.reports[:len(s.reports)-1] {
		if took := newest.At.Sub(old.At); took <= rateOver {
			row.rate = float64(requestsBetween(old, newest)) / took.Seconds()
			break
		}
	}
	if n := len(s.rates); row.rate < 0 && n > 0 { // it reports seldom
		row.rate = s.rates[n-1]
	}
	return row
}

// SetSize gives the room.
func (s *endpointScreen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layout()
}

// Title is the screen's part of the breadcrumb.
func (s *endpointScreen) Title() string { return "Endpoints" }

// Typing is never.
func (s *endpointScreen) Typing() bool { return false }

// Unsaved is never: the screen holds nothing.
func (s *endpointScreen) Unsaved() *prompt { return nil }

// Keys are the bindings for the help line and the help screen.
func (s *endpointScreen) Keys() help.KeyMap {
	k := endpointsKeys
	// On the help screen the key that starts or stops one is among those of the places.
	return bindings{short: []key.Binding{s.rt.endpointBinding(), k.Reload, k.Back}, full: [][]key.Binding{{k.Reload, k.Back}, moveKeys.all()}}
}
