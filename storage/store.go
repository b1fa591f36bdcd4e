package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"dev.keyward/keyward/model"
)

// SchemaVersion is the form of the records that this program writes. A store of
// an older form is brought up to it when it is opened; a newer one is refused.
const SchemaVersion = 1

// ErrNewerSchema means that a newer keyward wrote the store.
var ErrNewerSchema = errors.New("the store is of a newer keyward")

// Store keeps typed records over a KV. It is the model.Store of every engine.
type Store struct {
	kv KV
	codec
	loaded atomic.Pointer[Loaded]         // see From
	last   atomic.Pointer[model.LastUses] // likewise
}

var _ model.Store = (*Store)(nil)

// NewStore takes kv over and prepares it: an empty one gets the schema version
// and the environments Production and Test (spec §1). ErrNewerSchema when a
// newer keyward wrote it. The KV stays the caller's to close.
func NewStore(ctx context.Context, kv KV, now time.Time) (*Store, error) {
	s, there, err := openStore(ctx, kv)
	if err == nil && !there {
		err = s.create(ctx, now)
	}
	return s, err
}

// ExistingStore is NewStore where the store must be there already: for an empty
// kv it is a *GoneError about dir, the directory of kv, and nothing is written.
func ExistingStore(ctx context.Context, kv KV, dir string) (*Store, error) {
	s, there, err := openStore(ctx, kv)
	if err == nil && !there {
		return nil, &GoneError{dir, emptiedProblem}
	}
	return s, err
}

// openStore takes kv over, and says whether anything was ever written to it.
func openStore(ctx context.Context, kv KV) (s *Store, there bool, err error) {
	codec, err := newCodec()
	if err != nil {
		return nil, false, fmt.Errorf("preparing the form of the records: %w", err)
	}
	s = &Store{kv: kv, codec: codec}
	entries, _, err := kv.Get(ctx, schemaRecordKey)
	if err != nil {
		return nil, false, fmt.Errorf("reading the schema version: %w", err)
	}
	if entries[0].Rev == 0 {
		return s, false, nil
	}
	var m schemaRecord
	if err := s.dec.Unmarshal(entries[0].Value, &m); err != nil || m.Version < 1 {
		return nil, false, fmt.Errorf("%w: its schema version cannot be read", ErrCorrupt)
	}
	if m.Version > SchemaVersion {
		return nil, false, fmt.Errorf("%w (schema %d, and this one knows %d): use that version, or a backup from before", ErrNewerSchema, m.Version, SchemaVersion)
	}
	return s, true, nil
}

// ErrCorrupt means that a record in the store is not what keyward wrote.
var ErrCorrupt = errors.New("the store is damaged")

// create writes what a new store begins with. Losing the race against another
// process that does the same is fine.
func (s *Store) create(ctx context.Context, now time.Time) error {
	tx := Tx{Guards: []Guard{{Key: schemaRecordKey}, {Key: headRecordKey}}}
	put := func(key string, v any) {
		tx.Writes = append(tx.Writes, Write{Key: key, Value: s.encode(v)})
	}
	put(schemaRecordKey, schemaRecord{SchemaVersion})
	entry := model.FirstEntry(model.At(now))
	put(headRecordKey, headRecord{entry.Seq, entry.Hash})
	put(entryKey(entry.Seq), entry)
	for i, name := range []string{"Production", "Test"} {
		e := &model.Environment{ID: model.ID(i + 1), Name: name, Production: i == 0, Created: model.At(now), Changed: model.At(now)}
		put(environmentKey(e.ID), e)
		put(environmentNameKey(name), e.ID)
	}
	if _, err := s.kv.Commit(ctx, tx); err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("preparing a new store: %w", err)
	}
	return nil
}

// Load calls fn with every key, workflow and environment, as of the head that
// it returns.
func (s *Store) Load(ctx context.Context, fn func(model.Records) error) (model.Head, error) {
	head, done, err := s.loadTaken(ctx, fn)
	if done || err != nil {
		return head, err
	}
	_, err = s.kv.Snapshot(ctx, []string{keyPrefix, workflowPrefix, environmentPrefix, headRecordKey}, func(entries []Entry) error {
		var r model.Records
		for _, e := range entries {
			if err := s.decode(e, &r, &head); err != nil {
				return err
			}
		}
		return fn(r)
	})
	return head, err
}

func (s *Store) decode(e Entry, r *model.Records, head *model.Head) error {
	var err error
	switch {
	case e.Key == headRecordKey:
		var h headRecord
		err = s.dec.Unmarshal(e.Value, &h)
		*head = model.Head{Seq: h.Seq, Rev: uint64(e.Rev), Hash: h.Hash}
	case strings.HasPrefix(e.Key, keyPrefix):
		r.Keys, err = appendRecord(s.codec, r.Keys, e.Value)
	case strings.HasPrefix(e.Key, workflowPrefix):
		r.Workflows, err = appendRecord(s.codec, r.Workflows, e.Value)
	case strings.HasPrefix(e.Key, environmentPrefix):
		r.Environments, err = appendRecord(s.codec, r.Environments, e.Value)
	}
	if err != nil { // the decoder's error may quote the value
		return fmt.Errorf("%w: the record %q cannot be read", ErrCorrupt, model.Clean(e.Key))
	}
	return nil
}

func appendRecord[T any](c codec, list []*T, value []byte) ([]*T, error) {
	t := new(T)
	err := c.dec.Unmarshal(value, t)
	return append(list, t), err
}

// Commit applies c if its head is still the newest.
func (s *Store) Commit(ctx context.Context, c model.Change) (model.Head, error) {
	rev, err := s.kv.Commit(ctx, s.transaction(c))
	var conflict *ConflictError
	switch {
	case err == nil:
		return after(c, rev), nil
	case errors.As(err, &conflict):
		// The head moved, or an index key shows what the caller has not seen
		// yet: either way another change came first.
		return model.Head{}, fmt.Errorf("%w (%s)", model.ErrChanged, model.Clean(conflict.Key))
	case errors.Is(err, ErrUnknown):
		return model.Head{}, fmt.Errorf("%w: %w", model.ErrUnknownOutcome, err)
	case errors.Is(err, ErrNoSpace):
		return model.Head{}, &sentence{"nothing was changed, because " + noRoom(err), []error{model.ErrNoSpace, err}}
	case errors.As(err, new(*GoneError)):
		return model.Head{}, &sentence{"nothing was changed, because " + err.Error(), []error{model.ErrDegraded, err}}
	case errors.Is(err, ErrTooLarge):
		return model.Head{}, &sentence{"nothing was changed, because the change is too large for the store: make it in parts", []error{model.ErrTooLarge, err}}
	}
	return model.Head{}, fmt.Errorf("writing the change: %w", away(err))
}

// away makes an error of a store that stopped or was closed
// model.ErrUnavailable as well: the next owner can be asked.
func away(err error) error {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrClosed) {
		return fmt.Errorf("%w (%w)", err, model.ErrUnavailable)
	}
	return err
}

// Head returns the newest change that the store holds.
func (s *Store) Head(ctx context.Context) (model.Head, error) {
	var head model.Head
	entries, _, err := s.kv.Get(ctx, headRecordKey)
	if err == nil {
		err = s.decode(entries[0], &model.Records{}, &head)
	}
	if err != nil {
		return model.Head{}, fmt.Errorf("reading how far changes have come: %w", away(err))
	}
	return head, nil
}

// noRoom says why an error is ErrNoSpace, and what to do.
func noRoom(err error) string {
	var short *spaceError
	if errors.As(err, &short) {
		return short.Error()
	}
	return "the disk is full: make room, then try again"
}

func after(c model.Change, rev Rev) model.Head {
	last := c.Last()
	return model.Head{Seq: last.Seq, Rev: uint64(rev), Hash: last.Hash}
}

// Settle decides for good whether c was applied. An absent request id alone is
// no proof, since the commit may still arrive: so the id is taken here, which
// fails exactly if c has it, or an earlier Settle took it.
func (s *Store) Settle(ctx context.Context, c model.Change) (model.Head, bool, error) {
	_, err := s.kv.Commit(ctx, Tx{ID: c.ID})
	if err == nil {
		return model.Head{}, false, nil
	}
	if !errors.Is(err, ErrConflict) {
		return model.Head{}, false, fmt.Errorf("asking what became of a change: %w", away(err))
	}
	head, done, err := s.commitOf(ctx, c.ID)
	if err != nil {
		return model.Head{}, false, fmt.Errorf("asking what became of a change: %w", away(err))
	}
	return head, done, nil
}

// commitOf finds the commit that took a request id: a change, which brought
// audit entries, or an earlier Settle, which brought nothing. Entries come in the
// order of commits, so that halving finds the newest one up to that commit.
func (s *Store) commitOf(ctx context.Context, id string) (model.Head, bool, error) {
	found, _, err := s.kv.Get(ctx, RequestKey(id), headRecordKey)
	if err != nil {
		return model.Head{}, false, err
	}
	rev := found[0].Rev
	var newest headRecord
	if err := s.dec.Unmarshal(found[1].Value, &newest); err != nil {
		return model.Head{}, false, fmt.Errorf("%w: the record %q cannot be read", ErrCorrupt, headRecordKey)
	}
	var last Entry // the newest one that is not newer than rev
	for low, high := uint64(1), newest.Seq; low <= high; {
		middle := low + (high-low)/2
		entries, _, err := s.kv.Get(ctx, entryKey(middle))
		switch {
		case err != nil:
			return model.Head{}, false, err
		case entries[0].Rev == 0:
			return model.Head{}, false, fmt.Errorf("%w: the audit trail is broken at entry %d: it is missing", ErrCorrupt, middle)
		case entries[0].Rev <= rev:
			last, low = entries[0], middle+1
		default:
			high = middle - 1
		}
	}
	if rev == 0 || last.Rev != rev {
		return model.Head{}, false, nil
	}
	var e model.Entry
	if err := s.dec.Unmarshal(last.Value, &e); err != nil { // err may quote the value
		return model.Head{}, false, fmt.Errorf("%w: the audit trail is broken: the entry at the change cannot be read", ErrCorrupt)
	}
	return model.Head{Seq: e.Seq, Rev: uint64(rev), Hash: e.Hash}, true, nil
}

// Entries returns the audit entries from first to last that are there, in
// order; ErrCorrupt, and those before it, at one that cannot be read.
func (s *Store) Entries(ctx context.Context, first, last uint64) ([]*model.Entry, error) {
	if first > last {
		return nil, nil
	}
	keys := make([]string, 0, last-first+1)
	for seq := first; seq <= last; seq++ {
		keys = append(keys, entryKey(seq))
	}
	entries, _, err := s.kv.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", away(err))
	}
	var out []*model.Entry
	for i, e := range entries {
		if e.Rev == 0 {
			continue
		}
		entry, seq := new(model.Entry), first+uint64(i)
		if err := s.dec.Unmarshal(e.Value, entry); err != nil || entry.Seq != seq { // err may quote the value
			return out, fmt.Errorf("%w: the audit trail is broken at entry %d: it cannot be read", ErrCorrupt, seq)
		}
		out = append(out, entry)
	}
	return out, nil
}

// CertificateDER returns the DER of a certificate that some change kept.
func (s *Store) CertificateDER(ctx context.Context, d model.Digest) ([]byte, error) {
	entries, _, err := s.kv.Get(ctx, derKey(d))
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", away(err))
	}
	if entries[0].Rev == 0 {
		return nil, fmt.Errorf("%w: the store has no certificate %s", model.ErrNotFound, d)
	}
	return entries[0].Value, nil
}
