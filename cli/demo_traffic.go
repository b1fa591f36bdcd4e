package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// demoCall is a call that the demo's traffic makes now and then.
type demoCall struct {
	weight       int    // how often, in proportion to the others
	caller       string // the key whose secret or certificate it sends; "": none
	method, path string // %d in the path is a number that changes
}

// demoCalls are allowed, and refused for a reason each: an expired key, one that
// is disabled, another environment, a workflow that is not permitted, a path
// that nothing is bound to, a stranger and nobody.
var demoCalls = []demoCall{
	{12, "web-shop", "GET", "/customers/%d"},
	{8, "web-shop", "GET", "/orders/%d/status"},
	{6, "web-shop", "POST", "/orders"},
	{10, "mobile-app", "GET", "/orders/%d/status"},
	{6, "mobile-app", "GET", "/products/%d"},
	{5, "warehouse", "PUT", "/products/%d/stock"},
	{5, "acme-logistics", "POST", "/orders"},
	{4, "integration-tests", "GET", "/customers/%d?_profile=Test"},
	{3, "reporting", "GET", "/customers?since=2026-01-%d"},
	{4, retiredSecret, "GET", "/customers?since=2026-02-%d"},
	{3, "integration-tests", "GET", "/customers/%d"},
	{2, "web-shop", "DELETE", "/orders/%d"},
	{2, "mobile-app", "GET", "/basket/%d"},
	{2, "summer-campaign", "GET", "/products/%d"},
	{2, "legacy-crm", "GET", "/customers/%d"},
	{1, stranger, "GET", "/customers/%d"},
	{1, "", "GET", "/customers/%d"},
}

// The demo makes no more than one call at a time, a few in a second.
const (
	demoLeastPause = 150 * time.Millisecond
	demoMostPause  = 500 * time.Millisecond
	demoPatience   = 5 * time.Second // with one call
	demoMostAnswer = 64 << 10        // bytes that are read of an answer
)

// traffic calls the endpoint, whose certificate is leaf, until ctx ends. What is
// answered, and whether, is for the endpoint's figures to show.
func (d *demo) traffic(ctx context.Context, leaf []byte) {
	trusted, err := x509.ParseCertificate(leaf)
	if err != nil {
		return // Serve says what is wrong with it
	}
	roots := x509.NewCertPool()
	roots.AddCert(trusted)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(demoLeastPause + rand.N(demoMostPause-demoLeastPause)):
		}
		c := anyCall(rand.N(allWeights))
		if n < len(demoCalls) { // each once, so that all of it is seen soon
			c = demoCalls[n]
		}
		_ = d.call(ctx, roots, c)
	}
}

var allWeights = func() (sum int) {
	for _, c := range demoCalls {
		sum += c.weight
	}
	return sum
}()

// anyCall is the call at n of allWeights.
func anyCall(n int) demoCall {
	for _, c := range demoCalls {
		if n -= c.weight; n < 0 {
			return c
		}
	}
	return demoCalls[0]
}

// call makes one call on a connection of its own. It speaks HTTP by hand: it
// needs little of it, and the library for it belongs to package server.
func (d *demo) call(ctx context.Context, roots *x509.CertPool, c demoCall) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS13}}
	if pair, ok := d.samples.certificates[c.caller]; ok {
		dialer.Config.Certificates = []tls.Certificate{{Certificate: [][]byte{pair.Certificate.DER}, PrivateKey: pair.Key()}}
	}
	conn, err := dialer.DialContext(ctx, "tcp", d.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := io.WriteString(conn, c.request(d.samples.secrets[c.caller], d.address)); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(conn, demoMostAnswer)) // the connection ends with the answer
	return err
}

// request is the call as it is sent.
func (c demoCall) request(secret model.Secret, address string) string {
	path := c.path
	if strings.Contains(path, "%d") {
		path = fmt.Sprintf(path, 10+rand.N(18))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: keyward-demo\r\nConnection: close\r\n", c.method, path, callableAddress(address))
	if !secret.IsZero() {
		fmt.Fprintf(&b, "Authorization: Key=%s\r\n", secret.Reveal())
	}
	if c.method == "POST" || c.method == "PUT" {
		b.WriteString("Content-Length: 0\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}
