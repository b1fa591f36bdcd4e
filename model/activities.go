package model

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// watchTime is for how long a question about decisions keeps endpoints
// recording: a few times as long as between two questions over a slow line.
const watchTime = 5 * time.Second

// Activity tells what endpoints decided, newest last. From a cursor of another
// owner of the store it begins with what there is.
func (s *Session) Activity(ctx context.Context, q ActivityQuery) (ActivityPage, error) {
	if err := ctx.Err(); err != nil {
		return ActivityPage{}, err
	}
	svc := s.service
	now := svc.now()
	p := ActivityPage{Records: []Activity{}}
	if !q.Serving {
		svc.recorder.want(q, now, now.Add(watchTime))
		svc.watched(now.Add(watchTime))
		p = svc.recorder.page(q)
	}
	peers := svc.peers()
	p.Serving = svc.recorder.serving(now, func(pid int) bool {
		return slices.ContainsFunc(peers, func(p Peer) bool { return p.PID == pid })
	})
	for _, peer := range append(peers, svc.self) {
		if peer.Rank == RankConsole {
			p.Consoles = append(p.Consoles, peer)
		}
	}
	for i := range p.Serving {
		p.Consoles = append(p.Consoles, p.Serving[i].Looking...)
		p.Serving[i].Looking = nil
	}
	slices.SortFunc(p.Consoles, func(a, b Peer) int { return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Visit, b.Visit)) })
	return p, nil
}

// peers lists the processes that follow the store.
func (s *Service) peers() []Peer {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	var list []Peer
	for f := range s.hub.followers {
		if f.Peer.PID != 0 {
			list = append(list, f.Peer)
		}
	}
	return list
}

// AddActivity takes in what the endpoint of the process with that pid recorded,
// and tells what people watch for: with nobody watching, nothing more is wanted
// than its report.
func (s *Service) AddActivity(pid int, post ActivityPost) ActivityWatch {
	now := s.now()
	s.recorder.take(pid, post, now)
	return s.recorder.watched(now)
}
