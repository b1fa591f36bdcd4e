//go:build linux || darwin || freebsd

package server

import "path/filepath"

// FallbackPlace is the socket's place for a directory that has no room for it.
func FallbackPlace(base, real string) (string, error) {
	s, err := fallbackSite(base, real)
	if err != nil {
		return "", err
	}
	short, done, err := s.reach()
	if err != nil {
		return "", err
	}
	defer done()
	return filepath.Join(short, s.name), nil
}
