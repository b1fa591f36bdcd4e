package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"dev.keyward/keyward/model"
)

// stateLate, in a fault, says that a call came when its client had given it up:
// nothing was done. A process that was stopped finds such calls when it goes on.
const stateLate = "late"

// late reports whether the client has given the call up. It holds until the call
// begins: from then on signs of life keep the client waiting.
func (c *adminCall) late() (bool, error) {
	text := c.r.Header.Get(deadlineHeader)
	if text == "" {
		return false, nil
	}
	deadline, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false, model.Invalid("deadline", "the deadline of a call is a number of nanoseconds")
	}
	now, ok := monotonic()
	return ok && now > deadline, nil
}

// tellClock sends this process's clock with a greeting.
func tellClock(header http.Header) {
	if now, ok := monotonic(); ok {
		header.Set(clockHeader, strconv.FormatInt(now, 10))
	}
}

// sameClock reports whether the owner, who read its clock after before, has the
// same one: in another time namespace it has not.
func sameClock(header http.Header, before int64) bool {
	told, err := strconv.ParseInt(header.Get(clockHeader), 10, 64)
	now, ok := monotonic()
	return ok && err == nil && before <= told && told <= now
}

// headerOf is the header of one call that is given up at ctx's end, or after the
// owner's silence.
func (c *Client) headerOf(ctx context.Context) http.Header {
	header := c.header.Clone()
	now, ok := monotonic()
	if !ok || !c.sameClock {
		return header
	}
	patience := silenceTime
	if end, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(end))
	}
	header.Set(deadlineHeader, strconv.FormatInt(now+int64(patience), 10))
	return header
}
