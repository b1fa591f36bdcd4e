package model

import (
	"cmp"
	"slices"
)

// recalled is what tells a decision from every other one.
type recalled struct {
	run      ID
	sequence uint64
}

// repeats reports whether an answer may hold what was told before: what is new
// comes after all that its endpoint told.
func (r *Recall) repeats(p *ActivityPage) bool {
	return slices.ContainsFunc(p.Records, func(a Activity) bool { return a.Run != 0 && a.Sequence <= r.newest[a.Run] })
}

// passed is the newest decision of each endpoint, by Activity.Sequence, that a
// list has gone past whose cursor is after; nil where nothing of the answer is
// one. An endpoint tells in order, so whatever it decided before that is nothing
// new to the list.
func (r *Recall) passed(after uint64, p *ActivityPage) map[ID]uint64 {
	if after == 0 || !r.repeats(p) {
		return nil
	}
	upTo := map[ID]uint64{}
	for run, sequence := range r.gone {
		upTo[run] = sequence
	}
	for i := range r.records {
		if a := &r.records[i]; a.Run != 0 && a.Number <= after {
			upTo[a.Run] = max(upTo[a.Run], a.Sequence)
		}
	}
	return upTo
}

// recognize takes out of an answer what its list has gone past, and gives what is
// known the number under which it is.
func (r *Recall) recognize(passed map[ID]uint64, p *ActivityPage) {
	if !r.repeats(p) {
		r.note(p.Records)
		return
	}
	known := make(map[recalled]uint64, len(r.records))
	for i := range r.records {
		if a := &r.records[i]; a.Run != 0 {
			known[recalled{a.Run, a.Sequence}] = a.Number
		}
	}
	again := func(a Activity) bool { return a.Run != 0 && a.Sequence <= passed[a.Run] }
	if len(p.Records) > 0 && again(p.Records[0]) { // what was cut off is older still
		p.Missed -= min(p.Missed, p.Cut)
	}
	p.Records = slices.DeleteFunc(slices.Clone(p.Records), again)
	for i := range p.Records {
		a := &p.Records[i]
		if number, ok := known[recalled{a.Run, a.Sequence}]; ok {
			a.Number = number
		}
	}
	slices.SortFunc(p.Records, func(a, b Activity) int { return cmp.Compare(a.Number, b.Number) })
	r.note(p.Records)
}

func (r *Recall) note(list []Activity) {
	if r.newest == nil {
		r.newest, r.gone = map[ID]uint64{}, map[ID]uint64{}
	}
	for i := range list {
		if a := &list[i]; a.Run != 0 {
			r.newest[a.Run] = max(r.newest[a.Run], a.Sequence)
		}
	}
}

// letGo drops the oldest of what is kept, and knows the endpoints whose
// decisions those were. Of an endpoint of which nothing is left nothing is known
// either once there are too many of them.
func (r *Recall) letGo(over int) {
	for i := range r.records[:over] {
		if a := &r.records[i]; a.Run != 0 {
			r.gone[a.Run] = max(r.gone[a.Run], a.Sequence)
		}
	}
	r.records = slices.Clone(r.records[over:])
	if len(r.newest) <= mostRuns {
		return
	}
	there := map[ID]bool{}
	for i := range r.records {
		there[r.records[i].Run] = true
	}
	for run := range r.newest {
		if !there[run] {
			delete(r.newest, run)
			delete(r.gone, run)
		}
	}
}

// isGone reports whether a decision is older than what is kept of its endpoint:
// it is shown to whoever asks for it, and not kept anew among what is newer.
func (r *Recall) isGone(a Activity) bool { return a.Run != 0 && a.Sequence <= r.gone[a.Run] }

func (r *Recall) holdsGone(list []Activity) bool { return slices.ContainsFunc(list, r.isGone) }
