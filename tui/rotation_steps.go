package tui

import (
	"fmt"
	"time"

	"dev.keyward/keyward/model"
)

// justMade is how long after a slot was made anew that is what the screen speaks
// of: the longest grace period. Later the next rotation begins.
const justMade = 7 * 24 * time.Hour

// turnover is how far the renewal of one slot has come: its callers go over to
// the other one first.
type turnover struct {
	old, next model.SlotInfo // callers go from old to next
	key       model.KeyInfo
	kind      model.Kind
	at        time.Time
	fresh     bool // next was made later than old
	done      bool // old is what was made anew a short time ago
}

// turnover looks at the key with the slot under the cursor as the one that is to
// be renewed; of certificates it is the one that ends first.
func (r *rotation) turnover() turnover {
	old := r.key.Slot(model.SlotNames[r.on])
	next := r.key.Slot(old.Slot.Other())
	if r.key.Kind == model.CertificateKey && (old.Empty || endsLater(old, next)) {
		old, next = next, old
	}
	t := turnover{old: old, next: next, key: r.key, kind: r.key.Kind, at: r.at, fresh: next.Created > old.Created}
	t.done = t.kind == model.TokenKey && old.Created > next.Created && r.at.Sub(old.Created.Time()) < justMade
	return t
}

// acts is the slot of the step that is to be done now: where that is none of this
// console's, of the next one that is.
func (t turnover) acts() model.SlotName {
	if t.done || t.outNow() {
		return t.old.Slot
	}
	if steps, now := t.steps(); now == 0 && len(steps) > 1 {
		return t.next.Slot
	}
	return t.old.Slot
}

func endsLater(a, b model.SlotInfo) bool {
	return a.Certificate != nil && b.Certificate != nil && a.Certificate.NotAfter.After(b.Certificate.NotAfter)
}

// taken reports whether callers have what the other slot holds: one used it
// within a day, or after the last call with the old one.
func (t turnover) taken() bool {
	if t.next.Empty || lastUse(t.key, t.next) != useSince || t.fresh && len(t.next.Retiring) > 0 {
		return false
	}
	return len(callersNow(t.next, t.at)) > 0 || t.old.Usage == nil || t.next.Usage.LastUsed > t.old.Usage.LastUsed
}

// unused reports whether the old slot was never used: nobody can be cut off.
func (t turnover) unused() bool { return t.old.Usage == nil || t.old.Usage.LastUsed == 0 }

// moved counts those who called with the old one in the last two weeks, and of
// them those who have called with the other one since. all is "" where there are
// none.
func (t turnover) moved() (gone int, all string) {
	was := t.old.Usage.CallersSince(model.At(t.at.Add(-model.UsageDays * 24 * time.Hour)))
	since := t.next.Created
	if since == t.key.Created { // nothing was there before
		since = model.At(since.Time().Truncate(time.Minute))
	}
	for _, c := range was {
		for _, now := range t.next.Usage.CallersSince(since) {
			gone += index(now.Remote == c.Remote && now.Last > c.Last)
		}
	}
	if len(was) > 0 {
		all = callerCount(was)
	}
	return gone, all
}

// steps are the safe order, and which of them is to be done now.
func (t turnover) steps() (steps []string, now int) {
	if t.kind == model.CertificateKey {
		return t.certificateSteps()
	}
	old, next := t.old.Slot, t.next.Slot
	steps = []string{
		fmt.Sprintf("Regenerate %s, unless its secret is stored (quiet: nobody is cut off), and store it.", next),
		fmt.Sprintf("Give every caller the %s secret.", next),
		fmt.Sprintf("Wait until %s is quiet: no call in 24 h.", old),
		fmt.Sprintf("Regenerate %s: nobody is cut off.", old),
	}
	switch {
	case t.unused():
		return []string{fmt.Sprintf("Regenerate %s: no call ever used it, nobody is cut off.", old)}, 0
	case refusedAlready(t.key, t.old, t.at) != "":
		return t.refusedSteps(), 0
	case t.taken():
		steps[0] = upperFirst(next.String()) + " is in use: take its secret from where it is stored."
		now = t.waiting(steps, 2)
	case t.fresh:
		steps[0] = fmt.Sprintf("Regenerate %s, and store it: done %s.", next, t.next.Created.Ago(t.at))
		now = 1
		switch {
		case len(t.next.Retiring) > 0:
			steps[1] += fmt.Sprintf(" Calls with the one before it, which works until %s, are not told apart.", byEnd(t.next)[len(t.next.Retiring)-1].Until.Text())
		default:
			steps[1] += t.notYet(" Nobody has used it yet.")
		}
	}
	return steps, now
}

func (t turnover) certificateSteps() (steps []string, now int) {
	old, next := t.old.Slot, t.next.Slot
	steps = []string{
		fmt.Sprintf("Put the next certificate into %s.", next),
		fmt.Sprintf("Have every caller use it, instead of the one in %s.", old),
		fmt.Sprintf("Wait until %s is quiet: no call in 24 h.", old),
		fmt.Sprintf("Take the %s one out: nobody is cut off.", old),
	}
	switch {
	case t.next.Empty:
		if t.old.Certificate != nil && t.old.Certificate.Expired(t.at) {
			return t.expiredSteps(), 0
		}
		return steps, 0
	case t.outNow():
		return t.expiredSteps(), 0
	case t.unused():
		return []string{fmt.Sprintf("Take the %s one out: no call ever used it, nobody is cut off.", old)}, 0
	case !t.taken():
		steps[1] += t.notYet(" Nobody has yet.")
		return steps, 1
	}
	return steps, t.waiting(steps, 2)
}

// waiting is the step of waiting, numbered n, or the one behind it once the old
// slot is quiet, or that before while none of its callers has gone over.
func (t turnover) waiting(steps []string, n int) int {
	if cutOff(t.key, t.old, t.at) == "" {
		return n + 1
	}
	gone, all := t.moved()
	if all == "" {
		return n
	}
	n -= index(gone == 0)
	steps[n] += fmt.Sprintf(" %d of %s moved.", gone, all)
	return n
}

// order is the heading of the steps, the steps, and which is to be done now.
func (t turnover) order() (head string, steps []string, now int) {
	if !t.done {
		steps, now = t.steps()
		return fmt.Sprintf("The safe order to renew %s", t.old.Slot), steps, now
	}
	old, next := t.old.Slot, t.next.Slot
	head = fmt.Sprintf("%s was made anew %s: what is left", upperFirst(old.String()), t.old.Created.Ago(t.at))
	give := fmt.Sprintf("Give every caller the new %s secret", old)
	switch lastUse(t.key, t.old) {
	case useNever, useBefore:
		give += "; nobody has used it yet"
	case useAround:
		if len(t.old.Retiring) == 0 {
			give += "; whether one has it is not known yet"
		}
	}
	onward := fmt.Sprintf("To renew %s too, %s shows its steps.", next, rotationKeys.Next.Help().Key)
	elsewhere := fmt.Sprintf("Nothing for callers: they use %s.", next)
	others := len(callersNow(t.next, t.at)) > 0 && lastUse(t.key, t.next) == useSince
	left := t.left()
	switch {
	case len(t.old.Retiring) > 0 && others && len(callersNow(t.old, t.at)) == 0:
		return head, []string{elsewhere, endsText(t.old, t.at), onward}, 1
	case len(t.old.Retiring) > 0:
		return head, []string{give + ".", endsText(t.old, t.at), onward}, 0
	case len(left) > 0:
		return head, []string{fmt.Sprintf("%s. %s of the last 24 h %s refused until then.", give, upperFirst(callerCount(left)), isAre(len(left))), onward}, 0
	case others:
		return head, []string{elsewhere, onward}, 1
	case lastUse(t.key, t.old) == useSince:
		return head, []string{"Nothing: callers use the new one.", onward}, 1
	}
	return head, []string{give + ".", onward}, 0
}

// safeOrder renders the order: ✓ is done, ▸ is to be done now.
func (r *rotation) safeOrder() []string {
	s := r.rt.styles
	head, steps, now := r.turnover().order()
	if r.rt.degraded != "" { // how far it has come is not known
		now = -1
	}
	lines := []string{gutter + s.label.Render(clip(head, r.width-2))}
	for i, text := range steps {
		sign, style := "  ", s.text
		switch {
		case i < now:
			sign, style = "✓ ", s.faint
		case i == now:
			sign, style = "▸ ", s.strong
		}
		indented := ""
		for _, line := range styledLines(style, fmt.Sprintf("%d. %s", i+1, text), max(min(r.width-6, 96), 10)) {
			lines = append(lines, gutter+sign+indented+line)
			sign, indented = "  ", "   "
		}
	}
	return lines
}
