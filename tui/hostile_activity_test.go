package tui

import (
	"fmt"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// hostileCall has the text wherever a call can hold one.
func hostileCall(text string, key model.KeyInfo, reason model.Reason) model.Activity {
	return model.Activity{
		At: testNow, Took: 1, PID: 77, Remote: text, Method: text, Host: text, Path: "/" + text, Query: text, Agent: text,
		Reason: reason, Status: reason.Status(), Key: key.ID, KeyName: text, Slot: model.Primary, Credential: model.HeaderCredential,
		Bound: text, Environment: text, Production: true,
	}
}

// What a call held shifts no column and does nothing to the terminal, as it
// happens, explained and tried.
func TestHostileCalls(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			traffic(w)
			w.brought(hostileCall(text, w.key("kiosk"), model.RouteUnknown), hostileCall(text, w.key("kiosk"), model.Allowed))
			// What an endpoint brings is cut where it comes in; a screen does not rely on it.
			l := w.watches()
			l.put([]model.Activity{hostileCall(text, w.key("kiosk"), model.Undecided), hostileCall(text, w.key("kiosk"), model.RouteUnknown)})
			w.shown("a call as it happens")
			w.press("/")
			w.paste(text)
			w.shown("a filter")
			w.press("esc")
			for _, a := range []model.Activity{
				hostileCall(text, w.key("kiosk"), model.RouteUnknown), hostileCall(text, w.key("legacy.import"), model.KeyDisabled),
				hostileCall(text, model.KeyInfo{}, model.CredentialMissing), hostileCall(text, w.key("kiosk"), model.Allowed),
			} {
				w.show(newWhy(w.rt, a, testNow.Location()))
				w.shown("a call that is explained")
				w.press("down", "down", "pgdown")
				w.shown("the end of the explanation")
				w.press("n")
				w.shown("a form for its workflow")
				w.send(popMsg{asked: true})
				w.press("T")
				w.shown("a call that is tried")
				for range languages {
					w.press("shift+tab", "right", "tab")
					w.shown("the call as code")
				}
				w.press("tab")
				w.paste(text)
				w.shown("a URL that is pasted")
				w.press("tab")
				w.paste(text)
				w.shown("a key that is pasted")
				for len(w.app.stack) > 2 {
					w.send(popMsg{asked: true})
				}
			}
		})
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
		l.put([]model.Activity{a})
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
