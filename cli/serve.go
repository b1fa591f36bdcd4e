package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/sharing"
)

// defaultListen is where the endpoint listens, and what the console's examples
// call.
const defaultListen = "127.0.0.1:8443"

type serve struct {
	listen, plain, tlsCert, tlsKey string
	denyStatus, logFormat          string
	insecure                       bool
	options                        server.Options
	limits                         serveLimits
	ssh                            sshServe
}

func (a *app) serve() *cobra.Command {
	var o serve
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the endpoint",
		Long: `Run the endpoint over HTTPS until it is interrupted: whoever has a key in force
gets through to the workflows it permits, everybody else is refused. Without
--tls-cert and --tls-key it makes a certificate for this machine in the data
directory, for development. Each decision is a line on standard error.`,
		Example: `  keyward serve
  keyward serve --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem --log-format json
  keyward serve --http 127.0.0.1:8080
  keyward serve --ssh 127.0.0.1:2222 --ssh-authorized-keys operators.keys`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.prepare(c); err != nil {
				return err
			}
			return a.runEndpoint(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "`HOST:PORT` for HTTPS")
	f.StringVar(&o.tlsCert, "tls-cert", "", "PEM `FILE` with the server's certificate and its chain")
	f.StringVar(&o.tlsKey, "tls-key", "", "PEM `FILE` with the certificate's private key")
	f.StringVar(&o.plain, "http", "", "`HOST:PORT` for HTTP without TLS too, on this machine only")
	f.BoolVar(&o.insecure, "insecure-http", false, "let --http listen where others can read the secrets that pass")
	f.StringVar(&o.denyStatus, "deny-status", "standard", "`HOW` to answer what is denied: standard (401, 403, 404, 409) or uniform (always 404)")
	f.StringVar(&o.options.UsernamePrefix, "username-prefix", server.DefaultUsernamePrefix, "`TEXT` before a key's name in the Username element")
	f.BoolVar(&o.options.NoQuery, "no-query", false, "take no secret from the query (?auth-key=)")
	f.StringVar(&o.logFormat, "log-format", "text", "`FORMAT` of the log: text or json")
	o.limits.flags(c)
	o.ssh.flags(c)
	mayBeEmpty(c, "username-prefix") // the Username is the key's name alone
	completeWords(c, "deny-status", "standard", "uniform")
	completeWords(c, "log-format", "text", "json")
	return c
}

func (o *serve) prepare(c *cobra.Command) error {
	changed := c.Flags().Changed
	switch {
	case changed("tls-cert") != changed("tls-key"):
		return usagef(c, "--tls-cert and --tls-key belong together: give both, or neither for a certificate for development")
	case o.denyStatus != "standard" && o.denyStatus != "uniform":
		return usagef(c, "--deny-status is standard or uniform, not %q", o.denyStatus)
	case o.logFormat != "text" && o.logFormat != "json":
		return usagef(c, "--log-format is text or json, not %q", o.logFormat)
	case changed("insecure-http") && !changed("http"):
		return usagef(c, "--insecure-http is about --http: give that too")
	}
	o.options.DenyUniform = o.denyStatus == "uniform"
	if err := o.limits.prepare(c, &o.options); err != nil {
		return err
	}
	return o.ssh.prepare(c)
}

// runEndpoint takes part in the data directory while the endpoint runs, as the
// owner of the store where it can be. Being interrupted is how it ends, and no
// failure.
func (a *app) runEndpoint(ctx context.Context, o *serve) (err error) {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	shown := a.openingBar()
	defer shown.end()
	log := server.NewLogWriter(beneath{shown, a.env.Stderr})
	defer func() { err = errors.Join(err, log.Close()) }()
	o.options.Log = slog.New(server.NewLogHandler(log, o.logFormat == "json", slog.LevelInfo))
	listeners, err := listen(ctx, o) // before anybody is asked for the store
	if err != nil {
		return err
	}
	ssh, err := listenSSH(ctx, &o.ssh)
	defer func() { // what Serve closed already does not mind
		closeListener(listeners.TLS)
		closeListener(listeners.Plain)
		closeListener(ssh)
	}()
	if err != nil {
		return err
	}
	options := a.sharing(dir, model.RankServe)
	options.Log, options.FromJournal = o.options.Log, true
	m, err := a.join(ctx, options, shown)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // it was interrupted before it began
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if listeners.Certificate, err = a.serverCertificate(ctx, o, dir); err != nil {
		return err
	}
	r, err := a.newRemote(o, dir, m, listeners, ssh)
	if err != nil {
		return err
	}
	a.announce(o, listeners, dir)
	r.announce()
	return r.beside(ctx, ssh, func(ctx context.Context) error { return a.answer(ctx, m, o.options, listeners) })
}

// answer answers requests from what m knows until ctx ends.
func (a *app) answer(ctx context.Context, m *sharing.Member, o server.Options, listeners server.Listeners) error {
	o.Snapshot, o.Newest, o.Meter, o.Recorder = m.Snapshot, m.Newest, m.Meter(), m.Recorder()
	o.Degraded, o.Now = m.Trouble, a.env.Now
	endpoint, err := server.New(o)
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { _ = m.Watch(watching, func(model.Standing) { endpoint.ReportDegraded() }) })
	defer watch.Wait()
	defer stop()
	m.Announce(addresses(listeners))
	defer m.Announce(nil)
	return endpoint.Serve(ctx, listeners)
}

// addresses are those at which the listeners are reached, as URLs.
func addresses(l server.Listeners) []string {
	var list []string
	if l.TLS != nil {
		list = append(list, "https://"+l.TLS.Addr().String())
	}
	if l.Plain != nil {
		list = append(list, "http://"+l.Plain.Addr().String())
	}
	return list
}

// listen opens the listeners.
func listen(ctx context.Context, o *serve) (l server.Listeners, err error) {
	if o.plain != "" {
		if l.Plain, err = o.limits.connections.ListenPlain(ctx, o.plain, o.insecure); err != nil {
			return l, err
		}
	}
	if l.TLS, err = o.limits.connections.Listen(ctx, o.listen); err != nil {
		closeListener(l.Plain)
	}
	return l, err
}

func closeListener(l net.Listener) {
	if l != nil {
		_ = l.Close()
	}
}
