package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

func (a *app) doctor() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check that the data directory and the store are sound",
		Long: `Check the data directory (its modes and owners, its lock, the space on its disk)
and the store in it: the schema, the audit trail, every record, and the indexes
against the records both ways. Nothing is changed.

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
	found, err := storage.Diagnose(ctx, dir)
	var locked *storage.LockedError
	if errors.As(err, &locked) {
		var records []storage.Finding
		records, err = a.diagnose(ctx, locked)
		found = append(found, records...)
	}
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

// diagnose checks the records of a store that another process has open.
func (a *app) diagnose(_ context.Context, owner *storage.LockedError) ([]storage.Finding, error) {
	who := "its owner"
	if owner.PID > 0 {
		who = fmt.Sprintf("pid %d", owner.PID)
	}
	return []storage.Finding{{
		Check: "records", Detail: "they were not checked, because " + who + " has the store open",
		Advice: "close that one, then run keyward doctor again",
	}}, nil
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
