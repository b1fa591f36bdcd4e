package tui

import (
	"net/url"
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
		call[0] += " --cacert " + shellQuote(r.rt.CAFile)
	}
	if r.info.Kind == model.CertificateKey {
		certificate, private := r.clientFiles()
		call = append(call, "--cert "+shellQuote(certificate)+" --key "+shellQuote(private))
	} else {
		slot := 0
		if r.secrets[0].IsZero() && !r.secrets[1].IsZero() {
			slot = 1
		}
		call = append(call, "-H "+shellQuote("@"+r.path(slot)))
	}
	w := exampleWorkflow(r.info.Workflows)
	switch w.Method {
	case "", "GET":
	case "HEAD":
		call[len(call)-1] += " --head"
	default:
		call[len(call)-1] += " -X " + w.Method
	}
	environment := ""
	if !r.info.Production {
		environment = r.info.Environment
	}
	return append(call, shellQuote(exampleURL(r.rt.Endpoint, w.Path, environment)))
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

// exampleWorkflow prefers one that changes nothing.
func exampleWorkflow(list []model.WorkflowRef) model.WorkflowRef {
	found := model.WorkflowRef{Path: "/path"}
	for _, w := range list {
		if w.Method == "GET" {
			return w
		}
		if w.Method != "" && found.Method == "" {
			found = w
		}
	}
	return found
}

// exampleURL is a call's URL with every variable of the path template filled.
func exampleURL(endpoint, template, environment string) string {
	if endpoint == "" {
		endpoint = "https://localhost:8443"
	}
	path, query, _ := strings.Cut(template, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = exampleValue(s, url.PathEscape)
	}
	var pairs []string
	for _, pair := range strings.Split(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			pairs = append(pairs, name+"="+exampleValue(value, url.QueryEscape))
		}
	}
	if environment != "" {
		pairs = append(pairs, model.ProfileParam+"="+profile(environment))
	}
	out := strings.TrimSuffix(endpoint, "/") + strings.Join(segments, "/")
	if len(pairs) > 0 {
		out += "?" + strings.Join(pairs, "&")
	}
	return out
}

func exampleValue(s string, escape func(string) string) string {
	switch {
	case strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}"):
		return "1"
	case strings.Contains(s, "%"):
		return s // escaped already
	}
	return escape(s)
}

// shellQuote quotes s for a POSIX shell where it needs it.
func shellQuote(s string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"
	if s = clean(s); s != "" && strings.Trim(s, safe) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
