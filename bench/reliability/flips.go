//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// flipPatience bounds the opening of a damaged store.
const flipPatience = 10 * time.Second

// flips is the state of the figure.
type flips struct {
	rig       *rig
	stores    []string // directories that nobody has open: closed in good order, and killed
	questions []question
	file      string // of the questions

	changed, crashed, hung []string
	same, refused          int
	journal                int // of the same: decided from the journal
	files                  map[string]int
}

// takeFlips flips one byte of a store at a time.
func takeFlips(ctx context.Context, r *rig, t *table) error {
	f := &flips{rig: r, files: map[string]int{}}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	for i := range r.flips {
		dir := f.stores[i%len(f.stores)]
		real := i%(r.flips/r.realFlips) == 0
		if err := f.flip(ctx, dir, i/len(f.stores)%2 == 0, real); err != nil {
			return fmt.Errorf("flip %d: %w", i+1, err)
		}
	}
	t.gate(fmt.Sprintf("one byte flipped: decisions changed, %d requests each", len(f.questions)), r.flips, len(f.changed), f.changed)
	t.gate("    panics", r.flips, len(f.crashed), f.crashed)
	t.gate(fmt.Sprintf("    not decided within %s", flipPatience), r.flips, len(f.hung), f.hung)
	t.must("    same decisions, or a refusal", r.flips, f.same > 0 && f.same+f.refused == r.flips, fmt.Sprintf("%d the same (%d from the journal), %d refused", f.same, f.journal, f.refused))
	t.figure("    files that were flipped", len(f.files), strings.Join(f.names(), ", "), "", "")
	return nil
}

// names are the flipped files without their numbers.
func (f *flips) names() []string {
	kinds := map[string]int{}
	for name, n := range f.files {
		if extension := filepath.Ext(name); filepath.Dir(name) == "store" && extension != "" {
			name = "store/*" + extension
		}
		kinds[name] += n
	}
	var list []string
	for name, n := range kinds {
		list = append(list, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(list)
	return list
}

// prepare makes the store twice, closed in good order and killed, and asks the
// undamaged ones.
func (f *flips) prepare(ctx context.Context) error {
	dir := f.rig.path("flips")
	if err := f.rig.newStore(ctx, dir, 200); err != nil {
		return err
	}
	for range 2 { // so that there are tables
		if err := f.populate(ctx, dir); err != nil {
			return err
		}
	}
	e, err := f.rig.serve(ctx, dir)
	if err != nil {
		return err
	}
	if err := f.populate(ctx, dir); err != nil {
		return err
	}
	e.kill()
	closed, killed := f.rig.path("closed"), f.rig.path("killed")
	if err := copyTree(dir, killed); err != nil {
		return err
	}
	if _, err := f.rig.run(ctx, "key", "list", "--limit", "1", "--data", dir); err != nil { // opens it, and closes it in good order
		return err
	}
	if err := copyTree(dir, closed); err != nil {
		return err
	}
	f.stores = []string{killed, closed}
	return f.baseline(ctx)
}

// baseline asks an undamaged store.
func (f *flips) baseline(ctx context.Context) error {
	f.file = f.rig.path("questions")
	if err := f.writeQuestions(); err != nil {
		return err
	}
	work := f.rig.path("whole")
	if err := copyTree(f.stores[0], work); err != nil {
		return err
	}
	v, err := f.ask(ctx, work)
	if err != nil || v.Refused != "" {
		return fmt.Errorf("the undamaged store: %s: %w", v.Refused, err)
	}
	allowed := 0
	for i, text := range v.Decided {
		f.questions[i].Want = text
		if is := strings.HasPrefix(text, "allowed "); is != (f.questions[i].Status == http.StatusOK) {
			return fmt.Errorf("the undamaged store decides %q about %s", text, f.questions[i].What)
		} else if is {
			allowed++
		}
	}
	if allowed < 5 || allowed > len(v.Decided)-5 {
		return fmt.Errorf("the undamaged store allows %d of %d: that proves nothing", allowed, len(v.Decided))
	}
	return errors.Join(f.writeQuestions(), os.RemoveAll(work))
}

func (f *flips) writeQuestions() error {
	text, err := json.Marshal(f.questions)
	if err != nil {
		return err
	}
	return os.WriteFile(f.file, text, 0o600)
}

// flip damages a copy of dir and lets it be judged.
func (f *flips) flip(ctx context.Context, dir string, bySize, real bool) error {
	work := f.rig.path("flipped")
	if err := copyTree(dir, work); err != nil {
		return err
	}
	name, at, err := flipByte(work, bySize)
	if err != nil {
		return err
	}
	f.files[name]++
	what := fmt.Sprintf("%s, byte %d of %s", filepath.Base(dir), at, name)
	if real {
		err = f.askReal(ctx, work, what)
	} else {
		err = f.compare(ctx, work, what)
	}
	return errors.Join(err, os.RemoveAll(work))
}

// compare asks the questions in a process of its own.
func (f *flips) compare(ctx context.Context, work, what string) error {
	v, err := f.ask(ctx, work)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		f.hung = append(f.hung, what)
	case errors.As(err, &exit):
		f.crashed = append(f.crashed, what+": "+firstLine(string(exit.Stderr)))
	case err != nil:
		return err
	case v.Refused != "":
		f.refused++
	default:
		if i := f.differs(v.Decided); i >= 0 {
			f.changed = append(f.changed, fmt.Sprintf("%s: %s is %q, was %q", what, f.questions[i].What, v.Decided[i], f.questions[i].Want))
		} else {
			f.same++
		}
		if v.Degraded {
			f.journal++
		}
	}
	return nil
}

func (f *flips) differs(decided []string) int {
	for i, q := range f.questions {
		if i >= len(decided) || decided[i] != q.Want {
			return i
		}
	}
	return -1
}

// ask runs a judge.
func (f *flips) ask(ctx context.Context, work string) (v verdict, err error) {
	bounded, cancel := context.WithTimeout(ctx, flipPatience)
	defer cancel()
	out, err := exec.CommandContext(bounded, f.rig.self, judgeArgument, work, f.file).Output()
	if bounded.Err() != nil {
		return v, bounded.Err()
	}
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(out, &v)
}

// askReal asks a real endpoint over the network.
func (f *flips) askReal(ctx context.Context, work, what string) error {
	bounded, cancel := context.WithTimeout(ctx, flipPatience)
	defer cancel()
	e, err := f.rig.serve(bounded, work)
	if e != nil && e.process != nil {
		defer e.kill()
	}
	var refused *refusedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused) && panickedText(refused.log):
		f.crashed = append(f.crashed, what+": "+firstLine(refused.log))
		return nil
	case errors.As(err, &refused):
		f.refused++
		return nil
	case err != nil && e != nil && e.plain != "": // it listens, and denies everything
		return f.deniesAll(ctx, e, what)
	case err != nil:
		f.hung = append(f.hung, what+": "+err.Error())
		return nil
	}
	for _, q := range f.questions {
		status, err := e.asks(ctx, q)
		if err != nil && e.ended() {
			f.crashed = append(f.crashed, what+": "+firstLine(e.log.String()))
			return nil
		}
		if err != nil {
			return err
		}
		if status != q.Status {
			f.changed = append(f.changed, fmt.Sprintf("%s: %s is answered %d, was %d", what, q.What, status, q.Status))
			return nil
		}
	}
	f.same++
	return nil
}

// deniesAll checks that an endpoint that is not ready lets nobody pass.
func (f *flips) deniesAll(ctx context.Context, e *endpoint, what string) error {
	for _, q := range f.questions {
		status, err := e.asks(ctx, q)
		if err != nil {
			f.crashed = append(f.crashed, what+": "+err.Error()+": "+firstLine(e.log.String()))
			return nil
		}
		if status == http.StatusOK {
			f.changed = append(f.changed, what+": not ready, and lets pass "+q.What)
			return nil
		}
	}
	f.refused++
	return nil
}

func firstLine(text string) string {
	for _, mark := range []string{"panic: ", "fatal error: ", "unexpected fault"} {
		if i := strings.Index(text, mark); i >= 0 {
			text = text[i:]
			break
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
