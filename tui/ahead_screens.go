package tui

// What a screen waits for before it takes a key press that was typed ahead; see
// ahead. What the user did not ask for is not among it: news from elsewhere leave
// the cursor on its row.

// Settling reports whether the keys, or those filtered or sorted anew, are on
// their way.
func (l *keyList) Settling() bool {
	return !l.filter.typing && (unloaded(l.loaded, l.err) || l.sought && l.waiting == waitList)
}

// Settling reports whether the certificates, or those filtered, are on their way.
func (l *certificateList) Settling() bool {
	return !l.filter.typing && (unloaded(l.loaded, l.err) || l.sought && l.waiting == waitList)
}

// Settling reports whether the entries, or those filtered, are on their way.
func (l *auditList) Settling() bool {
	return !l.filter.typing && (unloaded(l.loaded, l.err) || l.sought && l.waiting == waitList)
}

// Settling reports whether the calls, or those filtered, are on their way.
func (l *activityList) Settling() bool {
	return !l.filter.typing && (unloaded(l.loaded, l.err) || l.waiting && l.fresh && l.err == nil)
}

// Settling reports whether the list is on its way; it is filtered at once.
func (l *register[R]) Settling() bool { return unloaded(l.loaded, l.err) }

// Settling reports whether the key is on its way.
func (d *detail) Settling() bool { return unloaded(d.loaded, d.err) }

// Settling reports whether the key is on its way.
func (r *rotation) Settling() bool { return unloaded(r.loaded, r.err) }

// Settling reports whether the certificate is on its way.
func (d *certificateDetail) Settling() bool { return unloaded(d.loaded, d.err) }

// Settling reports whether the key is on its way.
func (r *renewal) Settling() bool { return unloaded(r.loaded, r.err) }

// Settling reports whether the steps of the decision are on their way.
func (w *why) Settling() bool { return unloaded(w.loaded, w.err) }

// Settling reports whether the call to begin with is on its way, or what becomes
// of it. What is typed waits for nothing.
func (t *try) Settling() bool { return !t.Typing() && (t.seeding != 0 || t.loading && !t.known) }

// Settling reports whether the answer is awaited whether a name is free, or what
// the step lets choose from.
func (w *wizard) Settling() bool {
	switch w.step {
	case stepName:
		return w.name.moving && w.name.asked
	case stepEnvironment:
		return w.environment.loading && w.environment.any < 0
	case stepWorkflows:
		return w.workflows.loading && !w.workflows.known
	}
	return false
}

// Settling reports whether the workflows are on their way.
func (c *chooser) Settling() bool { return c.choices.loading && !c.choices.known }

func unloaded(loaded bool, err error) bool { return !loaded && err == nil }
