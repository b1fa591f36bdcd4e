package server

import (
	"net/netip"
	"sync"
	"time"
)

// Flood control of the decision log (security.md G4): in any second each
// source gets its first perSource denials recorded, all sources together
// perSecond; the rest is counted and told in one line a source.
const (
	perSource  = 50
	perSecond  = 1000
	maxSources = 1024 // remembered at once; the rest share one count
	maxTold    = 20   // lines about suppressed records a second
)

// floodSource is who is counted together: one reason, one IPv4 address or IPv6
// network of 64 bits.
type floodSource struct {
	reason string
	from   netip.Prefix
}

// floodCount is how many records of a source were written in a second, and how
// many were not because there were too many of that source.
type floodCount struct{ written, hidden int }

type flood struct {
	now  func() time.Time
	tell func(reason, source string, count int)

	mu      sync.Mutex
	second  int64
	lines   int
	hidden  int // records suppressed this second
	sources map[floodSource]floodCount
	timer   *time.Timer
}

func newFlood(now func() time.Time, tell func(reason, source string, count int)) *flood {
	return &flood{now: now, tell: tell, sources: map[floodSource]floodCount{}}
}

// admit reports whether a record may be written. It is asked for denials only.
func (f *flood) admit(reason string, from netip.Prefix) bool { return f.take(reason, from, true) }

// hide counts a record that is not written, whatever the source wrote before.
func (f *flood) hide(reason string, from netip.Prefix) { f.take(reason, from, false) }

func (f *flood) take(reason string, from netip.Prefix, may bool) bool {
	source := floodSource{reason, from}
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := f.now().Unix(); second != f.second {
		f.closeWindow()
		f.second = second
	}
	count, known := f.sources[source]
	if !known && len(f.sources) >= maxSources {
		source = floodSource{reason: reason}
		count = f.sources[source]
	}
	may = may && count.written < perSource
	write := may && f.lines < perSecond
	switch {
	case write:
		f.lines++
		count.written++
	case !may:
		count.hidden++
	}
	f.sources[source] = count
	if write {
		return true
	}
	if f.hidden++; f.hidden == 1 {
		f.timer = time.AfterFunc(time.Second, f.close)
	}
	return false
}

// close ends the window, so that what was suppressed is told even when nothing
// more happens.
func (f *flood) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closeWindow()
}

func (f *flood) closeWindow() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	rest := f.hidden
	told := 0
	for source, count := range f.sources {
		if count.hidden > 0 && told < maxTold {
			f.tell(source.reason, prefixText(source.from), count.hidden)
			rest -= count.hidden
			told++
		}
	}
	if rest > 0 {
		f.tell("", "", rest)
	}
	clear(f.sources)
	f.lines, f.hidden = 0, 0
}

func prefixText(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return ""
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}
