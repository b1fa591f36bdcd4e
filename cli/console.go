package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/tui"
)

// openConsole opens the console, when there is a terminal to show it on. The
// store is opened before the terminal is taken, so that an error about it is a
// line on an orderly screen.
func (a *app) openConsole(ctx context.Context) error {
	if err := a.needTerminal(); err != nil {
		return err
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	options := a.sharing(dir, model.RankConsole)
	options.Opening, options.Holds, options.Existing = spareWhileOpening, spareMemory, a.look
	return a.useMember(ctx, options, func(m *sharing.Member) (err error) {
		endpoint := &beside{app: a, dir: dir, console: m}
		defer func() { err = errors.Join(err, endpoint.close()) }()
		return a.showConsole(ctx, dir, callableAddress(defaultListen), m, endpoint, both{m, endpoint})
	})
}

// consoleFlags are the flags of the commands that open the console.
func (a *app) consoleFlags(c *cobra.Command) {
	c.Flags().BoolVar(&a.ascii, "ascii", false, "the console shows nothing but ASCII, as it does in a C or POSIX locale")
	c.Flags().BoolVar(&a.mouse, "mouse", false, "the console takes the mouse from the start (m switches it)")
}

// needTerminal refuses where there is no terminal to show the console on.
func (a *app) needTerminal() error {
	_, in := terminal(a.env.Stdin)
	_, out := terminal(a.env.Stdout)
	if !in || !out {
		return &usageError{"the console needs a terminal, and there is none: use a command (keyward --help lists them)"}
	}
	return nil
}

// showConsole runs the console and returns when the user has left it. endpoint
// is the HOST:PORT that its examples call, endpoints starts one; nil: the demo's
// runs already.
func (a *app) showConsole(ctx context.Context, dir, endpoint string, m *sharing.Member, endpoints tui.Endpoints, shared tui.Sharing) error {
	ca := filepath.Join(dir, serverCertificate)
	if abs, err := filepath.Abs(ca); err == nil { // the call may be made from elsewhere
		ca = abs
	}
	noEndpoints := ""
	if endpoints == nil {
		noEndpoints = fmt.Sprintf("The demo's endpoint runs already, on https://%s, and ends with the demo.", endpoint)
	}
	err := tui.Run(ctx, tui.Options{
		Backend:      m,
		Sharing:      shared,
		Endpoints:    endpoints,
		NoEndpoints:  noEndpoints,
		Documents:    documents{a},
		Certificates: certificates{a},
		Algorithms:   algorithmNames(),
		ReadOnly:     a.look,
		ASCII:        a.ascii,
		Mouse:        a.mouse,
		DataDir:      dir,
		Endpoint:     "https://" + endpoint,
		CAFile:       ca,
		Input:        a.env.Stdin.(*os.File),
		Output:       a.env.Stdout.(*os.File),
		Env:          a.env.Getenv,
		Now:          a.env.Now,
		Random:       rand.Reader,
	})
	if errors.Is(err, tui.ErrInterrupted) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// certificates is the console's port to certgen.
type certificates struct{ app *app }

// Read takes a certificate from a file.
func (c certificates) Read(ctx context.Context, path string) (model.Certificate, error) {
	if err := ctx.Err(); err != nil {
		return model.Certificate{}, err
	}
	return certgen.Read(path)
}

// Parse takes a certificate from text.
func (c certificates) Parse(ctx context.Context, data []byte) (model.Certificate, error) {
	if err := ctx.Err(); err != nil {
		return model.Certificate{}, err
	}
	return certgen.Parse(data)
}

// Generate makes a self-signed certificate and writes it beside its key.
func (c certificates) Generate(ctx context.Context, o tui.GenerateOptions) (tui.Generated, error) {
	algorithm, err := certgen.ParseAlgorithm(o.Algorithm)
	if err != nil {
		return tui.Generated{}, err
	}
	to := certgen.WriteOptions{Dir: o.Dir, Name: o.Name}
	if err := to.Check(); err != nil { // before anyone waits for an RSA key
		return tui.Generated{}, inConsole(err, o.Name)
	}
	pair, err := certgen.Generate(ctx, certgen.Options{Algorithm: algorithm, Subject: o.Subject, Days: o.Days, Now: c.app.env.Now})
	if err != nil {
		return tui.Generated{}, err
	}
	if err := ctx.Err(); err != nil { // cancelled: nothing is written
		return tui.Generated{}, err
	}
	written, err := pair.Write(to)
	if err != nil {
		return tui.Generated{}, inConsole(err, o.Name)
	}
	return tui.Generated{Certificate: pair.Certificate, CertificateFile: written.Certificate, KeyFile: written.Key}, nil
}

// inConsole is err without the advice that only a command can follow.
func inConsole(err error, name string) error {
	if errors.Is(err, certgen.ErrExists) {
		return fmt.Errorf("there are files called %s already (.crt, .cer or .key): choose another name; nothing is overwritten", model.Clean(name))
	}
	return err
}
