package cli

import (
	"context"
	"path/filepath"
	"slices"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/tui"
)

// The development server certificate and its key, in the data directory.
const (
	serverCertificate = "server.crt"
	serverKey         = "server.key"
)

// usualEndpoint is where keyward serve answers unless it is told otherwise.
const usualEndpoint = "https://localhost:8443"

// callAt is where a call can be made on this machine: at the usual address where
// an endpoint answers there or none is known, else at the one that runs longest.
func callAt(ctx context.Context, b Backend) string {
	page, err := b.Activity(ctx, model.ActivityQuery{Limit: 1})
	if err != nil {
		return usualEndpoint // the key is made: this only says how to try it
	}
	addresses := tui.ServedAt(page.Serving)
	if len(addresses) == 0 || slices.Contains(addresses, usualEndpoint) {
		return usualEndpoint
	}
	return addresses[0]
}

// tryIt is a call that the key's holder can make at once against keyward serve
// on the same machine. The secret goes in through standard input: arguments
// are for everybody to see.
func (a *app) tryIt(k model.KeyInfo, endpoint string) string {
	dir, err := a.dataDir()
	if err != nil {
		dir = "."
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	method, target := model.ExampleCall(k.Workflows, k.Environment, k.Production)
	call := "--cacert " + model.ShellQuote(filepath.Join(dir, serverCertificate)) + " " + model.ShellQuote(endpoint+target) + "\n"
	if flag := model.CurlMethod(method); flag != "" {
		call = flag + " " + call
	}
	if model.ChangesData(method) {
		call += "It really changes data: the key may call nothing that only reads.\n"
	}
	if k.Kind == model.CertificateKey {
		return "Try it while keyward serve runs, with the certificate and its private key:\n" +
			"  curl --cert client.crt --key client.key " + call
	}
	return "Try it while keyward serve runs; paste a secret when the first line waits:\n" +
		"  read -rs KEY\n" +
		"  printf 'Authorization: Key=%s' \"$KEY\" | curl -H @- " + call
}
