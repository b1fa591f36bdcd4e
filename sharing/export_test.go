package sharing

import "time"

// WaitForWatchers sets how long m waits at its end for those who watch: on a
// slow machine they ask late.
func (m *Member) WaitForWatchers(d time.Duration) { m.lastLook = d }
