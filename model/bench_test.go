package model_test

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// crowd is a snapshot of many token keys with some of their secrets.
func crowd(b testing.TB, keys, workflows int) (*model.Snapshot, []model.Secret) {
	b.Helper()
	envs := []*model.Environment{{ID: 1, Name: "Production", Production: true}, {ID: 2, Name: "Test"}}
	var ws []*model.Workflow
	for i := range workflows {
		ws = append(ws, &model.Workflow{ID: model.ID(i + 1), Name: fmt.Sprintf("w%d", i), Method: "GET", Path: fmt.Sprintf("/v1/area%d/{id}", i)})
	}
	var known []model.Secret
	s, err := model.NewSnapshot(1, envs, ws, func(yield func(*model.Key) bool) {
		for i := range keys {
			k := &model.Key{ID: model.ID(i + 1), Name: fmt.Sprintf("key-%07d", i), Kind: model.TokenKey, State: model.Enabled, Workflows: []model.ID{1, 2, model.ID(workflows)}}
			if i%(max(keys/4096, 1)) == 0 {
				secret, err := model.NewSecret(rand.Reader)
				if err != nil {
					b.Fatal(err)
				}
				known = append(known, secret)
				k.Primary.Digest = secret.Digest()
			} else {
				fill(k.Primary.Digest[:])
			}
			fill(k.Secondary.Digest[:])
			if !yield(k) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, known
}

func fill(d []byte) {
	for i := range d {
		d[i] = byte(mrand.Uint32())
	}
}

// BenchmarkDecide is the figure: at most 1 µs and 1 allocation over 1,000,000
// keys, 2 µs with 1,000 workflows, beside one SHA-256 of a secret.
func BenchmarkDecide(b *testing.B) {
	b.Run("floor=sha256", func(b *testing.B) {
		text := make([]byte, model.SecretLength)
		b.ReportAllocs()
		for b.Loop() {
			sha256.Sum256(text)
		}
	})
	for _, size := range []struct{ keys, workflows int }{{1_000, 1}, {1_000_000, 1}, {1_000_000, 1000}} {
		b.Run(fmt.Sprintf("keys=%d/workflows=%d", size.keys, size.workflows), func(b *testing.B) {
			s, secrets := crowd(b, size.keys, size.workflows)
			headers := headersOf(secrets)
			r := request(fmt.Sprintf("/v1/area%d/4711", size.workflows-1))
			b.ReportAllocs()
			b.ResetTimer()
			i := 0
			for b.Loop() {
				r.Authorization[0] = headers[i%len(headers)]
				if d := s.Decide(&r); !d.Allowed() {
					b.Fatal(d.Reason)
				}
				i++
			}
		})
	}
}

// headersOf lays the headers one behind the other, in random order: reading the
// next one is as cheap as reading what just came from the network, while its
// key is anywhere among the million.
func headersOf(secrets []model.Secret) []string {
	mrand.Shuffle(len(secrets), func(i, j int) { secrets[i], secrets[j] = secrets[j], secrets[i] })
	var all strings.Builder
	for _, s := range secrets {
		all.WriteString("Key=" + s.Reveal())
	}
	out, each := make([]string, len(secrets)), len("Key=")+model.SecretLength
	for i := range out {
		out[i] = all.String()[i*each : (i+1)*each]
	}
	return out
}

func request(path string) model.Request {
	return model.Request{Method: "GET", Path: path, Host: "localhost:8443", Authorization: []string{""}, Now: now}
}

// TestDecideAllocates gates the count that the benchmark prints.
func TestDecideAllocates(t *testing.T) {
	s, secrets := crowd(t, 5000, 100)
	r := request("/v1/area99/4711")
	r.Authorization[0] = headersOf(secrets)[0]
	if n := testing.AllocsPerRun(200, func() { s.Decide(&r) }); n > 1 {
		t.Errorf("a decision allocates %.0f times, want at most 1", n)
	}
	r.Authorization[0] = "Key=nonsense"
	if n := testing.AllocsPerRun(200, func() { s.Decide(&r) }); n > 0 {
		t.Errorf("a refusal allocates %.0f times, want none", n)
	}
}

// BenchmarkList times what a key press in the console asks for at 100,000 and
// 1,000,000 keys.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		w := newWorld(b)
		for i := range n {
			k := &model.Key{ID: model.ID(i + 1), Name: fmt.Sprintf("key-%07d", i), Kind: model.TokenKey, State: model.Enabled, Environment: model.ID(1 + i%2), Created: model.At(now) + model.Instant(i)}
			fill(k.Primary.Digest[:])
			fill(k.Secondary.Digest[:])
			w.store.keys[k.ID] = k
		}
		w.reopen()
		for _, q := range []model.KeyQuery{
			{Limit: 50, Offset: n / 2},
			{Limit: 50, Sort: model.SortCreated, Desc: true},
			{Limit: 50, Sort: model.SortStatus},
			{Limit: 50, Filter: "99"},
			{Limit: 50, Filter: "key test"},
			{Limit: 50, Around: model.ID(n / 2)},
		} {
			b.Run(fmt.Sprintf("keys=%d/sort=%s/filter=%q/around=%t", n, q.Sort, q.Filter, q.Around != 0), func(b *testing.B) {
				for b.Loop() {
					if _, err := w.Keys(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("keys=%d/change", n), func(b *testing.B) {
			enabled := false
			for b.Loop() {
				if _, err := w.SetKeyEnabled(b.Context(), fmt.Sprintf("key-%07d", n/2), enabled); err != nil {
					b.Fatal(err)
				}
				enabled = !enabled
			}
		})
	}
}
