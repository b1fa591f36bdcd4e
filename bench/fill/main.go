// Fill makes a data directory with many token keys, for measurements: the
// figures of README's "Figures" are taken on what it makes. It goes through the
// store like any change, in batches.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

func main() {
	dir := flag.String("data", "", "the directory to make")
	keys := flag.Int("keys", 100_000, "how many token keys")
	workflows := flag.Int("workflows", 10, "how many bound workflows: GET /v1/areaN/{id}")
	secrets := flag.String("secrets", "", "a file for the primary secrets of the first 1000 keys, made 0600; \"\": none")
	flag.Parse()
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "fill: --data is needed")
		os.Exit(2)
	}
	if err := fill(*dir, *keys, *workflows, *secrets); err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

func fill(dir string, keys, workflows int, secretsFile string) (err error) {
	ctx := context.Background()
	kv, err := storage.Open(dir, storage.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	store, err := storage.NewStore(ctx, kv, time.Now())
	if err != nil {
		return err
	}
	head, err := store.Load(ctx, func(model.Records) error { return nil })
	if err != nil {
		return err
	}
	out := os.Stdout
	if secretsFile != "" {
		if out, err = os.OpenFile(secretsFile, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	const batch = 250
	for i := 0; i < max(keys, 1); i += batch {
		c := model.Change{ID: fmt.Sprintf("fill-%d-%d", time.Now().UnixNano(), i), Head: head}
		if i == 0 {
			c.Workflows = makeWorkflows(workflows)
		}
		for j := i; j < min(i+batch, keys); j++ {
			key, secret, err := makeKey(j, workflows)
			if err != nil {
				return err
			}
			c.Keys = append(c.Keys, model.Write[model.Key]{After: key})
			if secretsFile != "" && j < 1000 {
				fmt.Fprintln(out, secret.Reveal())
			}
		}
		entry := model.Entry{Time: model.At(time.Now()), Actor: model.Actor{UID: os.Getuid(), PID: os.Getpid()}, Action: "fill", Object: model.Object{Noun: "key"}}
		entry.Link(head)
		c.Entries = []model.Entry{entry}
		if head, err = store.Commit(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func makeWorkflows(n int) []model.Write[model.Workflow] {
	var out []model.Write[model.Workflow]
	now := model.At(time.Now())
	for i := range n {
		out = append(out, model.Write[model.Workflow]{After: &model.Workflow{
			ID: model.ID(i + 1), Name: fmt.Sprintf("area%d", i), Method: "GET", Path: fmt.Sprintf("/v1/area%d/{id}", i), Created: now, Changed: now,
		}})
	}
	return out
}

func makeKey(i, workflows int) (*model.Key, model.Secret, error) {
	primary, err := model.NewSecret(rand.Reader)
	if err != nil {
		return nil, primary, err
	}
	secondary, err := model.NewSecret(rand.Reader)
	if err != nil {
		return nil, primary, err
	}
	now := model.At(time.Now())
	k := &model.Key{
		ID: model.ID(i + 1), Name: fmt.Sprintf("key-%06d", i), Kind: model.TokenKey, State: model.Enabled, Created: now, Changed: now,
		Primary:   model.Slot{Digest: primary.Digest(), Hint: primary.Hint(), Created: now},
		Secondary: model.Slot{Digest: secondary.Digest(), Hint: secondary.Hint(), Created: now},
	}
	for w := range min(workflows, 3) {
		k.Workflows = append(k.Workflows, model.ID((i+w)%workflows+1))
	}
	slices.Sort(k.Workflows)
	return k, primary, nil
}
