package model

import (
	"time"
	"unsafe"
)

// SetPatience sets how long a confirmation waits for the endpoints that follow.
func (s *Service) SetPatience(d time.Duration) { s.patience = d }

// What tests measure.
const (
	UpdatesKept    = updatesKept
	RecordsKept    = recordsKept
	MeterShardSize = unsafe.Sizeof(meterShard{})
	SettleSteps    = settleSteps
	RefusalsKept   = refusalsKept
)

// Kept returns how many updates are kept for followers and how many records they
// hold.
func (s *Service) Kept() (updates, records int) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for i := range s.hub.updates {
		records += s.hub.updates[i].size()
	}
	if records != s.hub.records {
		return len(s.hub.updates), -1
	}
	return len(s.hub.updates), records
}

// Followers returns how many there are.
func (s *Service) Followers() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return len(s.hub.followers)
}

// UsageHeld returns of how many slots there is anything in memory.
func (s *Service) UsageHeld() int {
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	return len(s.usage.fresh) + len(s.usage.counted) + len(s.usage.whole) + len(s.usage.doubted)
}

// UsageDirty returns for how many slots there are counts that are not kept yet.
func (s *Service) UsageDirty() int {
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	return len(s.usage.fresh)
}

// Of and Forget are what a service asks.
func (l *LastUses) Of(key ID, slot SlotName) Instant { return l.of(key, slot) }

// Forget is forget.
func (l *LastUses) Forget(key ID) { l.forget(key) }
