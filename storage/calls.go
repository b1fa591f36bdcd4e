package storage

import "sync"

// calls counts the calls that touch Badger, so that Close can wait for them.
// The zero value is ready.
type calls struct {
	mu      sync.Mutex
	ended   bool
	running sync.WaitGroup
}

// enter reports whether a new call may begin.
func (c *calls) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.running.Add(1)
	return true
}

func (c *calls) leave() { c.running.Done() }

// endAndWait lets no call begin any more and waits for those that did.
func (c *calls) endAndWait() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.running.Wait()
}
