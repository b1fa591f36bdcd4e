package storage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// recordsOf are what a backup of kv must hold.
func recordsOf(t testing.TB, kv storage.KV) []kvEntry {
	t.Helper()
	entries, _ := kvSnapshot(t, kv, "k/", "w/", "e/", "d/", "a/", "u/", "m/head", "m/schema")
	for i := range entries {
		entries[i].Rev = 0
	}
	return entries
}

func readAll(t testing.TB, r io.Reader) ([]storage.Entry, storage.BackupInfo, error) {
	t.Helper()
	var all []storage.Entry
	info, err := storage.ReadBackup(t.Context(), r, func(entries []storage.Entry) error {
		all = append(all, entries...)
		return nil
	})
	return all, info, err
}

func TestBackupHoldsEverything(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		newSample(t, kv)
		kvCommit(t, kv, kvPut("u/1", "used"), kvPut("m/header", "no record"))
		data, wrote := backupOf(t, kv)
		entries, read, err := readAll(t, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "what was read", read, wrote)
		got := kvEntries(entries)
		want := slices.DeleteFunc(recordsOf(t, kv), func(e kvEntry) bool { return e.Key == "m/header" })
		wantSame(t, "records", got, want)
		if wrote.Records != uint64(len(want)) || wrote.Seq < 10 || wrote.Schema != storage.SchemaVersion || !wrote.Time.Equal(storeNow) {
			t.Errorf("the backup says of itself: %+v", wrote)
		}
		if skimmed, err := storage.SkimBackup(t.Context(), bytes.NewReader(data), func(int) {}); err != nil || skimmed != wrote {
			t.Errorf("skimming: %+v, %v", skimmed, err)
		}
		for _, e := range entries {
			if slices.Contains([]string{"n/", "nw/", "ne/", "h/", "c/", "t/"}, e.Key[:strings.Index(e.Key, "/")+1]) {
				t.Errorf("the backup holds %s", e.Key)
			}
		}
	})
}

func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	_, err := storage.WriteBackup(t.Context(), storage.NewMemory(storage.LogSize{}), io.Discard, storeNow)
	wantErr(t, "a backup of nothing", err, storage.ErrNothingStored)
}

// TestBackupCut: no beginning of a backup passes for one.
func TestBackupCut(t *testing.T) {
	t.Parallel()
	data, _ := sampleBackup(t)
	for n := 0; n < len(data); n += race.Sample(1, 13) {
		if _, _, err := readAll(t, bytes.NewReader(data[:n])); !errors.Is(err, storage.ErrBackup) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
}

// TestBackupFlipped: no backup with a changed bit passes for one.
func TestBackupFlipped(t *testing.T) {
	t.Parallel()
	data, _ := sampleBackup(t)
	for n := 0; n < len(data); n += race.Sample(1, 13) {
		bent := slices.Clone(data)
		bent[n] ^= 1 << (n % 8)
		if _, _, err := readAll(t, bytes.NewReader(bent)); !errors.Is(err, storage.ErrBackup) {
			t.Fatalf("byte %d changed: %v", n, err)
		}
	}
}

const backupLine = "keyward backup 1\n"

// TestBackupForged: right checksums do not make up for wrong contents.
func TestBackupForged(t *testing.T) {
	t.Parallel()
	data, _ := sampleBackup(t)
	all, _, err := readAll(t, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	at := func(prefix string) int {
		return slices.IndexFunc(all, func(e storage.Entry) bool { return strings.HasPrefix(e.Key, prefix) })
	}
	head := all[at("m/head")]
	whole := func(entries []storage.Entry) *storage.Forgery {
		return storage.NewForgery(backupLine).Header(1, 1).Chunk(entries...).End(len(entries), head)
	}
	with := func(i int, e storage.Entry) []storage.Entry {
		entries := slices.Clone(all)
		entries[i] = e
		return entries
	}
	edited := func(prefix, field string, v any) []storage.Entry {
		i := at(prefix)
		var m map[string]any
		if err := cbor.Unmarshal(all[i].Value, &m); err != nil {
			t.Fatal(err)
		}
		m[field] = v
		mode, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			t.Fatal(err)
		}
		value, err := mode.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return with(i, storage.Entry{Key: all[i].Key, Value: value})
	}
	twin := func() []storage.Entry { // a key with another id and the same secrets
		i := at("k/")
		id, _ := model.ParseID(all[i].Key[2:])
		e := edited("k/", "id", uint64(id+1))[i]
		e.Key = "k/" + (id + 1).String()
		return slices.Insert(slices.Clone(all), i+1, e)
	}
	if _, _, err := readAll(t, whole(all)); err != nil {
		t.Fatalf("the forger's tools are blunt: %v", err)
	}
	begun := func() *storage.Forgery { return storage.NewForgery(backupLine).Header(1, 1) }
	tests := map[string]struct {
		stream io.Reader
		want   string
	}{
		"empty":               {strings.NewReader(""), "cut short"},
		"other file":          {strings.NewReader(strings.Repeat("x", 100)), "is none"},
		"newer format":        {strings.NewReader("keyward backup 2\n" + strings.Repeat("x", 100)), "newer keyward"},
		"format in header":    {storage.NewForgery(backupLine).Header(2, 1), "header"},
		"no header":           {storage.NewForgery(backupLine).Chunk(all...), "header"},
		"two headers":         {begun().Header(1, 1), "out of place"},
		"unknown kind":        {begun().Frame('X', []byte("x")), "out of place"},
		"no records":          {begun().Frame('C', []any{}), "records cannot be read"},
		"no list":             {begun().Frame('C', 7), "records cannot be read"},
		"another field":       {begun().Frame('C', []map[string]any{{"k": "a/1", "v": []byte{}, "x": 1}}), "records cannot be read"},
		"another form":        {begun().Frame('C', []byte("\x81\xa2\x61v\x40\x61k\x63u/1")), "records cannot be read"},
		"endless list":        {begun().Frame('C', []byte("\x9f\xa2\x61k\x63u/1\x61v\x40\xff")), "records cannot be read"},
		"claims many":         {begun().Frame('C', []byte("\x9b\x00\x00\x00\xff\xff\xff\xff\xff")), "records cannot be read"},
		"nested":              {begun().Frame('C', bytes.Repeat([]byte("\x81"), 10000)), "records cannot be read"},
		"records reordered":   {whole([]storage.Entry{{Key: "u/2"}, {Key: "u/1"}}), "not in order"},
		"a record twice":      {whole([]storage.Entry{all[0], all[0]}), "not in order"},
		"an index key":        {whole([]storage.Entry{{Key: "h/00", Value: []byte("x")}}), "which is no record"},
		"a request id":        {whole([]storage.Entry{{Key: "t/00"}}), "which is no record"},
		"an empty id":         {whole([]storage.Entry{{Key: "k/"}}), "which is no record"},
		"another meta key":    {whole([]storage.Entry{{Key: "m/heads"}}), "which is no record"},
		"a long key":          {whole([]storage.Entry{{Key: "u/" + strings.Repeat("x", 2000)}}), "larger than any"},
		"a long value":        {whole([]storage.Entry{{Key: "u/1", Value: make([]byte, 200<<10)}}), "larger than any"},
		"wrong count":         {storage.NewForgery(backupLine).Header(1, 1).Chunk(all...).End(len(all)+1, head), "end does not fit"},
		"another head":        {storage.NewForgery(backupLine).Header(1, 1).Chunk(all...).End(len(all), storage.Entry{}), "end does not fit"},
		"something follows":   {io.MultiReader(whole(all), strings.NewReader("x")), "follows its end"},
		"no trail":            {whole(all[at("d/"):]), "entry 1: it is missing"},
		"a gap in the trail":  {whole(slices.Delete(slices.Clone(all), 3, 4)), "entry 4: it is missing"},
		"an end of the trail": {whole(slices.Delete(slices.Clone(all), at("d/")-1, at("d/"))), "it is missing"},
		"an altered entry":    {whole(edited("a/0000000000000003", "reason", "another")), "entry 3: it was altered"},
		"an unreadable entry": {whole(with(2, storage.Entry{Key: all[2].Key, Value: []byte("x")})), "entry 3: it cannot be read"},
		"no head":             {whole(slices.Delete(slices.Clone(all), at("m/head"), at("m/head")+1)), "where the audit trail ends"},
		"no schema":           {whole(slices.Delete(slices.Clone(all), at("m/schema"), at("m/schema")+1)), "the schema version is not kept"},
		"a bad schema":        {whole(edited("m/schema", "version", 0)), "cannot be read"},
		"another certificate": {whole(with(at("d/"), storage.Entry{Key: all[at("d/")].Key, Value: []byte("x")})), "is another"},
		"an unreadable key":   {whole(with(at("k/"), storage.Entry{Key: all[at("k/")].Key, Value: []byte("x")})), "cannot be read"},
		"an unknown field":    {whole(edited("k/", "future", 1)), "cannot be read"},
		"another id":          {whole(edited("k/", "id", 1)), "cannot be read"},
		"no state":            {whole(edited("k/", "state", 0)), "cannot be read"},
		"no name":             {whole(edited("e/", "name", "")), "cannot be read"},
		"a workflow's id":     {whole(edited("w/", "id", 1)), "cannot be read"},
		"a twin":              {whole(twin()), "of another"},
		"two productions":     {whole(edited("e/0000000000000002", "production", true)), "production"},
		"no production":       {whole(edited("e/0000000000000001", "production", false)), "production"},
		"a bad binding":       {whole(edited("w/", "path", "no path")), "cannot be used"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(t, test.stream)
			if !errors.Is(err, storage.ErrBackup) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want a word of %q", err, test.want)
			}
		})
	}
	t.Run("newer schema", func(t *testing.T) {
		_, _, err := readAll(t, storage.NewForgery(backupLine).Header(1, 99))
		wantErr(t, "a newer schema", err, storage.ErrNewerSchema)
	})
}

// endless never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestBackupClaims: whatever a backup claims, next to nothing is allocated.
func TestBackupClaims(t *testing.T) {
	claim := func(n uint32) []byte {
		return binary.BigEndian.AppendUint32([]byte("keyward backup 1\nH"), n)
	}
	for name, stream := range map[string]io.Reader{
		"10 GB":   io.MultiReader(bytes.NewReader(claim(1<<32-1)), endless{}),
		"2 MiB":   io.MultiReader(bytes.NewReader(claim(2<<20)), endless{}),
		"1 MiB":   io.MultiReader(bytes.NewReader(claim(1<<20)), endless{}),
		"no line": endless{},
		"many records": storage.NewForgery(backupLine).Header(1, 1).
			Frame('C', append([]byte("\x9a\x00\x0f\xff\xf0"), bytes.Repeat([]byte("\xa0"), 0xffff0)...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := readAll(t, stream)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, storage.ErrBackup) {
			t.Errorf("%s: %v", name, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
			t.Errorf("%s: %d KiB were allocated", name, got>>10)
		}
	}
}

// synthetic is a store of so many records that holds none of them.
type synthetic struct {
	*storage.Memory
	records int
}

func (s *synthetic) Snapshot(_ context.Context, _ []string, fn func([]storage.Entry) error) (storage.Rev, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return 0, err
	}
	put := func(key string, v any) storage.Entry {
		value, merr := mode.Marshal(v)
		err = errors.Join(err, merr)
		return storage.Entry{Key: key, Value: value, Rev: 1}
	}
	first := model.FirstEntry(1)
	pieces := [][]storage.Entry{{
		put(fmt.Sprintf("a/%016x", 1), first),
		put("e/0000000000000001", model.Environment{ID: 1, Name: "Production", Production: true}),
	}}
	for _, piece := range pieces {
		if err := fn(piece); err != nil {
			return 0, err
		}
	}
	for n := 0; n < s.records; n += 256 {
		var piece []storage.Entry
		for i := n; i < min(n+256, s.records); i++ {
			id := model.ID(i + 1)
			piece = append(piece, put("k/"+id.String(), model.Key{
				ID: id, Name: fmt.Sprintf("key %d", i), Kind: model.TokenKey, State: model.Enabled,
				Primary: model.Slot{Digest: model.FingerprintOf([]byte(id.String()))}, Created: 1, Changed: 1,
			}))
		}
		if err := fn(piece); err != nil {
			return 0, err
		}
	}
	last := []storage.Entry{
		put("m/head", map[string]any{"seq": 1, "hash": first.Hash}), put("m/schema", map[string]any{"version": 1}),
	}
	return 1, errors.Join(err, fn(last))
}

// heapMeter measures the live heap now and then while it is written to.
type heapMeter struct{ written, next, most uint64 }

func (h *heapMeter) Write(p []byte) (int, error) {
	if h.written += uint64(len(p)); h.written >= h.next {
		h.next += 1 << 20
		h.most = max(h.most, liveHeap())
	}
	return len(p), nil
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestBackupMemory: a backup of many records, and skimming it, takes no more
// memory than one of few.
func TestBackupMemory(t *testing.T) {
	records := race.Sample(100_000, 20_000)
	kv := &synthetic{storage.NewMemory(storage.LogSize{}), records}
	kvCommit(t, kv.Memory, kvPut("m/schema", "\xa1\x67version\x01"))
	before := liveHeap()
	meter := &heapMeter{}
	in, out := io.Pipe()
	skimmed := make(chan storage.BackupInfo, 1)
	go func() {
		info, err := storage.SkimBackup(t.Context(), in, func(int) {})
		_ = in.CloseWithError(err)
		skimmed <- info
	}()
	info, err := storage.WriteBackup(t.Context(), kv, io.MultiWriter(out, meter), storeNow)
	_ = out.CloseWithError(err)
	if err != nil || <-skimmed != info {
		t.Fatalf("writing and skimming: %v", err)
	}
	grew := int64(meter.most) - int64(before)
	t.Logf("%d records, %d KiB; the live heap grew by %d KiB at most", info.Records, meter.written>>10, grew>>10)
	if int(info.Records) < records || meter.written < 100*uint64(records) || grew > 4<<20 {
		t.Errorf("%d records in %d bytes: the live heap grew by %d KiB", info.Records, meter.written, grew>>10)
	}
}

// TestBackupWhileWriting: a backup is of one point in the order of changes,
// whatever is changed meanwhile.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, kv storage.KV, _ func() storage.KV) {
		s := newSample(t, kv)
		ctx, cancel := context.WithCancel(t.Context())
		written := make(chan error, 1)
		go func() {
			var err error
			for n := 0; ctx.Err() == nil && err == nil; n++ {
				_, err = s.session.SetKeyEnabled(t.Context(), "free", n%2 == 0)
			}
			written <- err
		}()
		var last uint64
		for moved := 0; moved < 5; { // that many backups of different points
			data, info := backupOf(t, kv)
			if _, read, err := readAll(t, bytes.NewReader(data)); err != nil || read != info {
				t.Errorf("a backup while writing: %v", err)
				break
			}
			if info.Seq > last {
				moved, last = moved+1, info.Seq
			}
		}
		cancel()
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}
