package model_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

func sshKey(t *testing.T, comment string) model.SSHKey {
	t.Helper()
	key, err := model.NewSSHKey("SHA256:"+strings.Repeat("a", 43), comment)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestLooking: who looks over SSH is among the consoles, whichever process shows
// it, until it has left.
func TestLooking(t *testing.T) {
	since := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var r model.Recorder
	self := model.Peer{PID: 4242, Rank: model.RankServe, Version: "1.2.0"}
	r.Announce(self.PID, since, []string{"https://127.0.0.1:8443"})
	ada, adaLeaves := r.Look(self, sshKey(t, "ada@laptop"), since)
	bob, bobLeaves := r.Look(self, sshKey(t, "bob"), since)
	if ada.PID != 4242 || ada.Rank != model.RankConsole || ada.SSH.Comment != "ada@laptop" || ada.Since != model.At(since) || ada == bob {
		t.Errorf("she looks as %+v, he as %+v", ada, bob)
	}
	w := newWorld(t)
	f := w.service.Follow(model.Following{Peer: self})
	defer f.Close()
	looking := func(want ...model.Peer) {
		t.Helper()
		report, _ := r.Report(w.clock.Now())
		w.service.AddActivity(self.PID, model.ActivityPost{Report: report})
		page := activity(t, w.Session, model.ActivityQuery{})
		if diff := cmp.Diff(want, page.Consoles); diff != "" {
			t.Errorf("the consoles (-want +got):\n%s", diff)
		}
		if len(page.Serving) != 1 || page.Serving[0].Looking != nil {
			t.Errorf("serving %+v", page.Serving)
		}
	}
	looking(ada, bob)
	adaLeaves()
	adaLeaves()
	looking(bob)
	bobLeaves()
	looking()
}

// TestHostileLooking: what another process says of its consoles takes no more
// room, and no other form, than that of an honest one.
func TestHostileLooking(t *testing.T) {
	w := newWorld(t)
	f := w.service.Follow(model.Following{Peer: model.Peer{PID: 7, Rank: model.RankServe}})
	defer f.Close()
	bad := model.Peer{PID: 1, Rank: model.RankServe, Kind: "x", Version: strings.Repeat("v", 1000), SSH: sshKey(t, "")}
	bad.SSH.Comment = "\x1b]0;title\a" + strings.Repeat("c", 1000)
	report := model.EndpointReport{Addresses: []string{"https://x"}, Looking: []model.Peer{{PID: 7, SSH: model.SSHKey{Fingerprint: "MD5:00"}}}}
	for range 1000 {
		report.Looking = append(report.Looking, bad)
	}
	report.SSH, report.HostKey = "127.0.0.1:2222\x1b[2J"+strings.Repeat("1", 1000), "SHA256:"+strings.Repeat("a", 43)
	w.service.AddActivity(7, model.ActivityPost{Report: report})
	page := activity(t, w.Session, model.ActivityQuery{})
	if e := page.Serving[0]; strings.Contains(e.SSH, "\x1b") || len(e.SSH) > 4*64 || e.HostKey != report.HostKey {
		t.Errorf("SSH on %q, %q", e.SSH, e.HostKey)
	}
	report.HostKey = "\x1b]0;title\a"
	w.service.AddActivity(7, model.ActivityPost{Report: report})
	if e := activity(t, w.Session, model.ActivityQuery{}).Serving[0]; e.SSH != "" || e.HostKey != "" {
		t.Errorf("SSH on %q, %q", e.SSH, e.HostKey)
	}
	if n := len(page.Consoles); n != 256 {
		t.Fatalf("%d consoles", n)
	}
	for _, c := range page.Consoles[:1] {
		if c.PID != 7 || c.Rank != model.RankConsole || c.Kind != "" || len(c.Version) > 64 || len(c.SSH.Comment) > 4*64 || strings.Contains(c.SSH.Comment, "\x1b") {
			t.Errorf("it looks as %+v", c)
		}
	}
}
