package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dev.keyward/keyward/model"
)

// minPassphrase is the fewest characters of a passphrase for a backup, which
// anyone who gets the file may try for years.
const minPassphrase = 12

func (a *app) passphraseFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "passphrase-file", "", "`FILE` whose first line is the passphrase; - for standard input")
}

// newPassphrase reads the passphrase for a new backup: from a file, or twice at
// the terminal.
func (a *app) newPassphrase(ctx context.Context, path string) (string, error) {
	if path == "" {
		prompt := fmt.Sprintf("Passphrase for the backup, %d characters or more: ", minPassphrase)
		return a.askPassphrase(ctx, longEnough, prompt, "The same passphrase again: ")
	}
	passphrase, err := a.passphraseFromFile(ctx, path)
	if err != nil {
		return "", err
	}
	return passphrase, longEnough(passphrase)
}

// longEnough refuses a short passphrase for a new backup.
func longEnough(passphrase string) error {
	if n := utf8.RuneCountInString(passphrase); n < minPassphrase {
		return model.Invalid("passphrase", "the passphrase has %s: take at least %d, such as five random words", plural(n, "character"), minPassphrase)
	}
	return nil
}

// knownPassphrase reads the passphrase of a backup that there is.
func (a *app) knownPassphrase(ctx context.Context, path string) (string, error) {
	if path != "" {
		return a.passphraseFromFile(ctx, path)
	}
	return a.askPassphrase(ctx, func(string) error { return nil }, "Passphrase of the backup: ")
}

func (a *app) passphraseFromFile(ctx context.Context, path string) (string, error) {
	if path != "-" {
		if err := checkPrivate(path); err != nil {
			return "", err
		}
	}
	data, err := a.readLimited(ctx, path, secretLimit)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", noPassphrase()
	}
	return line, nil
}

func noPassphrase() error {
	return model.Invalid("passphrase", "the passphrase is empty: a backup is encrypted with one")
}

// checkPrivate refuses a file that others may read.
func checkPrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fileError(path, err)
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return model.Invalid("passphrase", "others may read the passphrase in %s, which has mode %04o: run chmod 600 %s", path, info.Mode().Perm(), model.ShellQuote(path))
	}
	return nil
}

// askPassphrase reads a passphrase without showing it, once for each prompt,
// always the same. What fit refuses is not asked for again. The terminal is as it was afterwards, also when the user
// gives up.
func (a *app) askPassphrase(ctx context.Context, fit func(string) error, prompts ...string) (passphrase string, err error) {
	fd, ok := terminal(a.env.Stdin)
	if !ok {
		return "", &usageError{"a backup has a passphrase, and there is no terminal to ask for it at: give it with --passphrase-file FILE"}
	}
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("preparing the terminal: %w", err)
	}
	for i, prompt := range prompts {
		_, _ = io.WriteString(a.env.Stderr, prompt)
		typed, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
		_, _ = io.WriteString(a.env.Stderr, "\n")
		if errors.Is(err, errInterrupted) {
			_ = term.Restore(fd, before)
		}
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		case len(typed) == 0:
			return "", noPassphrase()
		case i > 0 && string(typed) != passphrase:
			return "", model.Invalid("passphrase", "the two passphrases differ: try again")
		}
		passphrase = string(typed)
		if err := fit(passphrase); err != nil {
			return "", err
		}
	}
	return passphrase, nil
}
