package cli

import (
	"context"
	"crypto/rand"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
)

type keyCreate struct {
	draft           model.KeyDraft
	expires         string
	cert, secondary string
	out             string
	query, noQuery  bool
}

func (a *app) keyCreate() *cobra.Command {
	var o keyCreate
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a key",
		Long: `Create a key, enabled. Without --cert it is a token key: its two secrets are
printed once, now, and never again. With --cert it is a certificate key, which
is what we recommend; self-signed certificates are for testing only. A key
without --environment may invoke every environment.

Callers send a secret in the Authorization header. --query has it accepted in the
query (?auth-key=) as well, where logs and histories may keep it.

--expires takes a day, through whose end (UTC) the key works, a moment such as
2027-01-31T18:00:00Z, or a time from now such as 90d, 12h or 4w.`,
		Example: `  keyward key create orders --environment Test --workflow "Get customer" --expires 90d
  keyward key create partner --cert partner.cer --environment Production --workflow Orders
  keyward key create ci --workflow Orders --json --out ci.json`,
		Args: wants("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			o.draft.Name = args[0]
			if err := o.prepare(c, a); err != nil {
				return err
			}
			return a.createKey(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.draft.Environment, "environment", "", "target `ENV`, the one it may invoke (default: any)")
	f.StringArrayVar(&o.draft.Workflows, "workflow", nil, "`WORKFLOW` it may invoke; repeatable")
	f.StringVar(&o.cert, "cert", "", "`FILE` with the client certificate of the primary slot; - for standard input")
	f.StringVar(&o.secondary, "secondary-cert", "", "`FILE` with the client certificate of the secondary slot")
	f.StringVar(&o.expires, "expires", "", "`TIME` at which it stops working (default: never)")
	f.BoolVar(&o.query, "query", false, "accept its secrets in the query (?auth-key=) as well")
	f.BoolVar(&o.noQuery, "no-query", false, "refuse its secrets in the query: what is done without --query")
	outFlag(c, &o.out)
	whenEmpty(c, "environment", "leave it out for a key that may invoke any environment")
	a.completeFlag(c, "environment", a.environmentNames)
	a.completeFlag(c, "workflow", a.workflowNames)
	a.jsonFlag(c)
	return c
}

func outFlag(c *cobra.Command, out *string) {
	c.Flags().StringVar(out, "out", "", "write the secrets to a new `FILE` for this user only, not to standard output")
}

// prepare makes the draft of what the flags say, and reads the certificates.
func (o *keyCreate) prepare(c *cobra.Command, a *app) (err error) {
	o.draft.Kind = model.TokenKey
	switch changed := c.Flags().Changed; {
	case changed("secondary-cert") && !changed("cert"):
		return usagef(c, "--secondary-cert needs --cert: the first certificate goes into the primary slot")
	case changed("query") && changed("no-query"):
		return exclusive(c, "query", "no-query")
	case changed("cert") && (changed("query") || changed("no-query")):
		return usagef(c, "--query and --no-query are about secrets, and a certificate key has none")
	case changed("cert") && changed("out"):
		return usagef(c, "--out is for secrets, and a certificate key has none")
	}
	accepted := o.query || c.Flags().Changed("no-query") && !o.noQuery
	o.draft.NoQuery = !accepted && !c.Flags().Changed("cert")
	if c.Flags().Changed("expires") {
		if o.draft.Expires, err = model.ParseExpiry(o.expires, a.env.Now()); err != nil {
			return err
		}
	}
	if !c.Flags().Changed("cert") {
		return nil
	}
	o.draft.Kind = model.CertificateKey
	if o.draft.Primary, err = a.readHolding(c.Context(), o.cert); err != nil || !c.Flags().Changed("secondary-cert") {
		return err
	}
	o.draft.Secondary, err = a.readHolding(c.Context(), o.secondary)
	return err
}

func (a *app) readHolding(ctx context.Context, path string) (model.Holding, error) {
	cert, err := a.readCertificate(ctx, path)
	return model.Holding{Certificate: &cert}, err
}

// readCertificate reads the certificate in a file, or on standard input for
// "-".
func (a *app) readCertificate(ctx context.Context, path string) (model.Certificate, error) {
	if path != "-" {
		return certgen.Read(path)
	}
	data, err := a.readLimited(ctx, path, certgen.MaxUpload)
	if err != nil {
		return model.Certificate{}, err
	}
	return certgen.Parse(data)
}

func (a *app) createKey(ctx context.Context, o *keyCreate) error {
	r := &reveal{app: a, verb: "created"}
	if o.draft.Kind == model.TokenKey {
		if err := r.draw(&o.draft); err != nil {
			return err
		}
	}
	if err := r.open(o.out); err != nil {
		return err
	}
	return r.close(a.use(ctx, changing, func(b Backend) error {
		k, err := b.CreateKey(ctx, o.draft)
		if err != nil {
			return err
		}
		a.adviseKey(k)
		for _, s := range k.Slots {
			a.adviseCertificate(s.Certificate)
		}
		r.endpoint = callAt(ctx, b)
		return r.show(k)
	}))
}

// draw makes both secrets of a new token key.
func (r *reveal) draw(d *model.KeyDraft) (err error) {
	if r.primary, err = model.NewSecret(rand.Reader); err != nil {
		return err
	}
	if r.secondary, err = model.NewSecret(rand.Reader); err != nil {
		return err
	}
	d.Primary, d.Secondary = r.primary.Hold(), r.secondary.Hold()
	return nil
}

// adviseKey warns of what makes a key too wide or of no use.
func (a *app) adviseKey(k model.KeyInfo) {
	if k.Environment == "" {
		a.warnf("the key %q may invoke every environment, production too: narrow it with keyward key edit %s --environment ENV",
			k.Name, model.ShellQuote(k.Name))
	}
	if len(k.Workflows) == 0 {
		a.warnf("the key %q may invoke no workflow yet: keyward key edit %s --permit WORKFLOW", k.Name, model.ShellQuote(k.Name))
	}
}

// adviseCertificate warns of what is odd about a certificate that was given.
func (a *app) adviseCertificate(c *model.Certificate) {
	if c == nil {
		return
	}
	now := a.env.Now()
	for _, w := range c.Warnings(now) {
		a.warnf("%s", w)
	}
	if c.EndsSoon(now) {
		a.warnf("the certificate %s ends soon (%s)", c.Thumbprint(), c.LeftText(now))
	}
	if c.SelfSigned {
		a.warnf("the certificate %s is self-signed: that is for testing only", c.Thumbprint())
	}
}
