package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// refusing is a backend that refuses every change of a form.
type refusing struct {
	Backend
	err   error
	asked int
}

func (r *refusing) refuse() error {
	r.asked++
	return r.err
}

func (r *refusing) CreateKey(ctx context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	if err := r.refuse(); err != nil {
		return model.KeyInfo{}, err
	}
	return r.Backend.CreateKey(ctx, d)
}

func (r *refusing) EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error) {
	if err := r.refuse(); err != nil {
		return model.KeyInfo{}, err
	}
	return r.Backend.EditKey(ctx, ref, e)
}

func (r *refusing) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	if err := r.refuse(); err != nil {
		return model.RestoredKey{}, err
	}
	return r.Backend.RestoreKey(ctx, ref, name)
}

func (r *refusing) RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error) {
	if err := r.refuse(); err != nil {
		return model.KeyInfo{}, err
	}
	return r.Backend.RegenerateKey(ctx, ref, n, h, grace)
}

func (r *refusing) CreateWorkflow(ctx context.Context, d model.WorkflowDraft) (model.WorkflowInfo, error) {
	if err := r.refuse(); err != nil {
		return model.WorkflowInfo{}, err
	}
	return r.Backend.CreateWorkflow(ctx, d)
}

func (r *refusing) EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error) {
	if err := r.refuse(); err != nil {
		return model.WorkflowInfo{}, err
	}
	return r.Backend.EditWorkflow(ctx, ref, e)
}

func (r *refusing) CreateEnvironment(ctx context.Context, d model.EnvironmentDraft) (model.EnvironmentInfo, error) {
	if err := r.refuse(); err != nil {
		return model.EnvironmentInfo{}, err
	}
	return r.Backend.CreateEnvironment(ctx, d)
}

func (r *refusing) EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error) {
	if err := r.refuse(); err != nil {
		return model.EnvironmentInfo{}, err
	}
	return r.Backend.EditEnvironment(ctx, ref, e)
}

// saveRefusals are the ways a save fails, and what is said of each: what to do.
var saveRefusals = []struct {
	name string
	err  error
	want string
}{
	{"no space", fmt.Errorf("committing the change: %w", model.ErrNoSpace), "free some space"},
	{"nobody answers", fmt.Errorf("asking the owner: %w", model.ErrUnavailable), "does not answer"},
	{"a conflict", fmt.Errorf("another one has that already: choose another: %w", model.ErrConflict), "choose another"},
	{"read-only", fmt.Errorf("committing the change: %w", model.ErrDegraded), "keyward doctor"},
	{"something else", errTest, "does not answer"},
}

// A save that is refused loses nothing that was typed, says what to do beside the
// field or in the status line, and can be made again.
func TestNoFormLosesAnything(t *testing.T) {
	for _, form := range []struct {
		name string
		fill func(w *world) // opens the form and types into it
		save func(w *world)
		kept []string // is on the screen after a refused save
		done string   // is on the screen after the one that is not
	}{
		{
			"a new workflow",
			func(w *world) {
				w.listsWorkflows()
				w.press("n")
				w.write("typed-name")
				w.press("tab", "right", "tab")
				w.write("/typed/path")
				w.press("tab")
				w.write("https://typed.example")
			}, save, []string{"typed-name", "/typed/path", "https://typed.example"}, `The workflow "typed-name" is made`,
		},
		{
			"an edited workflow",
			func(w *world) {
				w.listsWorkflows()
				w.finds("invoice")
				w.press("enter")
				w.write("-typed")
				w.press("tab", "tab", "ctrl+u")
				w.write("/typed/path")
			}, save, []string{"invoice-typed", "/typed/path"}, `The workflow "invoice-typed" is changed`,
		},
		{
			"a new environment",
			func(w *world) {
				w.listsEnvironments()
				w.press("n")
				w.write("Typed")
				w.press("tab")
				w.write("typed.example.com")
				w.press("tab", "right")
			}, save, []string{"Typed", "typed.example.com", "◆ yes"}, `The environment "Typed" is made`,
		},
		{
			"an edited environment",
			func(w *world) {
				w.listsEnvironments()
				w.finds("staging")
				w.press("enter")
				w.write("typed")
				w.press("tab", "ctrl+u")
				w.write("typed.example.com")
			}, save, []string{"Stagingtyped", "typed.example.com"}, `The environment "Stagingtyped" is changed`,
		},
		{
			"an edited key",
			func(w *world) {
				variety(w)
				w.edits("crm sync", partName)
				w.write(" typed")
				w.press("tab", "right", "tab")
				w.write("2027-01-31")
			}, save, []string{"crm sync typed", "2027-01-31"}, `"crm sync typed" is changed`,
		},
		{
			"a restored key",
			func(w *world) {
				few(w)
				if err := w.session.DeleteKey(w.t.Context(), "a"); err != nil {
					w.t.Fatal(err)
				}
				w.token(model.KeyDraft{Name: "a", Environment: "Test"})
				w.start()
				w.press("B", "b", "ctrl+u")
				w.write("typed name")
			}, save, []string{"typed name"}, `"typed name" is restored`,
		},
		{
			"a new key",
			func(w *world) {
				w.workflows()
				w.start()
				w.press("n", "down", "enter")
				w.write("typed name")
				w.press("enter", "enter", "space", "enter", "enter")
				if x := w.app.top().(*wizard); x.step != stepReview {
					w.t.Fatalf("the wizard is at step %d:\n%s", x.step, w.screen())
				}
			}, func(w *world) {
				if x := w.app.top().(*wizard); x.step != stepReview { // it went where it can be mended
					for range int(stepCount) {
						if x.step == stepReview {
							break
						}
						w.press("enter")
					}
				}
				w.press("enter")
				agrees(w)
			}, []string{"typed name"}, "",
		},
		{
			"a regenerated secret",
			func(w *world) {
				few(w)
				w.start()
				w.press("r", "down", "tab", "down") // the secondary, for a week
			}, func(w *world) {
				w.press("enter", "y")
				agrees(w)
			}, []string{"● secondary", "› ● 7 days"}, "",
		},
	} {
		for _, refusal := range saveRefusals {
			t.Run(form.name+", "+refusal.name, func(t *testing.T) {
				w := newWorld(t)
				w.resize(100, 30)
				form.fill(w)
				back := w.rt.Backend
				r := &refusing{Backend: back, err: refusal.err}
				w.rt.Backend = r
				top := w.app.top()
				form.save(w)
				if r.asked != 1 {
					t.Fatalf("the store was asked %d times:\n%s", r.asked, w.screen())
				}
				if w.app.top() != top {
					t.Fatalf("the form is gone:\n%s", w.screen())
				}
				w.saysSomewhere(refusal.want)
				w.sees(form.kept...)

				r.err = nil
				form.save(w)
				if form.done != "" {
					w.sees(form.done)
				} else if _, shown := w.app.top().(*reveal); !shown {
					t.Fatalf("no secret is shown, but %T", w.app.top())
				}
			})
		}
	}
}

// save saves a form, and says yes to what that asks.
func save(w *world) {
	w.press("ctrl+s")
	agrees(w)
}

func agrees(w *world) {
	for range 3 {
		if w.app.prompt != nil {
			w.press("y")
		}
	}
}

// saysSomewhere fails the test unless the text is on the screen, wherever its
// lines are broken.
func (w *world) saysSomewhere(text string) {
	w.t.Helper()
	words := strings.Join(strings.Fields(w.screen()), " ")
	if !strings.Contains(words, text) {
		w.t.Fatalf("%q is not on the screen:\n%s", text, w.screen())
	}
}

// An import that is refused keeps what is marked, says why beside the row or in
// the status line, and goes on where it was.
func TestARefusedImportKeepsTheMarks(t *testing.T) {
	for _, refusal := range saveRefusals {
		t.Run(refusal.name, func(t *testing.T) {
			w := newWorld(t)
			w.start()
			w.show(newImporter(w.rt, sheetOf{{Name: "first", Method: "GET", Path: "/first"}, {Name: "second", Method: "GET", Path: "/second"}}, "typed.json"))
			i := w.app.top().(*importer)
			r := &refusing{Backend: w.rt.Backend, err: refusal.err}
			w.rt.Backend = r
			w.press("enter")
			w.saysSomewhere(refusal.want)
			if len(i.marked) != 2 {
				t.Errorf("%d rows are marked, want both", len(i.marked))
			}
			r.err = nil
			w.press("enter")
			w.sees("2 workflows imported.")
		})
	}
}
