package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"dev.keyward/keyward/model"
)

// JournalStore is what a journal says about the records that decide: enough to
// go on deciding with when the store cannot be opened, and nothing else. It
// changes nothing, and neither the directory nor the journal has to be writable.
// Use OpenJournal.
type JournalStore struct {
	dir     string
	codec   codec
	state   storeState
	records map[string][]byte
}

var _ model.Store = (*JournalStore)(nil)

// OpenJournal reads the journal of the directory dir, which the caller must have
// taken (see TakeDir). Every checksum and digest in it must be right: a journal
// that is damaged, or that ends within a commit, is a *DamageError, for a change
// that was confirmed may be what is missing. Where there is no journal, the error
// is fs.ErrNotExist.
//
// A journal that was cut off exactly between two commits cannot be told from one
// that ends there.
func OpenJournal(ctx context.Context, dir string) (*JournalStore, error) {
	c, err := newCodec()
	if err != nil {
		return nil, fmt.Errorf("preparing the form of the journal: %w", err)
	}
	file, err := os.Open(filepath.Join(dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &sentence{fmt.Sprintf("the data directory %s has no journal: put a backup back with keyward restore FILE", dir), []error{err}}
	}
	if err != nil {
		return nil, pathError(dir, err)
	}
	defer func() { _ = file.Close() }()
	s := &JournalStore{dir: dir, codec: c, records: map[string][]byte{}}
	replay := journalReplay{JournalStore: s, ctx: ctx}
	_, err = readJournal(file, c, replay.frame)
	var broken *brokenFrame
	switch {
	case err == nil:
		return s, nil
	case errors.As(err, &broken):
		return nil, damagedJournal(dir, broken.Error())
	case errors.Is(err, ErrCorrupt):
		return nil, damagedJournal(dir, "its records are not those that were stored")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, pathError(dir, err)
}

// journalReplay applies the frames of a journal and checks each state.
type journalReplay struct {
	*JournalStore
	ctx   context.Context
	begun storeState
	now   storeState // what was applied so far; only Count and Digest mean something
}

// frame is a frameVisitor. Its errors are ErrCorrupt and that of the context.
func (r *journalReplay) frame(kind frameKind, payload []byte) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	var err error
	switch kind {
	case frameBegin:
		err = r.codec.dec.Unmarshal(payload, &r.begun)
	case frameRecords:
		var records []journalRecord
		err = r.codec.dec.Unmarshal(payload, &records)
		err = errors.Join(err, r.apply(records))
	case frameEnd:
		if err = r.codec.dec.Unmarshal(payload, &r.state); err == nil && r.state != r.begun {
			return ErrCorrupt
		}
		return errors.Join(corruptIf(err != nil), r.check())
	case frameCommit:
		var commit journalCommit
		err = r.codec.dec.Unmarshal(payload, &commit)
		backwards := commit.State.Rev <= r.state.Rev || commit.State.Seq < r.state.Seq
		err = errors.Join(err, r.apply(commit.Changes))
		r.state = commit.State
		return errors.Join(corruptIf(err != nil || backwards), r.check())
	}
	return corruptIf(err != nil)
}

func corruptIf(bad bool) error {
	if bad {
		return ErrCorrupt
	}
	return nil
}

// apply puts and removes records.
func (r *journalReplay) apply(records []journalRecord) error {
	for _, record := range records {
		if !isEnforcement(record.Key) {
			return ErrCorrupt
		}
		if old, there := r.records[record.Key]; there {
			r.now.Digest.remove(record.Key, old)
			r.now.Count--
			delete(r.records, record.Key)
		}
		if record.Value != nil {
			r.now.Digest.add(record.Key, record.Value)
			r.now.Count++
			r.records[record.Key] = record.Value
		}
	}
	return nil
}

// check compares what was applied with what the journal says that it led to.
func (r *journalReplay) check() error {
	return corruptIf(r.now.Count != r.state.Count || r.now.Digest != r.state.Digest)
}

// Dir returns the data directory.
func (s *JournalStore) Dir() string { return s.dir }

// Head returns the point of the audit trail that the journal has come to.
func (s *JournalStore) Head() model.Head {
	return model.Head{Seq: s.state.Seq, Rev: uint64(s.state.Rev), Hash: s.state.Hash}
}

// Load calls fn with every key, workflow and environment, as of the head that it
// returns.
func (s *JournalStore) Load(ctx context.Context, fn func(model.Records) error) (model.Head, error) {
	decoder := &Store{codec: s.codec}
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(s.records)), snapshotPiece) {
		if err := ctx.Err(); err != nil {
			return model.Head{}, err
		}
		var r model.Records
		for _, key := range keys {
			if err := decoder.decode(Entry{Key: key, Value: s.records[key]}, &r, nil); err != nil {
				return model.Head{}, err
			}
		}
		if err := fn(r); err != nil {
			return model.Head{}, err
		}
	}
	return s.Head(), nil
}

// Commit changes nothing: it is ErrReadOnly.
func (s *JournalStore) Commit(context.Context, model.Change) (model.Head, error) {
	return model.Head{}, s.readOnly()
}

// Settle decides nothing, for the store cannot be asked: it is ErrReadOnly.
func (s *JournalStore) Settle(context.Context, model.Change) (model.Head, bool, error) {
	return model.Head{}, false, s.readOnly()
}

func (s *JournalStore) readOnly() error { return s.cannot("nothing can be changed now") }

// cannot says that there is only a journal, and what to do. Which of the two
// reasons there is for that is not known here. The error is ErrReadOnly.
func (s *JournalStore) cannot(what string) error {
	return &sentence{fmt.Sprintf("%s, because the store in %s cannot be opened and decisions come from its journal: where its disk is full, make room; "+
		"where it is damaged, end keyward serve and put a backup back with keyward restore FILE, or the journal's records with keyward restore --from-journal",
		what, s.dir), []error{ErrReadOnly, model.ErrDegraded}}
}

// Entries finds none: the audit trail is in the store.
func (s *JournalStore) Entries(context.Context, uint64, uint64) ([]*model.Entry, error) {
	return nil, s.cannot("the audit trail cannot be read")
}

// Usage finds none: how keys were used is in the store.
func (s *JournalStore) Usage(_ context.Context, ids []model.UsageID) ([]model.Usage, error) {
	list := make([]model.Usage, len(ids))
	for i, id := range ids {
		list[i] = id.Unused()
	}
	return list, nil
}

// LastUses knows of none.
func (s *JournalStore) LastUses(context.Context) (*model.LastUses, error) {
	return &model.LastUses{}, nil
}

// PutUsage keeps nothing: it is ErrReadOnly.
func (s *JournalStore) PutUsage(context.Context, []model.Usage) error { return s.readOnly() }

// CertificateDER finds none: certificates are in the store.
func (s *JournalStore) CertificateDER(_ context.Context, d model.Digest) ([]byte, error) {
	return nil, fmt.Errorf("%w: the journal has no certificates, and the store with %s cannot be opened", model.ErrNotFound, d)
}
