package storage

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dev.keyward/keyward/model"
)

// JournalBackup makes a backup of what the journal of the directory dir knows,
// for a Restore where the store is damaged and there is no other backup: every
// key, workflow and environment as they decided last. The audit trail, the DER
// of certificates and how keys were used are lost with the store; the new trail
// begins by saying so. The whole of it is in memory.
//
// Errors: those of OpenJournal.
func JournalBackup(ctx context.Context, dir string, actor model.Actor, now time.Time) ([]byte, error) {
	journal, err := OpenJournal(ctx, dir)
	if err != nil {
		return nil, err
	}
	kv := NewMemory(LogSize{})
	defer func() { _ = kv.Close() }() // it holds nothing that lasts
	head := journal.Head()
	entry := model.Entry{
		Time: model.At(now), Actor: actor, Action: model.StoreRestored, Object: model.Object{Noun: "store"},
		Changes: []model.FieldChange{
			{Field: "taken from the journal of", To: fmt.Sprintf("a damaged store with %d changes, whose trail is lost", head.Seq)},
			{Field: "hash of its newest entry", To: head.Hash.String()},
		},
	}
	entry.Link(model.Head{})
	c := journal.codec
	writes := []Write{
		{Key: schemaRecordKey, Value: c.encode(schemaRecord{SchemaVersion})},
		{Key: headRecordKey, Value: c.encode(headRecord{entry.Seq, entry.Hash})},
		{Key: entryKey(entry.Seq), Value: c.encode(entry)},
	}
	for _, key := range slices.Sorted(maps.Keys(journal.records)) {
		writes = append(writes, Write{Key: key, Value: journal.records[key]})
	}
	for batch := range slices.Chunk(writes, 250) {
		if _, err := kv.Commit(ctx, Tx{Writes: batch}); err != nil {
			return nil, fmt.Errorf("taking the records of the journal: %w", err)
		}
	}
	var out bytes.Buffer
	if _, err := WriteBackup(ctx, kv, &out, now); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
