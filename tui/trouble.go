package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// trouble is why a store cannot be changed, or not be asked, in the few words
// that a line has room for; the whole sentence stands on the help screen.
type trouble struct {
	short  string // as a clause: "the store is damaged"
	banner string // what it means, the words that matter first
}

// troubles are the reasons that are told in fewer words than they come in, by
// what of them is always the same; the first one that is found counts.
var troubles = []struct {
	holds string
	trouble
}{
	{"; and its journal cannot be read either", trouble{"neither the store nor its journal can be read", "store and journal unreadable: every call is denied"}},
	{" is gone: put it back", trouble{"the data directory is gone, put it back or leave", "data directory gone: put it back, or leave"}},
	{" is gone, and an empty one is in its place", trouble{"the data directory is gone and an empty one in its place, put it back or leave", "data directory gone, an empty one there: put it back, or leave"}},
	{" is gone, and another store is in its place", trouble{"another store is in the place of this one, put that back or leave", "another store in this one's place: put that back, or leave"}},
	{"no space left for the store", trouble{"the disk is full", "disk full: read-only, decisions come from the journal"}},
	{" is damaged (", trouble{"the store is damaged", "store damaged: read-only, decisions come from the journal"}},
}

// degradedBy is the trouble of a Standing.Degraded.
func degradedBy(why string) trouble {
	for _, t := range troubles {
		if strings.Contains(why, t.holds) {
			return t.trouble
		}
	}
	short := firstClause(why)
	return trouble{short, "store read-only: " + short}
}

// staleBy is a Standing.Stale in few words.
func staleBy(why string) string {
	if _, rest, ok := strings.Cut(why, " is held by "); ok {
		if who, _, ok := strings.Cut(rest, silentWords); ok {
			return clean(who) + " does not answer"
		}
	}
	for _, t := range troubles {
		if strings.Contains(why, t.holds) {
			return t.short
		}
	}
	return firstClause(why)
}

// silentWords stand behind the name of a process that holds a directory and says
// nothing.
const silentWords = ", which does not answer"

// firstClause is a sentence up to what explains it.
func firstClause(text string) string {
	text = clean(text)
	for _, mark := range []string{": ", "; ", ", so "} {
		text, _, _ = strings.Cut(text, mark)
	}
	return text
}

// unowned says who owns a store of which that is not known.
func unowned(st model.Standing) string {
	switch {
	case st.Stale == "":
		return "nobody yet"
	case strings.Contains(st.Stale, "not answer"):
		return "not answering"
	}
	return "none answers"
}

// locked reports whether nothing can be changed: the keys that change something
// are off, and absent from the help.
func (rt *runtime) locked() bool { return rt.ReadOnly || rt.degraded != "" }

// lockedText stands in the place of a form's button where nothing can be
// changed.
func lockedText(typed bool) string {
	if typed {
		return "Nothing can be changed now. What you typed stays here."
	}
	return "Nothing can be changed here."
}

// refuse says why nothing can be changed, in the status line. It is nil where
// something can.
func (rt *runtime) refuse() tea.Cmd {
	switch {
	case rt.ReadOnly && rt.remote():
		return status(statusWarning, "Nothing can be changed: your SSH key has the role viewer, which the administrator of the endpoint gives it.")
	case rt.ReadOnly:
		return status(statusWarning, "Nothing can be changed: this console is read-only; start keyward without --read-only to change something.")
	case rt.degraded == "":
		return nil
	}
	return status(statusWarning, "Nothing can be changed: "+degradedBy(rt.degraded).short+".")
}
