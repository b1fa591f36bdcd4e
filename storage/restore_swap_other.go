//go:build !linux

package storage

// exchange puts made in place of dir and dir at before.
func exchange(made, dir, before string) error { return exchangeInSteps(made, dir, before) }
