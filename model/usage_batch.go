package model

// UsageBatch is what an endpoint counted of the use of keys and workflows since
// it last told, MaxBatch of them at most. Run and Sequence tell it from every
// other one: Run is of the process that counted, and Sequence rises with each
// batch, which are told in that order. Without a Run it is always a new one.
type UsageBatch struct {
	Run      ID      `json:"run,omitzero"`
	Sequence uint64  `json:"sequence,omitempty"`
	Usage    []Usage `json:"usage"`
}

// AddUsageOnce is AddUsage for what may be told again because its answer was
// lost: a batch that was taken in here counts for nothing when it comes again.
func (s *Service) AddUsageOnce(b UsageBatch) {
	if s.usage.first(b, s.now()) {
		s.AddUsage(b.Usage)
	}
}
