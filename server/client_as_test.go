package server_test

import (
	"errors"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestClientAs: one connection asks for several operators, each as it is: the
// owner records whom, and refuses a viewer.
func TestClientAs(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{Reason: "of the process"})
	ada := model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("a", 43), Comment: "ada"}
	bob := model.SSHKey{Fingerprint: "SHA256:" + strings.Repeat("b", 43)}
	if _, err := c.As(model.Caller{Actor: model.Actor{SSH: ada}}).CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "One"}); err != nil {
		t.Fatal(err)
	}
	_, err := c.As(model.Caller{Actor: model.Actor{SSH: bob}, ReadOnly: true}).CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Two"})
	if !errors.Is(err, model.ErrForbidden) {
		t.Errorf("a viewer's change: %v", err)
	}
	if _, err := c.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Three"}); err != nil {
		t.Fatal(err)
	}
	page, err := c.Audit(t.Context(), model.AuditQuery{Limit: 3})
	if err != nil || len(page.Entries) != 3 {
		t.Fatalf("%+v, %v", page, err)
	}
	own, viewer, admin := page.Entries[0], page.Entries[1], page.Entries[2]
	if !own.Actor.SSH.IsZero() || own.Reason != "of the process" || own.Refused {
		t.Errorf("the process's own change is %+v", own)
	}
	if viewer.Actor.SSH != bob || !viewer.Refused {
		t.Errorf("the viewer's is %+v", viewer)
	}
	if admin.Actor.SSH != ada || admin.Reason != "" || admin.Actor.PID != own.Actor.PID || admin.Actor.User != own.Actor.User {
		t.Errorf("the administrator's is %+v", admin)
	}
}

// TestForgedSSHKey: what is no fingerprint is no actor.
func TestForgedSSHKey(t *testing.T) {
	o := newOwner(t, nil)
	c := o.dial(t, server.ClientOptions{SSH: model.SSHKey{Fingerprint: "root", Comment: "x"}})
	if _, err := c.Environments(t.Context()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("got %v, want a refusal", err)
	}
}
