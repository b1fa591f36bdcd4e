package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dev.keyward/keyward/storage"
)

func testInvalid(t *testing.T, kv storage.KV) {
	for name, tx := range map[string]storage.Tx{
		"nothing to write":   {Guards: []storage.Guard{{Key: "a"}}},
		"empty key":          {Writes: []storage.Write{kvPut("a", "1"), kvPut("", "secret")}},
		"empty guard":        {Guards: []storage.Guard{{}}, Writes: []storage.Write{kvPut("a", "1")}},
		"a key twice":        {Writes: []storage.Write{kvPut("a", "secret"), kvPut("b", "2"), kvDelete("a")}},
		"a request id":       {Writes: []storage.Write{kvPut("a", "1"), kvPut(storage.RequestKey("x"), "secret")}},
		"deleting a request": {Writes: []storage.Write{kvDelete(storage.RequestPrefix + "x")}},
	} {
		_, err := kv.Commit(t.Context(), tx)
		wantErr(t, name, err, storage.ErrInvalid)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error holds the value: %v", name, err)
		}
	}
	if _, _, err := kv.Get(t.Context(), "a", ""); !errors.Is(err, storage.ErrInvalid) {
		t.Errorf("Get of an empty key: got %v, want %v", err, storage.ErrInvalid)
	}
	wantSame(t, "nothing written", kvGet(t, kv, "a", "b"), []kvEntry{{"a", "", 0}, {"b", "", 0}})
}

func testLimits(t *testing.T, kv storage.KV) {
	l := kv.Limits()
	before := kvNewest(t, kv)
	tooLarge := func(name string, tx storage.Tx) {
		t.Helper()
		_, err := kv.Commit(t.Context(), tx)
		wantErr(t, name, err, storage.ErrTooLarge)
		if err != nil && (len(err.Error()) > 400 || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: the error says too much: %v", name, err)
		}
	}
	secret := func(n int) string { return strings.Repeat("secret", n/6+1)[:n] }
	tooLarge("key", storage.Tx{Writes: []storage.Write{kvPut(strings.Repeat("k", l.KeyBytes+1), "1")}})
	tooLarge("id", storage.Tx{ID: strings.Repeat("i", l.KeyBytes)})
	tooLarge("guarded key", storage.Tx{ID: "a", Guards: []storage.Guard{{Key: strings.Repeat("k", l.KeyBytes+1)}}})
	tooLarge("value", storage.Tx{Writes: []storage.Write{kvPut("a", "1"), kvPut("b", secret(l.ValueBytes+1))}})
	tooLarge("guards", storage.Tx{ID: "a", Guards: make([]storage.Guard, l.Keys+1)})
	tooLarge("writes", storage.Tx{ID: "a", Writes: manyWrites(l.Writes+1, "secret")})
	tooLarge("bytes", storage.Tx{ID: "a", Writes: manyWrites(l.Bytes/l.ValueBytes+1, secret(l.ValueBytes))})
	if _, _, err := kv.Get(t.Context(), make([]string, l.Keys+1)...); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("Get of too many keys: got %v, want %v", err, storage.ErrTooLarge)
	}
	if got := kvNewest(t, kv); got != before {
		t.Errorf("something was written: newest is %d, was %d", got, before)
	}
	if all, _ := kvSnapshot(t, kv); len(all) != 0 {
		t.Errorf("something was written: %d entries", len(all))
	}
}

// testAtLimits fills transactions to the brim, over and over, for the sake of
// what an engine adds to them itself.
func testAtLimits(t *testing.T, kv storage.KV) {
	l := kv.Limits()
	long := strings.Repeat("i", l.KeyBytes-len(storage.RequestPrefix)-3)
	small := l.Bytes/l.Writes - 80
	for i := range 3 {
		kvCommitTx(t, kv, storage.Tx{ID: fmt.Sprintf("%s%03d", long, i), Writes: manyWrites(l.Writes-8, strings.Repeat("v", small))})
		tx := storage.Tx{
			ID:     fmt.Sprintf("%s%03d", long, 100+i),
			Writes: manyWrites(l.Bytes/l.ValueBytes-1, strings.Repeat("v", l.ValueBytes)),
		}
		rest := storage.Write{Key: "z/rest"}
		rest.Value = make([]byte, l.Bytes-tx.Size()-rest.Size())
		tx.Writes = append(tx.Writes, rest)
		if got := tx.Size(); got != l.Bytes {
			t.Fatalf("the test is wrong: %d, want %d", got, l.Bytes)
		}
		rev := kvCommitTx(t, kv, tx)
		if got := kvWatch(t, kv, rev-1, rev, "w/", "z/"); len(got[0].Entries) != len(tx.Writes) {
			t.Errorf("watched %d entries, want %d", len(got[0].Entries), len(tx.Writes))
		}
	}
}

// manyWrites puts value at n keys.
func manyWrites(n int, value string) []storage.Write {
	writes := make([]storage.Write, n)
	for i := range writes {
		writes[i] = kvPut(fmt.Sprintf("w/%06d", i), value)
	}
	return writes
}
