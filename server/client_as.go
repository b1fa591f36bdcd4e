package server

import (
	"net/http"
	"net/url"

	"dev.keyward/keyward/model"
)

// As returns a client of the same owner, over the same connections, that asks
// for another operator than this process: one who came to it over SSH. The owner
// records this process beside what it says. It costs no more than a header.
func (c *Client) As(caller model.Caller) *Client {
	o := c.o
	o.Claimed, o.Reason, o.ReadOnly, o.SSH = caller.Actor.Claimed, caller.Reason, caller.ReadOnly, caller.Actor.SSH
	as := &Client{o: o, dir: c.dir, hello: c.hello, header: headerFor(o), transport: c.transport, sameClock: c.sameClock}
	as.header.Set(instanceHeader, c.hello.Instance)
	as.pid.Store(c.pid.Load())
	return as
}

// headerFor is what every call says of whom it is for.
func headerFor(o ClientOptions) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	if o.Reason != "" {
		h.Set(reasonHeader, url.PathEscape(o.Reason[:min(len(o.Reason), maxSentReason)]))
	}
	if o.Claimed != "" {
		h.Set(claimedHeader, url.PathEscape(o.Claimed[:min(len(o.Claimed), maxSentReason)]))
	}
	if o.ReadOnly {
		h.Set(readOnlyHeader, "1")
	}
	if !o.SSH.IsZero() {
		h.Set(sshKeyHeader, o.SSH.Fingerprint)
		h.Set(sshNameHeader, url.PathEscape(o.SSH.Comment))
	}
	return h
}

// sshKeyOf reads which SSH key a client says that it asks for.
func sshKeyOf(h http.Header) (model.SSHKey, error) {
	fingerprint := h.Get(sshKeyHeader)
	if fingerprint == "" {
		return model.SSHKey{}, nil
	}
	comment, err := url.PathUnescape(h.Get(sshNameHeader))
	if err != nil {
		return model.SSHKey{}, model.Invalid("SSH key", "the comment of the SSH key does not travel percent-encoded")
	}
	return model.NewSSHKey(fingerprint, comment)
}
