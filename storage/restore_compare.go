package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// Widened says in words what a key may do as it is in a backup that it may not
// do as it is now, at the moment at: nothing where it may do no more. now is nil
// where there is no such key. A key's status, workflows, environment, expiry and
// credentials are looked at; what a workflow is bound to is not the key's.
func Widened(now, then *model.Key, at model.Instant) []string {
	if then.State != model.Enabled || then.Expired(at.Time()) {
		return nil // it may do nothing
	}
	switch {
	case now == nil:
		return []string{"is not there now, and enabled in the backup"}
	case now.State == model.Deleted:
		return []string{"is deleted now, and enabled in the backup"}
	}
	var more []string
	if now.State != model.Enabled {
		more = append(more, "is disabled now, and enabled in the backup")
	}
	if n := countNew(now.Workflows, then.Workflows); n > 0 {
		more = append(more, "may invoke "+count(n, "more workflow", "more workflows"))
	}
	switch {
	case now.Environment == then.Environment || now.Environment == 0:
	case then.Environment == 0:
		more = append(more, "is for any environment, not for one")
	default:
		more = append(more, "is for another environment")
	}
	if now.Expires != 0 && (then.Expires == 0 || then.Expires > now.Expires) {
		more = append(more, fmt.Sprintf("expires %s, not %s", then.Expires.Text(), now.Expires.Text()))
	}
	if now.NoQuery && !then.NoQuery {
		more = append(more, "has its secret accepted in the query again")
	}
	return append(more, revived(now, then, at)...)
}

// countNew returns how many of then are not in now; both are sorted.
func countNew(now, then []model.ID) int {
	n := 0
	for _, id := range then {
		if _, found := slices.BinarySearch(now, id); !found {
			n++
		}
	}
	return n
}

// endlessly is until when a credential works that is not being retired.
const endlessly = model.Instant(1<<63 - 1)

// revived says which credentials work in the backup, and do not now or not for
// as long.
func revived(now, then *model.Key, at model.Instant) []string {
	works := map[model.Digest]model.Instant{}
	for _, n := range model.SlotNames {
		credentials(now.Slot(n), func(d model.Digest, until model.Instant, _ string) { works[d] = max(works[d], until) })
	}
	var more []string
	for _, n := range model.SlotNames {
		credentials(then.Slot(n), func(d model.Digest, until model.Instant, name string) {
			until, known := until, works[d]
			switch {
			case until <= at || until <= known:
			case known <= at:
				more = append(more, fmt.Sprintf("has its replaced %s %s back", n, name))
			default:
				more = append(more, fmt.Sprintf("keeps its replaced %s %s for longer", n, name))
			}
		})
	}
	return more
}

// credentials calls fn with each credential of a slot, and until when it works.
func credentials(s *model.Slot, fn func(d model.Digest, until model.Instant, name string)) {
	if !s.Digest.IsZero() {
		name := strings.TrimSpace("secret " + s.Hint.String())
		if s.Certificate != nil {
			name = "certificate " + s.Certificate.Thumbprint()
		}
		fn(s.Digest, endlessly, name)
	}
	for _, r := range s.Grace() {
		fn(r.Digest, r.Until, strings.TrimSpace("secret "+r.Hint.String()))
	}
}

// compare notes which keys a restore widens against the store that is there, and
// which are gone after it. A store that cannot be read leaves that unknown.
func (r *restore) compare(ctx context.Context) error {
	r.began(RestoreCompares)
	now, err := r.current(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrNoSpace):
		return err
	case err != nil:
		r.result.Unknown = strings.TrimSpace(err.Error())
		return nil
	}
	r.result.Current = now.head.Seq
	rebound, kept := now.rebound(r.then), map[model.ID]struct{}{}
	_, _, err = r.pass(ctx, false, func(entries []Entry) error {
		for _, e := range entries {
			if !strings.HasPrefix(e.Key, keyPrefix) {
				continue
			}
			then := new(model.Key)
			if r.then.dec.Unmarshal(e.Value, then) != nil {
				return r.then.unreadable(e.Key)
			}
			if then.State != model.Deleted {
				kept[then.ID] = struct{}{}
			}
			if more := now.widened(then, rebound, model.At(r.options.Now)); len(more) > 0 {
				r.result.Widened = append(r.result.Widened, WidenedKey{then.ID, then.Name, more})
			}
		}
		return nil
	})
	r.result.Vanishing = append(r.result.Vanishing, now.without(kept)...)
	return err
}

// without returns the names of the keys that are not among kept, in order.
func (s *currentState) without(kept map[model.ID]struct{}) []string {
	var names []string
	for id, k := range s.keys {
		if _, there := kept[id]; !there && k.State != model.Deleted {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names
}

// currentState is what a store holds that rights come from.
type currentState struct {
	head         model.Head
	keys         map[model.ID]*model.Key
	workflows    map[model.ID]*model.Workflow
	environments map[model.ID]*model.Environment
}

// current reads the store that is to be replaced, from a copy.
func (r *restore) current(ctx context.Context) (*currentState, error) {
	copied, err := copyStore(ctx, r.result.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(copied) }()
	s := &currentState{
		keys: map[model.ID]*model.Key{}, workflows: map[model.ID]*model.Workflow{},
		environments: map[model.ID]*model.Environment{},
	}
	err = r.opened(copied, func(kv *Badger) error {
		if _, err := readSchema(ctx, kv, r.then.codec); err != nil {
			return err
		}
		s.head, err = (&Store{kv: kv, codec: r.then.codec}).Load(ctx, s.add)
		return err
	})
	if err != nil && errors.Is(err, ErrCorrupt) { // what was decided last is in the journal, as long as that is sound
		if journal, jerr := OpenJournal(ctx, copied); jerr == nil {
			s.head, err = journal.Load(ctx, s.add)
		}
	}
	var damage *DamageError
	if errors.As(err, &damage) { // what to do about it is being done
		return nil, errors.New(damage.Problem)
	}
	if err != nil { // the copy is of no interest to anybody
		return nil, errors.New(strings.ReplaceAll(err.Error(), copied, r.result.Dir))
	}
	return s, nil
}

func (s *currentState) add(all model.Records) error {
	for _, k := range all.Keys {
		s.keys[k.ID] = k
	}
	for _, w := range all.Workflows {
		s.workflows[w.ID] = w
	}
	for _, e := range all.Environments {
		s.environments[e.ID] = e
	}
	return nil
}

// rebound says which workflows and environments let a key that names them do
// something else in the backup than they do now, in words.
func (s *currentState) rebound(then *recordCheck) map[model.ID]string {
	out := map[model.ID]string{}
	for _, w := range then.workflows {
		now := s.workflows[w.ID]
		if w.Bound() && now != nil && (now.Method != w.Method || now.Path != w.Path) {
			out[w.ID] = fmt.Sprintf("reaches %s %s through the workflow %q", w.Method, w.Path, w.Name)
		}
	}
	for _, e := range then.environments {
		if now := s.environments[e.ID]; now != nil && e.Production && !now.Production {
			out[e.ID] = fmt.Sprintf("is for %q, which is the production environment in the backup", e.Name)
		}
	}
	return out
}

func (s *currentState) widened(then *model.Key, rebound map[model.ID]string, at model.Instant) []string {
	now := s.keys[then.ID]
	more := Widened(now, then, at)
	if then.State != model.Enabled || then.Expired(at.Time()) || now == nil || now.State == model.Deleted {
		return more
	}
	for _, id := range append(slices.Clone(then.Workflows), then.Environment) {
		if text, is := rebound[id]; is {
			more = append(more, text)
		}
	}
	return more
}
