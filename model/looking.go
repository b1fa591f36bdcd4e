package model

import (
	"slices"
	"time"
)

// mostLooking bounds the consoles over SSH that one endpoint is heard about.
const mostLooking = 256

// Look notes that an operator looks at the store through the process p, an
// endpoint, with that SSH key, since that time. It returns what the others see of
// that console, and how to take it back, which may be done twice.
func (r *Recorder) Look(p Peer, key SSHKey, since time.Time) (console Peer, leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visits++
	console = Peer{PID: p.PID, Rank: RankConsole, Version: p.Version, Since: At(since), SSH: key, Visit: r.visits}
	r.looking = append(r.looking, console)
	return console, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.looking = slices.DeleteFunc(r.looking, func(p Peer) bool { return p.Visit == console.Visit })
	}
}

// boundLooking leaves of the consoles that another process tells of what one may
// have: they are its own, over SSH, and not too many.
func (e *EndpointReport) boundLooking() {
	list := make([]Peer, 0, min(len(e.Looking), mostLooking))
	for _, p := range e.Looking {
		key, err := NewSSHKey(p.SSH.Fingerprint, p.SSH.Comment)
		if err != nil || len(list) == mostLooking {
			continue
		}
		list = append(list, Peer{PID: e.PID, Rank: RankConsole, Version: cutVersion(p.Version), Since: p.Since, SSH: key, Visit: p.Visit})
	}
	e.Looking = list
}

// boundSSH leaves of what another process tells of its console over SSH what can be
// one.
func (e *EndpointReport) boundSSH() {
	if _, err := NewSSHKey(e.HostKey, ""); err != nil || e.SSH == "" {
		e.SSH, e.HostKey = "", ""
	}
	e.SSH = cutVersion(e.SSH)
}

// cutVersion is a version of which another process says that it is one.
func cutVersion(s string) string { return cutColumns(Clean(s), MaxKeyComment) }
