package model

import (
	"net/netip"
	"slices"
	"strings"
)

// Environment is where an invoke runs. Exactly one carries the production flag
// (spec §1).
type Environment struct {
	ID         ID       `json:"id"`
	Name       string   `json:"name"`
	Production bool     `json:"production,omitempty"`
	Hosts      []string `json:"hosts,omitempty"` // folded by FoldHost, sorted; a call through one of them asks for this environment
	Created    Instant  `json:"created"`
	Changed    Instant  `json:"changed"`
}

func (e *Environment) clone() *Environment {
	c := *e
	c.Hosts = slices.Clone(e.Hosts)
	return &c
}

// FoldHost returns the form in which host names are compared: lower case,
// without a port, brackets or a trailing dot. It allocates only where host has
// an upper-case letter.
func FoldHost(host string) string {
	if strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host[1:], "]")
	} else if strings.Count(host, ":") == 1 {
		host, _, _ = strings.Cut(host, ":")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// checkHost returns host folded, or says why it is no host name. The shape is
// that of RFC 1123 §2.1 with underscores allowed, or an IP address.
func checkHost(host string) (string, error) {
	folded := FoldHost(host)
	if strings.HasPrefix(host, "[") || strings.Count(host, ":") > 1 {
		inner, opened := strings.CutPrefix(host, "[")
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if err != nil || opened != closed || addr.Zone() != "" {
			return "", Invalid("hosts", "%q is not an IPv6 address: write it as [::1], without a port", Clean(host))
		}
		return addr.String(), nil
	}
	if strings.Contains(host, "/") || strings.Contains(host, ":") {
		return "", Invalid("hosts", "%q is not a host name: give the name alone, without scheme, port or path", Clean(host))
	}
	if len(folded) == 0 || len(folded) > 253 {
		return "", Invalid("hosts", "a host name has 1 to 253 characters")
	}
	for label := range strings.SplitSeq(folded, ".") {
		if !hostLabel(label) {
			return "", Invalid("hosts", "%q is not a host name: use letters, digits and \"-\" between dots", Clean(host))
		}
	}
	return folded, nil
}

func hostLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, c := range []byte(label) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// CheckHosts says what is wrong with the hosts of an environment, as they are
// typed: ErrInvalid, nil where each is a host name.
func CheckHosts(hosts []string) error {
	_, err := checkHosts(hosts)
	return err
}

// checkHosts folds and checks each host and returns them as a sorted set.
func checkHosts(hosts []string) ([]string, error) {
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		folded, err := checkHost(strings.TrimSpace(h))
		if err != nil {
			return nil, err
		}
		out = append(out, folded)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
