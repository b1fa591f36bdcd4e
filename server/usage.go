package server

import "dev.keyward/keyward/model"

// count adds the decision of x to the usage of the key that it is about, if the
// caller proved one.
func (e *Endpoint) count(x *exchange) {
	if d := &x.decision; e.o.Meter != nil && d.Key != nil && d.Credential != model.AssumedCredential {
		e.o.Meter.Count(d, x.r.RemoteAddr, x.start)
	}
}
