package cli

import (
	"path/filepath"
	"strings"

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
	target := method(k) + "--cacert " + shellQuote(filepath.Join(dir, serverCertificate)) + " " + shellQuote(exampleURL(k)) + "\n"
	if k.Kind == model.CertificateKey {
		return "Try it while keyward serve runs, with the certificate and its private key:\n" +
			"  curl --cert client.crt --key client.key " + target
	}
	return "Try it while keyward serve runs; paste a secret when the first line waits:\n" +
		"  read -rs KEY\n" +
		"  printf 'Authorization: Key=%s' \"$KEY\" | curl -H @- " + target
}

// method is curl's flag for the method of the key's first workflow.
func method(k model.KeyInfo) string {
	switch w := exampleWorkflow(k); w.Method {
	case "", "GET":
		return ""
	case "HEAD":
		return "--head "
	default:
		return "-X " + w.Method + " "
	}
}

// exampleWorkflow is the first bound workflow that the key permits.
func exampleWorkflow(k model.KeyInfo) model.WorkflowRef {
	for _, w := range k.Workflows {
		if w.Method != "" {
			return w
		}
	}
	return model.WorkflowRef{Path: "/"}
}

// exampleURL fills the template of the key's first workflow with the names of
// its variables in capitals, and names the environment where a call has to.
func exampleURL(k model.KeyInfo) string {
	path, query, _ := strings.Cut(exampleWorkflow(k).Path, "?")
	var pairs []string
	if query != "" {
		pairs = append(pairs, fillTemplate(query))
	}
	if k.Environment != "" && !k.Production {
		pairs = append(pairs, model.ProfileParam+"="+queryName(k.Environment))
	}
	url := "https://localhost:8443" + fillTemplate(path)
	if len(pairs) > 0 {
		url += "?" + strings.Join(pairs, "&")
	}
	return url
}

func fillTemplate(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(strings.ToUpper(name))
		template = after
	}
}
