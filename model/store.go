package model

import "context"

// Head is the newest change that a store holds. Seq counts changes from 1 on
// and is the sequence of the newest audit entry; Hash is that entry's, the end
// of the chain; Rev is the store's own mark of that commit.
type Head struct {
	Seq  uint64
	Rev  uint64
	Hash Digest
}

// Records is a batch of what a store holds. The pointers are the receiver's to
// keep.
type Records struct {
	Keys         []*Key
	Workflows    []*Workflow
	Environments []*Environment
}

// Write is one record's change: Before is nil for a new record, After is nil
// for a removed one. A key becomes Deleted first; only Purge removes it.
type Write[T any] struct{ Before, After *T }

// Change is a set of writes that a store applies in full or not at all.
type Change struct {
	ID           string  // random: names the change for ever, so that an unknown outcome can be settled
	Head         Head    // the head it was decided against
	Entries      []Entry // its audit entries, linked behind Head; there is no change without one
	Keys         []Write[Key]
	Workflows    []Write[Workflow]
	Environments []Write[Environment]
	Certificates []*Certificate // whose DER is to be kept
}

// Last returns the newest of the change's audit entries, which is the end of the
// chain once the change is made; the zero Entry for none.
func (c *Change) Last() Entry {
	if len(c.Entries) == 0 {
		return Entry{}
	}
	return c.Entries[len(c.Entries)-1]
}

// Store is what a Service needs of whatever keeps the records. storage has the
// one implementation, over its KV port. Records are plain values to it: it
// holds no rule but that names, digests and certificates are unique, which its
// index keys guarantee against every other writer.
type Store interface {
	// Load calls fn with every record, in batches, all as of one head, which
	// it returns.
	Load(ctx context.Context, fn func(Records) error) (Head, error)

	// Commit applies c if c.Head is still the newest, and returns the head it
	// made. ErrChanged means that another change came first and nothing was
	// done; ErrUnknownOutcome that Settle must be asked. Any other error
	// means that nothing was done; ErrTooLarge and ErrNoSpace are among them.
	Commit(ctx context.Context, c Change) (Head, error)

	// Settle decides for good whether c was applied, by its ID alone, and returns
	// the head it made, as far as c has entries. A change that was not applied
	// never will be.
	Settle(ctx context.Context, c Change) (Head, bool, error)

	// Entries returns the audit entries with sequences from first to last, in
	// order, without those that are not there; at most 4096 are asked for at
	// once. An error comes with those before the one that cannot be read.
	Entries(ctx context.Context, first, last uint64) ([]*Entry, error)

	// CertificateDER returns the DER of a certificate that some change kept;
	// ErrNotFound when none did.
	CertificateDER(ctx context.Context, d Digest) ([]byte, error)

	// Usage returns what is on record of the use of each of ids, in their order:
	// of what has no record, a Usage without calls.
	Usage(ctx context.Context, ids []UsageID) ([]Usage, error)

	// LastUses returns when the slots of keys were last used. The answer is the
	// caller's to keep, and may know of keys that there are no more.
	LastUses(ctx context.Context) (*LastUses, error)

	// PutUsage keeps what is known of the use of some slots and workflows, in
	// place of what was. It is in neither the sequence nor the chain; at most
	// MaxBatch are put at once. After ErrUnknownOutcome it may be kept or not, or
	// will be, before whatever is put later.
	PutUsage(ctx context.Context, list []Usage) error
}
