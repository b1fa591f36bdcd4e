package server

import (
	"net/http"
	"net/netip"
	"strings"

	"dev.keyward/keyward/model"
)

// origin is where a request came from, as far as anybody can be believed. The
// zero value: nobody asked yet, or net/http does not say.
type origin struct {
	network netip.Prefix // who is counted together; see networkOf
	address string       // the one that a trusted proxy named; "": it is the peer's
}

// origin returns where x came from. It is asked for refusals alone.
func (x *exchange) origin() netip.Prefix {
	if !x.from.network.IsValid() {
		address, forwarded := sourceOf(x.r, x.e.o.TrustedProxies)
		x.from.network = networkOf(address)
		if forwarded {
			x.from.address = address.String()
		}
	}
	return x.from.network
}

// sourceOf returns the address that a request came from: its peer's or, where
// the peer is a trusted proxy, the rightmost address of X-Forwarded-For that is
// none. Each proxy appends the address that it saw, so that what stands further
// left is a caller's own word. Where a trusted proxy wrote something that is no
// address, the request came from that proxy.
func sourceOf(r *http.Request, trusted []netip.Prefix) (source netip.Addr, forwarded bool) {
	source = parsePeer(r.RemoteAddr)
	if !within(source, trusted) {
		return source, false
	}
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var hop string
			rest, hop, more = cutLast(rest)
			if hop == "" { // an empty element is none (RFC 9110 §5.6.1)
				continue
			}
			address, ok := parseHop(hop)
			if !ok {
				return source, forwarded
			}
			source, forwarded = address, true
			if !within(source, trusted) {
				return source, forwarded
			}
		}
	}
	return source, forwarded
}

// cutLast takes the last element off a list, without the blanks around it; more
// is false when nothing is left.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i >= 0 {
		rest = list[:i]
	}
	return rest, strings.Trim(list[i+1:], " \t"), i >= 0
}

// longestHop is the longest address with a port, in brackets and with a zone of
// a sensible length.
const longestHop = 80

// parseHop reads an element of X-Forwarded-For: an address, of IPv6 also in
// brackets, with a port or without.
func parseHop(text string) (netip.Addr, bool) {
	if len(text) > longestHop {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return plain(a), true
	}
	if a, err := netip.ParseAddrPort(text); err == nil {
		return plain(a.Addr()), true
	}
	if n := len(text); n > 2 && text[0] == '[' && text[n-1] == ']' {
		if a, err := netip.ParseAddr(text[1 : n-1]); err == nil && a.Is6() {
			return plain(a), true
		}
	}
	return netip.Addr{}, false
}

// parsePeer reads the address of a connection's other end, as net/http has it.
func parsePeer(remote string) netip.Addr {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return plain(a.Addr())
}

// plain is an address without a zone, and as IPv4 where it is that.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// networkOf returns who is counted together with an address: itself for IPv4,
// its network of 64 bits, which one host may have as a whole, for IPv6.
func networkOf(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	network, err := a.Prefix(bits)
	if err != nil { // no address
		return netip.Prefix{}
	}
	return network
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// ParseProxies reads the networks of trusted proxies, each a CIDR or an
// address. One that holds every address is refused: with it anybody could name
// any source. The error is one sentence that says what to do.
func ParseProxies(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		network, ok := parseNetwork(text)
		switch {
		case !ok:
			return nil, model.Invalid("trusted-proxy", "%q is neither an address nor a network: write 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32", model.Clean(cut(text, longestHop)))
		case network.Bits() == 0:
			return nil, model.Invalid("trusted-proxy", "%s holds every address, so that anybody could say where a call came from: name the networks of your proxies", network)
		}
		out = append(out, network)
	}
	return out, nil
}

// parseNetwork reads an address or a CIDR; one of IPv4 in IPv6 becomes IPv4, as
// the addresses that are compared with it do.
func parseNetwork(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = plain(a)
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	const mapped = 96 // bits before the address of IPv4 (RFC 4291 §2.5.5.2)
	if p.Addr().Is4In6() {
		if p.Bits() < mapped {
			return netip.Prefix{}, false
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p.Masked(), true
}
