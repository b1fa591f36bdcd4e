package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

var (
	ada  = model.Actor{UID: 1000, PID: 4242, User: "ada"}
	root = model.Actor{UID: 0, PID: 77, User: "root", Claimed: "grace"}
)

// acts makes w's session that of an actor, five minutes later.
func (w *world) acts(a model.Actor, reason string) {
	w.now = w.now.Add(5 * time.Minute)
	w.session = w.service.As(model.Caller{Actor: a, Reason: reason})
}

// trail does something of each sort, so that it is on record.
func trail(w *world) {
	w.t.Helper()
	ctx := w.t.Context()
	check := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	w.acts(ada, "")
	w.workflows()
	w.token(model.KeyDraft{Name: "orders", Environment: "Test", Workflows: []string{"get-customer", "create-order"}})
	w.acts(ada, "ticket 1207: the partner leaves")
	w.disable("orders")
	w.acts(root, "")
	w.remake("orders", model.Secondary, 24*time.Hour)
	w.acts(ada, "")
	name, target := "orders and returns", ""
	_, err := w.session.EditKey(ctx, "orders", model.KeyEdit{Name: &name, Environment: &target, Forbid: []string{"create-order"}})
	check(err)
	w.acts(model.Actor{UID: 1003, PID: 9}, "")
	_, err = w.session.EditEnvironment(ctx, "Test", model.EnvironmentEdit{Production: true})
	check(err)
	mallory := w.service.As(model.Caller{Actor: model.Actor{UID: 666, PID: 1, User: "mallory"}, ReadOnly: true})
	if err := mallory.DeleteKey(ctx, name); !errors.Is(err, model.ErrForbidden) {
		w.t.Fatal(err)
	}
	w.acts(ada, "no longer needed")
	w.token(model.KeyDraft{Name: "old"})
	check(w.session.DeleteKey(ctx, "old"))
	name = "orders"
	_, err = w.session.EditKey(ctx, "orders and returns", model.KeyEdit{Name: &name})
	check(err)
}

// audits opens the audit trail from the list.
func (w *world) audits() *auditList {
	w.t.Helper()
	w.start()
	w.press("A")
	return w.app.top().(*auditList)
}

func TestAuditViews(t *testing.T) {
	eachSize(t, "trail", func(w *world) { trail(w); w.audits(); w.press("down", "down") })
	eachSize(t, "of a key", func(w *world) { trail(w); w.opens("orders"); w.press("A") })
	eachSize(t, "of a key without entries", func(w *world) { w.start(); w.show(newAudit(w.rt, 99)) })
	eachSize(t, "new store", func(w *world) { w.audits() })
	eachSize(t, "loading", func(w *world) { w.start(); w.hold = true; w.app.Update(pushMsg{newAudit(w.rt, 0)}) })
	eachSize(t, "error", func(w *world) { w.start(); w.backend.err = errTest; w.press("A") })
	eachSize(t, "stale", func(w *world) { trail(w); w.audits(); w.backend.err = errTest; w.press("ctrl+r") })
	eachSize(t, "filter typed", func(w *world) { trail(w); w.audits(); w.press("/"); w.write("key ada") })
	eachSize(t, "filtered", func(w *world) { trail(w); w.audits(); w.press("/"); w.write("refused"); w.press("enter") })
	eachSize(t, "no match", func(w *world) { trail(w); w.audits(); w.press("/"); w.write("zzz"); w.press("enter") })
	eachSize(t, "verified", func(w *world) { trail(w); w.audits(); w.press("v") })
	eachSize(t, "broken", func(w *world) {
		trail(w)
		w.audits()
		w.store.entries[3].Reason = "another"
		w.press("v")
	})
	eachSize(t, "long", func(w *world) { flips(w, 1000); w.audits(); w.press("pgdown", "pgdown", "pgdown") })
	eachSize(t, "help", func(w *world) { trail(w); w.audits(); w.press("?") })
	eachSize(t, "entry", func(w *world) {
		trail(w)
		w.audits()
		w.press("/")
		w.write("key.edit returns")
		w.press("enter", "enter")
	})
	eachSize(t, "entry with a claim", func(w *world) { trail(w); w.audits(); w.press("/"); w.write("grace"); w.press("enter", "enter") })
	eachSize(t, "entry of a refusal", func(w *world) { trail(w); w.audits(); w.press("/"); w.write("mallory"); w.press("enter", "enter") })
	eachSize(t, "entry of a new key", func(w *world) {
		trail(w)
		w.audits()
		w.press("/")
		w.write("created orders")
		w.press("enter", "enter")
	})
	eachSize(t, "first entry", func(w *world) { trail(w); w.audits(); w.press("end", "enter") })
}

func TestSmallestAuditViews(t *testing.T) {
	for name, keys := range map[string][]string{"list": nil, "entry": {"down", "down", "enter", "down"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			trail(w)
			w.resize(60, 16)
			w.audits()
			w.press(keys...)
			w.golden()
		})
	}
}

// flips disables and enables a key n times.
func flips(w *world, n int) {
	w.t.Helper()
	w.token(model.KeyDraft{Name: "app", Environment: "Test"})
	for i := range n {
		w.acts(ada, fmt.Sprintf("flip-%04d", i))
		if _, err := w.session.SetKeyEnabled(w.t.Context(), "app", i%2 == 1); err != nil {
			w.t.Fatal(err)
		}
	}
}

// onRecord is the entry under the cursor.
func (l *auditList) onRecord() uint64 {
	e, _ := l.table.current()
	return e.Seq
}

func TestAuditFetchesAsTheCursorNearsTheEnd(t *testing.T) {
	w := newWorld(t)
	flips(w, 1000)
	l := w.audits()
	w.sees("1 of 1,002")
	if n := len(w.backend.audits); n != 1 {
		t.Fatalf("%d requests for the first screen", n)
	}
	w.press(repeat("down", 1001)...)
	w.seesNot("…  …")
	w.sees("1,002 of 1,002", "store created")
	if n := len(w.backend.audits); n != 5 {
		t.Errorf("%d requests for 1,002 entries, want 5 pages of 240", n)
	}
	for i, e := range l.table.rows {
		if e.Seq != uint64(1002-i) {
			t.Fatalf("row %d is entry %d", i, e.Seq)
		}
	}
	w.press("home")
	w.sees("1 of 1,002")
	for range 6 {
		w.press("end")
	}
	w.sees("1,002 of 1,002")
}

func TestAuditOfAKey(t *testing.T) {
	w := newWorld(t)
	trail(w)
	w.opens("orders")
	w.press("A")
	w.sees("Keys › orders › Audit", "changes of this key", "1 of 5", "+ key created", "orders and")
	w.seesNot("workflow created", "environment edited", "refused")
	w.press("esc")
	w.sees("Permitted")
}

func TestAuditFilter(t *testing.T) {
	w := newWorld(t)
	trail(w)
	l := w.audits()
	w.press("/")
	w.write("DISABLED 1207")
	w.sees("1 of 1, filtered", "○ key disabled")
	w.write("x")
	w.sees("No entry matches")
	w.press("enter")
	if l.Typing() {
		t.Fatal("enter did not end the typing")
	}
	w.sees("esc clears the filter")
	w.press("esc")
	w.sees("all changes, newest first")
	w.press("/")
	w.write("refused")
	w.sees("✗ refused: key delete", "mallory")
	w.press("esc", "esc")
	if len(w.app.stack) != 1 {
		t.Error("esc did not go back to the keys")
	}
}

func TestAuditDropsStaleAnswers(t *testing.T) {
	w := newWorld(t)
	trail(w)
	w.audits()
	w.press("/")
	w.hold = true
	w.press("d")
	first := w.held
	w.held = nil
	w.write("isabled")
	w.release()
	w.sees("1 of 1, filtered")
	for _, cmd := range first {
		w.run(cmd)
	}
	w.sees("/ disabled", "1 of 1, filtered")
}

// What comes in while the trail is open stands in front; the cursor stays on
// its entry, and a list that is seen from its top goes on being so.
func TestAuditTakesNews(t *testing.T) {
	w := newWorld(t)
	flips(w, 600)
	w.resize(120, 40)
	l := w.audits()
	w.press("down")
	on := l.onRecord()
	asked := len(w.backend.audits)
	w.acts(root, "news")
	w.token(model.KeyDraft{Name: "late"})
	w.send(changedMsg{})
	w.sees("3 of 603", "root (claims")
	if l.onRecord() != on || l.table.top != 0 {
		t.Errorf("the cursor is on %d, want %d; the first row is %d", l.onRecord(), on, l.table.top)
	}
	if q := w.backend.audits[asked]; len(w.backend.audits) != asked+1 || q.After != 602 {
		t.Errorf("asked for %+v", w.backend.audits[asked:])
	}
	w.press("pgdown", "pgdown")
	on = l.onRecord()
	before := w.screen()
	w.disable("late")
	w.send(changedMsg{})
	if l.onRecord() != on {
		t.Errorf("the cursor went from %d to %d", on, l.onRecord())
	}
	body := func(view string) string { return strings.Join(strings.Split(view, "\n")[4:36], "\n") }
	if got := w.screen(); strings.ReplaceAll(body(got), "┃", "│") != strings.ReplaceAll(body(before), "┃", "│") {
		t.Errorf("the rows moved:\n%s\nbefore:\n%s", got, before)
	}
	w.press(repeat("down", 700)...)
	for i, e := range l.table.rows {
		if e.Seq != uint64(604-i) {
			t.Fatalf("row %d is entry %d", i, e.Seq)
		}
	}
}

// A change that many others followed at once is shown as well.
func TestAuditTakesMuchNews(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	w.resize(120, 40)
	l := w.audits()
	flips(w, 1500)
	w.send(changedMsg{})
	w.sees("reason: flip-1499")
	if e := l.table.rows[0]; e.Seq != l.last {
		t.Errorf("the first row is entry %d of %d", e.Seq, l.last)
	}
	w.press(repeat("end", 9)...)
	w.sees("store created")
	for i, e := range l.table.rows {
		if e.Seq != l.last-uint64(i) {
			t.Fatalf("row %d is entry %d", i, e.Seq)
		}
	}
}

func TestAuditShowsEntriesThatAreComing(t *testing.T) {
	w := newWorld(t)
	flips(w, 1000)
	w.resize(120, 40)
	w.audits()
	w.hold = true
	w.press("end")
	w.sees("241 of 1,002", "…")
	w.press("enter") // nothing is known of it
	if len(w.app.stack) != 2 {
		t.Error("an entry that is not there was opened")
	}
	w.press("down", "up", "end")
	if n := len(w.held); n != 1 {
		t.Errorf("%d requests wait, want 1", n)
	}
	w.release()
	w.sees("241 of 1,002", "reason: flip-0759")
}

func TestAuditRecoversFromAnError(t *testing.T) {
	w := newWorld(t)
	flips(w, 1000)
	w.resize(120, 40)
	w.audits()
	w.backend.err = errTest
	w.press("end")
	w.sees("✗ The store does not answer")
	w.press("up", "up")
	w.backend.err = nil
	w.press("ctrl+r", "end")
	w.seesNot("does not answer")
	w.sees("reason: flip-")
}

func TestAuditVerifies(t *testing.T) {
	w := newWorld(t)
	trail(w)
	l := w.audits()
	w.hold = true
	w.press("v")
	held := w.held
	w.held = nil
	w.press("v") // one at a time
	if len(w.held) != 0 {
		t.Error("a second verification was begun")
	}
	w.hold = false
	for _, cmd := range held {
		w.run(cmd)
	}
	w.sees("✓ The audit trail is whole: 17 entries")
	w.press("down")
	w.seesNot("whole")
	w.store.entries = append(w.store.entries[:4:4], w.store.entries[5:]...)
	w.press("v")
	w.sees("✗ The audit trail is broken at entry 5: it is missing")
	w.send(verifiedMsg{number: 1, entries: 3})
	w.seesNot("3 entries")
	if l.verifying != 0 {
		t.Error("a verification runs")
	}
}

// An entry is shown in full: its numbers, who, each field, why, and its hashes.
func TestAuditEntryIsInFull(t *testing.T) {
	w := newWorld(t)
	trail(w)
	w.resize(120, 40)
	l := w.audits()
	w.press("/")
	w.write("ticket")
	w.press("enter", "enter")
	e, _ := l.table.current()
	w.sees("Keys › Audit › Entry "+fmt.Sprint(e.Seq), "2026-11-21 12:10:00 UTC", "○ key disabled", "key.disable", "key orders",
		e.Object.ID.String(), "ada", "uid 1000, pid 4242", "ticket 1207: the partner leaves", "enabled → disabled", e.Prev.String(), e.Hash.String())
	w.press("esc")
	w.sees("1 of 1, filtered")
}

// An entry that is longer than the terminal can be scrolled to its end.
func TestAuditEntryScrolls(t *testing.T) {
	w := newWorld(t)
	long := model.Entry{Time: model.At(testNow), Action: model.KeyEdited, Actor: ada, Object: model.Object{Noun: "key", ID: 7, Name: "app"}}
	for i := range 50 {
		long.Changes = append(long.Changes, model.FieldChange{Field: fmt.Sprint("field ", i), To: strings.Repeat("value ", 30)})
	}
	w.store.record(long)
	w.open()
	w.audits()
	w.press("enter")
	w.sees("Sequence", "lines more")
	w.press("end")
	w.sees("Hash")
	w.seesNot("more")
	w.press(repeat("pgup", 20)...)
	w.sees("Sequence")
}

func TestHostileAudit(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.store.record(model.Entry{
				Time: model.At(testNow), Actor: model.Actor{UID: 1, PID: 2, User: text, Claimed: text, SSH: model.SSHKey{Fingerprint: text, Comment: text}},
				Action: model.Action("key." + text), Object: model.Object{Noun: text, ID: 7, Name: text}, Reason: text,
				Changes: []model.FieldChange{{Field: text, From: text, To: text}, {Field: text, To: text}, {Field: text, From: text}},
			})
			w.store.record(model.Entry{Action: model.Action(text), Refused: true})
			w.open()
			w.audits()
			w.shown("the trail")
			w.press("enter")
			w.shown("an entry of a refusal")
			w.press("esc", "down", "enter")
			w.shown("an entry")
			w.press("end")
			w.shown("the end of an entry")
			w.press("esc", "/")
			w.paste(text)
			w.shown("a paste into the filter")
			w.backend.err = errors.New(text)
			w.press("enter", "ctrl+r")
			w.shown("an error over the trail")
			w.send(verifiedMsg{number: 0, err: errors.New(text)})
			w.shown("a broken chain")
			w.press("esc")
			w.show(newAudit(w.rt, 7))
			w.shown("an error in place of the trail")
		})
	}
}
