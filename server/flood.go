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

type flood struct {
	now  func() time.Time
	tell func(reason, source string, count int)

	mu      sync.Mutex
	second  int64
	lines   int
	hidden  int // records suppressed this second
	sources map[floodSource]int
	timer   *time.Timer
}

func newFlood(now func() time.Time, tell func(reason, source string, count int)) *flood {
	return &flood{now: now, tell: tell, sources: map[floodSource]int{}}
}

// admit reports whether a record may be written. It is asked for denials only.
func (f *flood) admit(reason, remote string) bool {
	source := floodSource{reason, prefixOf(remote)}
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
	f.sources[source] = count + 1
	if count < perSource && f.lines < perSecond {
		f.lines++
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
		if count > perSource && told < maxTold && rest > 0 {
			f.tell(source.reason, prefixText(source.from), count-perSource)
			rest -= count - perSource
			told++
		}
	}
	if rest > 0 {
		f.tell("", "", rest)
	}
	clear(f.sources)
	f.lines, f.hidden = 0, 0
}

// prefixOf returns the network that a remote address stands for.
func prefixOf(remote string) netip.Prefix {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := addr.Addr().Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
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
