package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// hostileCall has the text wherever a call can hold one.
func hostileCall(text string, key model.KeyInfo, reason model.Reason) model.Activity {
	return model.Activity{
		At: testNow, Took: 1, PID: 77, Remote: text, Method: text, Host: text, Path: "/" + text, Query: text, Agent: text,
		Reason: reason, Status: reason.Status(), Key: key.ID, KeyName: text, Slot: model.Primary, Credential: model.HeaderCredential,
		Bound: text, Environment: text, Production: true, Upstream: text, CertificateSubject: text, CertificateIssuer: text, CertificateEnds: 1,
	}
}

// Every row's columns begin where the heading says, whatever is in the ones
// before.
func TestHostileCallsShiftNoColumn(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.serves()
	l := w.watches()
	for i, text := range hostile {
		a := hostileCall(text, w.key("kiosk"), model.RouteUnknown)
		a.Environment = sprint("mark%d", i)
		if i%2 == 1 {
			a.Reason, a.UpstreamFailure, a.Upstream = model.Allowed, model.UpstreamTLS, text
		}
		l.put([]activityRow{{Activity: a}})
	}
	w.resize(160, 60)
	at := -1
	for i := range hostile {
		column := columnOfText(w.screen(), sprint("◆ mark%d", i))
		if column < 0 {
			continue // scrolled off
		}
		if at >= 0 && column != at {
			t.Errorf("row %d: the environment is in column %d, above in %d", i, column, at)
		}
		at = column
	}
	if at < 0 {
		t.Fatal("no row is seen")
	}
}

// columnOfText is the cell in which a text begins in its first line, or -1.
func columnOfText(view, text string) int {
	for _, line := range strings.Split(view, "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return cells(before)
		}
	}
	return -1
}
