package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/sshd"
	"dev.keyward/keyward/tui"
)

// sshServe is what serve's flags say about SSH.
type sshServe struct {
	listen, keys string
	clipboard    bool
}

func (o *sshServe) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.listen, "ssh", "", "`HOST:PORT` for the console over SSH, for the keys of --ssh-authorized-keys (docs/ssh.md)")
	f.StringVar(&o.keys, "ssh-authorized-keys", "", "`FILE` with the public keys that may log in; a line is a viewer's unless it begins with keyward-role=\"admin\"")
	f.BoolVar(&o.clipboard, "ssh-clipboard", false, "let the copy keys of the console send to the clipboard of whoever came over SSH (OSC 52)")
}

func (o *sshServe) prepare(c *cobra.Command) error {
	changed := c.Flags().Changed
	switch {
	case changed("ssh") != changed("ssh-authorized-keys"):
		return usagef(c, "--ssh and --ssh-authorized-keys belong together: where to listen, and who may log in")
	case changed("ssh-clipboard") && !changed("ssh"):
		return usagef(c, "--ssh-clipboard is about --ssh: give that too")
	}
	return nil
}

// remote is the console over SSH while an endpoint runs.
type remote struct {
	app      *app
	o        sshServe
	dir      string
	endpoint string // HOST:PORT for the examples
	m        *sharing.Member
	server   *sshd.Server

	addr string // where it listens
	keys *sshd.KeyFile
}

// newRemote prepares the console over SSH. Where nobody could log in, or somebody
// might who should not, it is an error.
func (a *app) newRemote(o *serve, dir string, m *sharing.Member, l server.Listeners, ssh net.Listener) (*remote, error) {
	if ssh == nil {
		return nil, nil
	}
	keys := sshd.OpenKeyFile(o.ssh.keys, time.Local)
	r := &remote{app: a, o: o.ssh, dir: dir, endpoint: callableAddress(l.TLS.Addr().String()), m: m, keys: keys, addr: ssh.Addr().String()}
	var err error
	r.server, err = sshd.New(sshd.Options{
		Dir: dir, Keys: keys, Show: r.show, Run: r.run,
		Log: o.options.Log, Now: a.env.Now,
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// announce says where the console is over SSH, and how to know the server.
func (r *remote) announce() {
	if r == nil {
		return
	}
	a, made, key := r.app, "", r.server.HostKey()
	if key.Made {
		made = ", made just now"
	}
	a.notef("keyward: the console over SSH on %s", r.addr)
	a.notef("keyward: SSH host key ED25519 %s%s", key.Fingerprint(), made)
	admins, viewers := r.keys.Count()
	a.notef("keyward: %s may log in over SSH, %d to change things and %d to look: a line without keyward-role=\"admin\" is a viewer's",
		plural(admins+viewers, "key"), admins, viewers)
	if host, port, err := net.SplitHostPort(callableAddress(r.addr)); err == nil {
		a.notef("keyward: try it: ssh -p %s %s", port, host)
	}
}

// beside runs the console over SSH while fn runs, if there is one. Whichever of
// the two ends takes the other along.
func (r *remote) beside(ctx context.Context, l net.Listener, fn func(context.Context) error) error {
	if r == nil {
		return fn(ctx)
	}
	r.m.AnnounceSSH(r.addr, r.server.HostKey().Fingerprint())
	defer r.m.AnnounceSSH("", "")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan error, 1)
	go func() {
		defer stop()
		over <- r.server.Serve(ctx, l)
	}()
	err := fn(ctx)
	stop()
	return errors.Join(err, <-over)
}

// caller is the operator who logged in. What only looks is read-only, whoever
// asks.
func (r *remote) caller(id sshd.Identity, looks bool) (model.Caller, error) {
	key, err := model.NewSSHKey(id.Fingerprint, id.Comment)
	return model.Caller{Actor: model.Actor{SSH: key}, ReadOnly: looks || id.Role != sshd.Admin}, err
}

// show shows the console to somebody who came over SSH.
func (r *remote) show(ctx context.Context, s *sshd.Session) error {
	caller, err := r.caller(s.Identity, false)
	if err != nil {
		return err
	}
	console, leave := r.m.Look(caller.Actor.SSH)
	defer leave()
	sizes := make(chan tui.Size, 1)
	go passSizes(ctx, s.Sizes, sizes)
	err = tui.Run(ctx, tui.Options{
		Backend:      r.m.As(caller).Under(s),
		Sharing:      watching{r.m},
		Certificates: pasted{certificates{r.app}},
		Documents:    pastedDocuments{documents{r.app}},
		ReadOnly:     caller.ReadOnly,
		DataDir:      r.dir,
		Endpoint:     "https://" + r.endpoint,
		Remote:       &tui.Remote{Input: s.In, Output: s.Out, Sizes: sizes, Clipboard: r.o.clipboard, Still: stillOrEnd(s), Self: console},
		Env:          s.Env,
		Now:          r.app.env.Now,
		Random:       rand.Reader,
	})
	if errors.Is(err, tui.ErrInterrupted) {
		return nil
	}
	return err
}

// stillOrEnd is whether a session may go on; where it may not, it ends.
func stillOrEnd(s *sshd.Session) func(context.Context) error {
	return func(ctx context.Context) error {
		why := s.Still(ctx)
		if why != nil {
			s.End(why)
		}
		return why
	}
}

// passSizes hands on how large the terminal is, until ctx ends.
func passSizes(ctx context.Context, from <-chan sshd.Size, to chan<- tui.Size) {
	for {
		select {
		case size := <-from:
			select {
			case to <- tui.Size{Width: size.Width, Height: size.Height}:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// watching is how a console over SSH shares the store: it sees what the endpoint
// does, and never lets go of its store.
type watching struct{ m *sharing.Member }

// Watch is sharing.Member.Watch.
func (w watching) Watch(ctx context.Context, fn func(model.Standing)) error {
	return w.m.Watch(ctx, fn)
}

// Suspend does nothing: the endpoint goes on.
func (watching) Suspend(context.Context) error { return nil }

// Resume does nothing.
func (watching) Resume(context.Context) error { return nil }

// errNoFiles is why a console over SSH has no files.
var errNoFiles = errors.New("over SSH no files are read or written, for they would be the server's: paste the certificate")

// pasted is the console's port to certgen where there are no files.
type pasted struct{ certificates }

// Read refuses: the file would be the server's.
func (pasted) Read(context.Context, string) (model.Certificate, error) {
	return model.Certificate{}, errNoFiles
}

// Generate refuses: the private key would stay on the server.
func (pasted) Generate(context.Context, tui.GenerateOptions) (tui.Generated, error) {
	return tui.Generated{}, errNoFiles
}

// run runs one of the commands that may be run over SSH.
func (r *remote) run(ctx context.Context, s *sshd.Session) int {
	caller, err := r.caller(s.Identity, true)
	if err != nil {
		return exitFailed
	}
	o := sshRun{stdout: s.Out, stderr: s.Err, backend: r.m.As(caller), now: r.app.env.Now, watch: r.m.Watch}
	select {
	case size := <-s.Sizes:
		o.columns = size.Width
	default: // no terminal
	}
	return runOver(ctx, s.Args, o)
}

// listenSSH opens the listener for SSH.
func listenSSH(ctx context.Context, o *sshServe) (net.Listener, error) {
	if o.listen == "" {
		return nil, nil
	}
	return server.Listen(ctx, o.listen)
}

var _ io.Reader = (*emptyInput)(nil)

// emptyInput is the standard input of a command over SSH.
type emptyInput struct{}

// Read is at its end.
func (emptyInput) Read([]byte) (int, error) { return 0, io.EOF }
