package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// askPermit asks before a key gets one more workflow, and says where it may call
// it then.
func askPermit(rt *runtime, k model.KeyInfo, workflow model.ID, name string) tea.Cmd {
	where := fmt.Sprintf("It may call it in %q then, with both its slots, from the next call on.", k.Environment)
	switch {
	case k.Environment == "":
		where = "◆ It may call it in every environment then, production too, with both its slots, from the next call on."
	case k.Production:
		where = fmt.Sprintf("◆ It may call it in %q, which is production, with both its slots, from the next call on.", k.Environment)
	}
	lines := []string{where}
	if !k.Enabled {
		lines = append(lines, "", "The key is disabled: its calls stay refused until it is enabled.")
	}
	return ask(prompt{
		Title: fmt.Sprintf("Permit the workflow %q to the key %q?", name, k.Name), Lines: lines,
		Confirm: "permit it", Danger: k.Production,
	}.twice("permit it", rt.permit(k, workflow, name), []string{fmt.Sprintf("It may call %s more: %q.", count(1, "workflow"), clip(clean(name), 40))}, k.KeyRow))
}
