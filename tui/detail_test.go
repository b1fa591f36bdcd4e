package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// opens shows the detail of a key.
func (w *world) opens(name string) *detail {
	w.t.Helper()
	k := w.key(name)
	w.start()
	d := newDetail(w.rt, k.ID, k.Name)
	w.show(d)
	return d.(*detail)
}

func TestDetailViews(t *testing.T) {
	eachSize(t, "token", func(w *world) { variety(w); w.opens("crm sync") })
	eachSize(t, "any environment", func(w *world) { variety(w); w.opens("kiosk"); w.press("down", "down") })
	eachSize(t, "no workflows", func(w *world) { variety(w); w.opens("legacy.import"); w.press("end") })
	eachSize(t, "certificates", func(w *world) { variety(w); w.opens("warehouse"); w.press("down", "down", "down", "down") })
	eachSize(t, "certificate warnings", func(w *world) {
		variety(w)
		old := testCertificate(w.t, 9, "branch", testNow.AddDate(0, -1, 0), 60)
		old.CA, old.NotForClients = true, true // as openssl req -x509 and server certificates have it
		w.certificateKey(model.KeyDraft{Name: "branch", Environment: "Test", Workflows: []string{"get-customer"}}, old)
		w.opens("branch")
	})
	eachSize(t, "certificates below", func(w *world) { variety(w); w.opens("warehouse"); w.press("end") })
	eachSize(t, "expired", func(w *world) { variety(w); w.opens("old") })
	eachSize(t, "retiring", func(w *world) {
		variety(w)
		w.remake("crm sync", model.Primary, 24*time.Hour)
		w.opens("crm sync")
	})
	eachSize(t, "error", func(w *world) {
		variety(w)
		w.start()
		w.backend.err = errTest
		w.show(newDetail(w.rt, 1, "crm sync"))
	})
	eachSize(t, "stale", func(w *world) { variety(w); w.opens("crm sync"); w.backend.err = errTest; w.press("ctrl+r") })
	eachSize(t, "loading", func(w *world) { w.start(); w.hold = true; w.app.Update(pushMsg{newDetail(w.rt, 1, "crm sync")}) })
	eachSize(t, "remove asked", func(w *world) {
		variety(w)
		w.opens("warehouse")
		w.press("down", "down", "down", "down", "x")
	})
	eachSize(t, "gone", func(w *world) {
		variety(w)
		w.opens("kiosk")
		w.t.Logf("deleted by somebody else: %v", w.session.DeleteKey(w.t.Context(), "kiosk"))
		w.press("ctrl+r")
	})
}

// The widest layout has two panes.
func TestDetailWideViews(t *testing.T) {
	for _, name := range []string{"crm sync", "warehouse"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			w.resize(160, 50)
			w.opens(name)
			w.press("end", "up")
			w.golden()
		})
	}
}

// remake regenerates a secret behind the console's back.
func (w *world) remake(name string, slot model.SlotName, grace time.Duration) {
	w.t.Helper()
	s, err := model.NewSecret(w.rt.Random)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.session.RegenerateKey(w.t.Context(), name, slot, s.Hold(), grace); err != nil {
		w.t.Fatal(err)
	}
}

func TestRenewalViews(t *testing.T) {
	eachSize(t, "token", func(w *world) { variety(w); w.start(); w.press("down", "r", "down", "tab", "up", "up") })
	eachSize(t, "certificate", func(w *world) { variety(w); w.start(); w.press("end", "r", "down") })
	eachSize(t, "asked", func(w *world) { variety(w); w.start(); w.press("down", "r", "enter") })
	eachSize(t, "error", func(w *world) {
		variety(w)
		w.start()
		w.press("down", "r")
		w.backend.wrote = errTest
		w.press("enter", "yes")
	})
}

func TestRenewalFitsTheSmallest(t *testing.T) {
	for name, wrote := range map[string]error{"token": nil, "error": errTest} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.resize(minWidth, minHeight)
			variety(w)
			w.start()
			w.backend.wrote = wrote
			w.press("r", "enter")
			w.sees("y regenerate")
			w.press("y")
			if wrote == nil {
				return
			}
			w.sees("Which secret of", "7 days", "✗ The store does not answer.")
		})
	}
	w := newWorld(t)
	w.resize(minWidth, minHeight)
	variety(w)
	w.start()
	w.press("r")
	w.sees("gets replaced?", "○ 7 days", "shown once.")
	w.golden()
}

func TestDetailFollowsEachStop(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(60, 16)
	d := w.opens("warehouse")
	for range d.stops() {
		view := w.screen()
		if !strings.Contains(view, "\n"+pointer) {
			t.Fatalf("the cursor at stop %d is not seen:\n%s", d.cursor, view)
		}
		w.press("down")
	}
}

func TestDetailShowsManyWorkflows(t *testing.T) {
	w := newWorld(t)
	names := make([]string, 300)
	for i := range names {
		names[i] = "flow-" + strings.Repeat("x", i%40) + string(rune('a'+i%26)) + "-" + thousands(1000 + i)[2:]
		if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{Name: names[i], Method: "GET", Path: "/f/" + names[i] + "/{id}"}); err != nil {
			t.Fatal(err)
		}
	}
	w.token(model.KeyDraft{Name: "wide", Workflows: names})
	w.opens("wide")
	w.sees("300 workflows")
	w.press("end")
	w.sees("How to call", "curl")
	w.press("pgup")
	w.press("home")
	w.sees("Name")
}

// A row that the cursor can be put on does something.
func TestDetailPermitsTheFirstWorkflow(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("legacy.import")
	w.press("end")
	w.sees("Permit a workflow first", "enter permit workflows")
	w.press("enter")
	if _, ok := w.app.top().(*chooser); !ok {
		t.Errorf("enter opened a %T, want the workflows to choose from", w.app.top())
	}
}

func TestDetailCopiesTheCall(t *testing.T) {
	w := newWorld(t)
	variety(w)
	var out strings.Builder
	w.rt.output = &out
	w.opens("billing-nightly")
	w.press("y")
	w.sees("The curl line was sent")
	want := osc52.New("curl --cacert /home/ada/.local/share/keyward/ca.pem -H @secret.header https://localhost:8443/customers/1").String()
	if got := out.String(); got != want {
		t.Errorf("sent was %q, want %q", got, want)
	}
	w = newWorld(t)
	variety(w)
	w.rt.output = &out
	w.opens("legacy.import")
	out.Reset()
	if w.press("y"); out.String() != "" {
		t.Errorf("without a workflow %q was sent", out.String())
	}
}

// Nothing of a key is cut where the terminal is small: the rest stands below.
func TestDetailCutsNothing(t *testing.T) {
	w := newWorld(t)
	w.resize(minWidth, 80)
	variety(w)
	if _, err := w.session.CreateWorkflow(t.Context(), model.WorkflowDraft{
		Name: "a-workflow-with-a-rather-long-name", Method: "DELETE", Path: "/some/rather/long/path/{with}/a/{placeholder}/and/more",
	}); err != nil {
		t.Fatal(err)
	}
	chosen := []string{"get-customer", "a-workflow-with-a-rather-long-name"}
	w.certificateKey(model.KeyDraft{Name: longest[:63], Environment: "Production", Workflows: chosen},
		testCertificate(t, 9, strings.Repeat("long subject ", 8), testNow, 600))
	w.token(model.KeyDraft{Name: longest[:62], Expires: testNow.AddDate(0, 0, 12), Workflows: chosen[1:]})
	w.remake(longest[:62], model.Primary, 24*time.Hour)
	for _, name := range []string{longest, longest[:63], longest[:62], "kiosk", "old", "warehouse"} {
		w.opens(name)
		body := strings.SplitN(w.screen(), "\n", 2)[1]
		for _, line := range strings.Split(body, "\n") {
			if strings.HasSuffix(strings.TrimSpace(line), "…") {
				t.Errorf("%s is cut: %q", name, line)
			}
		}
		w.press("esc")
	}
	w.opens(longest[:63])
	w.golden()
}

// The way on and the way back are on every help line.
func TestHelpLineKeepsTheWayBack(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.resize(minWidth, minHeight)
	w.opens("warehouse")
	w.press("down", "down", "down", "down")
	w.sees("enter change", "esc back", "? help")
	w.press("end")
	w.sees("y copy the curl line", "esc back", "? help")
	w.press("r")
	w.sees("enter choose", "esc back", "? help")
}

func TestDetailEnableShowsAtOnce(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("crm sync")
	w.press("e", "yes")
	w.sees("○ disabled", "every call is refused")
	w.press("esc")
	w.sees("○ disabled")
}

func TestDetailDeleteLeadsBackToTheList(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("crm sync")
	w.press("d")
	w.write("crm sync")
	w.press("enter")
	if len(w.app.stack) != 1 {
		t.Errorf("%d screens are open, want the list alone", len(w.app.stack))
	}
	w.sees(`"crm sync" is deleted`)
}

// brings gives the screen that asked for it a certificate, as the picker does.
func (w *world) brings(owner screen, slot model.SlotName, c model.Certificate) {
	w.send(popMsg{asked: true})
	w.send(certificateChosenMsg{owner: owner, slot: slot, certificate: c})
}

// What is made for a slot is called after the key.
func TestDetailNamesWhatIsMade(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("partner_portal")
	w.press("down", "down", "down", "down", "enter", "ctrl+g")
	w.sees("Make a self-signed certificate", "partner_portal.crt")
}

func TestDetailReplacesACertificate(t *testing.T) {
	w := newWorld(t)
	variety(w)
	d := w.opens("partner_portal")
	fresh := testCertificate(t, 9, "partner next", testNow, 600)
	w.press("down", "down", "down", "down", "enter")
	if len(w.app.stack) != 3 {
		t.Fatal("the picker did not open")
	}
	w.brings(d, model.Primary, fresh)
	w.sees("Replace the primary certificate", "into the secondary slot")
	w.press("x")
	w.seesNot(fresh.Thumbprint())
	w.press("down", "enter")
	w.brings(d, model.Secondary, fresh)
	w.press("y") // it is about production
	w.sees("has a secondary certificate now")
	k := w.key("partner_portal")
	if got := k.Slot(model.Secondary).Certificate; got == nil || got.SHA256 != fresh.SHA256 {
		t.Error("the certificate is not in the slot")
	}
	w.press("x", "yes")
	if k = w.key("partner_portal"); !k.Slot(model.Secondary).Empty {
		t.Error("the certificate is still there")
	}
}

func TestDetailRefusesACertificateOverAChange(t *testing.T) {
	w := newWorld(t)
	variety(w)
	d := w.opens("partner_portal")
	w.press("down", "down", "down", "down", "down", "enter")
	w.disable("partner_portal")
	w.brings(d, model.Secondary, testCertificate(t, 9, "x", testNow, 600))
	w.press("y")
	w.sees("was changed meanwhile")
	if k := w.key("partner_portal"); !k.Slot(model.Secondary).Empty {
		t.Error("a stale edit went through")
	}
}

// The way to the grace never changes which secret is replaced.
func TestRenewalKeepsTheSlot(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("down", "r")
	r := w.app.top().(*renewal)
	check := func(slot, grace int, keys ...string) {
		t.Helper()
		if w.press(keys...); r.slot != slot || r.grace != grace {
			t.Errorf("after %v slot %d and grace %d are chosen, want %d and %d", keys, r.slot, r.grace, slot, grace)
		}
	}
	check(0, usualGrace, "tab")
	check(0, usualGrace+1, "down", "down", "down")
	check(0, 0, "up", "up", "up", "up", "up")
	check(0, 0, "shift+tab", "up")
	check(1, 0, "down", "down", "down")
	check(1, 1, "tab", "down")
	w.sees("● secondary", "› ● 1 hour")
}

func TestRenewalShowsTheNewSecret(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	before := w.key("billing-nightly")
	w.press("down", "r", "down") // the secondary one, in the usual 24 hours
	w.press("enter", "yes")
	after := w.key("billing-nightly")
	if before.Slot(model.Primary).Hint != after.Slot(model.Primary).Hint {
		t.Error("the other slot was touched")
	}
	if before.Slot(model.Secondary).Hint == after.Slot(model.Secondary).Hint {
		t.Error("the slot was not regenerated")
	}
	if n := len(after.Slot(model.Secondary).Retiring); n != 1 {
		t.Errorf("%d secrets are in their grace, want 1", n)
	}
	top, ok := w.app.top().(*reveal)
	if !ok || len(w.app.stack) != 2 {
		t.Fatalf("the top of %d screens is a %T, want the reveal screen on the list", len(w.app.stack), w.app.top())
	}
	if !top.secrets[0].IsZero() || top.secrets[1].IsZero() {
		t.Error("the reveal screen got the wrong secret")
	}
}

// The old secret is gone once the new one is made: whatever the user does
// meanwhile, the new one must come to be seen.
func TestRenewalShowsTheNewSecretWhateverHappens(t *testing.T) {
	for _, keys := range [][]string{{"esc"}, {"q"}, {"q", "y"}, {"ctrl+c"}, {"?"}, {"enter", "y"}} {
		t.Run(strings.Join(keys, " "), func(t *testing.T) {
			w := newWorld(t)
			variety(w)
			w.start()
			w.press("down", "r", "enter", "y") // and once more: it is about production
			w.hold = true
			w.press("y")
			held := w.held
			w.held = nil
			for len(held) > 0 { // up to the answer of the backend
				msg := held[0]()
				held = held[1:]
				if made, ok := msg.(remadeMsg); ok {
					w.hold = false
					w.press(keys...)
					if keys[len(keys)-1] == "y" && keys[0] == "q" {
						return // the user was asked, and left
					}
					w.take(made)
					break
				}
				w.send(msg)
				held = append(held, w.held...)
				w.held = nil
			}
			if _, ok := w.app.top().(*reveal); !ok || w.app.prompt != nil || w.quit {
				t.Errorf("after %v the top is a %T", keys, w.app.top())
			}
		})
	}
}

func TestSecretsPrintNowhere(t *testing.T) {
	w := newWorld(t)
	s, err := model.NewSecret(w.rt.Random)
	if err != nil {
		t.Fatal(err)
	}
	secrets := [2]model.Secret{s}
	r := newReveal(w.rt, model.KeyInfo{}, secrets)
	for _, v := range []any{remadeMsg{secrets: secrets}, r, swapMsg{to: r}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := sprint(format, v); strings.Contains(text, s.Reveal()[3:20]) {
				t.Errorf("%s of a %T prints its secret", format, v)
			}
		}
	}
}

func TestQuitting(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.opens("crm sync")
	w.press("q")
	if w.quit || len(w.app.stack) != 1 {
		t.Error("q on a screen of the stack is back")
	}
	w.press("q")
	if !w.quit {
		t.Error("q on the first screen quits")
	}
	w.quit = false
	w.opens("crm sync")
	w.press("ctrl+c")
	if !w.quit {
		t.Error("ctrl+c quits everywhere")
	}
}

var _ tea.Msg = certificateChosenMsg{}

// What is regenerated is what the question was about, whatever was typed before it
// was seen.
func TestRegeneratesWhatWasAsked(t *testing.T) {
	w := newWorld(t)
	before := w.token(model.KeyDraft{Name: "a", Environment: "Test"})
	w.start()
	w.press("r")
	w.hold = true
	w.press("enter", "down") // each on a slow machine
	w.release()
	w.sees("Regenerate the primary secret")
	w.press("y")
	after := w.key("a")
	if after.Slot(model.Primary).Hint == before.Slot(model.Primary).Hint || after.Slot(model.Secondary).Hint != before.Slot(model.Secondary).Hint {
		t.Error("the other one was regenerated")
	}
}
