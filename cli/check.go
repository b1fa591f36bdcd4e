package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

type check struct{ key, secretFile, cert string }

func (a *app) check() *cobra.Command {
	var o check
	c := &cobra.Command{
		Use:   "check METHOD URL",
		Short: "Decide about a call without making it, and say why",
		Long: `Decide about a call as the endpoint would, without making it, and print each step
of the decision. The caller is taken to hold the key of --key, or proves itself
with a secret or a certificate; without any of them the call carries no
credential. The URL is one of the endpoint's, or begins with its path.

Exit code 0 means allowed, 5 denied.`,
		Example: `  keyward check GET '/customers/7?_profile=Test' --key orders
  keyward check GET https://api.example.com/customers/7 --secret-file secret.txt
  keyward check POST /orders --cert partner.cer`,
		Args: wants("METHOD", "URL"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := exclusive(c, "key", "secret-file", "cert"); err != nil {
				return err
			}
			if err := checkCall(c, args[0], args[1]); err != nil {
				return err
			}
			q, err := o.query(c, a)
			if err != nil {
				return err
			}
			q.Method, q.URL = args[0], args[1]
			return a.decide(c.Context(), q)
		},
	}
	c.Flags().StringVar(&o.key, "key", "", "decide for the key of this `NAME`, as if its holder called")
	c.Flags().StringVar(&o.secretFile, "secret-file", "", "`FILE` with the secret that the call carries; - for standard input")
	c.Flags().StringVar(&o.cert, "cert", "", "`FILE` with the client certificate that the call carries; - for standard input")
	a.completeFlag(c, "key", a.keyNames)
	a.jsonFlag(c)
	return c
}

// checkCall refuses what no client would send, and a secret in the URL.
func checkCall(c *cobra.Command, method, rawURL string) error {
	if upper := strings.ToUpper(method); upper != method && slices.Contains(model.Methods(), upper) {
		return usagef(c, "methods are written in upper case: %s", upper)
	}
	if method == "" || strings.ContainsAny(method, " /:?") || model.Clean(method) != method {
		return usagef(c, "%q is no HTTP method: METHOD comes before URL", method)
	}
	if model.CarriesAuthKey(rawURL) {
		return &usageError{"the URL carries auth-key, and other users can see arguments: leave it out of the URL and give the secret with --secret-file FILE or - for standard input"}
	}
	return nil
}

// query reads the credential that the flags name.
func (o *check) query(c *cobra.Command, a *app) (q model.CheckQuery, err error) {
	switch changed := c.Flags().Changed; {
	case changed("key"):
		q.Key = o.key
	case changed("secret-file"):
		var s model.Secret
		var ok bool
		if s, ok, err = a.readSecret(c.Context(), o.secretFile); err == nil {
			q.Malformed = !ok
			if ok {
				q.Secret = s.Digest()
			}
		}
	case changed("cert"):
		var cert model.Certificate
		cert, err = a.readCertificate(c.Context(), o.cert)
		q.Certificate = model.Digest(cert.SHA256)
	}
	return q, err
}

func (a *app) decide(ctx context.Context, q model.CheckQuery) error {
	return a.use(ctx, reading, func(b Backend) error {
		v, err := b.Check(ctx, q)
		if err != nil {
			return err
		}
		if err := a.print(v, func() { a.printVerdict(v) }); err != nil {
			return err
		}
		if err := a.flush(); err != nil || v.Allowed {
			return err
		}
		return &codeError{code: exitDenied}
	})
}

func (a *app) printVerdict(v model.Verdict) {
	for _, s := range v.Steps {
		glyph := "✓"
		if !s.Passed {
			glyph = "✗"
		}
		a.printf("%s %-12s %s\n", glyph, s.Check, model.Clean(s.Text))
	}
	if !v.Allowed {
		a.printf("denied: %s, which the endpoint answers with %d\n", v.Reason, v.Status)
		return
	}
	text := fmt.Sprintf("allowed: the key %q invokes %q in %s", v.Key, v.Workflow, v.Environment)
	for i, variable := range v.Variables {
		text += map[bool]string{true: " with ", false: ", "}[i == 0] + variable.Name + "=" + variable.Value
	}
	a.printf("%s\n", model.Clean(text))
}
