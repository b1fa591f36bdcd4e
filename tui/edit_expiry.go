package tui

import (
	"fmt"
	"time"

	"dev.keyward/keyward/model"
)

// expiryValue renders the expiry. One that typing takes the place of is marked;
// the note below it says so too.
func (e *edit) expiryValue() string {
	s := e.rt.styles
	if !e.whole || e.field != editExpires || !s.coloured() {
		return inputView(s, e.expires)
	}
	return s.selected.Render(clean(e.expires.Value()))
}

// expiryNote says what may be typed, or until when the key works.
func (e *edit) expiryNote() string {
	t, err := readExpiry(e.expires.Value(), e.at)
	moment, replaced := model.At(t), ""
	if e.whole {
		replaced = " Typing replaces it; " + typingMoveKeys.Bottom.Help().Key + " goes to its end."
	}
	switch {
	case e.problems[editExpires] != "":
		return ""
	case err != nil || t.IsZero():
		return "A day, such as " + e.at.AddDate(0, 3, 0).UTC().Format(time.DateOnly) + ", or a time from now, such as 90d or 12h; empty is never." + replaced
	}
	return fmt.Sprintf("Every call is refused from %s on: %s from now.", moment.Text(), timeLeft(moment, e.at)) + replaced
}
