//go:build darwin || freebsd

package server

// fallbackBase is where sockets lie that have no room in their directory. It is
// fixed, for TMPDIR differs between a service and a login.
const fallbackBase = "/tmp"

func longSite(real string) (site, error) { return fallbackSite(fallbackBase, real) }
