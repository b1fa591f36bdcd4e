package tui

import "dev.keyward/keyward/model"

// activityOnly narrows the Activity screen to the calls of one key, or of one
// workflow.
type activityOnly struct {
	key      model.ID // 0: of all
	workflow model.ID // 0: of all
	name     string   // of what it is
}

// onlyOf is what a screen is about.
func onlyOf(on aim) activityOnly {
	switch {
	case on.about() != 0:
		return activityOnly{key: on.key, name: on.name}
	case on.call == nil && on.workflowName != "":
		return activityOnly{workflow: on.workflow, name: on.workflowName}
	}
	return activityOnly{}
}

// some reports whether it leaves calls out.
func (o activityOnly) some() bool { return o.key != 0 || o.workflow != 0 }

// title ends the screen's part of the breadcrumb.
func (o activityOnly) title() string {
	if o.name == "" {
		return ""
	}
	return " of " + o.name
}

// text says whose calls are shown, and how to see all.
func (o activityOnly) text() string {
	return "only calls of " + clip(clean(o.name), 30) + ": " + placeKeys.Activity.Help().Key + " shows all"
}
