package server

import (
	"os"

	"dev.keyward/keyward/model"
)

// ownPID is asked for once: that is a system call.
var ownPID = os.Getpid()

// observe tells the recorder how x was decided, once it is answered. Probes, and
// what was answered without a decision, are not for people who watch.
func (x *exchange) observe() {
	r := x.e.o.Recorder
	if r == nil || x.quiet || x.decision.Reason == model.Undecided || !r.Count(x.decision.Allowed(), x.start) {
		return
	}
	if x.held == hidden {
		r.Omit()
		return
	}
	r.Keep(&x.request, &x.decision, model.Observed{
		At: x.start, Took: x.e.o.Now().Sub(x.start), PID: ownPID,
		Remote: x.r.RemoteAddr, Agent: x.r.UserAgent(), Status: x.answer.status,
		UpstreamFailure: x.failure, UpstreamAnswered: x.answered, Request: x.named, Presented: x.presented(),
	})
}
