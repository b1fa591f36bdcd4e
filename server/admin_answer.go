package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"dev.keyward/keyward/model"
)

// fail answers with an error, and with what was done before it unless that is
// nil. A call that ends because the owner does is not answered at all: it is not
// known what became of it, and it was not the caller who gave it up.
func (c *adminCall) fail(err error, result any) {
	c.abandon()
	if errors.Is(err, ErrNotDone) {
		c.nothingDone(StateLeaving)
		return
	}
	fault := adminFault{Fault: model.FaultOf(err)}
	if result != nil {
		fault.Result, _ = json.Marshal(result) // The results have no field that could fail.
	}
	c.send(faultStatus(fault.Kind), fault)
}

// header is the answer's header, to be written to: signs of life end, for each
// of them reads it.
func (c *adminCall) header() http.Header {
	c.beat.end()
	return c.w.Header()
}

// send answers with a value as JSON.
func (c *adminCall) send(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status = http.StatusInternalServerError
		body, _ = json.Marshal(adminFault{Fault: model.FaultOf(fmt.Errorf("writing the answer: %w", err))})
	}
	c.header().Set("Content-Type", "application/json")
	_ = c.rc.SetWriteDeadline(time.Now().Add(adminAnswerTime))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // Whoever went away asks again.
}

func (c *adminCall) refuse(status int, f model.Fault) { c.send(status, adminFault{Fault: f}) }

// nothingDone answers a call that was not begun.
func (c *adminCall) nothingDone(state string) {
	f := adminFault{Fault: model.FaultOf(fmt.Errorf("%wthe owner of the store is %s: nothing was done", quiet{model.ErrUnavailable}, state)), State: state}
	c.send(http.StatusServiceUnavailable, f)
}

// faultStatuses are for people who look at the socket; clients go by the kind.
var faultStatuses = map[string]int{
	"invalid": http.StatusBadRequest, "not-found": http.StatusNotFound, "conflict": http.StatusConflict,
	"changed": http.StatusConflict, "forbidden": http.StatusForbidden, "too-large": http.StatusRequestEntityTooLarge,
	"no-space": http.StatusInsufficientStorage, "degraded": http.StatusServiceUnavailable,
	"unavailable": http.StatusServiceUnavailable, "deadline": http.StatusGatewayTimeout,
}

func faultStatus(kind string) int {
	if status, ok := faultStatuses[kind]; ok {
		return status
	}
	return http.StatusInternalServerError
}
