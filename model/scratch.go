package model

import "sync"

// scratch is the lists that are made for one answer. They are used again, by way
// of the service's pool: among a million keys each is 8 MB, and a filter makes
// one with each keystroke.
type scratch struct {
	pool *sync.Pool // of *[]*Key
	used []*[]*Key
}

// keys returns an empty list with room for n keys, until release.
func (s *scratch) keys(n int) []*Key {
	list, _ := s.pool.Get().(*[]*Key)
	if list == nil || cap(*list) < n {
		fresh := make([]*Key, 0, n)
		list = &fresh
	}
	s.used = append(s.used, list)
	return (*list)[:0]
}

// release lets the lists be used for another answer.
func (s *scratch) release() {
	for _, list := range s.used {
		s.pool.Put(list)
	}
	s.used = nil
}
