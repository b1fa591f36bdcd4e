package cli

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

type keyEdit struct {
	name, environment, expires, slot, cert string
	permit, forbid                         []string
	noEnvironment, noExpiry, removeCert    bool
	query, noQuery                         bool
}

func (a *app) keyEdit() *cobra.Command {
	var o keyEdit
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a key",
		Long: `Change what the flags name and leave the rest. The kind of a key never changes.
--slot with --cert puts another certificate into a slot of a certificate key,
with --remove-cert it empties the slot; secrets are regenerated instead
(keyward key regenerate).`,
		Example: `  keyward key edit orders --permit "Create order" --forbid "Get customer"
  keyward key edit partner --slot secondary --cert next.cer
  keyward key edit partner --environment Production --expires 2027-01-31`,
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.keyNames),
		RunE: func(c *cobra.Command, args []string) error {
			edit, err := o.edit(c, a)
			if err != nil {
				return err
			}
			return a.editKey(c.Context(), args[0], edit)
		},
	}
	o.flags(c, a)
	a.jsonFlag(c)
	return c
}

func (o *keyEdit) flags(c *cobra.Command, a *app) {
	f := c.Flags()
	f.StringVar(&o.name, "name", "", "the new `NAME`")
	f.StringVar(&o.environment, "environment", "", "target `ENV`, the one it may invoke")
	f.BoolVar(&o.noEnvironment, "no-environment", false, "let it invoke any environment")
	f.StringArrayVar(&o.permit, "permit", nil, "`WORKFLOW` it may invoke from now on; repeatable")
	f.StringArrayVar(&o.forbid, "forbid", nil, "`WORKFLOW` it may no longer invoke; repeatable")
	f.StringVar(&o.expires, "expires", "", "`TIME` at which it stops working: 2027-01-31, 90d")
	f.BoolVar(&o.noExpiry, "no-expiry", false, "let it work for good")
	f.StringVar(&o.slot, "slot", "", "`SLOT` of --cert or --remove-cert: primary or secondary")
	f.StringVar(&o.cert, "cert", "", "`FILE` with the certificate for --slot; - for standard input")
	f.BoolVar(&o.removeCert, "remove-cert", false, "take the certificate out of --slot")
	f.BoolVar(&o.query, "query", false, "accept its secrets in the query (?auth-key=)")
	f.BoolVar(&o.noQuery, "no-query", false, "refuse its secrets in the query")
	whenEmpty(c, "environment", "use --no-environment to let the key invoke any environment")
	whenEmpty(c, "expires", "use --no-expiry to let the key work for good")
	a.completeFlag(c, "environment", a.environmentNames)
	a.completeFlag(c, "permit", a.workflowNames)
	a.completeFlag(c, "forbid", a.workflowNames)
	completeWords(c, "slot", "primary", "secondary")
}

// check refuses flags that contradict each other, or that change nothing.
func (o *keyEdit) check(c *cobra.Command) error {
	if !anyChanged(c, "name", "environment", "no-environment", "permit", "forbid", "expires", "no-expiry",
		"slot", "cert", "remove-cert", "query", "no-query") {
		return usagef(c, "nothing to change: name it with a flag")
	}
	for _, pair := range [][2]string{
		{"environment", "no-environment"}, {"expires", "no-expiry"}, {"cert", "remove-cert"}, {"query", "no-query"},
	} {
		if err := exclusive(c, pair[0], pair[1]); err != nil {
			return err
		}
	}
	certificate := anyChanged(c, "cert", "remove-cert")
	switch changed := c.Flags().Changed; {
	case certificate && !changed("slot"):
		return usagef(c, "--slot is missing: say which slot, primary or secondary")
	case changed("slot") && !certificate:
		return usagef(c, "--slot needs --cert or --remove-cert (secrets are regenerated: keyward key regenerate)")
	}
	for _, p := range o.permit {
		for _, f := range o.forbid {
			if model.Fold(p) == model.Fold(f) {
				return usagef(c, "the workflow %q is both permitted and forbidden", p)
			}
		}
	}
	return nil
}

// edit makes of the flags what is to be changed.
func (o *keyEdit) edit(c *cobra.Command, a *app) (e model.KeyEdit, err error) {
	if err := o.check(c); err != nil {
		return e, err
	}
	changed := c.Flags().Changed
	e.Permit, e.Forbid = o.permit, o.forbid
	if changed("name") {
		e.Name = &o.name
	}
	if changed("environment") || o.noEnvironment {
		e.Environment = &o.environment
	}
	if changed("expires") || o.noExpiry {
		e.Expires = new(time.Time)
	}
	if changed("expires") {
		if *e.Expires, err = model.ParseExpiry(o.expires, a.env.Now()); err != nil {
			if word := model.Fold(o.expires); word == "never" || word == "none" || word == "no" {
				err = usagef(c, "--expires takes a time: use --no-expiry to let the key work for good")
			}
			return e, err
		}
	}
	if changed("query") || changed("no-query") {
		refuse := changed("no-query") && o.noQuery || changed("query") && !o.query
		e.NoQuery = &refuse
	}
	return e, o.editSlot(c, a, &e)
}

func (o *keyEdit) editSlot(c *cobra.Command, a *app, e *model.KeyEdit) (err error) {
	if !c.Flags().Changed("slot") {
		return nil
	}
	if e.Slot, err = model.ParseSlot(o.slot); err != nil || !c.Flags().Changed("cert") {
		return err
	}
	cert, err := a.readCertificate(c.Context(), o.cert)
	e.Certificate = &cert
	return err
}

func (a *app) editKey(ctx context.Context, ref string, e model.KeyEdit) error {
	return a.use(ctx, changing, func(b Backend) error {
		k, err := b.EditKey(ctx, ref, e)
		if err != nil {
			return err
		}
		a.adviseCertificate(e.Certificate)
		if e.Environment != nil && *e.Environment == "" {
			a.adviseKey(k)
		}
		return a.print(k, func() { a.printf("key %q changed; %s\n", k.Name, a.inForce()) })
	})
}

type keyRegenerate struct{ slot, grace, out string }

func (a *app) keyRegenerate() *cobra.Command {
	var o keyRegenerate
	c := &cobra.Command{
		Use:   "regenerate NAME --slot primary|secondary",
		Short: "Put a new secret into a slot of a token key",
		Long: `Put a new secret into one slot of a token key and print it once. The other slot
is not touched. With --grace the old secret goes on working for that long;
without it, it and the slot's other replaced secrets are refused at once.`,
		Example: `  keyward key regenerate orders --slot primary --grace 24h
  keyward key regenerate orders --slot secondary --json --out orders.json`,
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.keyNames),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("slot") {
				return usagef(c, "--slot is missing: say which secret to replace, primary or secondary")
			}
			return a.regenerateKey(c.Context(), args[0], o)
		},
	}
	c.Flags().StringVar(&o.slot, "slot", "", "`SLOT` to regenerate: primary or secondary")
	c.Flags().StringVar(&o.grace, "grace", "0", "how long the old secret still works, such as 1h, 24h or 7d: `TIME` up to 30d")
	outFlag(c, &o.out)
	completeWords(c, "slot", "primary", "secondary")
	completeWords(c, "grace", "0", "1h", "24h", "7d")
	a.jsonFlag(c)
	return c
}

func (a *app) regenerateKey(ctx context.Context, ref string, o keyRegenerate) error {
	slot, err := model.ParseSlot(o.slot)
	if err != nil {
		return err
	}
	grace, err := model.ParseGrace(o.grace)
	if err != nil {
		return err
	}
	secret, err := model.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	r := &reveal{app: a, verb: "regenerated"}
	if slot == model.Primary {
		r.primary = secret
	} else {
		r.secondary = secret
	}
	if err := r.open(o.out); err != nil {
		return err
	}
	return r.close(a.use(ctx, changing, func(b Backend) error {
		k, err := b.RegenerateKey(ctx, ref, slot, secret.Hold(), grace)
		if err != nil {
			return err
		}
		r.endpoint = callAt(ctx, b)
		return r.show(k)
	}))
}
