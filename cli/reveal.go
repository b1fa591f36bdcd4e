package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"dev.keyward/keyward/model"
)

// reveal is the one showing of what a key's slots got: on standard output, or
// in a file that is opened before the change, so that a bad path changes
// nothing.
type reveal struct {
	app                *app
	verb               string // "created"
	primary, secondary model.Secret
	endpoint           string // where a call can be tried, such as https://localhost:8443

	file *os.File
	done bool
}

// open claims the file for the secrets, if there is to be one, and refuses to
// show them where nobody can see them.
func (r *reveal) open(path string) error {
	if path == "" {
		if !r.primary.IsZero() || !r.secondary.IsZero() {
			return r.app.needOutput()
		}
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		return &codeError{exitConflict, fmt.Errorf("there is a file %s already, and it is not overwritten: name a new one with --out", path)}
	}
	if err != nil {
		return fmt.Errorf("making %s: %w: name another file with --out", path, pathCause(err))
	}
	r.file = f
	return nil
}

// needOutput refuses to make secrets that are lost at once.
func (a *app) needOutput() error {
	if !isNull(a.env.Stdout) {
		return nil
	}
	return &usageError{"the secrets are shown once, and standard output goes nowhere: use --out FILE"}
}

// close gives the file up when nothing is in it, and returns err.
func (r *reveal) close(err error) error {
	if r.file != nil && !r.done {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
	return err
}

// revealed is a key with what its slots got: secrets, or a certificate's
// thumbprint, null for a slot that got nothing.
type revealed struct {
	model.KeyInfo
	Primary   *string `json:"primary"`
	Secondary *string `json:"secondary"`
}

func (r *reveal) slots(k model.KeyInfo) revealed {
	return revealed{k, slotText(r.primary, k.Slot(model.Primary)), slotText(r.secondary, k.Slot(model.Secondary))}
}

func slotText(s model.Secret, slot model.SlotInfo) *string {
	text := ""
	switch {
	case !s.IsZero():
		text = s.Reveal()
	case slot.Certificate != nil:
		text = slot.Certificate.Thumbprint()
	default:
		return nil
	}
	return &text
}

// show shows what the change brought. The change is made: that nobody saw it is
// the one thing that must not go unnoticed.
func (r *reveal) show(k model.KeyInfo) error {
	var b bytes.Buffer
	if err := r.write(&b, k); err != nil {
		return r.unseen(k, err)
	}
	if r.file == nil {
		_, _ = r.app.out.Write(b.Bytes()) // the flush has its error
		if err := r.app.out.Flush(); err != nil {
			return r.unseen(k, err)
		}
		return nil
	}
	if err := r.fill(b.Bytes()); err != nil {
		return r.unseen(k, err)
	}
	r.done = true
	return r.confirm(k)
}

// write writes the answer as it is to be read: JSON or text.
func (r *reveal) write(w io.Writer, k model.KeyInfo) error {
	if r.app.json {
		return writeJSON(w, r.slots(k), "  ")
	}
	_, err := io.WriteString(w, r.text(k))
	return err
}

// fill writes the file and sees to it that it is on disk.
func (r *reveal) fill(data []byte) error {
	_, err := r.file.Write(data)
	if err == nil {
		err = r.file.Sync()
	}
	if cerr := r.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// confirm says on standard output what is now in the file, without the secrets.
func (r *reveal) confirm(k model.KeyInfo) error {
	path := r.file.Name()
	return r.app.print(revealed{KeyInfo: k}, func() {
		r.app.printf("key %q %s; see %s for its secrets: only this user can read it\n", k.Name, r.verb, model.Clean(path))
	})
}

// unseen says what to do when the change was made and its secrets are lost.
func (r *reveal) unseen(k model.KeyInfo, err error) error {
	if r.primary.IsZero() && r.secondary.IsZero() {
		return &unseenError{fmt.Sprintf("the key %q was %s, but the answer could not be written (%v): see keyward key show %s", k.Name, r.verb, err, model.ShellQuote(k.Name))}
	}
	var commands []string
	for _, n := range model.SlotNames {
		if !r.secret(n).IsZero() {
			commands = append(commands, fmt.Sprintf("keyward key regenerate %s --slot %s", model.ShellQuote(k.Name), n))
		}
	}
	return &unseenError{fmt.Sprintf("the key %q was %s, but %s not shown (%v) and nobody has it: make another with %s",
		k.Name, r.verb, map[bool]string{true: "the secret was", false: "each secret was"}[len(commands) == 1], err, strings.Join(commands, " and "))}
}

func (r *reveal) secret(n model.SlotName) model.Secret {
	if n == model.Primary {
		return r.primary
	}
	return r.secondary
}

// text is the answer for people.
func (r *reveal) text(k model.KeyInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Key %q %s.\n\n", k.Name, r.verb)
	f := &facts{w: &b}
	f.add("Name", k.Name)
	f.add("Kind", k.Kind.Title())
	f.add("Environment", targetText(k.KeyRow))
	if k.Expires != 0 {
		f.add("Expires", k.Expires.Text())
	}
	for _, n := range model.SlotNames {
		title := strings.ToUpper(n.String()[:1]) + n.String()[1:]
		if s := r.secret(n); !s.IsZero() {
			f.add(title, s.Reveal())
			if old := k.Slot(n).Retiring; len(old) > 0 {
				f.add("", "the replaced one works until "+old[len(old)-1].Until.Text())
			}
		} else if c := k.Slot(n).Certificate; c != nil {
			f.add(title, "certificate of "+c.SubjectText())
			f.add("", "SHA-1 thumbprint "+c.Thumbprint())
			f.add("", "SHA-256 "+c.Fingerprint())
		}
	}
	f.flush("  ")
	if k.Kind == model.TokenKey {
		b.WriteString("\nShown once: store what you need of it now. Only digests are kept.\n")
	}
	b.WriteString("\n" + r.app.tryIt(k, r.endpoint))
	return b.String()
}
