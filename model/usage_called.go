package model

// called counts the allowed calls of one key by workflow. Most calls of a key are
// like the one before, so that is looked at first.
type called struct {
	newest *tally
	all    map[ID]*tally
}

// tally is the calls of one workflow.
type tally struct {
	workflow ID
	calls    uint64
	last     int64 // Unix nanoseconds
}

// count counts a call at that time, in Unix nanoseconds.
func (c *called) count(workflow ID, at int64) {
	t := c.newest
	if t == nil || t.workflow != workflow {
		t = c.of(workflow)
	}
	t.calls++
	t.last = max(t.last, at)
}

func (c *called) of(workflow ID) *tally {
	t := c.all[workflow]
	if t == nil {
		if c.all == nil {
			c.all = map[ID]*tally{}
		}
		t = &tally{workflow: workflow}
		c.all[workflow] = t
	}
	c.newest = t
	return t
}

func (c *called) addTo(found map[UsageID]*Usage) {
	for id, t := range c.all {
		usageOf(found, UsageID{id, NoSlot}).add(Usage{Allowed: t.calls, Last: Instant(t.last)})
	}
}
