package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// enableVerb is what the enable key does to a key.
func enableVerb(enabled bool) string {
	if enabled {
		return "disable"
	}
	return "enable"
}

// renewVerb is what the regenerate key does to a key.
func renewVerb(k model.Kind) string {
	if k == model.CertificateKey {
		return "replace"
	}
	return "regenerate"
}

// reach is where and what a key may call.
func reach(r model.KeyRow) string {
	if r.WorkflowCount == 0 {
		return "It may call nothing now: no workflow is permitted."
	}
	where := "in every environment, production too"
	if r.Environment != "" {
		where = "in " + r.Environment
		if r.Production && !strings.EqualFold(r.Environment, "production") {
			where += ", which is production"
		}
	}
	return fmt.Sprintf("It may call %s %s.", count(r.WorkflowCount, "workflow"), where)
}

// askEnabled asks before a key is enabled or disabled, and says what it means.
func askEnabled(rt *runtime, r model.KeyRow) tea.Cmd {
	p := prompt{
		Title:   fmt.Sprintf("Disable the key %q?", r.Name),
		Lines:   []string{environmentSign(r.Production) + reach(r), "", "Its next call is refused, on connections that are open as well. Nothing is lost: the key can be enabled again, with the same secrets."},
		Confirm: "disable",
		Danger:  r.Production,
	}.twice("disable it", rt.setEnabled(r.ID, r.Name, false), []string{reach(r), "Its calls are refused until it is enabled again."}, r)
	if r.Kind == model.CertificateKey {
		p.Lines[2] = "Its next call is refused, on connections that are open as well. Nothing is lost: the key can be enabled again, with the same certificates."
	}
	if !r.Enabled {
		p = prompt{
			Title:   fmt.Sprintf("Enable the key %q?", r.Name),
			Lines:   []string{environmentSign(r.Production) + reach(r), "", "Whoever holds it can call them from now on."},
			Confirm: "enable",
		}.twice("enable it", rt.setEnabled(r.ID, r.Name, true), []string{reach(r)}, r)
	}
	return rt.askWithUse(r.ID, r.LastUsed != 0 && r.Enabled, p, model.SlotNames[:]...)
}

// askDelete asks for a key's name before it is deleted.
func askDelete(rt *runtime, r model.KeyRow) tea.Cmd {
	lines := []string{environmentSign(r.Production) + reach(r), "", "Its next call is refused. It can be restored from the bin (" + placeKeys.Bin.Help().Key + ") for 14 days."}
	if r.Enabled && r.Status != model.StatusExpired {
		lines = append(lines, "", "To stop it for now, disable it instead: "+promptKeys.Cancel.Help().Key+", then "+actionKeys.Enable.Help().Key+".")
	}
	return rt.askWithUse(r.ID, r.LastUsed != 0, prompt{
		Title: fmt.Sprintf("Delete the key %q?", clip(clean(r.Name), 24)), Lines: lines, // it is shown whole below
		Word: r.Name, Confirm: "delete it", Danger: true,
	}.twice("delete it", rt.deleteKey(r), []string{reach(r), "Its calls are refused until it is restored from the bin."}, r), model.SlotNames[:]...)
}
