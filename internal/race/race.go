// Package race tells tests whether the race detector is on. It looks at what
// several goroutines do, and makes the rest many times slower: tests that go
// through thousands of cases in one goroutine take a sample of them for it, and
// all of them without it. Only tests import it.
package race

// Sample returns all, or few under the race detector. It is a number of cases,
// or the distance between two of them.
func Sample(all, few int) int {
	if Enabled {
		return few
	}
	return all
}
