package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func report(pid int, at time.Duration, allowed, denied uint64) model.EndpointReport {
	return model.EndpointReport{
		PID: pid, Since: model.At(testNow.Add(-3 * time.Hour)), Allowed: allowed, Denied: denied, At: testNow.Add(at),
		Addresses: []string{fmt.Sprintf("https://127.0.0.1:%d", 8443+pid%7)},
	}
}

// opensEndpoints opens the screen, and lets the endpoints report a few times
// more.
func (w *world) opensEndpoints(f *reporting, later ...[]model.EndpointReport) *endpointScreen {
	w.t.Helper()
	w.start()
	w.press("P")
	s := w.app.top().(*endpointScreen)
	for _, reports := range later {
		f.page.Serving = reports
		w.now = reports[0].At
		w.send(endpointTickMsg{s})
	}
	return s
}

func busyEndpoints(w *world) *endpointScreen {
	variety(w)
	var later [][]model.EndpointReport
	for i := range 40 {
		at := time.Duration(i) * time.Second
		later = append(later, []model.EndpointReport{report(4242, at, 1_204_112+uint64(i*i), 300+uint64(i)), report(4711, at, uint64(i/10), 0)})
	}
	return w.opensEndpoints(w.reports(later[0]...), later...)
}

func TestEndpointViews(t *testing.T) {
	everySize(t, "none", func(w *world) { w.rt.Endpoints = &endpoints{}; w.opensEndpoints(w.reports()) })
	everySize(t, "busy", func(w *world) { busyEndpoints(w) })
	everySize(t, "ssh", func(w *world) {
		r := report(4242, 0, 1_204_112, 300)
		r.SSH, r.HostKey = "127.0.0.1:2222", "SHA256:gtj+S+SoqWPrEQhh/S31H7ccwsodqQGNLBWDY1e1yX0"
		w.opensEndpoints(w.reports(r))
		if view := strings.Join(strings.Fields(w.screen()), ""); !strings.Contains(view, "HostkeySHA256:gtj+S+SoqWPrEQhh/S31H7ccwsodqQGNLBWDY1e1yX0") {
			w.t.Errorf("no whole fingerprint:\n%s", w.screen())
		}
	})
	everySize(t, "failed", func(w *world) {
		f := w.reports()
		f.err = errTest
		w.opensEndpoints(f)
	})
	everySize(t, "started", func(w *world) {
		w.rt.Endpoints = &endpoints{}
		w.opensEndpoints(w.reports(report(4711, 0, 0, 0)))
		w.press("S")
	})
	everySize(t, "stop", func(w *world) {
		w.rt.Endpoints = &endpoints{recent: 17}
		w.opensEndpoints(w.reports(report(4711, 0, 0, 0)))
		w.press("S", "S")
	})
	everySize(t, "quit", func(w *world) {
		w.rt.Endpoints = &endpoints{}
		w.start()
		w.press("S", "q")
	})
}

// Rates are the differences of the totals over the time between them; shares are
// of the last minute.
func TestEndpointRates(t *testing.T) {
	w := newWorld(t)
	s := w.opensEndpoints(w.reports(report(7, 0, 100, 100)),
		[]model.EndpointReport{report(7, 2*time.Second, 130, 110)},
		[]model.EndpointReport{report(7, 2*time.Second, 130, 110)}, // said twice
		[]model.EndpointReport{report(7, 4*time.Second, 130, 110)},
	)
	row, _ := s.table.current()
	if row.rate != 10 || row.share() != 0.25 || row.over != 4*time.Second || row.seen != 40 || len(row.rates) != 2 || row.rates[0] != 20 || row.rates[1] != 0 {
		t.Errorf("got %+v", row)
	}
	later := func(at time.Duration, allowed, denied uint64, since time.Duration) endpointRow {
		r := report(7, at, allowed, denied)
		r.Since = model.At(testNow.Add(since))
		s.take(trafficMsg{page: model.ActivityPage{Serving: []model.EndpointReport{r}}, at: r.At})
		row, _ := s.table.current()
		return row
	}
	if row := later(2*time.Minute, 130, 110, -3*time.Hour); row.share() != -1 || row.seen != 0 || row.rate != 0 {
		t.Errorf("after two quiet minutes %+v", row)
	}
	if row := later(3*time.Minute, 5, 0, 0); row.rate != -1 || row.over != 0 || row.seen != 0 {
		t.Errorf("a new endpoint under the same pid: %+v", row)
	}
	if row := later(4*time.Minute, 1, 0, 0); row.rate != 0 {
		t.Errorf("totals that fall: %+v", row)
	}
}

// The figures are asked for while the screen is seen, and not else.
func TestEndpointsAreAskedWhileSeen(t *testing.T) {
	w := newWorld(t)
	f := w.reports(report(7, 0, 1, 1))
	s := w.opensEndpoints(f)
	at := f.asked
	w.send(endpointTickMsg{s})
	if f.asked != at+1 {
		t.Errorf("asked %d times at a tick", f.asked-at)
	}
	w.show(newAudit(w.rt, 0))
	w.send(endpointTickMsg{s})
	if f.asked != at+1 {
		t.Error("asked while covered")
	}
	w.press("esc", "esc")
	w.hold = true
	w.send(endpointTickMsg{s})
	if len(w.held) != 0 {
		t.Error("a screen that is gone goes on asking")
	}
}

func TestEndpointStartsAndStops(t *testing.T) {
	w := newWorld(t)
	e := &endpoints{started: StartedEndpoint{Address: "https://localhost:40123", Taken: "127.0.0.1:8443"}}
	w.rt.Endpoints = e
	variety(w)
	w.resize(80, 40)
	w.start()
	w.press("W", "S")
	w.sees("on https://localhost:40123: another", "program has 127.0.0.1:8443.")
	if w.rt.Endpoint != "https://localhost:40123" {
		t.Errorf("examples call %s", w.rt.Endpoint)
	}
	w.press("?")
	w.sees("stop the one here")
	w.press("esc")
	e.recent = 3
	w.press("S")
	w.sees("Stop the endpoint on https://localhost:40123?", "It got 3 requests in the last minute.")
	w.press("n")
	if !e.did("start") {
		t.Errorf("did %v", e.calls)
	}
	e.recent = 0
	w.press("S")
	w.sees("The endpoint is stopped.")
	if !e.did("start", "stop") {
		t.Errorf("did %v", e.calls)
	}
	e.err = errStart
	w.press("S")
	w.sees("may not open that port")
	e.err = nil
	w.press("S")
	ended := make(chan error, 1)
	ended <- errTest
	w.run(w.rt.nextEnd(StartedEndpoint{Address: "https://localhost:40123", Ended: ended}))
	w.sees("ended by itself: the store does not answer")
	w.press("?")
	w.sees("start an endpoint here")
}

// S pressed twice starts one.
func TestEndpointStartsOnce(t *testing.T) {
	w := newWorld(t)
	e := &endpoints{}
	w.rt.Endpoints = e
	w.start()
	w.hold = true
	w.press("S", "S")
	w.release()
	if !e.did("start") {
		t.Errorf("did %v", e.calls)
	}
}

// Leaving asks while an endpoint runs here; ctrl+c twice leaves all the same.
func TestLeavingStopsTheEndpoint(t *testing.T) {
	w := newWorld(t)
	w.rt.Endpoints = &endpoints{}
	w.start()
	w.press("S", "q")
	w.sees("Stop the endpoint and quit?")
	w.press("n", "q", "y")
	if !w.quit {
		t.Error("not left")
	}
	w.quit = false
	w.press("ctrl+c", "ctrl+c", "ctrl+c")
	if !w.quit {
		t.Error("ctrl+c thrice does not leave")
	}
	w.quit = false
	w.resize(20, 5)
	w.press("ctrl+c")
	if w.quit {
		t.Error("left unasked in a terminal that is too small")
	}
	w.press("ctrl+c")
	if !w.quit {
		t.Error("not left")
	}
}

// Where none can be started the key says why, and is not in the help.
func TestEndpointKeyIsOff(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"ssh":       {func(w *world) { w.rt.Remote = &Remote{} }, "Over SSH no endpoint"},
		"read-only": {func(w *world) { w.rt.ReadOnly = true }, "read-only: start keyward without"},
		"no port":   {func(w *world) { w.rt.Endpoints = nil }, "keyward serve runs one"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := &endpoints{}
			w.rt.Endpoints = e
			test.do(w)
			w.start()
			w.press("S")
			w.sees(test.want)
			if len(e.calls) > 0 {
				t.Errorf("did %v", e.calls)
			}
			w.press("?")
			w.seesNot("start an endpoint")
			w.press("esc", "P")
		})
	}
}

func TestHostileEndpoints(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		r := report(7, 0, 1<<63, 1<<63-1)
		r.Addresses = []string{text, text}
		f := w.reports(r)
		f.page.Consoles[0].Version = text
		w.opensEndpoints(f)
		w.shown("an endpoint's address")
	}
}

func TestShares(t *testing.T) {
	for share, want := range map[float64]string{-1: "-", 0: "0 %", 0.0004: "<0.1 %", 0.25: "25.0 %", 0.9996: ">99.9 %", 1: "100 %"} {
		if got := shareText(share); got != want {
			t.Errorf("%v is %q, want %q", share, got, want)
		}
	}
	for rate, want := range map[float64]string{-1: "…", 0: "0", 0.01: "<0.1", 3.5: "3.5", 99.94: "99.9", 1234.4: "1,234"} {
		if got := rateText(rate); got != want {
			t.Errorf("%v is %q, want %q", rate, got, want)
		}
	}
}

// Every figure says of which time it is: the share in the list and the lines of
// the endpoint under the cursor.
func TestEndpointFiguresSayOfWhichTimeTheyAre(t *testing.T) {
	w := newWorld(t)
	s := w.opensEndpoints(w.reports(report(7, 0, 900, 100)))
	w.sees("In all       900 allowed, 100 refused (10.0 %)", "Last minute  not known yet")
	take := func(at time.Duration, allowed, denied uint64) {
		r := report(7, at, allowed, denied)
		s.take(trafficMsg{page: model.ActivityPage{Serving: []model.EndpointReport{r}}, at: r.At})
	}
	take(10*time.Second, 900, 100)
	w.sees("Refused 10 s", "Last 10 s    no request")
	take(20*time.Second, 903, 101)
	w.sees("Refused 20 s", "25.0 %", "In all       903 allowed, 101 refused (10.1 %)", "Last 20 s    3 allowed, 1 refused (25.0 %)")
	take(4*time.Minute, 903, 101)
	w.sees("Refused 4 min", "Last 4 min")
}

func TestEndpointRatesFitTheRoom(t *testing.T) {
	row := endpointRow{}
	for i := range 60 {
		row.rates = append(row.rates, float64(60-i))
	}
	for room, want := range map[int]string{80: "peak 60.0/s", 63: "peak 39.0/s, last 39 s", 43: "peak 19.0/s, last 19 s"} {
		text := ratesText(row, room)
		if cells(text) > room || !strings.Contains(text, want) {
			t.Errorf("in %d cells %q, want %q", room, text, want)
		}
	}
}

// What is told of an endpoint that has ended meanwhile neither stops the next
// one, which may have its address, nor takes it for stopped.
func TestNextEndpointIsNotStopped(t *testing.T) {
	w := newWorld(t)
	e := &endpoints{}
	w.rt.Endpoints = e
	w.start()
	again := func() {
		t.Helper()
		w.send(endedMsg{address: w.rt.local.address})
		w.press("S")
		if w.rt.local.address == "" {
			t.Fatal("the next one does not run")
		}
	}
	w.press("S")
	asked := w.rt.askRecent(w.rt.local.run)
	again()
	w.send(asked())
	if !e.did("start", "start") || w.rt.local.address == "" {
		t.Errorf("how many requests the one before got had this done: %v", e.calls)
	}
	stopped := stoppedMsg{run: w.rt.local.run}
	again()
	w.send(stopped)
	if w.rt.local.address == "" {
		t.Error("it is taken for stopped")
	}
	yes := stopAnywayMsg{w.rt.local.run}
	again()
	w.send(yes)
	if !e.did("start", "start", "start", "start") {
		t.Errorf("a yes about the one before had this done: %v", e.calls)
	}
}
