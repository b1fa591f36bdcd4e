package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/sharing"
)

func (a *app) demo() *cobra.Command {
	var noConsole bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Open the console on a throw-away store with sample data",
		Long: `Make a store of its own in the directory for temporary files, with sample
workflows, keys and an endpoint on a free port of this machine that gets a few
calls a second, and open the console on it. Leaving removes all of it. The data
directory that is in use otherwise is not touched.`,
		Example: `  keyward demo
  keyward demo --no-console`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("data") {
				return usagef(c, "demo makes a data directory of its own and removes it: leave --data out")
			}
			if !noConsole {
				if err := a.needTerminal(); err != nil {
					return err
				}
			}
			return a.runDemo(c.Context(), noConsole)
		},
	}
	a.consoleFlags(c)
	c.Flags().BoolVar(&noConsole, "no-console", false, "print where the endpoint and the data are, and run until interrupted")
	return c
}

// runDemo makes the demo's directory, and removes it whatever happened in it.
func (a *app) runDemo(ctx context.Context, noConsole bool) (err error) {
	defer holdSignals()()
	dir, err := os.MkdirTemp("", "keyward-demo-") // for this user only
	if err != nil {
		return fmt.Errorf("making a directory for the demo: %w: choose another place with TMPDIR", err)
	}
	defer func() { err = errors.Join(err, removeDemo(dir)) }()
	if abs, err := filepath.Abs(dir); err == nil { // TMPDIR may be relative
		dir = abs
	}
	samples, err := a.fillDemo(ctx, dir)
	if err != nil {
		return err
	}
	defer samples.wipe()
	listener, err := server.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer closeListener(listener) // what Serve closed already does not mind
	silent := a.silenced()
	certificate, err := silent.serverCertificate(ctx, &serve{listen: listener.Addr().String()}, dir)
	if err != nil {
		return err
	}
	// The rank of an endpoint: only such a member has what to decide from. It has
	// every use case of the console too, so that one is enough for both, also
	// where only one may have the directory.
	options := a.sharing(dir, model.RankServe)
	options.Kind = "demo"
	return a.useMember(ctx, options, func(m *sharing.Member) error {
		d := &demo{app: a, dir: dir, member: m, samples: samples, address: listener.Addr().String()}
		return d.run(ctx, server.Listeners{TLS: listener, Certificate: certificate}, noConsole)
	})
}

// silenced is a run that tells nobody anything: the console has the terminal.
func (a *app) silenced() *app {
	env := a.env
	env.Stdout, env.Stderr = io.Discard, io.Discard
	return newApp(env)
}

// demo is a demo while it runs.
type demo struct {
	app     *app
	dir     string
	member  *sharing.Member
	samples *demoSamples
	address string // of the endpoint, 127.0.0.1:PORT
}

// run runs the endpoint and its traffic while the console is open or, without
// one, until it is interrupted.
func (d *demo) run(ctx context.Context, l server.Listeners, noConsole bool) (err error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	served, called := make(chan error, 1), make(chan struct{})
	var options server.Options // which logs nothing: the console has the terminal
	if noConsole {
		log := server.NewLogWriter(d.app.env.Stderr)
		defer func() { err = errors.Join(err, log.Close()) }()
		options.Log = slog.New(server.NewLogHandler(log, false, slog.LevelInfo))
		d.announce()
		if err := d.app.flush(); err != nil {
			return err
		}
	}
	go func() { served <- d.app.answer(running, d.member, options, l) }()
	go func() {
		defer close(called)
		d.traffic(running, l.Certificate.Leaf())
	}()
	if !noConsole {
		err = d.app.showConsole(ctx, d.dir, callableAddress(d.address), d.member, nil, d.member)
		stop()
	}
	err = errors.Join(err, <-served) // nil when interrupted, which is how it ends
	stop()
	<-called
	return err
}

// announce says where the demo is.
func (d *demo) announce() {
	base := "https://" + callableAddress(d.address)
	d.app.printf("endpoint        %s\n", base)
	d.app.printf("data directory  %s\n", d.dir)
	d.app.notef("keyward: try it: curl --cacert %s %s/_keyward/ready", model.ShellQuote(filepath.Join(d.dir, serverCertificate)), base)
	d.app.notef("keyward: interrupt it to end it: everything is removed then")
}

// removeDemo removes the demo's directory. Another process that took part in it
// may still be writing there.
func removeDemo(dir string) (err error) {
	for range 10 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("removing the demo's directory %s: %w: remove it by hand", model.Clean(dir), pathCause(err))
}
