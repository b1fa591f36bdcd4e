package tui

import (
	"path/filepath"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// curlCall is a call that can be pasted into a shell, an argument with its value
// each. It holds nothing secret: curl reads the header from a file, since
// arguments are seen by every user of a machine and kept in histories.
type curlCall []string

// lines are the call in that width, broken between arguments only, each line
// but the last with the shell's mark that it goes on: what is selected with the
// mouse is the call. whole is false when an argument is too long for a line of
// its own, and cut, or cannot be shown as it is.
func (c curlCall) lines(width int) (lines []string, whole bool) {
	shown := cleaned(c)
	lines, whole = folded(shown, width), slices.Equal(shown, c)
	for i, line := range lines {
		if cells(line) > width {
			line = strings.TrimPrefix(line, "  ") // the indent matters less
		}
		lines[i] = clip(line, width)
		whole = whole && lines[i] == line
	}
	return lines, whole
}

func (c curlCall) oneLine() string { return strings.Join(c, " ") }

// call is how the key is used.
func (r *reveal) call() curlCall {
	call := curlCall{"curl"}
	if r.rt.CAFile != "" {
		call = append(call, "--cacert "+model.ShellQuote(r.rt.CAFile))
	}
	if r.info.Kind == model.CertificateKey {
		certificate, private := r.clientFiles()
		call = append(call, "--cert "+model.ShellQuote(certificate), "--key "+model.ShellQuote(private))
	} else {
		slot := 0
		if r.secrets[0].IsZero() && !r.secrets[1].IsZero() {
			slot = 1
		}
		call = append(call, "-H "+model.ShellQuote("@"+r.path(slot)))
	}
	method, target := model.ExampleCall(r.info.Workflows, r.info.Environment, r.info.Production)
	if flag := model.CurlMethod(method); flag != "" {
		call = append(call, flag)
	}
	return append(call, r.rt.callURL(target))
}

// clientFiles are the files that curl is to read: those that are known, or
// names that say what to put there.
func (r *reveal) clientFiles() (certificate, private string) {
	certificate, private = "client.crt", "client.key"
	if ext := filepath.Ext(r.file.certificateFile); ext == ".crt" || ext == ".pem" {
		certificate = r.file.certificateFile
	}
	if r.file.keyFile != "" {
		private = r.file.keyFile
	}
	return certificate, private
}

// callURL is a call's target at the endpoint, as a shell takes it.
func (rt *runtime) callURL(target string) string {
	return model.ShellQuote(rt.at(target))
}
