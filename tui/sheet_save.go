package tui

import (
	"errors"
	"fmt"

	"dev.keyward/keyward/model"
)

// failed takes the error of a save. changed is when somebody else changed the
// object, 0 where that is not the reason.
func (s *sheet) failed(noun string, err error, changed model.Instant) {
	var input *model.InputError
	switch {
	case changed != 0:
		s.outdated(noun, changed, "Nothing was saved, and nothing that you typed is lost.")
	case errors.As(err, &input):
		s.complain(input.Field, err)
	case errors.Is(err, model.ErrConflict):
		s.complain("name", err)
	default:
		s.problem = changeSentence(err)
	}
}

// outdated says that somebody else changed the object under the form.
func (s *sheet) outdated(noun string, changed model.Instant, lost string) {
	s.newer = true
	s.problem = fmt.Sprintf("Somebody else changed this %s at %s. %s", noun, changed.Text(), lost)
}

// looked takes what the object is now: it tells at once what a save would come
// to. It reports whether somebody else changed it.
func (s *sheet) looked(noun string, err error, changed, seen model.Instant) bool {
	switch {
	case s.saving:
	case errors.Is(err, model.ErrNotFound):
		s.newer, s.problem = false, "Somebody else deleted this "+noun+" meanwhile: it cannot be saved."
	case err == nil && changed != seen:
		s.outdated(noun, changed, "Nothing that you typed is lost.")
		return true
	}
	return false
}

// doneText says what a save did and, of a change that no endpoint could
// acknowledge, where that leaves it.
func (rt *runtime) doneText(noun, name string, fresh bool, r model.Receipt) string {
	did := "changed"
	if fresh {
		did = "made"
	}
	text := fmt.Sprintf("The %s %q is %s", noun, name, did)
	if !fresh {
		text += rt.unconfirmed(r)
	}
	return text + "."
}
