package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// deletes puts keys into the bin, a minute apart.
func (w *world) deletes(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.now = w.now.Add(time.Minute)
		if err := w.session.DeleteKey(w.t.Context(), name); err != nil {
			w.t.Fatal(err)
		}
	}
}

// binned fills the bin with a key of each sort, and opens it.
func binned(w *world) {
	variety(w)
	if _, err := w.session.CreateEnvironment(w.t.Context(), model.EnvironmentDraft{Name: "Stage"}); err != nil {
		w.t.Fatal(err)
	}
	w.token(model.KeyDraft{Name: "staged", Environment: "Stage"})
	w.deletes("old", "kiosk")
	w.now = w.now.Add(10 * 24 * time.Hour)
	w.deletes("billing-nightly", "crm sync", "warehouse", "staged")
	if err := w.session.DeleteEnvironment(w.t.Context(), "Stage"); err != nil {
		w.t.Fatal(err)
	}
	w.token(model.KeyDraft{Name: "CRM sync", Environment: "Test"})
	w.now = w.now.Add(4*24*time.Hour + time.Hour)
	w.start()
	w.press("B")
}

func TestBinViews(t *testing.T) {
	everySize(t, "list", func(w *world) { binned(w) })
	everySize(t, "empty", func(w *world) { variety(w); w.start(); w.press("B") })
	everySize(t, "no match", func(w *world) { binned(w); w.finds("zzz") })
	everySize(t, "key", func(w *world) { binned(w); w.finds("billing"); w.press("enter") })
	everySize(t, "key whose environment is gone", func(w *world) { binned(w); w.finds("staged"); w.press("enter") })
	everySize(t, "restore asked", func(w *world) { binned(w); w.finds("billing"); w.press("b") })
	everySize(t, "restore asked again", func(w *world) { binned(w); w.finds("billing"); w.press("b", "enter") })
	everySize(t, "another name", func(w *world) { binned(w); w.finds("crm"); w.press("b") })
	everySize(t, "restored", func(w *world) { binned(w); w.finds("warehouse"); w.press("b", "enter") })
	everySize(t, "purge asked", func(w *world) { binned(w); w.press("X") })
	everySize(t, "error", func(w *world) { variety(w); w.start(); w.backend.err = errTest; w.press("B") })
	everySize(t, "read-only", func(w *world) { binned(w); w.rt.ReadOnly = true })
}

func TestBinRestores(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.finds("warehouse")
	w.press("b")
	w.sees("[ Restore ]", "warehouse", "no call works until you enable it")
	w.press("esc")
	w.press("b", "enter")
	w.sees(`"warehouse" is restored, disabled: e on the list enables it.`)
	if k := w.key("warehouse"); k.Enabled || len(k.Workflows) != 1 {
		t.Errorf("restored was %+v", k)
	}
	w.press("esc", "esc")
	w.wants("the cursor", w.under(), "warehouse")

	w.press("B")
	w.finds("staged")
	w.press("b")
	w.sees(`The environment that "staged" was for is deleted`)
	w.press("esc")
	w.finds("crm")
	w.press("b")
	w.sees("Another key is called crm sync by now", "crm sync-restored", "[ Restore ]")
	w.press("ctrl+u")
	w.write("billing-nightly") // which is in the bin: its name is free
	w.press("ctrl+s")
	w.sees(`"billing-nightly" is restored`)
	w.press("esc")
	w.finds("billing")
	w.press("enter")
	w.sees("Another key has its name by now")
	w.press("b", "ctrl+u")
	w.write("CRM sync")
	w.press("ctrl+s")
	w.sees("billing-nightly\" may invoke Production: restore it")
	w.press("y")
	w.sees("is taken by another key")
	w.write("2")
	w.press("ctrl+s", "y")
	w.sees(`"CRM sync2" is restored`)
	w.key("CRM sync2")
}

// A key whose name is free may come back under another one all the same.
func TestBinRestoresUnderAnotherName(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.finds("warehouse")
	w.press("b", "up", "up", "up")
	w.sees("Callers do not send the name")
	w.press("ctrl+u")
	w.write(" warehouse 2 ")
	w.press("ctrl+s")
	w.sees(`"warehouse 2" is restored, disabled`)
	w.key("warehouse 2")
}

func TestBinPurges(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.press("X")
	w.sees("Purge 2 deleted keys for good?", "There is no way")
	w.press("y", "enter")
	w.sees("That is not purge")
	w.press("esc", "X")
	w.write("purge")
	w.press("enter")
	w.sees("2 deleted keys purged.")
	w.seesNot("kiosk")
	page, err := w.session.DeletedKeys(t.Context(), model.BinQuery{})
	if err != nil || page.Total != 4 {
		t.Errorf("%d are left, %v", page.Total, err)
	}
	w.press("X")
	w.wants("nothing is due", w.app.top().Title(), "Bin")
	if w.app.prompt != nil {
		t.Error("a purge of nothing is asked about")
	}
}

// What others restore or purge is gone here as well, and a key of the bin has
// its trail.
func TestBinFollows(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.stands(serveOwns)
	w.finds("warehouse")
	w.press("enter")
	if _, err := w.session.RestoreKey(t.Context(), "warehouse", ""); err != nil {
		t.Fatal(err)
	}
	w.elsewhere()
	w.sees("This key is not in the bin any more")
	w.press("b")
	if _, form := w.app.top().(*restoreForm); form {
		t.Error("it can be restored twice")
	}
	w.press("esc", "esc")
	w.seesNot("warehouse")
}

func TestBinOfHostileNames(t *testing.T) {
	for _, text := range hostile {
		w := newWorld(t)
		k := model.DeletedKey{ID: 7, Name: text, Environment: text, Kind: model.TokenKey, Deleted: model.At(testNow), NameTaken: true}
		l := newBin(w.rt).(*binList)
		w.start()
		w.show(l)
		l.loaded, l.all, l.at = true, []model.DeletedKey{k}, testNow
		l.put()
		w.shown("a deleted key")
		w.show(newDeleted(w.rt, k, testNow))
		w.shown("one deleted key")
		w.show(newRestoreForm(w.rt, k, nil))
		w.shown("its form")
		w.run(live("restore it", nil, model.KeyRow{Name: text, Environment: text, Production: true}))
		w.shown("the question about production")
	}
}

// What is typed before the question is seen is not what the yes is about.
func TestBinRestoresUnderTheNameThatWasAsked(t *testing.T) {
	w := newWorld(t)
	binned(w)
	w.finds("billing")
	w.press("b", "up", "up", "up")
	w.hold = true
	w.press("ctrl+s", "2") // each on a slow machine
	w.release()
	w.sees("◆")
	w.press("y")
	w.sees(`"billing-nightly" is restored`)
}
