package tui

import (
	"fmt"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// concerned is a screen that changes something which its own lines do not name:
// what that is stands above them, with the mark of production where it is live.
type concerned interface {
	// concerns is what the screen changes, "" where that need not be said.
	concerns() string
}

// concernLines say what the screen is about to change, in full: the breadcrumb
// may be cut.
func (a *app) concernLines() []string {
	c, ok := a.top().(concerned)
	if !ok || a.width == 0 {
		return nil
	}
	text := c.concerns()
	if text == "" {
		return nil
	}
	rest, marked := strings.CutPrefix(text, "◆ ")
	style, lead := a.rt.styles.faint, ""
	if marked {
		style, lead = a.rt.styles.production, "◆ "
	}
	lines := strings.Split(wrapWords(rest, a.width-len(gutter)-cells(lead)-1), "\n")
	for i, line := range lines {
		lines[i] = gutter + style.Render(lead+line)
		lead = blank(cells(lead))
	}
	return lines
}

// liveKeyText says that a key may invoke production, "" of one that may not. An
// environment that a form has chosen counts as the key's.
func liveKeyText(name, environment string, production bool) string {
	if !production {
		return ""
	}
	return fmt.Sprintf("◆ %q may invoke %s.", clean(name), liveWhere(environment))
}

func liveWhere(environment string) string {
	if environment == "" {
		return "every environment, production too"
	}
	return strings.TrimPrefix(productionName(environment), "◆ ")
}

// slotText is what a certificate is looked for, with the key's name in full.
func slotText(slot model.SlotName, name, environment string, production bool) string {
	if name == "" {
		return ""
	}
	text := fmt.Sprintf("For the %s slot of %q", slot, clean(name))
	if production {
		return "◆ " + text + ", which may invoke " + liveWhere(environment) + "."
	}
	return text + "."
}

// concerns says which keys may invoke production, once they were looked at.
func (a *adder) concerns() string { return a.live }

// looked takes what the keys are.
func (a *adder) looked(msg permitsMsg) {
	a.choices.have, a.choices.of = msg.have, msg.of
	switch {
	case msg.production == 0:
		a.live = ""
	case msg.of == 1:
		a.live = liveKeyText(msg.one.Name, msg.one.Environment, true)
	case msg.production == msg.of:
		a.live = fmt.Sprintf("◆ %s keys may invoke production.", allOf(msg.of))
	default:
		a.live = fmt.Sprintf("◆ %s of these %s may invoke production.", thousands(msg.production), count(msg.of, "key"))
	}
}

// concerns is the key of the form that the workflows are chosen for.
func (c *chooser) concerns() string { return c.live }

// liveText says that the key may invoke production, now or once the form is saved.
func (e *edit) liveText() string {
	if e.seen.Production {
		return liveKeyText(e.seen.Name, e.seen.Environment, true)
	}
	return liveKeyText(e.seen.Name, e.environment, e.environment == "" || e.production())
}

// concerns is the key whose slot the certificate is for.
func (p *picker) concerns() string { return p.slotText }

// concerns says that the key to be made may invoke production, once that was
// chosen.
func (w *wizard) concerns() string {
	if w.step == stepEnvironment || w.furthest <= stepEnvironment || !w.environment.live() {
		return ""
	}
	return "◆ The key may invoke " + liveWhere(w.environment.value()) + "."
}

// live reports whether production can be invoked with what was chosen.
func (p *environmentPart) live() bool {
	e, named := p.chosen()
	return p.any >= 0 && (!named || e.Production)
}

// draftRow is what is known so far of the key to be made.
func (w *wizard) draftRow() model.KeyRow {
	return model.KeyRow{Name: w.name.value(), Environment: w.environment.value(), Production: w.environment.live()}
}

// concerns is the key of the call, where something can be done about it from here
// that changes what may be invoked in production.
func (w *why) concerns() string {
	if !slices.ContainsFunc(w.stops(), func(s whyStop) bool { return s.remedy >= 0 }) {
		return ""
	}
	switch {
	case w.key != nil:
		return liveKeyText(w.key.Name, w.key.Environment, w.key.Production)
	case w.deleted != nil:
		return liveKeyText(w.deleted.Name, w.deleted.Environment, w.deleted.Production)
	}
	return ""
}
