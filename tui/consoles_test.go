package tui

import (
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// looking are two operators who look over SSH through the process 4242.
func looking() (ada, bare model.Peer) {
	since := model.At(testNow.Add(-time.Hour))
	print := "SHA256:" + strings.Repeat("Ab1/", 10) + "xyz"
	ada = model.Peer{PID: 4242, Rank: model.RankConsole, Version: "1.2.0", Since: since, Visit: 1, SSH: model.SSHKey{Fingerprint: print, Comment: "ada@laptop"}}
	bare = model.Peer{PID: 4242, Rank: model.RankConsole, Since: since, Visit: 2, SSH: model.SSHKey{Fingerprint: print}}
	return ada, bare
}

// Who looks over SSH is among the consoles, also in that console itself.
func TestConsolesOverSSH(t *testing.T) {
	ada, bare := looking()
	some := func(w *world, consoles ...model.Peer) {
		f := w.reports(report(4242, 0, 10, 1))
		f.page.Consoles = append(f.page.Consoles, consoles...)
		w.opensEndpoints(f)
	}
	everySize(t, "seen here", func(w *world) { some(w, ada, bare) })
	everySize(t, "seen there", func(w *world) { w.rt.Remote = &Remote{Self: ada}; some(w, ada, bare) })
	t.Run("not told of yet", func(t *testing.T) {
		w := newWorld(t)
		w.rt.Remote = &Remote{Self: ada}
		some(w)
		w.sees("3 consoles", "this console, ssh ada@laptop", "pid 4711")
	})
	t.Run("hostile", func(t *testing.T) {
		for _, text := range hostile {
			w := newWorld(t)
			peer := ada
			peer.SSH.Comment, peer.Version = text, text
			named := model.Peer{PID: 9, Rank: model.RankConsole, Kind: text, Since: ada.Since}
			some(w, peer, named)
			w.shown("a console's name")
		}
	})
}

// The header names the owner by what it is.
func TestOwnersByName(t *testing.T) {
	for want, st := range map[string]model.Standing{
		"serve pid 4242":                  serveOwns,
		"console pid 7":                   consoleOwns,
		"this process":                    mineOwn,
		"console pid 8":                   {Owner: model.Peer{PID: 8, Rank: model.RankServe, Kind: "console"}}, // with an endpoint in it
		"demo pid 9":                      {Owner: model.Peer{PID: 9, Rank: model.RankServe, Kind: "demo"}},
		"keyward workflow import pid 10":  {Owner: model.Peer{PID: 10, Rank: model.RankCommand, Kind: "keyward workflow import"}},
		"keyward environment cre… pid 11": {Owner: model.Peer{PID: 11, Rank: model.RankCommand, Kind: "keyward environment cre" + strings.Repeat("e", 99)}},
	} {
		w := newWorld(t)
		variety(w)
		w.start()
		w.stands(st)
		for _, width := range []int{minWidth, 80, 160} {
			w.resize(width, 24)
			head, _, _ := strings.Cut(w.screen(), "\n")
			head = strings.TrimRight(head, " ")
			if before, _, cut := strings.Cut(want, "…"); cut {
				if !strings.Contains(head, before) || !strings.HasSuffix(head, "… pid 11") {
					t.Errorf("%d wide: the header is %q", width, head)
				}
				continue
			}
			if !strings.HasSuffix(head, " "+want) {
				t.Errorf("%d wide: the header is %q, want %q at its end", width, head, want)
			}
		}
	}
	for _, text := range hostile {
		w := newWorld(t)
		variety(w)
		w.start()
		w.stands(model.Standing{Owner: model.Peer{PID: 7, Rank: model.RankServe, Kind: text}})
		w.shown("what the owner is")
	}
}
