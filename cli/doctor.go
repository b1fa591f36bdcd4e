package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
	"dev.keyward/keyward/storage"
)

func (a *app) doctor() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check that the data directory and the store are sound",
		Long: `Check the data directory (its modes and owners, its lock, the space on its disk)
and the store in it: its journal, the schema, the audit trail, every record, and
the indexes against the records both ways. Nothing is changed.

Exit code 0 means sound, 1 that a check failed; each line says what to do.`,
		Example: `  keyward doctor
  keyward doctor --json`,
		Args: wants(),
		RunE: func(c *cobra.Command, _ []string) error { return a.runDoctor(c.Context()) },
	}
	a.jsonFlag(c)
	return c
}

// diagnosis is the answer of doctor.
type diagnosis struct {
	Sound    bool              `json:"sound"`
	Findings []storage.Finding `json:"findings"`
}

func (a *app) runDoctor(ctx context.Context) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	shown := a.progress("checking the store")
	defer shown.end()
	found, err := storage.Diagnose(ctx, dir)
	var locked *storage.LockedError
	if errors.As(err, &locked) {
		var records []storage.Finding
		records, err = a.diagnose(ctx, dir, locked)
		found = append(found, records...)
	}
	shown.end()
	if err != nil {
		return err
	}
	d := diagnosis{storage.Sound(found), found}
	if err := a.print(d, func() { a.printFindings(found) }); err != nil || d.Sound {
		return err
	}
	failed := 0
	for _, f := range found {
		if !f.OK {
			failed++
		}
	}
	return fmt.Errorf("%d of %s failed: do as the list says, then run keyward doctor again", failed, plural(len(found), "check"))
}

// diagnose asks the process that has the store open to check its records.
func (a *app) diagnose(ctx context.Context, dir string, owner *storage.LockedError) ([]storage.Finding, error) {
	found, err := a.askOwner(ctx, dir)
	if err == nil {
		return found, nil
	}
	if errors.Is(err, model.ErrDegraded) {
		return []storage.Finding{a.notOpened(err), storage.DiagnoseJournal(ctx, dir)}, ctx.Err()
	}
	who := "its owner"
	if owner.PID > 0 {
		who = fmt.Sprintf("pid %d", owner.PID)
	}
	return []storage.Finding{{
		Check: "records", Detail: fmt.Sprintf("they were not checked, because %s has the store open and did not check them (%s)", who, err),
		Advice: "run keyward doctor again, or close that process first",
	}}, ctx.Err()
}

// notOpened is what an owner says that could not open the store and decides from
// its journal: nobody adds to that then.
func (a *app) notOpened(err error) storage.Finding {
	f := storage.Finding{Check: "store", Detail: err.Error()}
	var degraded *degradedError
	if errors.As(err, &degraded) {
		f.Detail = degraded.why
	}
	return f
}

// degradedError is that of an owner without a store, with its reason.
type degradedError struct {
	error
	why string
}

func (e *degradedError) Unwrap() error { return e.error }

func (a *app) askOwner(ctx context.Context, dir string) ([]storage.Finding, error) {
	caller := a.caller()
	client, err := server.Dial(ctx, dir, server.ClientOptions{
		Self:    model.Peer{PID: os.Getpid(), Rank: model.RankCommand, Version: thisVersion().Version},
		Claimed: caller.Actor.Claimed,
	})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	text, err := client.Diagnose(ctx)
	if why := client.Hello().Degraded; err != nil && why != "" {
		return nil, &degradedError{err, why}
	}
	if err != nil {
		return nil, err
	}
	var found []storage.Finding
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("its answer cannot be read: %w", err)
	}
	return found, nil
}

func (a *app) printFindings(found []storage.Finding) {
	for _, f := range found {
		glyph := "✓"
		if !f.OK {
			glyph = "✗"
		}
		text := f.Detail
		if f.Advice != "" {
			text += ": " + f.Advice
		}
		a.printf("%s %-12s %s\n", glyph, f.Check, model.Clean(text))
	}
}
