package model

// keptBin is the bin as it was at a head: whoever lists all of it does so page by
// page, and it is put in order once for them all.
type keptBin struct {
	head Head
	keys []*Key // nobody changes them: a changed key is another one
}

// bin lists the deleted keys of a state, those deleted last first. The slice is
// shared.
func (s *Service) bin(st *state) []*Key {
	if kept := s.binned.Load(); kept != nil && kept.head == st.head {
		return kept.keys
	}
	kept := &keptBin{st.head, st.bin()}
	s.binned.Store(kept)
	return kept.keys
}
