package sshd

import (
	"slices"
	"sync"
)

// lobby holds the connections of whom nobody knows yet who they are: so many of
// each source, and in all. Whoever comes gets in. Where there is no room the
// connection leaves that waited longest, of whichever source has the most, so that
// those who say nothing keep nobody out who can prove a key. OpenSSH drops at
// random instead (MaxStartups), which lets through an honest login only mostly.
// It is safe for concurrent use.
type lobby struct {
	each, all int

	mu      sync.Mutex
	waiting []*visitor // the oldest first
	of      map[string]int
}

// visitor is one connection in a lobby.
type visitor struct {
	l      *lobby
	source string
	drop   func()
}

func newLobby(each, all int) *lobby { return &lobby{each: each, all: all, of: map[string]int{}} }

// enter lets one more of a source in; drop is called, at most once, when it has to
// make room. displaced is the source of the one that had to now, or "".
func (l *lobby) enter(source string, drop func()) (v *visitor, displaced string) {
	v = &visitor{l, source, drop}
	l.mu.Lock()
	leaving := l.displaced(source)
	if leaving != nil {
		l.remove(leaving)
	}
	l.waiting = append(l.waiting, v)
	l.of[source]++
	l.mu.Unlock()
	if leaving == nil {
		return v, ""
	}
	leaving.drop()
	return v, leaving.source
}

// displaced is who has to leave for one more of a source, or nil.
func (l *lobby) displaced(source string) *visitor {
	if l.of[source] < l.each && len(l.waiting) < l.all {
		return nil
	}
	if l.of[source] < l.each {
		source = l.waiting[0].source
		for _, v := range l.waiting { // of those with as many, the one whose oldest is oldest
			if l.of[v.source] > l.of[source] {
				source = v.source
			}
		}
	}
	for _, v := range l.waiting {
		if v.source == source {
			return v
		}
	}
	return nil
}

// leave takes the connection out, and reports whether it was in until now: more
// calls, and those after it had to make room, change nothing.
func (v *visitor) leave() bool {
	v.l.mu.Lock()
	defer v.l.mu.Unlock()
	return v.l.remove(v)
}

func (l *lobby) remove(v *visitor) bool {
	at := slices.Index(l.waiting, v)
	if at < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	if l.of[v.source]--; l.of[v.source] == 0 {
		delete(l.of, v.source)
	}
	return true
}
