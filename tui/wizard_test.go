package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

func newWizardTest(t *testing.T) (*maker, *wizard) {
	t.Helper()
	m := newMaker(t)
	m.push(newWizard(m.rt))
	w, _ := m.app.top().(*wizard)
	return m, w
}

// toToken goes to the step of a token key's wizard, with answers on the way.
func (m *maker) toToken(step wizardStep) {
	m.Helper()
	for _, keys := range [][]string{{}, {"down", "enter"}, {"billing", "enter"}, {"enter"}, {" ", "enter"}, {}, {"enter"}}[:step+1] {
		m.keys(keys...)
	}
}

// toCertificate is toToken for a certificate key.
func (m *maker) toCertificate(step wizardStep) {
	m.Helper()
	for _, keys := range [][]string{{}, {"enter"}, {"billing", "enter"}, {"enter"}, {" ", "enter"}}[:min(step, stepCertificate)+1] {
		m.keys(keys...)
	}
	if step > stepCertificate {
		m.keys("enter")
		m.paste("-----BEGIN CERTIFICATE-----\rAA\r-----END CERTIFICATE-----\r")
		m.keys("enter", "enter")
	}
	if step > stepLimits {
		m.keys("enter")
	}
}

func TestWizardViews(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(m *maker)
	}{
		{"kind", func(*maker) {}},
		{"name", func(m *maker) { m.toToken(stepName) }},
		{"name_free", func(m *maker) { m.toToken(stepName); m.keys("billing") }},
		{"name_taken", func(m *maker) { m.toToken(stepName); m.keys("CRM") }},
		{"name_bad", func(m *maker) { m.toToken(stepName); m.keys("a/b") }},
		{"name_unsure", func(m *maker) {
			m.store.lookErr = errors.New("the store is gone")
			m.toToken(stepName)
			m.keys("billing")
		}},
		{"environment", func(m *maker) { m.toToken(stepEnvironment) }},
		{"workflows", func(m *maker) { m.toToken(stepWorkflows) }},
		{"certificate_none", func(m *maker) { m.toCertificate(stepCertificate); m.keys("down", "down", "enter") }},
		{"certificate", func(m *maker) { m.toCertificate(stepLimits); m.keys("esc") }},
		{"limits_token", func(m *maker) { m.toToken(stepLimits); m.keys("left") }},
		{"limits_bad_day", func(m *maker) { m.toToken(stepLimits); m.keys("left", "2026-02-30", "enter") }},
		{"limits_certificate", func(m *maker) { m.toCertificate(stepLimits) }},
		{"review_token", func(m *maker) { m.toToken(stepReview) }},
		{"review_warnings", func(m *maker) {
			m.keys("down", "enter", "wide open", "enter", "down", "down", "enter", "tab", "down", "right", "enter")
		}},
		{"review_certificate", func(m *maker) { m.toCertificate(stepReview) }},
		{"refused", func(m *maker) {
			m.store.createErr = errors.New("the disk is full: free some space")
			m.toToken(stepReview)
			m.keys("enter")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := newWizardTest(t)
			m.store.keys = []model.KeyInfo{{KeyRow: model.KeyRow{ID: 1, Name: "crm"}}}
			tt.do(m)
			m.fits()
			m.goldens("view")
		})
	}
}

func TestWizardMakesATokenKey(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.keys("down", "enter", "billing", "enter", "down", "enter", "*", "enter", "right", "right", "down", "enter")
	m.sees("Is this the key?", "calls must send _profile=User%20Test", "in 90 days, on 2026-05-30")
	m.keys("enter")
	if len(m.store.drafts) != 1 {
		t.Fatalf("got %d keys made, want 1", len(m.store.drafts))
	}
	d := m.store.drafts[0]
	want := model.KeyDraft{
		Name: "billing", Kind: model.TokenKey, Environment: "User Test", NoQuery: true, Expires: makeNow.Add(90 * 24 * time.Hour),
		Workflows: []string{"Create order", "Get customer", "Remove a line"}, Primary: d.Primary, Secondary: d.Secondary,
	}
	if got := fmt.Sprintf("%+v", d); got != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %s\nwant %+v", got, want)
	}
	r, ok := m.app.top().(*reveal)
	if !ok || len(m.app.stack) != 2 {
		t.Fatalf("the reveal did not take the wizard's place: %d screens, %T on top", len(m.app.stack), m.app.top())
	}
	for i, h := range [2]model.Holding{d.Primary, d.Secondary} {
		if r.secrets[i].Digest() != h.Digest {
			t.Errorf("slot %d shows another secret than was kept", i)
		}
	}
}

func TestWizardMakesACertificateKey(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toCertificate(stepLimits)
	m.keys("esc", "up", "enter") // the secondary
	m.paste("-----BEGIN CERTIFICATE-----")
	m.keys("enter")
	if !w.certificate.filled(1) {
		t.Fatalf("no secondary certificate:\n%s", m.view())
	}
	m.keys("up", "x", "tab", "enter", "enter")
	d := m.store.drafts[0]
	if d.Kind != model.CertificateKey || d.Primary.Certificate == nil || !d.Secondary.IsZero() || d.NoQuery || !d.Primary.Digest.IsZero() {
		t.Errorf("got %+v", d)
	}
	m.sees("The key is made", "--cert client.crt", "--key client.key")
	m.keys("enter")
	if len(m.app.stack) != 1 {
		t.Error("leaving a reveal without secrets asked something")
	}
}

func TestWizardKeepsInput(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toCertificate(stepReview)
	for range 6 {
		m.keys("shift+tab")
	}
	if w.step != stepKind {
		t.Fatalf("at step %d, want the first", w.step)
	}
	m.keys("down", "enter", "tab", "tab", "enter", "tab", "tab") // to the token key's review, and back again
	m.sees("Is this the key?", "Token-based", "billing", "1: Create order")
	for range 8 {
		m.keys("esc")
		if w.step == stepKind {
			break
		}
	}
	m.keys("up", "enter", "enter", "enter", "enter", "enter", "enter")
	m.sees("Is this the key?", "Certificate-based", "billing", "1: Create order", "CN=pasted")
}

func TestWizardAsksBeforeThrowingInputAway(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.keys("esc")
	if len(m.app.stack) != 1 {
		t.Fatal("nothing was entered, and leaving did not leave")
	}
	m.push(newWizard(m.rt))
	m.toToken(stepEnvironment)
	m.keys("q")
	m.sees(`Stop making the key "billing"?`)
	m.keys("n", "esc", "esc", "esc")
	m.sees("Stop making the key")
	m.keys("x", "enter")
	m.sees("What is the key called?", "billing")
	m.keys("ctrl+c")
	m.yes()
	if !m.quit {
		t.Error("the console did not quit")
	}
}

func TestWizardName(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.store.keys = []model.KeyInfo{{KeyRow: model.KeyRow{ID: 77, Name: "Crm"}}}
	m.toToken(stepName)
	m.keys("enter")
	m.sees("A name is needed")
	m.keys("crm", "enter")
	m.sees(`There is a key called "Crm" already`, "What is the key called?")
	m.keys("2")
	m.sees("The name is free")
	for range 4 {
		m.keys("backspace")
	}
	m.keys(model.ID(77).String()) // a key's id is no name that is taken
	m.sees("The name is free")
	m.paste("\x1b]0;x\a\u202e")
	m.fits()

	// Answers to an older question are dropped.
	m.keys("abc")
	m.send(nameCheckedMsg{request: w.name.request - 1, taken: "somebody"})
	m.seesNo("somebody")
}

func TestWizardNameWaitsForTheStore(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepName)
	w.name.input.SetValue("billing") // typed an instant ago: nothing was asked yet
	w.name.known = ""
	m.keys("enter")
	if w.step != stepEnvironment {
		t.Errorf("at step %d: enter did not ask and move on", w.step)
	}
}

func TestWizardShowsAFailureWhereItCanBeMended(t *testing.T) {
	t.Parallel()
	conflict := fmt.Errorf("the certificate is taken: %w", model.ErrConflict)
	for _, tt := range []struct {
		name string
		err  error
		pre  func(m *maker)
		step wizardStep
	}{
		{"name", conflict, func(m *maker) {
			m.store.keys = append(m.store.keys, model.KeyInfo{KeyRow: model.KeyRow{Name: "BILLING"}})
		}, stepName},
		{"certificate", conflict, nil, stepCertificate},
		{"field", model.Invalid("expires", "the expiry is past"), nil, stepLimits},
		{"environment gone", fmt.Errorf("gone: %w", model.ErrNotFound), func(m *maker) { m.store.environments = m.store.environments[:1] }, stepEnvironment},
		{"workflow gone", fmt.Errorf("gone: %w", model.ErrNotFound), func(m *maker) { m.store.workflows = m.store.workflows[:1] }, stepWorkflows},
		{"store", errors.New("no space left"), nil, stepReview},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, w := newWizardTest(t)
			m.toCertificate(stepReview)
			m.store.createErr = tt.err
			if tt.pre != nil {
				tt.pre(m)
			}
			m.keys("enter")
			if w.step != tt.step || w.saving {
				t.Fatalf("at step %d, want %d:\n%s", w.step, tt.step, m.view())
			}
			want := strings.TrimSuffix(sentence(tt.err), ".")
			if tt.step == stepName {
				want = `There is a key called "BILLING" already`
			}
			m.sees(want)
			if w.name.value() != "billing" || !w.certificate.filled(0) {
				t.Error("what was entered is gone")
			}
			m.fits()
		})
	}
}

func TestWizardMendsAndGoesOn(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepReview)
	m.store.keys = append(m.store.keys, model.KeyInfo{KeyRow: model.KeyRow{Name: "Billing"}})
	m.store.createErr = fmt.Errorf("there is a key called %q already: %w", "Billing", model.ErrConflict)
	m.keys("enter")
	m.sees(`There is a key called "Billing" already`)
	m.seesNo("The name is free")
	m.keys("2", "enter")
	if w.step != stepReview {
		t.Fatalf("at step %d, want the review:\n%s", w.step, m.view())
	}
	m.seesNo("already")
	m.keys("enter")
	if n := len(m.store.drafts); n != 2 || m.store.drafts[1].Name != "billing2" {
		t.Errorf("got %d attempts", n)
	}
}

func TestWizardFindsAKeyWhoseOutcomeWasNotKnown(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.toToken(stepReview)
	m.store.createAfter = fmt.Errorf("no answer: %w", model.ErrUnknownOutcome)
	m.keys("enter")
	m.sees("Store these secrets now")
}

func TestWizardLeftWhileSaving(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepReview)
	_, cmd := m.app.Update(keyPress("enter"))
	m.keys("q")
	m.yes()
	if len(m.app.stack) != 1 {
		t.Fatalf("%T is on top", m.app.top())
	}
	m.run(cmd)
	m.sees("Store these secrets now")
	if !w.saving {
		t.Error("the wizard was told of a key that it no longer waits for")
	}
}

func TestWizardReviewLeadsToEachStep(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepReview)
	for row, step := range []wizardStep{stepName, stepKind, stepEnvironment, stepWorkflows, stepLimits, stepLimits} {
		m.keys("home")
		for range row {
			m.keys("down")
		}
		m.keys("enter")
		if w.step != step {
			t.Errorf("row %d leads to step %d, want %d", row, w.step, step)
		}
		m.keys("esc")
		for w.step != stepReview {
			m.keys("enter")
		}
	}
}

func TestWizardDropsStaleLists(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepEnvironment)
	m.send(environmentsMsg{request: w.environment.request - 1})
	m.send(workflowsMsg{request: w.workflows.request - 1})
	m.send(keyRefusedMsg{request: w.request, err: errUnused})
	m.sees("Production", "User Test")
	m.keys("down") // User Test
	m.store.environments = append([]model.EnvironmentInfo{{Name: "Acceptance"}}, m.store.environments...)
	m.send(changedMsg{})
	if got := w.environment.value(); got != "User Test" {
		t.Errorf("got %q after a change elsewhere, want User Test", got)
	}
}

func TestWizardLoadsAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	m.store.listErr = errors.New("the store is away")
	m.push(newWizard(m.rt))
	m.toToken(stepWorkflows)
	m.sees("The store is away. ctrl+r loads again.")
	m.keys("enter")
	m.sees("Which workflows")
	m.keys("ctrl+r", "*", "enter")
	m.sees("Until when")
}

func TestWizardDay(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.toToken(stepLimits)
	m.keys("left", "2026-02-28", "enter")
	m.sees("The expiry 2026-02-28 23:59 UTC is past")
	for range 10 {
		m.keys("backspace")
	}
	m.keys("2027-01-31", "tab", "tab")
	m.sees("at the end of 2027-01-31 (UTC)")
	m.keys("enter")
	if got, want := m.store.drafts[0].Expires, time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What the commands take for --expires, the console takes as well.
func TestWizardExpiryForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"4w":                        makeNow.AddDate(0, 0, 28),
		"1h30m":                     makeNow.Add(90 * time.Minute),
		"2027-01-31T18:00:00+02:00": time.Date(2027, 1, 31, 16, 0, 0, 0, time.UTC),
	} {
		m, _ := newWizardTest(t)
		m.toToken(stepLimits)
		m.keys("left", text, "tab", "tab", "enter")
		if len(m.store.drafts) != 1 || !m.store.drafts[0].Expires.Equal(want) {
			t.Errorf("%q: got %+v, want an expiry at %v", text, m.store.drafts, want)
		}
	}
}

// Enter on a highlighted workflow means that workflow: a key that can call
// nothing is made on purpose only.
func TestWizardEnterMarksTheWorkflow(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepWorkflows)
	m.sees("enter mark this", "tab go on with none")
	m.keys("down", "enter")
	m.sees("[x] Get customer", "Marked Get customer; enter again goes on.", "enter next")
	m.keys("enter")
	if got := w.workflows.names(); w.step != stepLimits || len(got) != 1 || got[0] != "Get customer" {
		t.Fatalf("at step %d with %q, want %d with Get customer", w.step, got, stepLimits)
	}
	m.keys("esc", " ", "/", "zzz", "enter", "enter")
	m.sees("None is chosen: esc shows all again, space marks one.")
	m.keys("tab")
	if got := w.workflows.names(); w.step != stepLimits || len(got) != 0 {
		t.Errorf("at step %d with %q: tab did not go on with none", w.step, got)
	}
}

// The wizard takes no expiry that the commands refuse.
func TestWizardRefusesAnExpiryTooFarAway(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepLimits)
	for _, text := range []string{"9999-12-31", "2130-01-01T00:00:00Z", "2127-01-01"} {
		w.limits.expiry, w.limits.cursor = onDay, 1
		w.limits.day.SetValue(text)
		m.keys("enter")
		m.sees("The expiry is more than 100 years away", "Until when")
	}
}

// The review names what is permitted, as far as there is room, and counts the
// rest.
func TestWizardReviewNamesTheWorkflows(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.store.workflows = manyWorkflows(6)
	m.send(changedMsg{})
	m.toToken(stepWorkflows)
	m.keys("*", "enter", "enter")
	m.sees("6: Workflow 0000, Workflow 0001, Workflow 0002, Workflow 0003, Workflow 0004, Workflow 0005 Expires")
	m.fits()
	m.keys("q")
	m.yes()
	m.store.workflows = manyWorkflows(5000)
	m.push(newWizard(m.rt))
	m.toToken(stepWorkflows)
	m.keys("*", "enter", "enter")
	m.sees("5,000: Workflow 0000", "Workflow 0020", "more Expires", "Create the key")
	m.size(60, 16)
	m.sees("5,000: Workflow 0000", "more Expires", "Create the key")
	m.fits()
}

func TestListed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names []string
		width int
		lines int
		want  string
	}{
		{[]string{"a b", "c"}, 20, 1, "2: a b, c"},
		{[]string{"a-b", "c d", "e f"}, 10, 2, "3: a-b,|c d, e f"},
		{[]string{"a-b", "c d", "e f"}, 20, 1, "3: a-b, c d, e f"},
		{[]string{"aaaaaa", "bbbbbb", "cccccc"}, 21, 1, "3: aaaaaa and 2 more"},
		{[]string{strings.Repeat("a", 30), "b"}, 22, 1, "2:|" + strings.Repeat("a", 22) + "|" + strings.Repeat("a", 8) + " and 1 more"},
	} {
		if got := strings.Join(listed(tt.names, tt.width, tt.lines), "|"); got != tt.want {
			t.Errorf("%q in %d lines of %d: got %q, want %q", tt.names, tt.lines, tt.width, got, tt.want)
		}
	}
}

// A day can be typed as soon as it was asked for; the keys that led there lead
// on.
func TestWizardDayHasTheFocus(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toToken(stepLimits)
	m.keys("left")
	m.sees("a day such as 2027-01-31, or 90d")
	m.keys("right", "left", "left")
	m.sees("[1 year]")
	m.keys("right", "90d", "left", "1", "enter")
	if got := w.limits.expiryText(); got != "901d" || w.step != stepReview {
		t.Errorf("got %q at step %d", got, w.step)
	}
}

// What was wrong is told until something is done about it, not on every visit.
func TestWizardForgetsOldErrors(t *testing.T) {
	t.Parallel()
	m, _ := newWizardTest(t)
	m.toCertificate(stepCertificate)
	m.keys("tab")
	m.sees("needs its primary certificate first")
	m.keys("down")
	m.seesNo("needs its primary")
	m.keys("tab", "esc", "enter")
	m.seesNo("needs its primary")

	m, _ = newWizardTest(t)
	m.toToken(stepLimits)
	m.keys("left", "2020-01-01", "enter")
	m.sees("is past")
	m.keys("shift+tab", "shift+tab", "enter")
	m.seesNo("is past")

	m, w := newWizardTest(t)
	m.store.createErr = model.Invalid("expires", "the expiry is past")
	m.toToken(stepReview)
	m.keys("enter")
	m.sees("The expiry is past")
	m.keys("esc")
	w.goTo(stepLimits)
	m.seesNo("The expiry is past")
}

// What is pasted is taken wherever the cursor of the step is.
func TestWizardPastesAnywhere(t *testing.T) {
	t.Parallel()
	m, w := newWizardTest(t)
	m.toCertificate(stepCertificate)
	m.keys("down", "down")
	m.paste("-----BEGIN PRIVATE KEY-----")
	m.sees("New primary certificate", "treat the key as exposed")
	m.paste("-----BEGIN CERTIFICATE-----")
	m.keys("enter")
	m.paste("-----BEGIN CERTIFICATE-----")
	m.keys("enter")
	if !w.certificate.filled(0) || !w.certificate.filled(1) {
		t.Errorf("not both slots are filled:\n%s", m.view())
	}
	m, _ = newWizardTest(t)
	m.toCertificate(stepCertificate)
	m.paste("'/no/such file.crt'\r")
	m.sees("Path › /no/such file.crt")
	m, w = newWizardTest(t)
	m.toToken(stepName)
	m.paste("billing\r\n")
	if got := w.name.value(); got != "billing" {
		t.Errorf("got %q, want billing", got)
	}
}
