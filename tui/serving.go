package tui

import (
	"cmp"
	"net"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// servingMsg says which endpoints answer on the store.
type servingMsg struct {
	serving []model.EndpointReport
	err     error
}

// calls is a screen that shows how to call an endpoint: where one answers is
// asked when the screen opens.
type calls interface{ showsCalls() }

func (*detail) showsCalls() {}
func (*reveal) showsCalls() {}
func (*try) showsCalls()    {}

// showsCalls is for the welcome, which says where to call.
func (*keyList) showsCalls() {}

// asksServing asks where endpoints answer, for a screen that shows how to call
// one; nil for the others, and over a connection, where that is known.
func (a *app) asksServing(s screen) tea.Cmd {
	if _, shows := s.(calls); !shows || a.rt.remote() {
		return nil
	}
	return a.rt.askServing()
}

// serves takes which endpoints answer: what is shown to be called is called at
// one of them. Where none is known it is called where keyward serve would answer.
func (rt *runtime) serves(msg servingMsg) {
	if msg.err != nil || rt.remote() { // over a connection it is the endpoint that serves it
		return
	}
	serving := slices.DeleteFunc(slices.Clone(msg.serving), rt.stopped)
	addresses := ServedAt(serving)
	rt.unserved = len(serving) == 0 && rt.local.address == ""
	rt.answers = len(addresses) > 0
	switch {
	case rt.local.address != "":
		rt.Endpoint = rt.local.address
	case len(addresses) == 0 || slices.Contains(addresses, rt.usual):
		rt.Endpoint = rt.usual
	case !slices.Contains(addresses, rt.Endpoint):
		rt.Endpoint = addresses[0]
	}
}

// stopped reports whether a report is of this console's own endpoint, which it
// stopped: others tell of it for a moment longer.
func (rt *runtime) stopped(r model.EndpointReport) bool {
	return r.PID == rt.pid && rt.local.address == "" && rt.endpointsOff() == ""
}

// ServedAt are the addresses of endpoints as this machine calls them, those that
// were there first before the others.
func ServedAt(serving []model.EndpointReport) []string {
	list := slices.Clone(serving)
	slices.SortStableFunc(list, func(a, b model.EndpointReport) int { return cmp.Compare(a.Since, b.Since) })
	var addresses []string
	for _, r := range list {
		for _, address := range r.Addresses {
			if address = callable(address); address != "" && !slices.Contains(addresses, address) {
				addresses = append(addresses, address)
			}
		}
	}
	return addresses
}

// callable is an endpoint's address as this machine calls it; "" for none that
// is one. A loopback address has the name that the development certificate has
// too.
func callable(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	host, port, err := net.SplitHostPort(rest)
	if !ok || err != nil || scheme != "http" && scheme != "https" || clean(rest) != rest {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// unconfirmed says of a change that no endpoint acknowledged why none did: that
// of this console decides from the store itself; else there is none. It is empty
// where the receipt has something to say.
func (rt *runtime) unconfirmed(r model.Receipt) string {
	switch {
	case r.Words() != "":
		return ""
	case r.Seq == 0 || rt.local.address != "":
		return "; it is in force"
	}
	return "; no endpoint runs now"
}

// unservedText says that there is nothing to call, and what to do; "" where there
// is, or nothing is known.
func (rt *runtime) unservedText() string {
	if !rt.unserved {
		return ""
	}
	text := "No endpoint runs on this store: keyward serve would answer here"
	if rt.endpointsOff() == "" {
		text += "; " + endpointKeys.Toggle.Help().Key + " starts one"
	}
	return text + "."
}
