package storage

import (
	"fmt"
	"path/filepath"

	"dev.keyward/keyward/model"
)

// DamageError says that the store in a data directory, or its journal, is not
// what keyward left there. Nothing is decided from such a store, and nothing in
// the directory was changed. It is ErrCorrupt and ErrUnavailable.
type DamageError struct {
	Dir     string
	Missing uint64 // how many confirmed changes the store lacks, as far as the journal can tell; 0 when it cannot
	Problem string // what was found, to follow "is damaged"
	Journal bool   // the journal cannot be relied on either, so OpenJournal would refuse it
}

// Error says in one sentence what was found and what to do about it.
func (e *DamageError) Error() string {
	text := fmt.Sprintf("the data directory %s is damaged (%s)", e.Dir, e.Problem)
	switch {
	case e.Missing == 1:
		text += ": 1 confirmed change is missing, so nothing is read from it"
	case e.Missing > 1:
		text += fmt.Sprintf(": %d confirmed changes are missing, so nothing is read from it", e.Missing)
	default:
		text += ", so nothing is read from it"
	}
	text += fmt.Sprintf("; end keyward serve if it runs, then put a backup back with keyward restore FILE --data %s --accept-rollback", model.ShellQuote(e.Dir))
	if e.Journal {
		return text + "; until then keyward serve denies every request"
	}
	return text + ", or the journal's records with keyward restore --from-journal; until then keyward serve goes on deciding from the journal, read-only"
}

// Unwrap makes it ErrCorrupt and ErrUnavailable.
func (e *DamageError) Unwrap() []error { return []error{ErrCorrupt, ErrUnavailable} }

// damagedFile says that a file of the store in dir cannot be relied on. To go on
// without it could bring back what was deleted.
func damagedFile(dir, name, why string) error {
	return &DamageError{
		Dir:     filepath.Dir(dir),
		Problem: filepath.Join(filepath.Base(dir), name) + ": " + why,
	}
}

// damagedJournal says that the journal of a data directory cannot be relied on.
func damagedJournal(dir, why string) error {
	return &DamageError{Dir: dir, Problem: journalName + ": " + why, Journal: true}
}
