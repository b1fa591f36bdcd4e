package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificateMsg is a certificate that was read, parsed or made, or why not.
// used is the key that has it already.
type certificateMsg struct {
	request int
	picked  picked
	used    string
	err     error
}

// readCertificate reads the certificate in a file; the returned function gives it
// up.
func (rt *runtime) readCertificate(request int, path string) (tea.Cmd, func()) {
	name := clean(filepath.Base(path))
	return rt.work(reads(name), func(ctx context.Context) tea.Msg {
		return blocking(ctx, certificateMsg{request: request, err: late}, func() certificateMsg {
			return rt.certificateIn(ctx, request, path, name)
		}).unlessStopped(ctx)
	})
}

func (rt *runtime) certificateIn(ctx context.Context, request int, path, name string) certificateMsg {
	c, err := rt.Certificates.Read(ctx, path)
	p := picked{certificate: c, source: name, certificateFile: path}
	if private := strings.TrimSuffix(path, filepath.Ext(path)) + ".key"; err == nil && private != path {
		if info, e := os.Stat(private); e == nil && info.Mode().IsRegular() {
			p.keyFile = private
		}
	}
	return rt.certificate(ctx, request, p, err)
}

func (m certificateMsg) unlessStopped(ctx context.Context) certificateMsg {
	if m.err != nil && meterOf(ctx).stopping() {
		m.err = errNotRead
	}
	return m
}

// parseCertificate takes a certificate out of a pasted text. Terminals send
// line ends as carriage returns.
func (rt *runtime) parseCertificate(request int, text string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		text := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		c, err := rt.Certificates.Parse(ctx, []byte(text))
		return rt.certificate(ctx, request, picked{certificate: c, source: "pasted"}, err)
	})
}

// generatedSource is where a certificate came from that was made here.
const generatedSource = "generated"

// generateCertificate makes a certificate; the returned function gives it up.
func (rt *runtime) generateCertificate(request int, o GenerateOptions) (tea.Cmd, context.CancelFunc) {
	stop, cancel := context.WithCancel(rt.ctx)
	return rt.do(patient, func(ctx context.Context) tea.Msg {
		defer cancel()
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(stop, end)()
		g, err := rt.Certificates.Generate(ctx, o)
		p := picked{certificate: g.Certificate, source: generatedSource, certificateFile: g.CertificateFile, keyFile: g.KeyFile}
		return rt.certificate(ctx, request, p, err)
	}), cancel
}

// certificate finds out whether a key has the certificate already. Not to know
// is no reason to stop: the store refuses it in the end.
func (rt *runtime) certificate(ctx context.Context, request int, p picked, err error) certificateMsg {
	msg := certificateMsg{request: request, picked: p, err: err}
	if err != nil {
		msg.picked = picked{}
		return msg
	}
	// A filter finds the thumbprint in names and subjects as well.
	page, _ := rt.Backend.Keys(ctx, model.KeyQuery{Filter: p.certificate.Thumbprint(), Limit: 10})
	for _, row := range page.Keys {
		if info, err := rt.Backend.Key(ctx, row.Name); err == nil && info.SlotOf(p.certificate) != model.NoSlot {
			msg.used = info.Name
		}
	}
	return msg
}
