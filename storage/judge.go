package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"dev.keyward/keyward/model"
)

// verdict is what Open may do with a sound store.
type verdict struct {
	level0 int
	facts  journalFacts
	state  storeState // of the store
	// stale: the journal is to be brought up to state, because the last process
	// was cut off between the two, or because it cannot be read in full.
	stale bool
}

// judge compares the store in dir with its journal, and opens neither for
// writing. Only the journal of a new directory is made here, before Badger
// begins its store: a store without one is damaged.
//
// Its error is a *DamageError when the store must not be used.
func (b *Badger) judge() (v verdict, err error) {
	defer func() {
		var damage *DamageError
		if errors.As(err, &damage) && !v.facts.whole {
			damage.Journal = true
		}
	}()
	store := filepath.Join(b.dir, storeName)
	manifest, data, err := holdsData(store)
	if err != nil {
		return v, err
	}
	v.facts, err = b.readJournal()
	switch {
	case errors.Is(err, fs.ErrNotExist) && (manifest || data):
		return v, damagedJournal(b.dir, "it is missing")
	case errors.Is(err, fs.ErrNotExist):
		if err := makeJournal(b.dir, b.codec); err != nil {
			return v, pathError(b.dir, err)
		}
		v.facts, err = b.readJournal()
	}
	if err != nil {
		return v, err
	}
	if !manifest && (data || v.facts.state != storeState{}) {
		return v, &DamageError{Dir: b.dir, Missing: v.facts.state.Seq,
			Problem: filepath.Join(storeName, manifestName) + ": it is missing"}
	}
	s, err := openSurvey(store, badgerOptions(store, nil), b.check)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	v.level0 = s.level0()
	v.state, err = b.stateOf(s)
	if err == nil {
		err = b.compare(s, v.facts.state, v.state)
	}
	v.stale = !v.facts.whole || v.state != v.facts.state
	return v, err
}

// readJournal reads the journal as far as is needed to judge the store: its
// newest state. Where something before that cannot be read, the store may still
// be exactly what that state says, and then a new journal is written.
func (b *Badger) readJournal() (facts journalFacts, err error) {
	file, err := os.Open(filepath.Join(b.dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return facts, err
	}
	if err != nil {
		return facts, pathError(b.dir, err)
	}
	defer func() { _ = file.Close() }()
	facts, err = readJournal(file, b.codec, nil)
	var broken *brokenFrame
	switch {
	case err == nil:
		return facts, nil
	case !errors.As(err, &broken):
		return facts, pathError(b.dir, err)
	case broken.last && facts.base != 0: // a commit that was cut off; the store may have it
		return facts, nil
	}
	state, ok := readNewestFrame(file, b.codec)
	if !ok {
		return facts, damagedJournal(b.dir, broken.Error())
	}
	return journalFacts{state: state}, nil
}

// stateOf reads the state that the store says it has, and whether it has it.
func (b *Badger) stateOf(s *survey) (state storeState, err error) {
	stored, err := s.get(stateKey)
	if err != nil {
		return state, b.damage(storeName+": "+firstLine(err.Error()), 0)
	}
	if stored != nil {
		if err := b.codec.dec.Unmarshal(stored, &state); err != nil {
			return state, b.damage(storeName+": its state cannot be read", 0)
		}
	}
	return state, nil
}

func (b *Badger) damage(problem string, missing uint64) error {
	return &DamageError{Dir: b.dir, Problem: problem, Missing: missing}
}

// compare says whether the store, which says that it is at has, is as complete
// as the journal, which is at want.
func (b *Badger) compare(s *survey, want, has storeState) error {
	missing := want.Seq - min(want.Seq, has.Seq)
	if has.Rev < want.Rev || missing > 0 {
		return b.damage("the store is older than its journal", missing)
	}
	b.loaded.begin(b.codec, has.Count)
	uses := make(chan error, 1)
	var ended atomic.Bool
	go func() { uses <- b.loaded.takeUses(s, &ended) }()
	count, digest, err := s.enforcement(b.loaded, has.Count, b.check)
	ended.Store(isEnded(err))
	if uerr := <-uses; err == nil {
		err = uerr
	}
	if isEnded(err) {
		return err
	}
	if err == nil {
		err = b.loaded.end(s)
	}
	if err != nil {
		return b.damage(storeName+": "+firstLine(err.Error()), 0)
	}
	if count != has.Count || digest != has.Digest {
		return b.damage("the records that decide are not those that were stored", 0)
	}
	if has.Rev == want.Rev && has != want {
		return b.damage("the store and its journal have different changes", 0)
	}
	if err := b.compareHead(s, has); err != nil {
		return err
	}
	return b.compareChain(s, want, has)
}

// compareHead compares the end of the audit trail, as the head says it, with
// the state. A head that is none is no business of the engine.
func (b *Badger) compareHead(s *survey, has storeState) error {
	value, err := s.record(headRecordKey)
	if err != nil {
		return b.damage(storeName+": "+firstLine(err.Error()), 0)
	}
	var head headRecord
	if value != nil && b.codec.dec.Unmarshal(value, &head) == nil || has.Seq != 0 {
		if head != (headRecord{has.Seq, has.Hash}) {
			return b.damage("the head of the audit trail is not the one that was stored", 0)
		}
	}
	return nil
}

// compareChain follows the audit trail from where the journal ends to where the
// store ends: what a process leaves that was cut off between the two.
func (b *Badger) compareChain(s *survey, want, has storeState) error {
	if want.Rev == has.Rev || has.Seq == 0 {
		return nil
	}
	hash := want.Hash
	for seq := max(want.Seq, 1); seq <= has.Seq; seq++ {
		entry, err := b.entry(s, seq)
		if err != nil {
			return err
		}
		follows := entry.Prev == hash
		if seq == want.Seq {
			follows = entry.Hash == hash
		}
		if !follows || entry.Hash != entry.Sum() {
			return b.damage(fmt.Sprintf("the audit trail does not go on at entry %d from where the journal ends", seq), 0)
		}
		hash = entry.Hash
	}
	if hash != has.Hash {
		return b.damage("the audit trail does not end where it should", 0)
	}
	return nil
}

func (b *Badger) entry(s *survey, seq uint64) (*model.Entry, error) {
	value, err := s.record(entryKey(seq))
	entry := new(model.Entry)
	if err == nil {
		err = b.codec.dec.Unmarshal(value, entry)
	}
	if err != nil || entry.Seq != seq {
		return nil, b.damage(fmt.Sprintf("entry %d of the audit trail cannot be read", seq), 0)
	}
	return entry, nil
}
