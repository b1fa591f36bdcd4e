package server

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A proxied answer may take hours, so no deadline can be set for the whole of
// it; the endpoint bounds each part instead: how long the caller takes to
// accept one, and how long it takes to send the next.

// download is the answer of a proxied request on its way to the caller.
type download struct {
	x        *exchange
	control  *http.ResponseController
	patience time.Duration
	right    *right
}

// newDownload takes the server's own deadline away, which HTTP/2 would enforce
// on an upstream that is merely slow to answer.
func newDownload(x *exchange, right *right) *download {
	d := &download{
		x: x, control: http.NewResponseController(x.answer.ResponseWriter),
		patience: x.e.o.Timeouts.Write, right: right,
	}
	d.deadline(time.Time{})
	return d
}

// finish bounds what net/http sends once the handler is done: the end of the
// answer, which no Write of ours waits for.
func (d *download) finish() { d.deadline(time.Now().Add(d.patience)) }

// deadline is best effort: a writer of a test may have none.
func (d *download) deadline(t time.Time) { _ = d.control.SetWriteDeadline(t) }

// Header returns the header of the answer.
func (d *download) Header() http.Header { return d.x.answer.Header() }

// WriteHeader sends the status. A 1xx one is written at once, to a caller that
// may not read.
func (d *download) WriteHeader(status int) {
	d.deadline(time.Now().Add(d.patience))
	defer d.deadline(time.Time{})
	d.x.answer.WriteHeader(status)
}

// Write sends one part. It fails once the caller's key is revoked, so that a
// long answer does not outlive the right to it (security.md A9).
func (d *download) Write(p []byte) (int, error) {
	if d.right.lost() {
		return 0, errRevoked
	}
	d.deadline(time.Now().Add(d.patience))
	defer d.deadline(time.Time{})
	return d.x.answer.Write(p)
}

// FlushError sends what Write gathered.
func (d *download) FlushError() error {
	d.deadline(time.Now().Add(d.patience))
	defer d.deadline(time.Time{})
	return d.control.Flush()
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (d *download) Unwrap() http.ResponseWriter { return d.x.answer.ResponseWriter }

// upload is the body of a proxied request on its way to the upstream.
type upload struct {
	body     io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	right    *right
	clear    bool // HTTP/2: a deadline that passes between two reads would end the body
	err      atomic.Pointer[error]

	mu   sync.Mutex // orders deadlines; the transport may read while the proxy closes
	over bool       // no Read may set a deadline any more
}

// newUpload returns nil for a request without a body.
func newUpload(x *exchange, right *right) *upload {
	if x.r.ContentLength == 0 || x.r.Body == nil || x.r.Body == http.NoBody {
		return nil
	}
	u := &upload{
		body: x.r.Body, control: http.NewResponseController(x.answer.ResponseWriter),
		patience: x.e.o.Timeouts.Body, right: right, clear: x.r.ProtoMajor == 2,
	}
	if limit := x.e.o.MaxBody; limit > 0 {
		u.body = http.MaxBytesReader(x.answer.ResponseWriter, x.r.Body, limit)
	}
	return u
}

// Read reads one part. Once the body has ended no deadline stays behind:
// net/http goes on reading to see whether the caller leaves, and would take a
// deadline that passes for its leaving.
func (u *upload) Read(p []byte) (int, error) {
	if u.right.lost() {
		return 0, errRevoked
	}
	u.deadline(time.Now().Add(u.patience), false)
	n, err := u.body.Read(p)
	if u.clear || err == io.EOF {
		u.deadline(time.Time{}, err == io.EOF)
	}
	if err != nil && err != io.EOF {
		u.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Close closes the caller's body. Over HTTP/1 net/http reads a short rest of
// it, for which the caller gets as long as for one part, unless it was too slow
// already.
func (u *upload) Close() error {
	if u.failure() == nil {
		u.deadline(time.Now().Add(u.patience), true)
	}
	err := u.body.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
	_ = u.control.SetReadDeadline(time.Time{})
	return err
}

// cutOff ends a Read that waits for the caller.
func (u *upload) cutOff() { u.deadline(time.Now(), true) }

// deadline sets the time for the next part; the last one stays until Close is
// done. Later the connection may be reading another request. It is best effort,
// as in download.
func (u *upload) deadline(t time.Time, last bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over {
		_ = u.control.SetReadDeadline(t)
	}
	u.over = u.over || last
}

// failure returns why the body could not be read, if so.
func (u *upload) failure() error {
	if u == nil {
		return nil
	}
	if err := u.err.Load(); err != nil {
		return *err
	}
	return nil
}
