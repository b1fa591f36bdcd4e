package sharing_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// TestGuests: an endpoint acts for those who came to it over SSH, as the owner of
// the store and as a client of another.
func TestGuests(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	client := join(t, dir, model.RankServe)
	await(t, client, "the client is one", func(s model.Standing) bool { return !s.Mine && s.Owner.PID != 0 })
	for name, m := range map[string]*sharing.Member{"owner": owner, "client": client} {
		t.Run(name, func(t *testing.T) {
			ada := model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43), Comment: "ada of the " + name}
			admin := m.As(model.Caller{Actor: model.Actor{SSH: ada, UID: 4711, User: "forged"}})
			viewer := m.As(model.Caller{Actor: model.Actor{SSH: ada}, ReadOnly: true})
			if _, err := admin.CreateKey(t.Context(), draft(t, "by "+name)); err != nil {
				t.Fatal(err)
			}
			refused := map[string]error{}
			_, refused["EditKey"] = viewer.EditKey(t.Context(), "by "+name, model.KeyEdit{})
			_, refused["SetKeyEnabled"] = viewer.SetKeyEnabled(t.Context(), "by "+name, false)
			_, refused["ChangeKeys"] = viewer.ChangeKeys(t.Context(), []string{"by " + name}, model.KeyBulk{Disable: true})
			_, refused["CreateKey"] = viewer.CreateKey(t.Context(), draft(t, "other"))
			_, refused["CreateEnvironment"] = viewer.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Other"})
			refused["DeleteKey"] = viewer.DeleteKey(t.Context(), "by "+name)
			for what, err := range refused {
				if !errors.Is(err, model.ErrForbidden) {
					t.Errorf("a viewer's %s: %v", what, err)
				}
			}
			create(t, m, "own of "+name)
			page, err := viewer.Audit(t.Context(), model.AuditQuery{Filter: "created"})
			if err != nil || len(page.Entries) < 2 {
				t.Fatalf("%+v, %v", page, err)
			}
			own, guest := page.Entries[0].Actor, page.Entries[1].Actor
			if guest.SSH != ada || guest.UID == 4711 || guest.User == "forged" {
				t.Errorf("the guest's change is of %+v", guest)
			}
			if !own.SSH.IsZero() {
				t.Errorf("the process's own change is of %+v", own)
			}
		})
	}
}
