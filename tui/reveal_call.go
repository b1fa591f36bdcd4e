package tui

import (
	"path/filepath"
	"strings"

	"dev.keyward/keyward/model"
)

// curlCall is a call that can be pasted into a shell. It holds nothing secret:
// curl reads the header from a file, since arguments are seen by every user of
// a machine and kept in histories.
type curlCall []string

// lines are the call on several lines, each but the last with the shell's mark
// that it goes on.
func (c curlCall) lines() []string {
	lines := make([]string, len(c))
	for i, part := range c {
		lines[i] = part
		if i > 0 {
			lines[i] = "  " + part
		}
		if i < len(c)-1 {
			lines[i] += " \\"
		}
	}
	return lines
}

func (c curlCall) oneLine() string { return strings.Join(c, " ") }

// call is how the key is used.
func (r *reveal) call() curlCall {
	call := curlCall{"curl"}
	if r.rt.CAFile != "" {
		call[0] += " --cacert " + model.ShellQuote(r.rt.CAFile)
	}
	if r.info.Kind == model.CertificateKey {
		certificate, private := r.clientFiles()
		call = append(call, "--cert "+model.ShellQuote(certificate)+" --key "+model.ShellQuote(private))
	} else {
		slot := 0
		if r.secrets[0].IsZero() && !r.secrets[1].IsZero() {
			slot = 1
		}
		call = append(call, "-H "+model.ShellQuote("@"+r.path(slot)))
	}
	method, target := model.ExampleCall(r.info.Workflows, r.info.Environment, r.info.Production)
	if flag := model.CurlMethod(method); flag != "" {
		call[len(call)-1] += " " + flag
	}
	return append(call, r.rt.callURL(target))
}

// clientFiles are the files that curl is to read: those that are known, or
// names that say what to put there.
func (r *reveal) clientFiles() (certificate, private string) {
	certificate, private = "client.crt", "client.key"
	if ext := filepath.Ext(r.file.certificateFile); ext == ".crt" || ext == ".pem" || r.file.keyFile != "" {
		certificate = r.file.certificateFile
	}
	if r.file.keyFile != "" {
		private = r.file.keyFile
	}
	return certificate, private
}

// callURL is a call's target at the endpoint, as a shell takes it.
func (rt *runtime) callURL(target string) string {
	endpoint := rt.Endpoint
	if endpoint == "" {
		endpoint = "https://localhost:8443"
	}
	return model.ShellQuote(strings.TrimSuffix(endpoint, "/") + target)
}
