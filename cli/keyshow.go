package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
)

func (a *app) keyShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a key",
		Long: `Show everything about a key. Its secrets are not kept and cannot be shown: only
the first and last four characters of each, to tell them apart.`,
		Example:           "  keyward key show orders",
		Args:              wants("NAME"),
		ValidArgsFunction: a.completeFirst(a.keyNames),
		RunE: func(c *cobra.Command, args []string) error {
			return a.use(c.Context(), reading, func(b Backend) error {
				k, err := b.Key(c.Context(), args[0])
				if err != nil {
					return err
				}
				return a.print(k, func() { a.printKey(k) })
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) printKey(k model.KeyInfo) {
	f := &facts{w: a.out}
	f.add("Name", k.Name)
	f.add("Id", k.ID.String())
	f.add("Kind", k.Kind.Title())
	f.add("Status", statusText(k.Status))
	f.add("Environment", targetText(k.KeyRow))
	f.add("Created", k.Created.Text())
	f.add("Changed", k.Changed.Text())
	f.add("Expires", k.Expires.Text())
	if k.Kind == model.TokenKey {
		f.add("In the query", map[bool]string{true: "accepted as auth-key", false: "refused"}[k.Query])
	}
	for _, s := range k.Slots {
		a.addSlot(f, s)
	}
	if len(k.Workflows) == 0 {
		f.add("Workflows", "none: it may invoke nothing (keyward key edit "+model.ShellQuote(k.Name)+" --permit WORKFLOW)")
	}
	for i, w := range k.Workflows {
		f.add(firstOnly(i, "Workflows"), w.Name+": "+binding(w))
	}
	f.flush("")
}

// targetText says what a key's target means for its callers.
func targetText(k model.KeyRow) string {
	switch {
	case k.Environment == "":
		return "any (!): a target environment would narrow it (keyward key edit " + model.ShellQuote(k.Name) + " --environment ENV)"
	case k.Production:
		return k.Environment
	}
	return k.Environment + ": calls name it with " + model.ProfilePair(k.Environment) + " or by its host"
}

func (a *app) addSlot(f *facts, s model.SlotInfo) {
	title := strings.ToUpper(s.Slot.String()[:1]) + s.Slot.String()[1:]
	switch {
	case s.Empty:
		f.add(title, "empty")
	case s.Certificate != nil:
		f.add(title, "certificate since "+s.Created.Text())
		addCertificate(f, *s.Certificate, a)
	default:
		f.add(title, model.SecretPrefix+s.Hint.String()+" since "+s.Created.Text())
	}
	if u := s.Usage; u != nil {
		f.add("", usageText(u, a.env.Now()))
	}
	for _, r := range s.Retiring {
		f.add("", fmt.Sprintf("%s%s, replaced, works until %s", model.SecretPrefix, r.Hint, r.Until.Text()))
	}
}

// addCertificate adds a certificate as continued lines of the fact before.
func addCertificate(f *facts, c model.Certificate, a *app) {
	f.add("", "subject "+c.SubjectText())
	f.add("", "issuer "+issuerText(c))
	f.add("", fmt.Sprintf("valid %s to %s (%s)", model.At(c.NotBefore).DayText(), model.At(c.NotAfter).DayText(), c.LeftText(a.env.Now())))
	f.add("", c.Algorithm+", serial "+c.Serial)
	f.add("", "SHA-1 thumbprint "+c.Thumbprint())
	f.add("", "SHA-256 "+c.Fingerprint())
}

func issuerText(c model.Certificate) string {
	if c.SelfSigned {
		return "itself (self-signed)"
	}
	return c.IssuerText()
}

// usageText says how a slot was used: "last used 4 min ago from 10.0.0.7; 12
// calls allowed, 1 denied".
func usageText(u *model.SlotUsage, now time.Time) string {
	counts := fmt.Sprintf("%s allowed, %d denied", plural(int(u.Allowed), "call"), u.Denied)
	if u.LastUsed == 0 {
		return counts
	}
	text := "last used " + u.LastUsed.Ago(now)
	if u.Remote != "" {
		text += " from " + model.Clean(u.Remote)
	}
	return text + "; " + counts
}
