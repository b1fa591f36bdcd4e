package model

import "slices"

// Usage is what is known of the use of one slot of a key, or of one workflow. It
// is gathered in memory and kept in batches: the last seconds of it may be lost
// in a crash. Of a workflow the allowed calls are counted, and when the last one
// came; nothing else.
type Usage struct {
	Key      ID          `json:"key"`
	Slot     SlotName    `json:"slot"`
	Workflow ID          `json:"workflow,omitempty"` // 0: it is that of a key's slot
	Last     Instant     `json:"last,omitempty"`     // of the last allowed call, to the minute
	Remote   string      `json:"remote,omitempty"`   // where that came from: an IP address
	Allowed  uint64      `json:"allowed"`
	Denied   uint64      `json:"denied"`            // calls that proved the key and were refused all the same
	Days     []DayUse    `json:"days,omitempty"`    // the calls of the newest UsageDays days, oldest first; days without are left out
	Callers  []CallerUse `json:"callers,omitempty"` // where allowed calls came from, the latest first
}

// UsageID says what u is about.
func (u *Usage) UsageID() UsageID {
	if u.Workflow != 0 {
		return UsageID{u.Workflow, NoSlot}
	}
	return UsageID{u.Key, u.Slot}
}

// add takes in what was counted after u.
func (u *Usage) add(more Usage) {
	u.Allowed += more.Allowed
	u.Denied += more.Denied
	u.Days, u.Callers = addDays(u.Days, more.Days), addCallers(u.Callers, more.Callers)
	if more.Last > u.Last || more.Last == u.Last && more.Remote != "" {
		u.Last, u.Remote = more.Last, more.Remote
	}
}

// same reports whether both say the same.
func (u *Usage) same(o Usage) bool {
	return u.Allowed == o.Allowed && u.Denied == o.Denied && u.Last == o.Last && u.Remote == o.Remote &&
		slices.Equal(u.Days, o.Days) && slices.Equal(u.Callers, o.Callers)
}

// UsageID names what a Usage is about: a slot of a key; or a workflow, by its id
// and NoSlot, so that it is none of a key's whatever their ids are.
type UsageID struct {
	ID   ID
	Slot SlotName
}

// Unused returns the Usage of what was never used.
func (id UsageID) Unused() Usage {
	if id.Slot == NoSlot {
		return Usage{Workflow: id.ID}
	}
	return Usage{Key: id.ID, Slot: id.Slot}
}
