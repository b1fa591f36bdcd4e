package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sshd"
	"dev.keyward/keyward/storage"
)

type restore struct {
	passphraseFile string
	accept, dryRun bool
	journal        bool
}

func (a *app) restore() *cobra.Command {
	var o restore
	c := &cobra.Command{
		Use:   "restore FILE | --from-journal",
		Short: "Put a backup in place as the data directory",
		Long: `Verify the whole backup FILE, then put it in place as the data directory. What
was there stays beside it under another name, and the restore is on record.

Where the directory holds a store, no process may have it open. Going back to an
earlier state may give keys rights that were taken from them since: these keys
are listed, and --accept-rollback is needed. The endpoint's certificate stays.

--from-journal is for a damaged store without a backup: it takes the keys,
workflows and environments from the directory's own journal, as they decided
last. The audit trail before it is lost, and so is how keys were used.

The directories change places in one step on Linux. Elsewhere it takes two: when
the machine stops between them, nothing is at the directory's name, and the old
and the new one are whole beside it, as .before-restore-... and .restore-...`,
		Example: `  keyward restore keyward-2026-11-21.backup --data /var/lib/keyward
  keyward restore keyward-2026-11-21.backup --dry-run
  keyward restore --from-journal --data /var/lib/keyward --accept-rollback`,
		Args: func(c *cobra.Command, args []string) error {
			if o.journal {
				return wants()(c, args)
			}
			return wants("FILE")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if len(a.reason) > maxReason {
				return model.Invalid("reason", "the reason has %d characters: %d are the most", len(a.reason), maxReason)
			}
			if o.journal {
				err = a.restoreJournal(c, &o)
			} else {
				err = a.restoreFile(c.Context(), &o, args[0])
			}
			if ended := c.Context().Err(); ended != nil && errors.Is(err, ended) {
				return interrupted(c.Context(), "nothing was changed, and the data directory is as it was: run it again")
			}
			return err
		},
	}
	f := c.Flags()
	a.passphraseFlag(c, &o.passphraseFile)
	f.BoolVar(&o.accept, "accept-rollback", false, "replace the store that is there")
	f.BoolVar(&o.journal, "from-journal", false, "take the records from the journal of a damaged store")
	f.BoolVar(&o.dryRun, "dry-run", false, "verify the backup and show what would happen, without doing it")
	f.StringVar(&a.reason, "reason", "", "`TEXT` that the audit trail keeps with the restore")
	a.jsonFlag(c)
	a.asciiFlag(c)
	return c
}

// maxReason is the longest reason, in bytes, as for every change.
const maxReason = 500

func (a *app) restoreFile(ctx context.Context, o *restore, path string) error {
	if err := checkBackupFile(path); err != nil {
		return err
	}
	passphrase, err := a.knownPassphrase(ctx, o.passphraseFile)
	if err != nil {
		return err
	}
	opener := storage.NewOpener(passphrase)
	return a.runRestore(ctx, o, func(shown *progress) (io.ReadCloser, error) { return openBackup(opener, path, shown) })
}

// restoreJournal mends a damaged store by its own journal.
func (a *app) restoreJournal(c *cobra.Command, o *restore) error {
	if o.passphraseFile != "" {
		return usagef(c, "--from-journal needs no passphrase: the journal is not encrypted")
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	shown := a.progress("reading the journal")
	data, err := storage.JournalBackup(c.Context(), dir, a.actor(), a.env.Now())
	shown.end()
	if err != nil {
		return err
	}
	return a.runRestore(c.Context(), o, func(shown *progress) (io.ReadCloser, error) {
		shown.of(int64(len(data)))
		return io.NopCloser(io.TeeReader(bytes.NewReader(data), shown)), nil
	})
}

// restoreSteps are the steps of a restore in words.
var restoreSteps = map[storage.RestoreStep]string{
	storage.RestoreVerifies: "verifying the backup",
	storage.RestoreCompares: "comparing with the store",
	storage.RestoreFills:    "writing the store",
	storage.RestoreChecks:   "checking what was written",
}

// runRestore puts the backup that open opens in place.
func (a *app) runRestore(ctx context.Context, o *restore, open func(*progress) (io.ReadCloser, error)) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	shown := a.progress(restoreSteps[storage.RestoreVerifies])
	defer shown.end()
	result, err := storage.Restore(ctx, func() (io.ReadCloser, error) { return open(shown) }, dir, storage.RestoreOptions{
		AcceptRollback: o.accept, DryRun: o.dryRun, Actor: a.actor(), Reason: a.reason, Now: a.env.Now(),
		Keep:  []string{serverCertificate, serverKey, sshd.HostKeyFile},
		Began: func(step storage.RestoreStep) { shown.step(restoreSteps[step], 0, step != storage.RestoreChecks) },
	})
	shown.end()
	if err != nil && !errors.Is(err, storage.ErrRollback) {
		return err
	}
	if perr := a.print(result, func() { a.printRestored(result) }); perr != nil {
		return perr
	}
	if err != nil {
		if result.Unknown != "" {
			return &codeError{exitConflict, fmt.Errorf("%s holds a store that cannot be read, so nobody can tell which keys would get more rights: add --accept-rollback to replace it all the same", result.Dir)}
		}
		return &codeError{exitConflict, fmt.Errorf("%s holds %s: look at what going back to the backup would do, then add --accept-rollback", result.Dir, currentText(result))}
	}
	return nil
}

// checkBackupFile refuses what cannot be read more than once.
func checkBackupFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fileError(path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no ordinary file, and a backup is read more than once: copy it to a file first", path)
	}
	return nil
}

// openBackup opens the file from its beginning, unsealed.
func openBackup(opener *storage.Opener, path string, shown *progress) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	opened, err := opener.Open(io.TeeReader(file, shown))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if info, err := file.Stat(); err == nil {
		shown.of(info.Size()) // from now on: opening takes its time, whatever the size
	}
	return struct {
		io.Reader
		io.Closer
	}{opened, file}, nil
}

// currentText says what is in the directory now.
func currentText(r storage.Restored) string {
	if r.Unknown != "" {
		return "a store that cannot be read"
	}
	return "a store with " + plural(int(r.Current), "change")
}

// printRestored says what was done, or would be.
func (a *app) printRestored(r storage.Restored) {
	a.printf("%-9s %s, as of %s, made by %s\n", "backup", plural(int(r.Backup.Seq), "change"), model.At(r.Backup.Time).Text(), model.Clean(r.Backup.By))
	if r.Replaces && !r.Done {
		a.printf("%-9s %s in %s\n", "replaces", currentText(r), model.Clean(r.Dir))
	}
	switch {
	case r.Unknown != "":
		a.printf("\nNobody can tell which keys may do more in the backup than now, for the store cannot be read (%s).\n", model.Clean(r.Unknown))
	case len(r.Widened) > 0:
		a.printf("\n%s may do more in the backup than now:\n", plural(len(r.Widened), "key"))
		a.printWidened(r.Widened)
	case r.Replaces:
		a.printf("\nNo key may do more in the backup than now.\n")
	}
	a.printVanishing(r.Vanishing)
	if r.Done {
		a.printf("restored to %s\n", model.Clean(r.Dir))
	}
	if r.Before != "" {
		a.printf("what was there is in %s\n", model.Clean(r.Before))
	}
}

// mostVanishing is how many of the keys that vanish are named.
const mostVanishing = 5

func (a *app) printVanishing(names []string) {
	if len(names) == 0 {
		return
	}
	all := plural(len(names), "key")
	are, more := map[bool]string{true: "is", false: "are"}[len(names) == 1], ""
	if n := len(names) - mostVanishing; n > 0 {
		names, more = names[:mostVanishing], fmt.Sprintf(" and %d more", n)
	}
	a.printf("\n%s of now %s not in the backup: %s%s\n", all, are, model.Clean(strings.Join(names, ", ")), more)
}

func (a *app) printWidened(keys []storage.WidenedKey) {
	t := &table{w: a.out, header: []string{"KEY", "ID", "IN THE BACKUP IT"}}
	for _, k := range keys {
		_ = t.add([][]string{{k.Name, k.ID.String(), strings.Join(k.More, "; ")}}) // the flush has its error
	}
}
