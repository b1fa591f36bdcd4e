package server

import (
	"net/netip"

	"dev.keyward/keyward/model"
)

// count adds the decision of x to the usage of the key that it is about, if the
// caller proved one.
func (e *Endpoint) count(x *exchange) {
	if d := &x.decision; e.o.Meter != nil && d.Key != nil && d.Credential != model.AssumedCredential {
		e.o.Meter.Count(d, remoteIP(x.r.RemoteAddr), x.start)
	}
}

// remoteIP returns the address in a connection's "address:port": an IPv4 address
// as such, also where it came in IPv6's clothes, and without a zone. It is zero,
// and not valid, for anything else.
func remoteIP(remote string) netip.Addr {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap().WithZone("")
}
