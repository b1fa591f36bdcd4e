package tui

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dev.keyward/keyward/model"
)

// inBin are the names of the keys in the bin.
func (w *world) inBin() string {
	w.t.Helper()
	page, err := w.session.DeletedKeys(w.t.Context(), model.BinQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, k := range page.Keys {
		names = append(names, k.Name)
	}
	return strings.Join(sorted(names), ", ")
}

// deletesMarked deletes what is marked.
func (w *world) deletesMarked(word string) {
	w.t.Helper()
	w.press("d")
	w.write(word)
	w.press("enter")
	for w.app.prompt != nil {
		w.press("y")
	}
}

// Each key is as it was: enabled or not, with what it permitted.
func TestUndoOfABulkDelete(t *testing.T) {
	w := newWorld(t)
	variety(w)
	few(w)
	w.disable("c")
	before := map[string]model.KeyInfo{}
	for _, name := range []string{"a", "b", "c"} {
		before[name] = w.key(name)
	}
	w.start()
	w.press("space", "down", "down", "space", "down", "down", "space") // a name as long as names may be is the second
	w.wants("marked", w.marked(), "a, b, c")
	w.deletesMarked("delete 3")
	w.sees("3 keys deleted. u takes back deleting 3 keys.")
	w.wants("in the bin", w.inBin(), "a, b, c")
	entries := len(w.store.entries)
	w.press("undo")
	w.sees("3 keys are restored, 2 enabled and 1 disabled as before.")
	if made := len(w.store.entries) - entries; made != 5 {
		t.Errorf("%d audit entries, want one a key that is restored or enabled", made)
	}
	for name, was := range before {
		if diff := cmp.Diff(was, w.key(name), cmpopts.IgnoreFields(model.KeyInfo{}, "Changed")); diff != "" {
			t.Errorf("%s is not as it was (-before +now):\n%s", name, diff)
		}
	}
	w.seesNot("u undo")
}

// What is no longer in the bin, or whose name is taken, is told of, and the rest
// comes back.
func TestUndoOfABulkDeleteLeavesWhatOthersDid(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("*")
	w.deletesMarked("delete 4")
	if _, err := w.session.RestoreKey(t.Context(), "a", "other"); err != nil {
		t.Fatal(err)
	}
	w.token(model.KeyDraft{Name: "b", Environment: "Test"})
	w.press("undo")
	w.sees("2 keys are restored, enabled as before; 1 key is no longer in the bin; 1 key")
	w.wants("in the bin", w.inBin(), "b")
	w.wants("enabled", w.enabled(), "b, c, d")
}

func TestUndoOfABulkDeleteThatStopped(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("*")
	w.deletesMarked("delete 4")
	w.rt.Backend = &failing{Backend: w.backend, restores: 2}
	w.press("undo")
	w.sees("2 keys are restored, enabled as before, then it stopped.", "u undo")
	w.wants("in the bin", w.inBin(), "c, d")
	w.press("undo")
	w.sees("2 keys are restored, enabled as before.")
	w.wants("enabled", w.enabled(), "a, b, c, d")
}

// failing refuses one restoring, after so many.
type failing struct {
	Backend
	restores int
}

func (f *failing) RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error) {
	if f.restores--; f.restores == -1 {
		return model.RestoredKey{}, errTest
	}
	return f.Backend.RestoreKey(ctx, ref, name)
}

// Of each key just those are taken that it did not permit before.
func TestUndoOfABulkPermit(t *testing.T) {
	w := newWorld(t)
	w.workflows()
	few(w)
	if _, err := w.session.EditKey(t.Context(), "c", model.KeyEdit{Permit: []string{"get-customer"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.session.EditKey(t.Context(), "d", model.KeyEdit{Permit: []string{"get-customer", "create-order"}}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.press("*")
	w.run(w.rt.lookPermit(w.app.stack[0].(*keyList).marks.ids(), []string{"get-customer", "create-order"}))
	w.press("yes")
	w.sees("3 keys may call 2 workflows. u takes back permitting 2")
	entries := len(w.store.entries)
	w.press("undo")
	w.sees("3 keys are without them again.")
	if made := len(w.store.entries) - entries; made != 3 {
		t.Errorf("%d audit entries, want one a key", made)
	}
	for name, want := range map[string]string{"a": "", "b": "", "c": "get-customer", "d": "create-order, get-customer"} {
		w.wants(name, strings.Join(sorted(workflowNames(w.key(name))), ", "), want)
	}
}

// What was changed by somebody else while the question was open is theirs.
func TestUndoOfABulkDisableIsExact(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("*", "e")
	w.disable("b")
	w.press("yes")
	w.sees("3 keys disabled, 1 so already.")
	w.press("undo")
	w.sees("3 keys are enabled again.")
	w.wants("enabled", w.enabled(), "a, c, d")
}

// Where somebody was quicker within the change itself, nobody knows whose doing
// a key is.
func TestUndoOfABulkDisableThatIsNotKnown(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.rt.Backend = &quicker{w.backend, func() { w.disable("b") }}
	w.press("*", "e", "yes")
	w.sees("3 keys disabled, 1 so already.")
	w.seesNot("u undo", "takes back")
	w.press("u")
	w.sees("Not taken back: somebody changed some of these keys at the same moment")
	w.wants("enabled", w.enabled(), "")
}

// quicker does something just before keys are changed.
type quicker struct {
	Backend
	first func()
}

func (q *quicker) ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error) {
	q.first()
	return q.Backend.ChangeKeys(ctx, refs, b)
}

// u with nothing to take back says so.
func TestUndoOfNothing(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("u")
	w.sees("There is nothing to take back")
}

// slotKey is a certificate key with one certificate, and another to put in.
func slotKey(w *world) (first, next model.Certificate) {
	first = testCertificate(w.t, 1, "first", testNow.AddDate(0, -1, 0), 600)
	w.certificateKey(model.KeyDraft{Name: "single", Environment: "Test"}, first)
	return first, testCertificate(w.t, 2, "next", testNow.AddDate(0, -1, 0), 600)
}

func (w *world) holds(name string, slot model.SlotName) model.Digest {
	w.t.Helper()
	k := w.key(name)
	if c := k.Slot(slot).Certificate; c != nil {
		return c.SHA256
	}
	return model.Digest{}
}

func TestUndoOfACertificate(t *testing.T) {
	w := newWorld(t)
	first, next := slotKey(w)
	d := w.opens("single")
	w.send(certificateChosenMsg{owner: d, slot: model.Secondary, certificate: next})
	w.sees(`"single" has a secondary certificate now. u takes back putting a`)
	w.press("u")
	w.sees(`The secondary slot of "single" is empty again`)
	if !w.holds("single", model.Secondary).IsZero() {
		t.Error("it is not")
	}

	w.send(certificateChosenMsg{owner: d, slot: model.Primary, certificate: next})
	w.press("y")
	w.sees("is replaced")
	w.press("u")
	w.sees(`"single" has its primary certificate again.`)
	if w.holds("single", model.Primary) != first.SHA256 {
		t.Error("it has not")
	}

	w.send(certificateChosenMsg{owner: d, slot: model.Secondary, certificate: next})
	w.run(askRemoveCertificate(w.rt, w.key("single"), model.Primary))
	w.press("y")
	w.sees("certificate of", "is removed")
	w.press("u")
	w.sees("certificate again.")
	if w.holds("single", model.Primary) != first.SHA256 || w.holds("single", model.Secondary) != next.SHA256 {
		t.Error("the slots are not as they were")
	}
	c, err := w.session.Certificate(t.Context(), "single", model.Secondary)
	if err != nil || string(c.DER) != string(next.DER) {
		t.Errorf("the DER is not that which was taken out: %v", err)
	}
}

func TestUndoOfACertificateLeavesWhatOthersChanged(t *testing.T) {
	w := newWorld(t)
	_, next := slotKey(w)
	w.send(certificateChosenMsg{owner: w.opens("single"), slot: model.Secondary, certificate: next})
	w.disable("single")
	w.press("u")
	w.sees(`Not taken back: somebody changed "single" since.`)
	if w.holds("single", model.Secondary) != next.SHA256 {
		t.Error("it is taken back")
	}
}

// An expired certificate is put into no slot: that is said at once.
func TestUndoOfAnExpiredCertificate(t *testing.T) {
	w := newWorld(t)
	_, next := slotKey(w)
	w.certificateKey(model.KeyDraft{Name: "late", Environment: "Test"}, testCertificate(t, 3, "late", testNow, 1))
	w.now = testNow.AddDate(0, 0, 2)
	w.send(certificateChosenMsg{owner: w.opens("late"), slot: model.Primary, certificate: next})
	w.press("y")
	w.seesNot("takes back", "u undo")
	w.press("u")
	w.sees("cannot be taken back: the primary certificate", "expired, and none that has is put in")
}

// A regenerated secret takes the place of what could be taken back before.
func TestUndoOfARegeneratedSecret(t *testing.T) {
	w := newWorld(t)
	few(w)
	w.start()
	w.press("e", "y")
	w.sees(`u takes back disabling "a"`)
	w.press("r", "enter", "y")
	if _, shown := w.app.top().(*reveal); !shown {
		t.Fatal("no secret is shown")
	}
	w.press("esc", "y")
	w.seesNot("u undo")
	w.press("u")
	w.sees("A regenerated secret cannot be taken back", "It works until")
	w.wants("enabled", w.enabled(), "b, c, d")
}
