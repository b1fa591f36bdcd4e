package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

func (a *app) certGroup() *cobra.Command {
	return group("cert", "Make, look at and save client certificates",
		`A certificate key knows its callers by their client certificates: each is matched
whole, by its SHA-256. Certificates of your own authority are recommended;
self-signed ones are for testing.`,
		a.certGenerate(), a.certInspect(), a.certExport())
}

func (a *app) certInspect() *cobra.Command {
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show what is in a certificate file",
		Long: `Show the certificate in a file (.cer, .crt, .pem or .der; - for standard input)
and which key it belongs to. A file that holds anything else than one client
certificate is refused, with the reason.`,
		Example: "  keyward cert inspect selfsigned.crt",
		Args:    wants("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			cert, err := a.readCertificate(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.inspect(c.Context(), cert)
		},
	}
	a.jsonFlag(c)
	return c
}

// inspection is what is known of a certificate.
type inspection struct {
	model.Certificate
	DaysLeft int            `json:"daysLeft"`
	Warnings []string       `json:"warnings"`
	Key      string         `json:"key"` // "" when it belongs to none
	Slot     model.SlotName `json:"slot"`
}

func (a *app) inspect(ctx context.Context, cert model.Certificate) error {
	now := a.env.Now()
	i := inspection{Certificate: cert, DaysLeft: cert.DaysLeft(now), Warnings: cert.Warnings(now)}
	if i.Warnings == nil {
		i.Warnings = []string{}
	}
	owner := "none"
	err := a.use(ctx, reading, func(b Backend) (err error) {
		i.Key, i.Slot, err = ownerOf(ctx, b, cert)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrLocked):
		owner = "not known: the data directory is in use"
		a.warnf("%s", err)
	case err != nil:
		return err
	case i.Key != "":
		owner = i.Key + " (" + i.Slot.String() + ")"
	}
	return a.print(i, func() { a.printInspection(i, owner) })
}

// ownerOf finds the slot that a certificate belongs to, if it does to any.
func ownerOf(ctx context.Context, b Keys, cert model.Certificate) (string, model.SlotName, error) {
	page, err := b.Keys(ctx, model.KeyQuery{Filter: cert.Fingerprint()})
	if err != nil {
		return "", model.NoSlot, err
	}
	for _, row := range page.Keys {
		k, err := b.Key(ctx, row.ID.String())
		if err != nil {
			return "", model.NoSlot, err
		}
		if slot := k.SlotOf(cert); slot != model.NoSlot {
			return k.Name, slot, nil
		}
	}
	return "", model.NoSlot, nil
}

func (a *app) printInspection(i inspection, owner string) {
	const moment = "2006-01-02 15:04:05 UTC"
	f := &facts{w: a.out}
	f.add("Subject", i.SubjectText())
	f.add("Issuer", issuerText(i.Certificate))
	f.add("Serial", i.Serial)
	f.add("Valid", i.NotBefore.UTC().Format(moment)+" to "+i.NotAfter.UTC().Format(moment)+" ("+i.Certificate.LeftText(a.env.Now())+")")
	f.add("Algorithm", i.Algorithm+", signed with "+i.SignatureAlgorithm)
	f.add("SHA-1", i.Thumbprint()+" (the thumbprint that Windows shows)")
	f.add("SHA-256", i.Fingerprint())
	f.add("Key", owner)
	for n, w := range i.Warnings {
		f.add(firstOnly(n, "Note"), w)
	}
	f.flush("")
}

type certExport struct {
	slot, out  string
	der, force bool
}

func (a *app) certExport() *cobra.Command {
	var o certExport
	c := &cobra.Command{
		Use:   "export KEY --slot primary|secondary --out FILE",
		Short: "Save a key's certificate to a file",
		Long: `Save the certificate in a slot of a certificate key, as PEM or, with --der, as
DER. It is the public part alone: keyward never has the private key.`,
		Example: `  keyward cert export partner --slot primary --out partner.crt
  keyward cert export partner --slot primary --der --out partner.cer`,
		Args:              wants("KEY"),
		ValidArgsFunction: a.completeFirst(a.keyNames),
		RunE: func(c *cobra.Command, args []string) error {
			if o.slot == "" || o.out == "" {
				return usagef(c, "--slot and --out are both needed: which certificate, and where to")
			}
			return a.exportCertificate(c.Context(), args[0], o)
		},
	}
	c.Flags().StringVar(&o.slot, "slot", "", "`SLOT` of the certificate: primary or secondary")
	c.Flags().StringVar(&o.out, "out", "", "`FILE` to write")
	c.Flags().BoolVar(&o.der, "der", false, "write DER, not PEM")
	c.Flags().BoolVar(&o.force, "force", false, "replace the file if it is there")
	completeWords(c, "slot", "primary", "secondary")
	a.jsonFlag(c)
	return c
}

// exported is the answer of cert export.
type exported struct {
	File       string           `json:"file"`
	Thumbprint model.Thumbprint `json:"thumbprint"`
	SHA256     model.Digest     `json:"sha256"`
}

func (a *app) exportCertificate(ctx context.Context, ref string, o certExport) error {
	slot, err := model.ParseSlot(o.slot)
	if err != nil {
		return err
	}
	return a.use(ctx, reading, func(b Backend) error {
		cert, err := b.Certificate(ctx, ref, slot)
		if err != nil {
			return err
		}
		data := cert.DER
		if !o.der {
			data = certgen.EncodePEM(cert.DER)
		}
		if err := certgen.WriteFiles([]certgen.File{{Path: o.out, Data: data, Mode: 0o644}}, o.force); err != nil {
			return err
		}
		return a.print(exported{o.out, cert.SHA1, cert.SHA256}, func() {
			a.printf("wrote %s\n", model.Clean(o.out))
		})
	})
}

type certGenerate struct {
	dir, name, algorithm, passwordFile string
	options                            certgen.Options
	pfx, legacy, force                 bool
}

func (a *app) certGenerate() *cobra.Command {
	var o certGenerate
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make a self-signed client certificate, for testing",
		Long: `Make a private key and a self-signed client certificate for it: NAME.key (for the
caller alone), NAME.crt (PEM) and NAME.cer (DER), and with --pfx NAME.pfx, which
holds both and opens with a password. Self-signed certificates are for testing
only. The password is asked for at the terminal, or read from the first line of
--password-file.`,
		Example: `  keyward cert generate --name selfsigned
  keyward cert generate --out certs --name partner --subject /CN=partner --algorithm p256 --pfx`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error {
			if !o.pfx && anyChanged(c, "password-file", "legacy") {
				return usagef(c, "--password-file and --legacy are about the PFX file: add --pfx")
			}
			if c.Flags().Changed("days") && o.options.Days < 1 {
				return usagef(c, "--days is a number from 1 on")
			}
			return a.generate(c, &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.dir, "out", ".", "`DIRECTORY` for the files, made when it is not there")
	f.StringVar(&o.name, "name", "selfsigned", "`NAME` of the files, and the friendly name in the PFX")
	f.StringVar(&o.options.Subject, "subject", "", "`SUBJECT` such as /CN=partner/O=Example (default: empty)")
	f.IntVar(&o.options.Days, "days", certgen.DefaultDays, "how many `DAYS` it is valid")
	f.StringVar(&o.algorithm, "algorithm", certgen.RSA4096.String(), "`ALGORITHM` of the private key: "+listed(algorithmNames()))
	f.BoolVar(&o.pfx, "pfx", false, "write a PKCS#12 file too, for the Windows certificate store")
	f.StringVar(&o.passwordFile, "password-file", "", "`FILE` whose first line is the PFX file's password; - for standard input")
	f.BoolVar(&o.legacy, "legacy", false, "make the PFX readable for Windows before Server 2019 (3DES and SHA-1)")
	f.BoolVar(&o.force, "force", false, "replace files that are there")
	mayBeEmpty(c, "subject") // the empty name, which is the default
	completeWords(c, "algorithm", algorithmNames()...)
	a.jsonFlag(c)
	return c
}

func algorithmNames() []string {
	var names []string
	for _, al := range certgen.Algorithms() {
		names = append(names, al.String())
	}
	return names
}

// generated is the answer of cert generate.
type generated struct {
	Files certgen.Written `json:"files"`
	model.Certificate
}

func (a *app) generate(c *cobra.Command, o *certGenerate) (err error) {
	ctx := c.Context()
	if o.options.Algorithm, err = certgen.ParseAlgorithm(o.algorithm); err != nil {
		return err
	}
	write := certgen.WriteOptions{Dir: o.dir, Name: o.name, Force: o.force}
	if err := write.Check(); err != nil { // before anyone types a password
		return err
	}
	if o.pfx {
		password, err := a.pfxPassword(c, o.passwordFile)
		if err != nil {
			return err
		}
		write.PFX = &certgen.PFXOptions{Name: o.name, Password: password, Legacy: o.legacy}
		if err := write.Check(); err != nil { // before anyone waits for an RSA key
			return err
		}
	}
	o.options.Now = a.env.Now
	shown := a.progress("making the private key")
	pair, err := certgen.Generate(ctx, o.options)
	shown.end()
	if err != nil {
		return err
	}
	files, err := pair.Write(write)
	if err != nil {
		return err
	}
	return a.print(generated{files, pair.Certificate}, func() { a.printGenerated(files, pair.Certificate) })
}

// pfxPassword reads the password from where the flags say.
func (a *app) pfxPassword(c *cobra.Command, file string) (string, error) {
	switch {
	case file == "-":
		return await(c.Context(), func() (string, error) { return certgen.ReadPasswordFrom(a.env.Stdin) })
	case file != "":
		return await(c.Context(), func() (string, error) { return certgen.ReadPassword(file) })
	}
	fd, ok := terminal(a.env.Stdin)
	if !ok {
		return "", usagef(c, "the PFX file needs a password, and there is no terminal to ask at: give it with --password-file")
	}
	return a.askPassword(c.Context(), fd)
}

func (a *app) printGenerated(files certgen.Written, cert model.Certificate) {
	f := &facts{w: a.out}
	f.add("Private key", files.Key+" (for the caller alone)")
	f.add("Certificate", files.Certificate)
	f.add("", files.DER)
	if files.PFX != "" {
		f.add("PFX", files.PFX+" (both, behind the password)")
	}
	f.add("Subject", cert.SubjectText())
	f.add("Valid", fmt.Sprintf("through %s (%s)", model.At(cert.NotAfter).DayText(), cert.LeftText(a.env.Now())))
	f.add("SHA-1", cert.Thumbprint()+" (the thumbprint that Windows shows)")
	f.add("SHA-256", cert.Fingerprint())
	f.flush("")
	a.printf("\nIt is self-signed, which is for testing only. Next:\n  keyward key create NAME --cert %s\n",
		model.ShellQuote(files.DER))
}
