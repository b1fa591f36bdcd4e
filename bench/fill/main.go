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
	used := flag.Bool("used", false, "each key was called by its primary secret, in the last week")
	flag.Parse()
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "fill: --data is needed")
		os.Exit(2)
	}
	if err := fill(*dir, *keys, *workflows, *secrets, *used); err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

func fill(dir string, keys, workflows int, secretsFile string, used bool) (err error) {
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
		if used {
			if err := store.PutUsage(ctx, useOf(c.Keys)); err != nil {
				return err
			}
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
	id, err := model.NewID(rand.Reader)
	if err != nil {
		return nil, primary, err
	}
	k := &model.Key{
		ID: id, Name: fmt.Sprintf("key-%06d", i), Kind: model.TokenKey, State: model.Enabled, Created: now, Changed: now,
		Primary:   model.Slot{Digest: primary.Digest(), Hint: primary.Hint(), Created: now},
		Secondary: model.Slot{Digest: secondary.Digest(), Hint: secondary.Hint(), Created: now},
	}
	for w := range min(workflows, 3) {
		k.Workflows = append(k.Workflows, model.ID((i+w)%workflows+1))
	}
	slices.Sort(k.Workflows)
	return k, primary, nil
}

// useOf returns a week of calls from two places for each key.
func useOf(keys []model.Write[model.Key]) []model.Usage {
	now := time.Now().Truncate(time.Minute)
	today := int32(now.Unix() / (24 * 60 * 60))
	var list []model.Usage
	for _, w := range keys {
		u := model.Usage{Key: w.After.ID, Slot: model.Primary, Last: model.At(now), Remote: "198.51.100.7", Callers: []model.CallerUse{
			{Remote: "198.51.100.7", Last: model.At(now)}, {Remote: "2001:db8::1:7", Last: model.At(now.Add(-time.Hour))}}}
		for d := range int32(7) {
			u.Days = append(u.Days, model.DayUse{Day: today - 6 + d, Allowed: 1000, Denied: uint32(d)})
			u.Allowed, u.Denied = u.Allowed+1000, u.Denied+uint64(d)
		}
		list = append(list, u)
	}
	return list
}
