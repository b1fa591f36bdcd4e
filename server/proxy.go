package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// newTransport returns the client side of the proxy. It dials what an upstream
// URL names and nothing else: no proxy from the environment, no redirects.
func newTransport(t Timeouts) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // what the caller did not ask for is not the caller's
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  t.Upstream,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    256,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// forward hands an allowed invoke on to its upstream and the answer back, both
// as they come (spec §2.7).
func (e *Endpoint) forward(x *exchange, upstream string) {
	base, err := url.Parse(upstream)
	switch {
	case err != nil || base.Host == "":
		x.err, x.failure = "the upstream URL cannot be read", model.UpstreamUnreadable
		x.fail(http.StatusBadGateway, "upstream-failed")
		return
	case upgrade(x.r):
		x.fail(http.StatusNotImplemented, "upgrade-refused")
		return
	case e.o.MaxBody > 0 && x.r.ContentLength > e.o.MaxBody:
		x.fail(http.StatusRequestEntityTooLarge, "body-too-large")
		return
	}
	x.kept = true
	e.proxied.Add(1)
	defer e.proxied.Done()
	allowed, ctx := newRight(x)
	defer allowed.release()
	x.right = allowed
	down := newDownload(x, allowed)
	defer down.finish()
	in := x.r.WithContext(ctx)
	up := newUpload(x, allowed)
	if up != nil {
		allowed.watch(up)
		in.Body = up
	}
	proxy := httputil.ReverseProxy{
		Rewrite:        func(p *httputil.ProxyRequest) { x.toUpstream(p.Out, base) },
		ModifyResponse: x.fromUpstream,
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			down.deadline(time.Now().Add(down.patience))
			x.upstreamFailed(r.Context(), up, err)
		},
		Transport:     e.transport,
		FlushInterval: -1,
		BufferPool:    e.buffers,
		ErrorLog:      e.errorLog(),
	}
	proxy.ServeHTTP(down, in)
}

// toUpstream turns the caller's request into the upstream's. The hop-by-hop
// headers are gone already, and what is set here stays.
func (x *exchange) toUpstream(out *http.Request, base *url.URL) {
	path := strings.TrimSuffix(base.EscapedPath(), "/") + uriPath(x.request.Path)
	plain, err := url.PathUnescape(path)
	if err != nil { // model refused such a path
		plain = path
	}
	out.URL = &url.URL{
		Scheme: base.Scheme, Host: base.Host, Path: plain, RawPath: path,
		RawQuery: uriQuery(x.request.RawQuery),
	}
	out.Host = ""     // base's
	out.Trailer = nil // a trailer could carry what a header may not
	dropForgeries(out.Header)
	if !x.decision.Foreign {
		delete(out.Header, "Authorization")
	}
	x.setForwarded(out.Header)
	x.setIdentity(out.Header)
}

// fromUpstream passes an upstream's answer, whatever its status, and adds the
// request's id.
func (x *exchange) fromUpstream(res *http.Response) error {
	if res.StatusCode == http.StatusSwitchingProtocols {
		return errors.New("the upstream switched protocols, unasked")
	}
	x.answered = true
	res.Header[requestIDHeader] = []string{x.id}
	return nil
}

// upstreamFailed answers when no answer came. up is nil for a request without
// a body.
func (x *exchange) upstreamFailed(ctx context.Context, up *upload, err error) {
	var tooLarge *http.MaxBytesError
	var op *net.OpError
	var timeout net.Error
	mine := up.failure()
	x.right.lost() // asks, for it may have been lost since data moved last
	if why := x.right.why(); why != model.Allowed {
		x.revoked(why)
		return
	}
	x.err = scrub(err.Error())
	switch {
	case errors.As(mine, &tooLarge):
		x.fail(http.StatusRequestEntityTooLarge, "body-too-large")
	case errors.Is(mine, os.ErrDeadlineExceeded):
		x.fail(http.StatusRequestTimeout, "body-too-slow")
	case mine != nil, ctx.Err() != nil:
		x.reason = x.gone()
		panic(http.ErrAbortHandler)
	case errors.As(err, &op) && op.Op == "dial":
		x.failure = upstreamFailure(err)
		x.fail(http.StatusBadGateway, "upstream-failed")
	case errors.As(err, &timeout) && timeout.Timeout():
		x.failure = model.UpstreamTimeout
		x.fail(http.StatusGatewayTimeout, "upstream-timeout")
	default:
		x.failure = upstreamFailure(err)
		x.fail(http.StatusBadGateway, "upstream-failed")
	}
}

// revoked answers as a request is answered that comes now.
func (x *exchange) revoked(why model.Reason) {
	status := why.Status()
	if x.e.o.DenyUniform {
		status = http.StatusNotFound
	}
	x.fail(status, lossReason(why))
}

// copyBuffers lends buffers: of 32 KiB for copying bodies, small ones for
// writing texts.
type copyBuffers struct{ large, texts sync.Pool }

var _ httputil.BufferPool = (*copyBuffers)(nil)

func newCopyBuffers() *copyBuffers {
	return &copyBuffers{
		large: sync.Pool{New: func() any { return new([32 << 10]byte) }},
		texts: sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }},
	}
}

// Get lends a buffer for copying.
func (c *copyBuffers) Get() []byte { return c.large.Get().(*[32 << 10]byte)[:] }

// Put takes one back.
func (c *copyBuffers) Put(b []byte) { c.large.Put((*[32 << 10]byte)(b)) }

func (c *copyBuffers) small() *[]byte { return c.texts.Get().(*[]byte) }

func (c *copyBuffers) putSmall(b *[]byte) {
	if cap(*b) <= 64<<10 {
		c.texts.Put(b)
	}
}
