package sshd

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// addressList is the value of from=: what a client's address has to match. As
// with sshd, one element that is negated with "!" and matches refuses, whatever
// else does; without any that matches, the client is refused too.
type addressList struct{ elements []addressElement }

type addressElement struct {
	negated bool
	network netip.Prefix // where it is one
	pattern string       // else: with * and ?, over the address as it is written
}

// parseAddressList reads the list. sshd also compares host names, which it does
// not look up by default (UseDNS): here a name is an error, for it would never
// match.
func parseAddressList(text string) (*addressList, error) {
	l := &addressList{}
	for part := range strings.SplitSeq(text, ",") {
		e := addressElement{}
		e.pattern, e.negated = strings.CutPrefix(strings.ToLower(part), "!")
		if e.pattern == "" {
			return nil, errors.New("from has an empty element")
		}
		if strings.Trim(e.pattern, "0123456789abcdef.:*?/") != "" || strings.Trim(e.pattern, "abcdef") == "" {
			return nil, errors.New("from takes addresses, networks (CIDR) and patterns of addresses: names are not looked up")
		}
		if err := e.parse(); err != nil {
			return nil, err
		}
		l.elements = append(l.elements, e)
	}
	return l, nil
}

// parse tells an address and a network from a pattern.
func (e *addressElement) parse() error {
	if address, err := netip.ParseAddr(e.pattern); err == nil {
		address = address.Unmap()
		e.network = netip.PrefixFrom(address, address.BitLen())
		return nil
	}
	if !strings.Contains(e.pattern, "/") {
		if !strings.ContainsAny(e.pattern, "*?") {
			return fmt.Errorf("from has an address that is none")
		}
		return nil
	}
	p, err := netip.ParsePrefix(e.pattern)
	if err != nil || p.Addr().Is4In6() {
		return errors.New("from has a network that is none (such as 10.0.0.0/8)")
	}
	if p != p.Masked() {
		return errors.New("from has a network with bits behind its length: write " + p.Masked().String())
	}
	e.network = p
	return nil
}

// matches reports whether a client of that address may come in.
func (l *addressList) matches(a netip.Addr) bool {
	if l == nil {
		return true
	}
	a = a.Unmap().WithZone("")
	found := false
	for _, e := range l.elements {
		if !e.matches(a) {
			continue
		}
		if e.negated {
			return false
		}
		found = true
	}
	return found
}

func (e *addressElement) matches(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	if e.network.IsValid() {
		return e.network.Contains(a)
	}
	return matchPattern(e.pattern, a.String())
}

// matchPattern matches text against a pattern in which * stands for any number of
// characters and ? for one. It takes no more than the product of their lengths.
func matchPattern(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
