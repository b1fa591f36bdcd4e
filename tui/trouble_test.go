package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// What storage and sharing say of a data directory that is damaged, full, or held
// by a process that is stopped.
const (
	damagedWhy = "the data directory /home/ada/.local/share/keyward is damaged (keyward.v1/000001.vlog: a checksum does not match): 3 confirmed changes are missing, so nothing is read from it; " +
		"put a backup back with keyward restore FILE --data /home/ada/.local/share/keyward --accept-rollback, or the journal's records with keyward restore --from-journal; until then keyward serve goes on deciding from the journal, read-only"
	nothingWhy = damagedWhy + "; and its journal cannot be read either: the data directory /home/ada/.local/share/keyward is damaged (journal: a record is cut off), so nothing is read from it"
	fullWhy    = "opening the store in /home/ada/.local/share/keyward: no space left for the store: 12 MiB are free and 64 MiB have to be"
	silentWhy  = "the data directory /home/ada/.local/share/keyward is held by keyward (pid 4242), which does not answer: kill -CONT 4242 lets it go on if it is stopped, kill 4242 ends it"
)

var (
	damaged = model.Standing{Seq: 7, Owner: serveOwns.Owner, Degraded: damagedWhy}
	silent  = model.Standing{Seq: 7, Stale: silentWhy}
)

// Each trouble is a line, whose beginning says what matters; none is told twice;
// nobody owns the store who does not answer.
func TestTroubleViews(t *testing.T) {
	with := func(change func(st *model.Standing)) model.Standing {
		st := damaged
		change(&st)
		return st
	}
	for _, test := range []struct {
		name string
		st   model.Standing
	}{
		{"damaged", damaged},
		{"nothing to read", with(func(st *model.Standing) { st.Degraded = nothingWhy })},
		{"full", with(func(st *model.Standing) { st.Degraded = fullWhy })},
		{"silent", silent},
		{"damaged and silent", with(func(st *model.Standing) { st.Owner, st.Stale = model.Peer{}, silentWhy })},
		{"damaged between owners", with(func(st *model.Standing) { st.Owner, st.Stale = model.Peer{}, damagedWhy })},
	} {
		everySize(t, test.name, func(w *world) { variety(w); w.start(); w.stands(test.st) })
	}
	everySize(t, "help", func(w *world) {
		variety(w)
		w.start()
		st := damaged
		st.Stale = silentWhy
		w.stands(st)
		w.press("?")
	})
	everySize(t, "refused", func(w *world) { variety(w); w.start(); w.stands(damaged); w.press("down", "e") })
	everySize(t, "token", func(w *world) {
		variety(w)
		w.opens("crm sync")
		w.stands(damaged)
		w.press("down", "down", "down", "down", "down")
	})
	everySize(t, "certificates", func(w *world) { variety(w); w.opens("warehouse"); w.stands(damaged); w.press("end") })
}

// Where nothing can be changed each key that would is refused at once, in words
// that fit the smallest terminal; nothing that was entered is lost, and it is
// taken when that is over.
func TestDegradedRefusesChanges(t *testing.T) {
	const refusal = "! Nothing can be changed: the store is damaged."
	asks := func(t *testing.T, w *world, keys ...string) {
		t.Helper()
		for _, key := range keys {
			depth := len(w.app.stack)
			w.press(key)
			if w.sees(refusal); len(w.app.stack) != depth || w.app.prompt != nil {
				t.Errorf("%q asks something all the same:\n%s", key, w.screen())
			}
			w.press("down")
		}
	}
	t.Run("list", func(t *testing.T) {
		w := newWorld(t)
		w.resize(minWidth, minHeight)
		variety(w)
		w.start()
		w.stands(damaged)
		asks(t, w, "n", "e", "r", "d", "t")
		w.press("/", "e")
		w.seesNot("Nothing can be changed")
	})
	t.Run("detail", func(t *testing.T) {
		for _, name := range []string{"crm sync", "warehouse"} {
			w := newWorld(t)
			variety(w)
			w.opens(name)
			w.stands(damaged)
			asks(t, w, "enter", "e", "r", "d", "x", "enter")
		}
	})
	t.Run("edit", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.edits("crm sync", partName)
		w.write("2")
		w.stands(damaged)
		w.press("ctrl+s")
		w.sees(refusal, "crm sync2")
		w.stands(serveOwns)
		w.press("ctrl+s")
		w.key("crm sync2")
	})
	t.Run("renewal", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("down", "r")
		w.stands(damaged)
		w.press("enter")
		if w.sees(refusal); w.app.prompt != nil {
			t.Error("it asks all the same")
		}
	})
	t.Run("wizard", func(t *testing.T) {
		m, _ := newWizardTest(t)
		m.toToken(stepReview)
		m.send(standingMsg{standing: damaged})
		m.keys("enter")
		if m.sees(refusal, "billing"); len(m.store.drafts) > 0 {
			t.Error("the store was asked")
		}
		m.send(restedMsg{})
		m.send(standingMsg{standing: serveOwns})
		m.keys("enter")
		m.sees("Store these secrets now")
	})
}

// The keys of changes come back with the store.
func TestDegradedKeysLeaveTheHelp(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.stands(damaged)
	w.seesNot("n new", "e disable", "space mark", "d delete")
	w.sees("enter open", "s sort")
	w.press("?")
	if help := strings.Join(strings.Fields(w.screen()), " "); !strings.Contains(help, "3 confirmed changes are missing") || !strings.Contains(help, "keyward restore --from-journal") {
		t.Errorf("the help screen does not tell the whole sentence:\n%s", w.screen())
	}
	if strings.Contains(w.app.help.flow(76), "regenerate") {
		t.Error("the help screen has keys that do nothing")
	}
	w.press("esc")
	w.stands(mineOwn)
	w.sees("n new", "e disable", "d delete")
}
