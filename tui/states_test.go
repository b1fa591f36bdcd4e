package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/golden"

	"dev.keyward/keyward/model"
)

// stated are the screens that are shown in every state that any screen can be
// in: one golden file each.
var stated = []struct {
	name string
	make func(w *world) screen
}{
	{"keys", func(w *world) screen { return newKeyList(w.rt) }},
	{"key", func(w *world) screen { return newDetail(w.rt, w.key("crm sync").ID, "crm sync") }},
	{"key_of_production", func(w *world) screen { return newDetail(w.rt, w.key("full").ID, "full") }},
	{"edit", func(w *world) screen { return newEdit(w.rt, w.key("full"), w.now, partName) }},
	{"renewal", func(w *world) screen {
		return newRenewal(w.rt, w.key("billing-nightly").ID, "billing-nightly", model.Primary)
	}},
	{"rotation", func(w *world) screen { return newRotation(w.rt, w.key("full").ID, "full") }},
	{"wizard", func(w *world) screen { return newWizard(w.rt) }},
	{"chooser", func(w *world) screen {
		return newChooser(w.rt, "Permit to crm sync", []string{"get-customer"}, func([]string) tea.Cmd { return nil })
	}},
	{"adder", func(w *world) screen {
		return newAdder(w.rt, "Permit to crm sync", []model.ID{w.key("crm sync").ID}, func([]string) tea.Cmd { return nil })
	}},
	{"import", func(w *world) screen { return newImporter(w.rt, shopRows(), "shop.yaml") }},
	{"activity", func(w *world) screen { return newActivity(w.rt) }},
	{"why", func(w *world) screen {
		return newWhy(w.rt, w.call("DELETE", "/orders/3", "billing-nightly"))
	}},
	{"try", func(w *world) screen { return newTry(w.rt, aim{key: w.key("crm sync").ID, name: "crm sync"}) }},
	{"workflows", func(w *world) screen { return newWorkflowList(w.rt) }},
	{"workflow", func(w *world) screen { return newWorkflowForm(w.rt, w.workflow("get-customer")) }},
	{"environments", func(w *world) screen { return newEnvironmentList(w.rt) }},
	{"environment", func(w *world) screen { return newEnvironmentForm(w.rt, w.environment("Production")) }},
	{"certificates", func(w *world) screen { return newCertificateList(w.rt) }},
	{"certificate", func(w *world) screen { return newCertificateDetail(w.rt, w.certificate()) }},
	{"export", func(w *world) screen { return newExport(w.rt, w.key("full").ID, "full", model.Primary) }},
	{"endpoints", func(w *world) screen { return newEndpointScreen(w.rt) }},
	{"bin", func(w *world) screen { return newBin(w.rt) }},
	{"deleted_key", func(w *world) screen { return newDeleted(w.rt, w.deleted(), w.now) }},
	{"another_name", func(w *world) screen { return newRestoreForm(w.rt, w.deleted(), nil) }},
	{"audit", func(w *world) screen { return newAudit(w.rt, 0) }},
	{"audit_entry", func(w *world) screen { return newAuditEntry(w.rt, w.newestEntry()) }},
}

// states are what can be with every screen.
var states = []struct {
	name string
	set  func(w *world)
}{
	{"plain", func(*world) {}},
	{"loading", func(w *world) { w.hold = true }},
	{"error", func(w *world) { w.backend.err = errTest }},
	{"read-only", func(w *world) { w.rt.ReadOnly = true }},
	{"degraded and old", func(w *world) { w.troubled("the disk is gone") }},
	{"over SSH", func(w *world) { w.rt.Remote = &Remote{} }},
	{"in ASCII", func(w *world) { w.rt.styles.ascii = true }},
}

// certificate is the first row of the certificates.
func (w *world) certificate() model.CertificateRow {
	w.t.Helper()
	page, err := w.session.Certificates(w.t.Context(), model.CertificateQuery{Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Certificates[0]
}

func (w *world) deleted() model.DeletedKey {
	w.t.Helper()
	page, err := w.session.DeletedKeys(w.t.Context(), model.BinQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(page.Keys, func(k model.DeletedKey) bool { return k.NameTaken })
	return page.Keys[i]
}

func (w *world) newestEntry() model.Entry {
	w.t.Helper()
	page, err := w.session.Audit(w.t.Context(), model.AuditQuery{Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Entries[0]
}

// TestStateViews shows each screen in each state, in the smallest terminal, and
// as it is in three.
func TestStateViews(t *testing.T) {
	base := crowd(t)
	for _, s := range stated {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for _, state := range states {
				sizes := [][2]int{{minWidth, minHeight}}
				if state.name == "plain" {
					sizes = append(sizes, [2]int{80, 24}, [2]int{120, 40})
				}
				w := base.again(t, "")
				w.backend.Backend = base.session
				w.rt.CAFile = "/srv/keyward/ca.pem"
				w.start()
				show := s.make(w)
				state.set(w)
				w.show(show)
				for _, size := range sizes {
					w.resize(size[0], size[1])
					fmt.Fprintf(&all, "== %s, %dx%d\n", state.name, size[0], size[1])
					for _, line := range strings.Split(w.screen(), "\n") {
						all.WriteString(strings.TrimRight(line, " ") + "\n")
					}
				}
			}
			golden.RequireEqual(t, all.String())
		})
	}
}

// Every type of screen is among stated, but for those with views of their own
// in every state they have.
func TestStatesAreAll(t *testing.T) {
	elsewhere := []string{"picker", "reveal"}
	base := crowd(t)
	have := map[string]bool{}
	for _, s := range stated {
		have[strings.TrimPrefix(fmt.Sprintf("%T", s.make(base.again(t, "x"))), "*tui.")] = true
	}
	for name := range typesWith(t, "Title") {
		if have[name] == slices.Contains(elsewhere, name) {
			t.Errorf("%s is among the screens of every state: %v", name, have[name])
		}
	}
}
