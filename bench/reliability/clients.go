//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// pace is how long a client rests between two requests while its key is left
// alone; while the key is changed it does not rest at all.
const pace = 100 * time.Millisecond

// What a client does.
const (
	paced  int32 = iota // a request every pace or so
	eager               // one request after the other, each noted
	paused              // nothing
)

// sent is one request that a client noted.
type sent struct {
	at     time.Duration // on the machine's monotonic clock, before it was written
	status int           // 0: there was no answer
}

// caller is one client with a connection of its own, which it keeps.
type caller struct {
	name   string
	server int // which endpoint
	http   *http.Client
	url    string
	header string // Authorization; "": it has a certificate

	mode  atomic.Int32
	idle  atomic.Bool // it does nothing, as it was told
	wake  chan struct{}
	mu    sync.Mutex
	noted []sent
	total *tally
}

// tally counts what all clients met while their keys were left alone.
type tally struct {
	requests, denied, stale, failed atomic.Int64
}

func (c *caller) run(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	rest := time.NewTimer(rand.N(pace))
	defer rest.Stop()
	for ctx.Err() == nil {
		switch mode := c.mode.Load(); mode {
		case eager:
			c.idle.Store(false)
			s := c.call(ctx)
			c.mu.Lock()
			c.noted = append(c.noted, s)
			c.mu.Unlock()
			continue
		case paced:
			c.idle.Store(false)
			if s := c.call(ctx); ctx.Err() == nil {
				c.count(s)
			}
			rest.Reset(pace/2 + rand.N(pace))
		case paused:
			c.idle.Store(true)
		}
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-rest.C:
		}
	}
}

// turn changes what the client does.
func (c *caller) turn(mode int32) {
	c.mode.Store(mode)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// call makes one request.
func (c *caller) call(ctx context.Context) sent {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return sent{}
	}
	if c.header != "" {
		request.Header.Set("Authorization", c.header)
	}
	s := sent{at: monotonic()}
	response, err := c.http.Do(request)
	if err != nil {
		return s
	}
	_, _ = io.Copy(io.Discard, response.Body) // its status is what counts
	_ = response.Body.Close()
	s.status = response.StatusCode
	return s
}

// count notes a request of a key that is in force. One that was under way while
// the key's turn came is of no use: its status is the turn's.
func (c *caller) count(s sent) {
	if c.mode.Load() != paced {
		return
	}
	c.total.requests.Add(1)
	switch s.status {
	case http.StatusOK:
	case http.StatusServiceUnavailable:
		c.total.stale.Add(1)
	case 0:
		c.total.failed.Add(1)
	default:
		c.total.denied.Add(1)
	}
}

// take returns what was noted and forgets it.
func (c *caller) take() []sent {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.noted
	c.noted = nil
	return list
}

// since counts the noted requests that were sent after the time and answered,
// and those of them that were accepted.
func (c *caller) since(t time.Duration) (answered, accepted int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.noted {
		if s.at > t && s.status != 0 {
			answered++
			if s.status == http.StatusOK {
				accepted++
			}
		}
	}
	return answered, accepted
}

// newHTTP returns a client with one connection, over HTTP/1.1 or HTTP/2, that
// trusts anybody: what the endpoint is does not matter here.
func newHTTP(two bool, certificate, key string) (*http.Client, error) {
	t := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxConnsPerHost: 1, ForceAttemptHTTP2: two,
	}
	if !two {
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: t, Timeout: patience}, nil
}

// principal is one key and how it is presented.
type principal struct {
	name             string
	secret           string
	certificate, key string // files, of a certificate key
	callers          []*caller
}

// newPrincipals makes keys, a share of them with certificates that the real
// program generates, and four callers for each: HTTP/1.1 and HTTP/2 on each
// of two endpoints.
func (r *rig) newPrincipals(ctx context.Context, dir string, n int, c *console, on [2]*endpoint, total *tally) ([]*principal, error) {
	certificates := r.path("certificates")
	if err := os.MkdirAll(certificates, 0o700); err != nil {
		return nil, err
	}
	var list []*principal
	for i := range n {
		p := &principal{name: fmt.Sprintf("caller-%02d", i)}
		var err error
		if i%3 == 2 {
			err = r.certify(ctx, p, certificates, c)
		} else {
			err = r.tokenFor(ctx, p, dir)
		}
		if err == nil {
			err = p.connect(on, total)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

func (p *principal) connect(on [2]*endpoint, total *tally) error {
	for server, e := range on {
		for _, two := range []bool{false, true} {
			client, err := newHTTP(two, p.certificate, p.key)
			if err != nil {
				return err
			}
			c := &caller{
				name:   fmt.Sprintf("%s on endpoint %d, HTTP/2: %v, certificate: %v", p.name, server+1, two, p.certificate != ""),
				server: server, http: client, url: "https://" + e.secure + "/ping/1?_profile=Test",
				wake: make(chan struct{}, 1), total: total,
			}
			if p.secret != "" {
				c.header = "Key=" + p.secret
			}
			p.callers = append(p.callers, c)
		}
	}
	return nil
}
