package tui

import "github.com/charmbracelet/bubbles/key"

// about is what a binding of the top screen does something to: the name of the key
// or of the workflow under the cursor, which the palette's box may hide. Bindings
// about what is marked say how many that is themselves.
func (a *app) about(b key.Binding) string {
	switch s := a.top().(type) {
	case *keyList:
		marked := len(s.marks) > 0 && !matchesHelp(b, listKeys.Open)
		if marked || !aboutOne(b) {
			return ""
		}
	case *workflowList:
		if len(s.marks) > 0 && !matchesHelp(b, registerKeys.Open) || !aboutOne(b) {
			return ""
		}
	default:
		return ""
	}
	aim := a.top().(aimer).aim()
	return clean(aim.name + aim.workflowName)
}

// aboutOne reports whether a binding of a list does something to one row.
func aboutOne(b key.Binding) bool {
	for _, one := range []key.Binding{listKeys.Open, listKeys.Mark, actionKeys.Enable, actionKeys.Regenerate, actionKeys.Delete, actionKeys.Permit} {
		if matchesHelp(b, one) {
			return true
		}
	}
	return false
}
