package tui

import "dev.keyward/keyward/model"

// on is the remedy under the cursor; ok is false where that is none.
func (w *why) on() (r model.Remedy, ok bool) {
	if s, here := w.here(); here && s.remedy >= 0 {
		return w.explanation.Remedies[s.remedy], true
	}
	return r, false
}

// comeBack puts the cursor on the remedy on which it was before the explanation
// came anew or, where that one is over, on the first: what was done led to it.
func (w *why) comeBack(was model.Remedy) {
	w.cursor = w.firstRemedy()
	for i, s := range w.stops() {
		if s.remedy >= 0 && w.explanation.Remedies[s.remedy] == was {
			w.cursor = i
		}
	}
}
