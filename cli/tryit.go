package cli

import (
	"path/filepath"

	"dev.keyward/keyward/model"
)

// The development server certificate and its key, in the data directory.
const (
	serverCertificate = "server.crt"
	serverKey         = "server.key"
)

// tryIt is a call that the key's holder can make at once against keyward serve
// on the same machine. The secret goes in through standard input: arguments
// are for everybody to see.
func (a *app) tryIt(k model.KeyInfo) string {
	dir, err := a.dataDir()
	if err != nil {
		dir = "."
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	method, target := model.ExampleCall(k.Workflows, k.Environment, k.Production)
	call := "--cacert " + model.ShellQuote(filepath.Join(dir, serverCertificate)) + " " + model.ShellQuote("https://localhost:8443"+target) + "\n"
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
