package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dev.keyward/keyward/model"
)

// fill makes a store of the backup in the new directory made, and checks it.
func (r *restore) fill(ctx context.Context, made string) error {
	entry := r.entry()
	r.began(RestoreFills)
	err := r.opened(made, func(kv *Badger) error {
		codec, err := newCodec()
		if err != nil {
			return err
		}
		f := &filler{ctx: ctx, kv: kv, codec: codec}
		if _, _, err := r.pass(ctx, false, f.add); err != nil {
			return err
		}
		return f.end(entry)
	})
	if err != nil {
		return fmt.Errorf("writing the restored store: %w", err)
	}
	r.began(RestoreChecks)
	err = r.opened(made, func(kv *Badger) error { return r.verify(ctx, kv, entry) })
	if err != nil {
		return fmt.Errorf("checking the restored store: %w", err)
	}
	return nil
}

// opened calls fn with the store in dir.
func (r *restore) opened(dir string, fn func(*Badger) error) error {
	kv, err := Open(dir, r.options.Store)
	if err != nil {
		return err
	}
	return errors.Join(fn(kv), kv.Close())
}

// entry is what the audit trail of the restored store says of the restore.
func (r *restore) entry() model.Entry {
	info := r.result.Backup
	e := model.Entry{
		Time: model.At(r.options.Now), Actor: r.options.Actor, Action: StoreRestored,
		Object: model.Object{Noun: "store"}, Reason: r.options.Reason,
		Changes: []model.FieldChange{{
			Field: "backup", To: fmt.Sprintf("of %s with %s", info.Time.Format("2006-01-02 15:04 UTC"), count(int(info.Seq), "change", "changes")),
		}},
	}
	if r.result.Replaces {
		replaced := "a store that could not be read"
		if r.result.Unknown == "" {
			replaced = fmt.Sprintf("a store with %s", count(int(r.result.Current), "change", "changes"))
		}
		e.Changes = append(e.Changes, model.FieldChange{Field: "rollback accepted", To: "replaces " + replaced})
	}
	e.Link(model.Head{Seq: info.Seq, Hash: info.Head})
	return e
}

// verify wants of the restored store what the doctor wants of any, and the entry
// of the restore at its end.
func (r *restore) verify(ctx context.Context, kv *Badger, entry model.Entry) error {
	found, err := DiagnoseKV(ctx, kv)
	if err != nil {
		return err
	}
	for _, f := range found {
		if !f.OK && (problem{check: f.Check}).ruinous() {
			return fmt.Errorf("%w: %s", ErrCorrupt, f.Detail)
		}
	}
	codec, err := newCodec()
	if err != nil {
		return err
	}
	var head headRecord
	entries, _, err := kv.Get(ctx, headRecordKey)
	if err != nil {
		return err
	}
	if codec.dec.Unmarshal(entries[0].Value, &head) != nil || head.Seq != entry.Seq || head.Hash != entry.Hash {
		return fmt.Errorf("%w: it does not end with the restore", ErrCorrupt)
	}
	return nil
}

// filler writes records with their index keys, in batches within the limits of
// the engine. Every index key is guarded absent: no two records get the same.
// The head and the schema version come last: without them it is no store.
type filler struct {
	ctx context.Context
	kv  KV
	codec
	tx   Tx
	size int
}

func (f *filler) add(entries []Entry) error {
	for _, e := range entries {
		var index map[string][]byte
		switch prefix, _, _ := strings.Cut(e.Key, "/"); prefix + "/" {
		case keyPrefix:
			index = indexOf(f.codec, e, f.keyIndex)
		case workflowPrefix:
			index = indexOf(f.codec, e, f.workflowIndex)
		case environmentPrefix:
			index = indexOf(f.codec, e, f.environmentIndex)
		}
		if e.Key == headRecordKey || e.Key == schemaRecordKey {
			continue
		}
		writes := []Write{{Key: e.Key, Value: e.Value}}
		for key, value := range index {
			writes = append(writes, Write{Key: key, Value: value})
		}
		if err := f.put(writes); err != nil {
			return err
		}
	}
	return nil
}

// put adds the writes of one record to the batch, which is committed before it
// grows too large.
func (f *filler) put(writes []Write) error {
	size := 0
	for _, w := range writes {
		size += w.Size()
	}
	l := f.kv.Limits()
	if f.size+size > l.Bytes/2 || len(f.tx.Writes)+len(writes) > min(l.Writes, l.Keys)/2 {
		if err := f.commit(); err != nil {
			return err
		}
	}
	f.tx.Writes = append(f.tx.Writes, writes...)
	for _, w := range writes {
		f.tx.Guards = append(f.tx.Guards, Guard{Key: w.Key})
	}
	f.size += size
	return nil
}

func (f *filler) commit() error {
	if len(f.tx.Writes) == 0 {
		return nil
	}
	_, err := f.kv.Commit(f.ctx, f.tx)
	f.tx, f.size = Tx{}, 0
	return err
}

// end commits what is left, then the entry of the restore with the head and the
// schema version.
func (f *filler) end(entry model.Entry) error {
	if err := f.commit(); err != nil {
		return err
	}
	err := f.put([]Write{
		{Key: entryKey(entry.Seq), Value: f.encode(entry)},
		{Key: headRecordKey, Value: f.encode(headRecord{entry.Seq, entry.Hash})},
		{Key: schemaRecordKey, Value: f.encode(schemaRecord{SchemaVersion})},
	})
	if err != nil {
		return err
	}
	return f.commit()
}

// syncTree makes every file and directory below dir durable, and dir itself.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return syncDir(path)
		case !d.Type().IsRegular():
			return nil
		}
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(file.Sync(), file.Close())
	})
}
