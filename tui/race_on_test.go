//go:build race

package tui

// raced: the race detector looks at what several goroutines do, and makes the
// rest many times slower. Tests that go through hundreds of screens, each in one
// goroutine, take samples for it.
const raced = true
