package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// The id that a refused caller reports finds its call, and stands on why; a call
// that an endpoint of an earlier version brought has none.
func TestCallIsFoundByItsRequestID(t *testing.T) {
	w := newWorld(t)
	w.resize(80, 24)
	traffic(w)
	named := w.call("GET", "/named", "billing-nightly")
	named.Request = model.RequestID{0xed, 0x4c, 0x5b, 0xdc, 15: 7}
	w.brought(named, w.call("GET", "/unnamed", "billing-nightly"))
	w.watches()
	w.press("enter")
	w.sees("/unnamed")
	w.seesNot("RequestId")
	w.press("esc", "/")
	w.write(`"` + named.Request.String() + `"`)
	w.sees("1 of 1", "/named")
	w.press("enter", "enter")
	w.sees("RequestId", "ed4c5bdc000000000000000000000007", "GET /named")
	w.press("esc", "/")
	w.write("0")
	w.sees("No call matches", "or begins its", "RequestId; refused shows")
}
