package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the two listeners (security.md G1).
const (
	maxHeader  = 32 << 10 // bytes of a request's header
	maxStreams = 100      // requests at once on one HTTP/2 connection
	pingAfter  = 15 * time.Second
)

// Listeners are where Serve takes requests from; one of them may be nil. Serve
// closes both.
type Listeners struct {
	TLS         net.Listener
	Certificate *Certificate // the server's own; needed with TLS
	Plain       net.Listener // without TLS; see ListenPlain
}

// Serve answers requests until ctx is done, or until a listener fails, which is
// an error. It then takes no more connections at once, lets the requests under
// way finish for Timeouts.Grace, and closes what is left. It is called once.
func (e *Endpoint) Serve(ctx context.Context, l Listeners) error {
	if l.TLS == nil && l.Plain == nil {
		return errors.New("serving: there is no listener")
	}
	if l.TLS != nil && l.Certificate == nil {
		return errors.New("serving: the TLS listener has no certificate")
	}
	e.ReportDegraded()
	for _, listener := range []net.Listener{l.TLS, l.Plain} {
		if capped, ok := listener.(*cappedListener); ok {
			capped.reportTo(e.crowded)
		}
	}
	srv := e.httpServer(ctx)
	failed := make(chan error, 2)
	running := 0
	if l.TLS != nil {
		l.Certificate.reportTo(e.note)
		srv.TLSConfig = tlsConfig(l.Certificate)
		e.handshakes.admit(srv.TLSConfig)
		running++
		go func() { failed <- srv.ServeTLS(l.TLS, "", "") }()
	}
	if l.Plain != nil {
		running++
		go func() { failed <- srv.Serve(l.Plain) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
		err = fmt.Errorf("serving: %w", err)
	}
	e.shutDown(ctx, srv)
	for range running {
		if other := <-failed; err == nil && !errors.Is(other, http.ErrServerClosed) {
			err = fmt.Errorf("serving: %w", other)
		}
	}
	return err
}

func (e *Endpoint) httpServer(ctx context.Context) *http.Server {
	base := context.WithoutCancel(ctx) // requests outlive ctx by Grace
	t := e.o.Timeouts
	return &http.Server{
		Handler:                      e.Handler(),
		BaseContext:                  func(net.Listener) context.Context { return base },
		ConnContext:                  withConnection,
		ReadHeaderTimeout:            t.Header,
		ReadTimeout:                  t.Body,
		WriteTimeout:                 t.Write,
		IdleTimeout:                  t.Idle,
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     e.errorLog(),
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is judged like any request
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams,
			SendPingTimeout:      pingAfter,
			PingTimeout:          pingAfter,
			WriteByteTimeout:     t.Write,
		},
	}
}

// shutDown returns when no request is under way any more.
func (e *Endpoint) shutDown(ctx context.Context, srv *http.Server) {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.o.Timeouts.Grace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		e.note(slog.LevelWarn, "requests were cut off at shutdown")
		e.cutOff.Store(true)
		_ = srv.Close() // The listeners are closed; the connections have nobody to tell.
		e.awaitProxied()
	}
	e.transport.CloseIdleConnections()
	e.flood.close()
}

// awaitProxied waits for the handlers whose connections were closed, but not
// for ever.
func (e *Endpoint) awaitProxied() {
	done := make(chan struct{})
	go func() {
		e.proxied.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}
