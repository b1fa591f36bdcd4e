package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"dev.keyward/keyward/model"
)

// quiet is the kind of an error without its words, for the front of a sentence.
type quiet struct{ kind error }

func (quiet) Error() string          { return "" }
func (q quiet) Is(target error) bool { return target == q.kind }

var errNotOffered = errors.New("the owner of the store does not offer that now")

// addUsage takes in what an endpoint counted.
func addUsage(c *adminCall) {
	var in model.UsageBatch
	if !c.read(&in) {
		return
	}
	service := c.service()
	if service == nil {
		return
	}
	service.AddUsageOnce(in)
	c.send(http.StatusOK, none{})
}

// handOver lets go of the store. Its answer gets out before Close goes on.
func handOver(c *adminCall) {
	var in handOverRequest
	if !c.read(&in) {
		return
	}
	err := errNotOffered
	if c.a.o.HandOver != nil {
		err = c.a.o.HandOver(c.r.Context(), c.partner(in.Self))
	}
	c.header().Set("Connection", "close")
	if err != nil {
		c.fail(err, nil)
		return
	}
	c.send(http.StatusOK, handOverAnswer{Released: true})
	_ = c.rc.Flush() // Whoever is gone does not need it.
}

// partner is the process that asks, by what it says and what the kernel says.
func (c *adminCall) partner(self model.Peer) model.Peer {
	if c.peer.pid > 0 {
		self.PID = c.peer.pid
	}
	self.Version = cut(model.Clean(self.Version), model.MaxName)
	self.Kind = cut(model.Clean(self.Kind), model.MaxName)
	self.SSH, self.Visit = model.SSHKey{}, 0 // an endpoint tells of those in its report
	return self
}

// diagnose passes on what the owner finds.
func diagnose(c *adminCall) {
	var in none
	if !c.read(&in) || !c.ready() {
		return
	}
	var findings json.RawMessage
	err := errNotOffered
	if c.a.o.Diagnose != nil {
		findings, err = c.a.o.Diagnose(c.r.Context())
	}
	if err != nil {
		c.fail(err, nil)
		return
	}
	c.send(http.StatusOK, findings)
}

// backup streams a backup. An error after its first byte travels behind it, as a
// trailer.
func backup(c *adminCall) {
	var in none
	if !c.read(&in) || !c.ready() {
		return
	}
	w := &backupWriter{c: c}
	err := errNotOffered
	if c.a.o.Backup != nil {
		err = c.a.o.Backup(c.r.Context(), w)
	}
	switch {
	case err != nil && !w.begun:
		c.fail(err, nil)
	case err != nil:
		c.abandon()
		text, _ := json.Marshal(adminFault{Fault: model.FaultOf(err)}) // It has no field that could fail.
		c.header().Set(faultHeader, string(text))
	case !w.begun:
		_, _ = w.Write(nil) // An empty backup is one too.
	}
}

// backupWriter ends the signs of life with the first byte, and gives the client
// adminAnswerTime to take each part.
type backupWriter struct {
	c     *adminCall
	begun bool
}

var _ io.Writer = (*backupWriter)(nil)

// Write sends a part of the backup.
func (w *backupWriter) Write(p []byte) (int, error) {
	c := w.c
	if !w.begun {
		w.begun = true
		c.header().Set("Content-Type", "application/octet-stream")
		c.header().Set("Trailer", faultHeader)
		c.w.WriteHeader(http.StatusOK)
	}
	if err := c.rc.SetWriteDeadline(time.Now().Add(adminAnswerTime)); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
