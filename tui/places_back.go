package tui

import (
	"reflect"
	"slices"

	"dev.keyward/keyward/model"
)

// A place is on the stack at most once, and so is what a document would make: the
// way back has every screen that was left for another, and no end of them. A list
// of everything and the same list of one thing are two places.

// subjected is a place that is about one thing: which, or nil while it is about
// everything.
type subjected interface{ subject() any }

// returner is a place that is opened again as it was left: with its filter, and
// the cursor where it was. What it shows it loads anew.
type returner interface {
	screen
	leaves() remains
	resumes(remains)
}

// placeSort tells places apart.
type placeSort struct {
	screen reflect.Type
	narrow bool // it is about one thing
}

// sortOf is which place a screen is; ok is false for one that is none.
func sortOf(s screen) (sort placeSort, ok bool) {
	switch s := s.(type) {
	case *workflowList, *environmentList, *certificateList, *endpointScreen, *binList, *try, *importer:
	case *rotation, *auditList, *activityList:
		sort.narrow = isAbout(s) != nil
	case *picker:
		if s.documents == nil {
			return sort, false // it looks for the certificate of a slot
		}
	default:
		return sort, false
	}
	sort.screen = reflect.TypeOf(s)
	return sort, true
}

func isAbout(s screen) any {
	if of, ok := s.(subjected); ok {
		return of.subject()
	}
	return nil
}

// whereOpen is where on the stack the place is open that s would be, about the
// same thing; 0 where it is not. Of an import it is the preview, once that is open
// and covered.
func (a *app) whereOpen(s screen) int {
	sort, ok := sortOf(s)
	if !ok {
		return 0
	}
	i := max(slices.IndexFunc(a.stack, func(other screen) bool {
		there, is := sortOf(other)
		return is && there == sort && isAbout(other) == isAbout(s)
	}), 0)
	if isA[*picker](s) && i > 0 && i < len(a.stack)-2 && isA[*importer](a.stack[i+1]) {
		return i + 1
	}
	return i
}

// mostScreens is how long the way back is: nobody knows the way any more that
// began before.
const mostScreens = 16

// makeWay takes the place that s is from the stack, where it is about something
// else, and of a very long way its beginning. Where something is unsaved nothing
// is taken: a form counts on the screens below it.
func (a *app) makeWay(s screen) {
	if a.unsaved() != nil {
		return
	}
	if sort, ok := sortOf(s); ok {
		a.takeOut(func(i int) bool {
			there, is := sortOf(a.stack[i])
			return is && there == sort || isA[*picker](s) && isA[*importer](a.stack[i])
		})
	}
	a.takeOut(func(i int) bool { return i == 1 && len(a.stack) >= mostScreens })
}

// takeOut takes screens from where they lie, the first one never.
func (a *app) takeOut(which func(i int) bool) {
	for i := len(a.stack) - 1; i > 0; i-- {
		if which(i) {
			a.lets(a.stack[i])
			a.stack = slices.Delete(a.stack, i, i+1)
		}
	}
}

// lets lets go of a screen that leaves the stack: of a place it keeps what the
// next one begins with.
func (a *app) lets(s screen) {
	if r, ok := s.(returner); ok {
		if sort, is := sortOf(s); is {
			left := r.leaves()
			left.about = isAbout(s)
			if a.left == nil {
				a.left = map[placeSort]remains{}
			}
			a.left[sort] = left
		}
	}
	if c, ok := s.(closer); ok {
		c.close()
	}
}

// again has a place begin as the one before it was left, where that was about the
// same thing.
func (a *app) again(s screen) screen {
	r, ok := s.(returner)
	if !ok {
		return s
	}
	sort, _ := sortOf(s)
	if left, was := a.left[sort]; was && left.about == isAbout(s) {
		r.resumes(left)
	}
	return s
}

func (l *workflowList) leaves() remains    { return l.remain(l.on) }
func (l *environmentList) leaves() remains { return l.remain(l.on) }
func (l *binList) leaves() remains         { return l.remain(l.on) }
func (l *certificateList) leaves() remains { return l.remain(l.on) }
func (l *auditList) leaves() remains       { return l.remain(l.on) }

func (l *workflowList) resumes(r remains)    { l.resume(r) }
func (l *environmentList) resumes(r remains) { l.resume(r) }
func (l *binList) resumes(r remains)         { l.resume(r) }
func (l *auditList) resumes(r remains)       { l.resume(r) }

func (l *certificateList) resumes(r remains) {
	l.resume(r)
	l.onBack()
}

// leaves keeps the call under the cursor, and none where the newest was followed.
func (l *activityList) leaves() remains {
	if l.following {
		return l.remain(uint64(0))
	}
	return l.remain(l.under())
}

func (l *activityList) resumes(r remains) {
	l.resume(r)
	l.following = r.spot.on == uint64(0)
}

func (s *endpointScreen) leaves() remains   { return remains{spot: &spotKept{on: s.on}} }
func (s *endpointScreen) resumes(r remains) { s.on, _ = r.spot.on.(int) }

// leaves keeps the slot under the cursor, where it was put there, and the key as
// it was then: a slot that holds something else since is not the one that was
// meant.
func (r *rotation) leaves() remains {
	if !r.moved {
		return remains{}
	}
	return remains{spot: &spotKept{cursor: r.on, on: r.key}}
}

func (r *rotation) resumes(left remains) {
	if left.spot == nil {
		return
	}
	r.on, r.moved = left.spot.cursor, true
	r.key, _ = left.spot.on.(model.KeyInfo)
}

// subject is the key.
func (r *rotation) subject() any { return r.id }

// subject is the key whose changes are shown.
func (l *auditList) subject() any {
	if l.about == 0 {
		return nil
	}
	return l.about
}

// subject is whose calls are shown.
func (l *activityList) subject() any {
	if !l.only.some() {
		return nil
	}
	return activityOnly{key: l.only.key, workflow: l.only.workflow}
}

// subject is what the call was opened with: the fields are for the user to fill.
func (t *try) subject() any {
	s := tryFrom{key: t.on.key, workflow: t.on.workflow}
	if t.on.call != nil {
		s.call = t.on.call.Number
	}
	return s
}

// tryFrom is what a call to try was opened with.
type tryFrom struct {
	key, workflow model.ID
	call          uint64
}
