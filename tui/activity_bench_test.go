package tui

import (
	"slices"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// BenchmarkActivity is a frame of the Activity screen with all the rows that it
// keeps, at 120x40, while 10,000 calls a second come: a thousand in the 100 ms
// between two questions. ask-ms is the question to a backend in this process,
// frame-ms Update and View.
func BenchmarkActivity(b *testing.B) {
	a := benchApp(b, 1000, 120, 40)
	l := newActivity(a.rt).(*activityList)
	a.Update(pushMsg{l})
	service, err := model.NewService(b.Context(), newMemory(), model.Options{})
	if err != nil {
		b.Fatal(err)
	}
	session, records := service.As(model.Caller{}), flood(1000)
	var asked, framed []time.Duration
	step := func() {
		service.AddActivity(77, model.ActivityPost{Report: model.EndpointReport{PID: 77, Addresses: []string{"x"}}, Records: records})
		start := time.Now()
		q := l.query()
		q.After, q.Limit = l.next, activityPage
		page, err := session.Activity(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		asked = append(asked, time.Since(start))
		start = time.Now()
		l.waiting, l.fresh = true, false
		a.Update(activityMsg{l.newest, q, page, testNow, nil})
		if a.View() == "" {
			b.Fatal("no frame")
		}
		framed = append(framed, time.Since(start))
	}
	for range 2 * activityKept / activityPage {
		step()
	}
	if len(l.table.rows) != activityKept {
		b.Fatalf("%d rows", len(l.table.rows))
	}
	asked, framed = nil, nil
	for b.Loop() {
		step()
	}
	for name, list := range map[string][]time.Duration{"ask-ms": asked, "frame-ms": framed} {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2])/float64(time.Millisecond), name)
		b.ReportMetric(float64(list[len(list)*99/100])/float64(time.Millisecond), "p99-"+name)
	}
}
