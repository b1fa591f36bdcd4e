package storage

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// snapshotPiece is how many entries a Snapshot hands over at a time.
const snapshotPiece = 256

// Memory is the engine that keeps everything in memory and forgets it on Close.
// It keeps the whole contract of KV but durability. Use NewMemory.
type Memory struct {
	feed *feed
	size LogSize

	mu       sync.RWMutex
	entries  map[string]Entry // values in here are never changed, only replaced
	log      []memoryCommit   // the latest commits, without gaps
	logBytes int
}

// memoryCommit is one commit in the log. Its values are those of the entries.
type memoryCommit struct {
	batch Batch
	id    string
	bytes int
}

var _ KV = (*Memory)(nil)

// NewMemory returns an empty store whose change log is bounded by size.
func NewMemory(size LogSize) *Memory {
	return &Memory{
		feed:    newFeed(0),
		size:    size.orDefault(),
		entries: map[string]Entry{},
	}
}

// Get implements KV.
func (m *Memory) Get(ctx context.Context, keys ...string) ([]Entry, Rev, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	if err := m.Limits().checkKeys(keys); err != nil {
		return nil, 0, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	newest, _, err := m.feed.state()
	if err != nil {
		return nil, 0, err
	}
	found := make([]Entry, len(keys))
	for i, key := range keys {
		found[i] = copyEntry(m.entries[key])
		found[i].Key = key
	}
	return found, newest, nil
}

// Commit implements KV.
func (m *Memory) Commit(ctx context.Context, tx Tx) (Rev, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := m.Limits().Check(tx); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	newest, _, err := m.feed.state()
	if err != nil {
		return 0, err
	}
	if err := m.checkGuards(tx); err != nil {
		return 0, err
	}
	batch := m.apply(tx, newest+1)
	if len(batch.Entries) == 0 && len(batch.Deletes) == 0 {
		return newest, nil
	}
	m.remember(memoryCommit{batch: batch, id: tx.ID, bytes: tx.Size()})
	m.feed.publish(batch.Rev)
	return batch.Rev, nil
}

// checkGuards looks for the first guard of tx that does not hold.
func (m *Memory) checkGuards(tx Tx) error {
	if tx.ID != "" && m.entries[RequestKey(tx.ID)].Rev != 0 {
		return &ConflictError{Key: RequestKey(tx.ID)}
	}
	for _, g := range tx.Guards {
		if m.entries[g.Key].Rev != g.Rev {
			return &ConflictError{Key: g.Key}
		}
	}
	return nil
}

// apply makes the changes of tx and returns those that changed something.
func (m *Memory) apply(tx Tx, rev Rev) Batch {
	batch := Batch{Rev: rev}
	put := func(key string, value []byte) {
		e := Entry{Key: key, Value: slices.Clone(value), Rev: rev}
		m.entries[key] = e
		batch.Entries = append(batch.Entries, e)
	}
	if tx.ID != "" {
		put(RequestKey(tx.ID), nil)
	}
	for _, w := range tx.Writes {
		if !w.Delete {
			put(w.Key, w.Value)
			continue
		}
		if _, there := m.entries[w.Key]; there {
			delete(m.entries, w.Key)
			batch.Deletes = append(batch.Deletes, w.Key)
		}
	}
	return batch
}

// remember adds c to the log and drops what no longer fits.
func (m *Memory) remember(c memoryCommit) {
	m.log = append(m.log, c)
	m.logBytes += c.bytes
	for len(m.log) > 1 && (len(m.log) > m.size.Commits || m.logBytes > m.size.Bytes) {
		oldest := m.log[0]
		if oldest.id != "" {
			delete(m.entries, RequestKey(oldest.id))
		}
		m.logBytes -= oldest.bytes
		m.log[0] = memoryCommit{}
		m.log = m.log[1:]
	}
}

// Snapshot implements KV.
func (m *Memory) Snapshot(ctx context.Context, prefixes []string, fn func([]Entry) error) (Rev, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	entries, rev, err := m.collect(normalPrefixes(prefixes))
	if err != nil {
		return 0, err
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	for piece := range slices.Chunk(entries, snapshotPiece) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := m.feed.failure(); err != nil {
			return 0, err
		}
		if err := fn(copyEntries(piece)); err != nil {
			return 0, err
		}
	}
	return rev, nil
}

// collect returns the entries below prefixes, in no order; values are shared.
func (m *Memory) collect(prefixes []string) ([]Entry, Rev, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	newest, _, err := m.feed.state()
	if err != nil {
		return nil, 0, err
	}
	var found []Entry
	for key, e := range m.entries {
		if covers(prefixes, key) {
			found = append(found, e)
		}
	}
	return found, newest, nil
}

// Watch implements KV.
func (m *Memory) Watch(ctx context.Context, prefixes []string, after Rev, fn func(Batch) error) error {
	prefixes = normalPrefixes(prefixes)
	read := func(rev Rev) (Batch, error) { return m.commit(rev, prefixes) }
	return m.feed.follow(ctx, after, read, fn)
}

// commit returns what the commit rev did below prefixes.
func (m *Memory) commit(rev Rev, prefixes []string) (Batch, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.log) == 0 || rev < m.log[0].batch.Rev {
		return Batch{}, ErrCompacted
	}
	whole := m.log[rev-m.log[0].batch.Rev].batch
	part := Batch{Rev: rev}
	for _, e := range whole.Entries {
		if covers(prefixes, e.Key) {
			part.Entries = append(part.Entries, copyEntry(e))
		}
	}
	for _, key := range whole.Deletes {
		if covers(prefixes, key) {
			part.Deletes = append(part.Deletes, key)
		}
	}
	return part, nil
}

// Limits implements KV.
func (m *Memory) Limits() Limits { return defaultLimits() }

// Close implements KV.
func (m *Memory) Close() error {
	m.feed.stop(ErrClosed)
	return nil
}

func copyEntry(e Entry) Entry {
	e.Value = slices.Clone(e.Value)
	return e
}

// copyEntries copies entries with their values, which share one array.
func copyEntries(entries []Entry) []Entry {
	n := 0
	for _, e := range entries {
		n += len(e.Value)
	}
	values := make([]byte, 0, n)
	copied := make([]Entry, len(entries))
	for i, e := range entries {
		from := len(values)
		values = append(values, e.Value...)
		e.Value = values[from:len(values):len(values)]
		copied[i] = e
	}
	return copied
}
