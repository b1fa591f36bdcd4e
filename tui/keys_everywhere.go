package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
)

// helpSection are the keys of a screen, as the help of every other one has them.
type helpSection struct {
	title string
	keys  []key.Binding
}

// everywhere are the screens with their keys, but for those that move cursors.
func everywhere(rt *runtime) []helpSection {
	l, a, d, r, c, v := listKeys, actionKeys, detailKeys, registerKeys, chooserKeys, revealKeys
	t, x := tryKeys, certificateKeys
	all := []helpSection{
		{"The list of keys", []key.Binding{l.New, l.Open, a.Enable, a.Regenerate, a.Permit, a.Delete, l.Mark, l.MarkAll, l.Filter, l.Sort, l.Reverse, l.Reload}},
		{"One key", []key.Binding{d.Edit, a.Enable, a.Regenerate, a.Permit, a.Delete, d.Remove, d.CopyCall, d.Reload}},
		{"The lists of workflows and of environments", []key.Binding{r.New, r.Open, r.Delete, r.Filter, r.Reload}},
		{"The audit trail", []key.Binding{auditKeys.Open, auditKeys.Filter, auditKeys.Verify, auditKeys.Reload}},
		{"Activity", []key.Binding{activityKeys.Open, activityKeys.Follow, activityKeys.Pause, activityKeys.Filter, activityKeys.Reload}},
		{"Why a call was decided so", []key.Binding{whyKeys.Open, whyKeys.Enable, whyKeys.Permit, whyKeys.Regenerate, whyKeys.New, whyKeys.CopyCall, whyKeys.Reload}},
		{"Trying a call", []key.Binding{t.Next, t.Previous, t.Left, t.Right, t.KeyBefore, t.NextKey, t.Down, t.Up, t.CopyCall, t.Write}},
		{"Certificates", []key.Binding{x.Open, x.New, x.Generate, x.Remove, x.Write, x.Copy, x.Inspect, x.Filter, x.Reload}},
		{"Rotation", []key.Binding{a.Regenerate, x.New, x.Remove, rotationKeys.Next, rotationKeys.Open, rotationKeys.Reload}},
		{"Endpoints", []key.Binding{rt.endpointBinding(), endpointsKeys.Reload}},
		{"The bin", []key.Binding{binKeys.Restore, binKeys.Open, binKeys.Purge, r.Filter, r.Reload}},
		{"The import of an OpenAPI document", rt.importBindings()},
		{"The first start", []key.Binding{tourKeys.Begin, tourKeys.Next, tourKeys.Remove}},
		{"Forms", []key.Binding{editKeys.Next, editKeys.Previous, editKeys.Left, editKeys.Save, editKeys.Reload, editKeys.Back, paletteKeys.OpenTyping}},
		{"Making a key", []key.Binding{wizardKeys.Next, wizardKeys.Previous, wizardKeys.Left, wizardKeys.Right, wizardKeys.Remove}},
		{"Choosing workflows", []key.Binding{c.Mark, c.All, c.Filter, c.Done, c.Reload}},
		{"Choosing a certificate file", []key.Binding{pickerKeys.Open, pickerKeys.Parent, pickerKeys.Hidden, pickerKeys.Path, pickerKeys.Complete, pickerKeys.Home, pickerKeys.Generate, pickerKeys.Reload, paletteKeys.OpenTyping}},
		{"What takes long, while it is under way", []key.Binding{workKeys.Stop}},
		{"Secrets, while they are shown", []key.Binding{v.CopyPrimary, v.CopySecondary, v.WritePrimary, v.WriteSecondary, v.CopyCall, v.Leave, paletteKeys.Open}},
	}
	var shown []helpSection
	for _, s := range all {
		s.keys = slices.DeleteFunc(s.keys, func(b key.Binding) bool {
			return !b.Enabled() || rt.locked() && changes(b) || rt.remote() && ofFiles(b)
		})
		if len(s.keys) > 0 {
			shown = append(shown, s)
		}
	}
	return shown
}

// importBindings are the keys of an import, none where it cannot be gone to.
func (rt *runtime) importBindings() []key.Binding {
	if rt.locked() || rt.Documents == nil {
		return nil
	}
	k := importKeys
	return []key.Binding{k.Import, k.Mark, k.MarkAll, k.Prefix, k.Stop, k.Reload}
}

// ofFiles reports whether a binding reads or writes files of the machine that
// keyward runs on.
func ofFiles(b key.Binding) bool {
	return slices.ContainsFunc([]key.Binding{
		pickerKeys.Open, pickerKeys.Parent, pickerKeys.Hidden, pickerKeys.Path, pickerKeys.Complete, pickerKeys.Home, pickerKeys.Generate, pickerKeys.Reload,
		revealKeys.WritePrimary, revealKeys.WriteSecondary, certificateKeys.Write, tryKeys.Write,
	}, func(f key.Binding) bool { return f.Help() == b.Help() })
}

// helpKeyMap works on the help screen.
type helpKeyMap struct{ Filter, Close key.Binding }

var helpKeys = helpKeyMap{
	Filter: bind("/", "filter", "/"),
	Close:  bind("any other key", "close", "esc"),
}
