package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/storage"
)

// Backups is what the backup command needs of whoever owns the store.
type Backups interface {
	// Backup writes a backup, unsealed, to w.
	Backup(ctx context.Context, w io.Writer) error

	Keys(context.Context, model.KeyQuery) (model.KeyPage, error)
	DeletedKeys(context.Context, model.BinQuery) (model.BinPage, error)
	Audit(context.Context, model.AuditQuery) (model.AuditPage, error)
}

// backups calls fn with what makes backups of the data directory.
func (a *app) backups(ctx context.Context, fn func(Backups) error) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	if !holdsSomething(dir) {
		return fmt.Errorf("there is no store in %s to back up: name the data directory with --data", dir)
	}
	return a.useShared(ctx, dir, model.RankCommand, func(m *sharing.Member) error { return fn(m) })
}

type backup struct {
	passphraseFile string
	force          bool
}

func (a *app) backup() *cobra.Command {
	var o backup
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write an encrypted backup of the store",
		Long: `Write all keys, workflows, environments and the audit trail to FILE, or to
standard output for -, encrypted with a passphrase. Work on the store goes on
meanwhile. The backup is read back as it is written, so that damage shows now.

The passphrase, of 12 characters or more, is asked for at the terminal, or is the
first line of the file that --passphrase-file names. Nobody can open the backup
without it. FILE is in the format of age: age --decrypt opens it too.`,
		Example: `  keyward backup keyward-2026-11-21.backup
  keyward backup - --passphrase-file pass.txt | ssh vault 'cat > keyward.backup'`,
		Args: wants("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runBackup(c.Context(), c, &o, args[0])
		},
	}
	f := c.Flags()
	a.passphraseFlag(c, &o.passphraseFile)
	f.BoolVar(&o.force, "force", false, "overwrite FILE")
	a.jsonFlag(c)
	a.asciiFlag(c)
	return c
}

// backedUp is the answer of backup.
type backedUp struct {
	File string `json:"file"`
	storage.BackupInfo
}

func (a *app) runBackup(ctx context.Context, c *cobra.Command, o *backup, path string) error {
	if path == "-" {
		return a.backupToOutput(ctx, c, o)
	}
	if err := a.outsideData(path); err != nil {
		return err
	}
	out, err := createReplacing(path, o.force)
	if err != nil {
		return err
	}
	defer out.discard()
	passphrase, err := a.newPassphrase(ctx, o.passphraseFile)
	var info storage.BackupInfo
	if err == nil {
		info, err = a.writeBackup(ctx, out.file, passphrase)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted(ctx, "no backup was written, and nothing is left of it: run it again")
	case err != nil:
		return unwritable(path, err)
	}
	if err := out.commit(); err != nil {
		return unwritable(path, err)
	}
	return a.print(backedUp{path, info}, func() {
		a.printf("backup %s written: %s, as of %s\n", model.Clean(path), plural(int(info.Seq), "change"), model.At(info.Time).Text())
	})
}

func (a *app) backupToOutput(ctx context.Context, c *cobra.Command, o *backup) error {
	switch _, isTerminal := terminal(a.env.Stdout); {
	case a.json:
		return usagef(c, "--json and - contradict each other: standard output is the backup")
	case o.force:
		return usagef(c, "--force and - contradict each other: there is no file to overwrite")
	case isTerminal:
		return usagef(c, "standard output is a terminal, and a backup is not for reading: name a file, or send the output to a program")
	}
	passphrase, err := a.newPassphrase(ctx, o.passphraseFile)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(newAbandonable(ctx, a.env.Stdout), pieceBytes)
	_, err = a.writeBackup(ctx, out, passphrase)
	if err == nil {
		err = out.Flush()
	}
	if err != nil && ctx.Err() != nil {
		return interrupted(ctx, "what came out of standard output is no backup: throw it away, and run it again")
	}
	return unwritable("standard output", err)
}

// writeBackup seals a backup onto w and reads it back while it goes by: what
// ends too early or is of a damaged store is no backup.
func (a *app) writeBackup(ctx context.Context, w io.Writer, passphrase string) (info storage.BackupInfo, err error) {
	shown := a.progress("backing up")
	defer shown.end()
	err = a.backups(ctx, func(b Backups) error {
		sealed, err := storage.Seal(w, passphrase)
		if err != nil {
			return err
		}
		shown.of(recordsToCome(ctx, b))
		if info, err = skimming(ctx, b, io.MultiWriter(sealed, shown), shown.add); err != nil {
			return err
		}
		return sealed.Close()
	})
	return info, err
}

// recordsToCome is how many keys and audit entries a backup made now holds, for
// what tells how far it is; 0: nobody knows.
func recordsToCome(ctx context.Context, b Backups) int64 {
	keys, err := b.Keys(ctx, model.KeyQuery{Limit: 1})
	if err != nil {
		return 0
	}
	bin, err := b.DeletedKeys(ctx, model.BinQuery{Limit: 1})
	if err != nil {
		return 0
	}
	trail, err := b.Audit(ctx, model.AuditQuery{Limit: 1})
	if err != nil {
		return 0
	}
	return int64(keys.All) + int64(bin.Total) + int64(trail.Newest)
}

// skimming makes a backup onto w and returns what a reader of it finds. counted
// is told of the keys and audit entries that went by.
func skimming(ctx context.Context, b Backups, w io.Writer, counted func(int)) (storage.BackupInfo, error) {
	type outcome struct {
		info storage.BackupInfo
		err  error
	}
	in, out := io.Pipe()
	read := make(chan outcome, 1)
	go func() {
		info, err := storage.SkimBackup(ctx, in, counted)
		_ = in.CloseWithError(err) // a failure ends the writing; no error of its own
		read <- outcome{info, err}
	}()
	err := b.Backup(ctx, io.MultiWriter(w, out))
	_ = out.CloseWithError(err) // likewise
	got := <-read
	if got.err != nil && (err == nil || errors.Is(got.err, storage.ErrBackup)) {
		err = got.err
	}
	return got.info, err
}

// What speaks of a store that no backup can be made of.
var (
	errSickStore = errors.New("no backup was written, because the store is damaged: see keyward doctor")
	errNoStore   = errors.New("no backup was written, because the store cannot be opened: see keyward doctor")
)

// unwritable says what to do when a backup could not be written.
func unwritable(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("no backup was written, because the disk that holds %s is full: free some, or name a file on another disk", path)
	case errors.Is(err, os.ErrPermission), errors.Is(err, errExists):
		return err
	case errors.Is(err, storage.ErrBackup):
		return errSickStore
	case errors.Is(err, model.ErrDegraded):
		return errNoStore
	}
	return err
}

// errExists is that of a file that is not to be overwritten.
var errExists = errors.New("there is such a file already")

// replacing is a file that gets its name only when it is whole and on disk.
type replacing struct {
	path  string
	force bool
	file  *os.File // under another name, in the same directory
	done  bool
}

// createReplacing begins such a file, which only this user can read.
func createReplacing(path string, force bool) (*replacing, error) {
	r := &replacing{path: path, force: force}
	info, err := os.Lstat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is there and no ordinary file: name a new one", path)
	case err == nil && !force:
		return nil, r.exists()
	case err != nil && !os.IsNotExist(err):
		return nil, fmt.Errorf("making %s: %w: name another file", path, pathCause(err))
	}
	r.file, err = os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return nil, fmt.Errorf("making %s: %w: name another file", path, pathCause(err))
	}
	return r, nil
}

func (r *replacing) exists() error {
	return &codeError{exitConflict, fmt.Errorf("%w, %s, and it is not overwritten: name a new one, or add --force", errExists, r.path)}
}

// commit gives the file its name.
func (r *replacing) commit() error {
	if err := errors.Join(r.file.Sync(), r.file.Close()); err != nil {
		return err
	}
	err := r.rename()
	if err != nil {
		return err
	}
	r.done = true
	if dir, err := os.Open(filepath.Dir(r.path)); err == nil { // so that the name is on disk; some systems cannot
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// rename gives the file its name, which nobody else may have taken meanwhile. A
// link fails then, where the file system has links.
func (r *replacing) rename() error {
	if r.force {
		return os.Rename(r.file.Name(), r.path)
	}
	err := os.Link(r.file.Name(), r.path)
	if err == nil {
		return os.Remove(r.file.Name())
	}
	if _, lerr := os.Lstat(r.path); lerr == nil {
		return r.exists()
	}
	return os.Rename(r.file.Name(), r.path)
}

// discard removes a file that did not get its name.
func (r *replacing) discard() {
	if !r.done {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}
