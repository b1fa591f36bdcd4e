package server

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func mustProxies(t testing.TB, list ...string) []netip.Prefix {
	t.Helper()
	proxies, err := ParseProxies(list)
	if err != nil {
		t.Fatal(err)
	}
	return proxies
}

func TestSourceOf(t *testing.T) {
	proxies := mustProxies(t, "10.0.0.0/8", "2001:db8:f::/48", "127.0.0.1")
	for _, c := range []struct {
		name, peer string
		lines      []string // of X-Forwarded-For
		want       string   // "": none
		forwarded  bool
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9", false},
		{"no proxy, and a word of its own", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9", false},
		{"no proxy, that names one", "203.0.113.9:1", []string{"10.0.0.1"}, "203.0.113.9", false},
		{"a proxy that says nothing", "10.0.0.1:1", nil, "10.0.0.1", false},
		{"a proxy that says nothing, twice", "10.0.0.1:1", []string{"", " , ,"}, "10.0.0.1", false},
		{"a proxy", "10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9", true},
		{"what stands further left is the caller's word", "10.0.0.1:1", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9", true},
		{"in a line of its own too", "10.0.0.1:1", []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9", true},
		{"a trusted address in it too", "10.0.0.1:1", []string{"10.9.9.9, 203.0.113.9"}, "203.0.113.9", true},
		{"two proxies", "10.0.0.1:1", []string{"203.0.113.9, 10.0.0.2"}, "203.0.113.9", true},
		{"two proxies, two lines", "10.0.0.1:1", []string{"198.51.100.1, 203.0.113.9", "10.0.0.2"}, "203.0.113.9", true},
		{"proxies only", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3", true},
		{"empty elements", "10.0.0.1:1", []string{"198.51.100.1,203.0.113.9,, \t,"}, "203.0.113.9", true},
		{"no address", "10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1", false},
		{"no address behind a proxy", "10.0.0.1:1", []string{"198.51.100.1, _hidden, 10.0.0.2"}, "10.0.0.2", true},
		{"too long to be one", "10.0.0.1:1", []string{"fe80::1%" + strings.Repeat("x", 100)}, "10.0.0.1", false},
		{"with a port", "10.0.0.1:1", []string{"203.0.113.9:4711"}, "203.0.113.9", true},
		{"IPv6", "10.0.0.1:1", []string{"2001:db8::9"}, "2001:db8::9", true},
		{"IPv6 in brackets", "10.0.0.1:1", []string{"[2001:db8::9]"}, "2001:db8::9", true},
		{"IPv6 with a port", "10.0.0.1:1", []string{"[2001:db8::9]:4711"}, "2001:db8::9", true},
		{"IPv4 in brackets is none", "10.0.0.1:1", []string{"[203.0.113.9]"}, "10.0.0.1", false},
		{"IPv4 in IPv6", "10.0.0.1:1", []string{"::ffff:203.0.113.9"}, "203.0.113.9", true},
		{"a proxy as IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"203.0.113.9, ::ffff:10.0.0.2"}, "203.0.113.9", true},
		{"a zone", "[fe80::1%eth0]:1", nil, "fe80::1", false},
		{"a proxy of IPv6", "[2001:db8:f:1::1]:1", []string{"203.0.113.9"}, "203.0.113.9", true},
		{"its neighbour", "[2001:db8:e::1]:1", []string{"203.0.113.9"}, "2001:db8:e::1", false},
		{"no peer", "", []string{"203.0.113.9"}, "", false},
		{"a socket's peer", "@", []string{"203.0.113.9"}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.lines}}
			got, forwarded := sourceOf(r, proxies)
			if want, _ := netip.ParseAddr(c.want); got != want || forwarded != c.forwarded {
				t.Errorf("got %v, forwarded %v; want %v, %v", got, forwarded, want, c.forwarded)
			}
			peer, _ := sourceOf(r, nil)
			if want := parsePeer(c.peer); peer != want {
				t.Errorf("with no trusted proxy: got %v, want the peer %v", peer, want)
			}
		})
	}
}

func TestNetworkOf(t *testing.T) {
	for addr, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::1": "::/64",
	} {
		if got := prefixText(networkOf(netip.MustParseAddr(addr))); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	if got := networkOf(netip.Addr{}); got.IsValid() {
		t.Errorf("no address: got %v", got)
	}
}

func TestParseProxies(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "10.0.0.7": "10.0.0.7/32", "2001:db8::/32": "2001:db8::/32",
		"::1": "::1/128", "::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:10.0.0.7": "10.0.0.7/32", "fe80::1%eth0": "fe80::1/128",
	} {
		if got, err := ParseProxies([]string{text}); err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s: got %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "proxy.example.com", "10.0.0.0/33", "10.0.0.1:443", "0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "::ffff:0:0/64", "10.0.0.1\x1b[2J"} {
		got, err := ParseProxies([]string{"10.0.0.7", text})
		if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

// FuzzSourceOf: whatever a caller puts into X-Forwarded-For, the address that
// the proxy appended is the source; and without a trusted proxy the peer is.
func FuzzSourceOf(f *testing.F) {
	for _, seed := range []string{
		"", ",", "198.51.100.1", "10.0.0.1, 10.0.0.2", "[::1]:1, x", "for=1.2.3.4", "::ffff:10.0.0.1", "fe80::1%10.0.0.1", " \t,\t", "[", "]", "[]", "\"1.2.3.4\"",
	} {
		f.Add(seed, "203.0.113.9")
		f.Add(seed, "[2001:db8::9]:443")
	}
	proxies := mustProxies(f, "10.0.0.0/8", "2001:db8:f::/48")
	f.Fuzz(func(t *testing.T, forged, appended string) {
		for _, lines := range [][]string{{forged + ", " + appended}, {forged, appended}, {forged + "," + appended + " ,"}, {forged, appended, ""}} {
			r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": lines}}
			if got, _ := sourceOf(r, nil); got != netip.MustParseAddr("10.0.0.1") {
				t.Fatalf("%q, believed of nobody: got %v", lines, got)
			}
			got, forwarded := sourceOf(r, proxies)
			if !got.IsValid() || got.Zone() != "" || got.Is4In6() || !forwarded && got.String() != "10.0.0.1" {
				t.Fatalf("%q: got %v, forwarded %v", lines, got, forwarded)
			}
			client, ok := parseHop(strings.Trim(appended, " \t"))
			if !ok || strings.Contains(appended, ",") || within(client, proxies) {
				continue
			}
			if got != client {
				t.Fatalf("%q: got %v, want %v", lines, got, client)
			}
		}
	})
}
