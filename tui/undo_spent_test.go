package tui

import (
	"context"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// armed is a console in which the key "first" was just disabled: u takes that
// back. The key "late" is in the bin, and workflows are there.
func armed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.resize(160, 50)
	w.workflows()
	w.token(model.KeyDraft{Name: "a-first", Environment: "Test"})
	w.token(model.KeyDraft{Name: "b-other", Environment: "Test"})
	w.certificateKey(model.KeyDraft{Name: "c-cert", Environment: "Test"}, testCertificate(t, 1, "one", testNow, 600))
	w.token(model.KeyDraft{Name: "late", Environment: "Test"})
	w.deletes("late")
	w.start()
	w.press("e", "y")
	if w.sees(`u takes back disabling "a-first"`); w.key("a-first").Enabled {
		t.Fatal("it is not disabled")
	}
	return w
}

// laterChanges are the changes that a console can make, each after another that
// can be taken back. back is what the status line says u takes back then, why
// what it says in place of that.
var laterChanges = map[string]struct {
	do        func(w *world)
	back, why string
}{
	"enable":  {do: func(w *world) { w.press("e", "y") }, back: `enabling "a-first"`},
	"disable": {do: func(w *world) { w.press("down", "e", "y") }, back: `disabling "b-other"`},
	"delete": {do: func(w *world) {
		w.press("down", "d")
		w.write("b-other")
		w.press("enter")
	}, back: `deleting "b-other"`},
	"edit":         {do: func(w *world) { w.edits("b-other", partName); w.write("2"); w.press("ctrl+s") }, back: `the edit of "b-other2"`},
	"regenerate":   {do: func(w *world) { w.press("down", "r", "enter", "y", "esc", "y") }, why: "A regenerated secret cannot be taken back"},
	"bulk disable": {do: func(w *world) { w.press("down", "space", "e", "y") }, back: "disabling 1 key"},
	"bulk permit": {do: func(w *world) {
		w.press("down", "space")
		w.permits("get-customer")
		w.press("y")
	}, back: `permitting "get-customer" to 1 key`},
	"permit from a refusal": {do: func(w *world) {
		w.run(w.rt.permit(w.key("b-other"), w.workflow("get-customer").ID, "get-customer"))
	}, back: `permitting "get-customer" to "b-other"`},
	"certificate": {do: func(w *world) {
		w.send(certificateChosenMsg{owner: w.opens("c-cert"), slot: model.Secondary, certificate: testCertificate(w.t, 2, "two", testNow, 600)})
	}, back: `putting a certificate into "c-cert"`},
	"restore": {do: func(w *world) { w.press("B", "b", "enter") }, back: `restoring "late"`},
	"restore by a form": {do: func(w *world) {
		w.token(model.KeyDraft{Name: "late", Environment: "Test"})
		w.press("B", "b", "ctrl+s")
	}, back: `restoring "late-restored"`},
	"purge": {do: func(w *world) {
		w.now = w.now.AddDate(0, 0, 20)
		w.press("B", "X")
		w.write("purge")
		w.press("enter")
	}, why: "A purge cannot be taken back"},
	"new key": {do: func(w *world) {
		w.run(w.rt.createKey(1, keyRequest{draft: model.KeyDraft{Name: "new", Kind: model.TokenKey, Environment: "Test"}}, w.app.top()))
		w.press("esc", "y")
	}, why: "Making a key is not taken back"},
	"samples": {do: func(w *world) { w.run(w.rt.addSamples()) }, why: "Adding samples is not taken back"},
	"samples out": {do: func(w *world) {
		w.run(w.rt.addSamples())
		w.run(w.rt.removeSamples())
	}, why: "Taking the samples out is not taken back"},
	"new workflow": {do: func(w *world) {
		w.press("W", "n")
		w.write("fresh")
		w.press("ctrl+s")
	}, back: `making "fresh"`},
	"workflow": {do: func(w *world) {
		w.press("W")
		w.finds("nightly")
		w.press("enter")
		w.write("2")
		w.press("ctrl+s")
	}, back: `the edit of "nightly-report2"`},
	"delete workflow": {do: func(w *world) { w.press("W"); w.finds("nightly"); w.press("d", "y") }, back: `deleting "nightly-report"`},
	"new environment": {do: func(w *world) { w.press("E"); w.makesEnvironment("Fresh", false) }, back: `making "Fresh"`},
	"environment":     {do: func(w *world) { w.press("E"); w.finds("test"); w.press("enter"); w.write("2"); w.press("ctrl+s") }, back: `the edit of "Test2"`},
	"delete environment": {do: func(w *world) {
		if _, err := w.session.CreateEnvironment(w.t.Context(), model.EnvironmentDraft{Name: "Spare"}); err != nil {
			w.t.Fatal(err)
		}
		w.press("E")
		w.finds("spare")
		w.press("d", "y")
	}, back: `deleting "Spare"`},
	"import": {do: func(w *world) {
		w.show(newImporter(w.rt, sheetOf{{Name: "one"}, {Name: "two"}}, "a file"))
		w.press("enter")
	}, back: "importing 2 workflows"},
	"write a call": {do: func(w *world) {
		w.rt.Env = func(string) string { return w.t.TempDir() }
		w.run(w.rt.writeCall("call.sh", "curl"))
	}, why: "A file that was written is not taken back"},
	"write a certificate":  {do: func(w *world) { w.send(exportedMsg{path: "/a"}) }, why: "A file that was written"},
	"write a secret":       {do: func(w *world) { w.send(writtenMsg{path: "/a"}) }, why: "A file that was written"},
	"generate":             {do: func(w *world) { w.send(certificateMsg{picked: picked{source: generatedSource}}) }, why: "A file that was written"},
	"an open end":          {do: func(w *world) { w.send(outcomeMsg{err: model.ErrUnknownOutcome}) }, why: "It is not known yet"},
	"of a secret":          {do: func(w *world) { w.send(doubtMsg{err: model.ErrUnknownOutcome}) }, why: "It is not known yet"},
	"a form that was left": {do: func(w *world) { w.send(savedMsg{receipt: model.Receipt{Seq: 9}}) }, why: "its form was left"},
	"something else":       {do: func(w *world) { w.send(outcomeMsg{done: "It is done.", receipt: model.Receipt{Seq: 9}}) }, why: "The last change cannot be taken back"},
}

// u never takes back a change before the last: each later one brings its own
// undo, or the reason why there is none.
func TestUndoIsOfTheLastChange(t *testing.T) {
	for name, test := range laterChanges {
		t.Run(name, func(t *testing.T) {
			w := armed(t)
			before := w.key("a-first").Changed
			test.do(w)
			if name != "enable" && w.key("a-first").Changed != before {
				t.Fatal("the first key was changed")
			}
			if test.back != "" {
				w.sees("u takes back "+test.back, "u undo")
				return
			}
			w.seesNot("u undo", "u takes back")
			w.press("u")
			if w.app.status.text == "" || !strings.Contains(w.app.status.text, test.why) {
				t.Errorf("u says %q, want %q", w.app.status.text, test.why)
			}
			if w.key("a-first").Enabled {
				t.Error("an earlier change was taken back")
			}
		})
	}
}

// What changed nothing leaves the undo as it is.
func TestUndoOutlivesWhatChangesNothing(t *testing.T) {
	for name, do := range map[string]func(w *world){
		"refused":     func(w *world) { w.send(outcomeMsg{err: model.ErrConflict}) },
		"so already":  func(w *world) { w.run(w.rt.setEnabled(w.key("b-other").ID, "b-other", true)) },
		"not written": func(w *world) { w.send(exportedMsg{err: errTest}) },
		"no purge":    func(w *world) { w.run(w.rt.purgeBin(1)) },
		"read":        func(w *world) { w.send(certificateMsg{picked: picked{source: "a.crt"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := armed(t)
			do(w)
			w.press("u")
			w.sees(`"a-first" is enabled again.`)
		})
	}
}

// What is offered is named as long as it holds: until its time is over, or
// somebody else changed the same thing.
func TestUndoIsOfferedWhileItHolds(t *testing.T) {
	for name, test := range map[string]struct {
		then func(w *world)
		says string // u then
	}{
		"its time is over": {func(w *world) { w.send(undoOverMsg{w.app.undo}) }, "There is nothing to take back"},
		"another changed it": {func(w *world) {
			if _, err := w.session.SetKeyEnabled(w.t.Context(), "a-first", true); err != nil {
				w.t.Fatal(err)
			}
			w.elsewhere()
		}, `Not taken back: somebody changed "a-first" since.`},
		"another deleted it": {func(w *world) { w.deletes("a-first"); w.elsewhere() }, `Not taken back: somebody deleted "a-first" since.`},
	} {
		for _, later := range []bool{false, true} { // while it is told of the change, and after the next key press
			w := armed(t)
			w.elsewhere()
			if later {
				w.press("down")
			}
			w.sees(`u takes back disabling "a-first"`, "u undo")
			test.then(w)
			w.seesNot("u takes back", "u undo")
			if !later {
				w.sees(`"a-first" is disabled: its next call is refused.`)
			}
			w.press("u")
			if w.app.status.text == "" || !strings.Contains(w.app.status.text, test.says) {
				t.Errorf("%s: u says %q, want %q", name, w.app.status.text, test.says)
			}
		}
	}
}

// What others do to something else leaves the offer.
func TestUndoOutlivesOtherChanges(t *testing.T) {
	for name, test := range laterChanges {
		if test.back == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := armed(t)
			test.do(w)
			w.disable("a-first")
			w.token(model.KeyDraft{Name: "z"})
			w.elsewhere()
			if name != "enable" {
				w.sees("u takes back "+test.back, "u undo")
			}
			w.elsewhere()
			w.press("undo")
			if name != "enable" && w.app.undo.never != neverAgain {
				t.Errorf("it was not taken back: %s", w.app.status.text)
			}
		})
	}
}

// A key that may invoke production by now asks as one does.
func TestUndoAsksOfProductionByNow(t *testing.T) {
	w := armed(t)
	if _, err := w.session.EditEnvironment(t.Context(), "Test", model.EnvironmentEdit{Production: true}); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.press("u")
	w.sees(`◆ "a-first" may invoke Test: enable it again all the same?`)
	w.press("n")
	if w.key("a-first").Enabled {
		t.Error("no took it back")
	}
	w.press("undo")
	w.sees(`"a-first" is enabled again.`)
}

// What mends a refused call where that is explained is taken back as anything
// else: u, on the same screen.
func TestUndoOfARemedy(t *testing.T) {
	for sort, test := range map[string]struct {
		keys       []string
		what, done string
	}{
		"permission":  {[]string{"p", "yes"}, `permitting "cancel-order" to "billing-nightly"`, `"billing-nightly" is without "cancel-order" again.`},
		"disabled":    {[]string{"e", "yes"}, `enabling "legacy.import"`, `"legacy.import" is disabled again.`},
		"environment": {[]string{"down", "enter", "right", "ctrl+s", "yes"}, "the edit of ", " is as it was before the edit."},
	} {
		t.Run(sort, func(t *testing.T) {
			w := newWorld(t)
			w.resize(160, 50)
			traffic(w)
			before := w.explains(sort).explanation.Now
			for _, key := range test.keys {
				if key == "yes" && w.app.prompt == nil {
					continue
				}
				w.press(key)
			}
			for w.app.prompt != nil {
				w.press("y")
			}
			w.sees("u takes back "+test.what, "u undo")
			w.press("undo")
			w.sees(test.done)
			if now := w.app.top().(*why).explanation.Now; now != before {
				t.Errorf("the call would be %s, and was %s before", now, before)
			}
		})
	}
}

// A permit that somebody took away meanwhile is not taken from what is permitted
// anew.
func TestUndoOfAPermitLeavesWhatOthersChanged(t *testing.T) {
	w := armed(t)
	w.run(w.rt.permit(w.key("b-other"), w.workflow("get-customer").ID, "get-customer"))
	w.disable("b-other")
	w.press("u")
	w.sees(`Not taken back: somebody changed "b-other" since.`)
	w.wants("permitted", strings.Join(workflowNames(w.key("b-other")), ", "), "get-customer")
}

// What was brought back from the bin is put into it again.
func TestUndoOfARestore(t *testing.T) {
	w := armed(t)
	before := w.inBin()
	w.press("B", "b", "enter")
	w.sees(`u takes back restoring "late"`)
	w.press("u")
	w.sees(`"late" is in the bin again.`)
	w.wants("the bin", w.inBin(), before)
	w.press("b", "enter")
	if _, err := w.session.SetKeyEnabled(t.Context(), "late", true); err != nil {
		t.Fatal(err)
	}
	w.press("u")
	w.sees(`Not taken back: somebody changed "late" since.`)
	w.wants("the bin", w.inBin(), "")
}

// Just those workflows are deleted that the import made and nobody permits or
// changed since.
func TestUndoOfAnImport(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.previews(manyRows(60))
	before := len(w.store.entries)
	w.press("enter", "y")
	w.sees("60 workflows imported. u takes back importing 60 workflows.")
	w.token(model.KeyDraft{Name: "user", Environment: "Test", Workflows: []string{"op-003"}})
	name := "mine"
	if _, err := w.session.EditWorkflow(t.Context(), "op-004", model.WorkflowEdit{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.session.DeleteWorkflow(t.Context(), "op-005"); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("u undo")
	made := len(w.store.entries)
	w.press("u")
	w.resize(160, 50)
	w.sees("57 workflows are gone again; 1 stays, since a key may call it; 1 stays, since somebody changed it; 1 was deleted already.")
	if n := len(w.store.entries) - made; n != 57 || made-before != 63 {
		t.Errorf("%d audit entries, want one a workflow", n)
	}
	list, err := w.session.Workflows(t.Context())
	if err != nil || len(list) != len(samples())+2 {
		t.Errorf("%d workflows are left: %v", len(list), err)
	}
}

// Where it stops in the middle, u goes on with the rest.
func TestUndoOfAnImportThatStopped(t *testing.T) {
	w := newWorld(t)
	w.previews(manyRows(5))
	w.press("enter")
	w.rt.Backend = &stopping{Backend: w.backend, deletes: 2}
	w.press("u")
	w.sees("2 of 5 workflows gone again, then it stopped.", "u undo")
	w.press("u")
	w.sees("3 workflows are gone again.")
	w.press("u")
	w.sees("That was taken back already")
}

// stopping refuses one deletion of a workflow, after so many.
type stopping struct {
	Backend
	deletes int
}

func (s *stopping) DeleteWorkflow(ctx context.Context, ref string) (int, error) {
	if s.deletes--; s.deletes == -1 {
		return 0, errTest
	}
	return s.Backend.DeleteWorkflow(ctx, ref)
}
