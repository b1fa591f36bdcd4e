package tui

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// strangersCertificate has a call come with a certificate that no key has.
func (w *world) strangersCertificate(c model.Certificate) {
	w.t.Helper()
	renewals(w)
	w.serves()
	a := w.call("GET", "/customers/17", "")
	a.Credential, a.Reason, a.Status = model.CertificateCredential, model.CertificateUnknown, 401
	a.Certificate, a.CertificateSubject, a.CertificateIssuer, a.CertificateEnds = c.SHA256, c.Subject, c.Issuer, model.At(c.NotAfter)
	w.brought(a)
	w.watches()
	w.press("enter")
}

func TestWhyCertificateViews(t *testing.T) {
	threeSizes(t, "unknown", func(w *world) { w.strangersCertificate(testCertificate(w.t, 20, "stranger", testNow, 600)) })
	threeSizes(t, "same subject", func(w *world) { w.strangersCertificate(testCertificate(w.t, 21, "expired", testNow, 600)) })
	threeSizes(t, "renewed", func(w *world) {
		w.expiredCall("warehouse")
		w.now = testNow.AddDate(0, 0, 40)
		w.press("ctrl+r")
	})
}

// Whoever presents a certificate of the subject that a key has gets it into the
// empty slot of that key, and the call is mended.
func TestWhyRegistersACertificate(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	fresh := testCertificate(t, 21, "expired", testNow, 600)
	w.strangersCertificate(fresh)
	w.sees("CN=expired, issued by itself, valid until ", `slot of the key "expired"`, "r put it into a key", "n new key")
	w.press("r")
	r, ok := w.app.top().(*renewal)
	if !ok || r.name != "expired" || model.SlotNames[r.slot] != model.Secondary {
		t.Fatalf("r opens %T on %+v", w.app.top(), r)
	}
	w.press("enter")
	w.brings(r, model.Secondary, fresh)
	w.sees(`"expired" has a secondary certificate now`, "certificate-unknown")
	k := w.key("expired")
	if got := k.Slot(model.Secondary).Certificate; got == nil || got.SHA256 != fresh.SHA256 {
		t.Error("the certificate is not in the slot")
	}
	w.press("ctrl+r")
	w.seesNot("one of the same subject") // it is registered by now
}

// Without a key of that subject, one is chosen or made.
func TestWhyRegistersAStrangersCertificate(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	w.strangersCertificate(testCertificate(t, 20, "stranger", testNow, 600))
	w.press("r")
	if _, ok := w.app.top().(*certificateList); !ok {
		t.Errorf("r opens %T", w.app.top())
	}
	w.sees("Choose the key by a certificate that it has", "n puts the caller's into its other slot")
	w.press("esc", "n")
	if made, ok := w.app.top().(*wizard); !ok || made.kind.value() != model.CertificateKey {
		t.Errorf("n opens %T", w.app.top())
	}
}

// expiredCall explains a call by the primary certificate of a key, which has
// expired.
func (w *world) expiredCall(name string) {
	w.t.Helper()
	renewals(w)
	w.serves()
	k := w.key(name)
	a := w.call("GET", "/customers/17", "")
	a.Credential, a.Reason, a.Status = model.CertificateCredential, model.CertificateExpired, 401
	a.Key, a.KeyName, a.Slot = k.ID, k.Name, model.Primary
	w.brought(a)
	w.watches()
	w.press("enter")
}

// An expired certificate is renewed in the empty slot; why says so then, and the
// next one goes where the expired one is.
func TestWhyRenewsOnce(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	w.expiredCall("expired")
	w.sees("in its secondary slot, which is empty")
	w.seesNot("other slot, if", "Renewed")
	w.press("r")
	r := w.app.top().(*renewal)
	if model.SlotNames[r.slot] != model.Secondary {
		t.Errorf("at first the slot is %v", model.SlotNames[r.slot])
	}
	w.press("enter")
	w.brings(r, model.Secondary, testCertificate(t, 30, "fresh", testNow, 600))
	w.sees("Renewed: have the caller use the secondary one, CN=fresh, until 2028-07-13", "in place of the primary one, which has")
	w.press("r")
	if r = w.app.top().(*renewal); model.SlotNames[r.slot] != model.Primary {
		t.Errorf("then it is %v", model.SlotNames[r.slot])
	}
}

func TestSlotToFill(t *testing.T) {
	w := newWorld(t)
	renewals(w)
	at := w.now
	for _, tt := range []struct {
		key  string
		used model.SlotName
		at   time.Time
		want model.SlotName
	}{
		{"expired", model.Primary, at, model.Secondary},
		{"full", model.Primary, at, model.Primary},   // it ends first
		{"full", model.Secondary, at, model.Primary}, // nothing has expired
		{"full", model.Secondary, at.AddDate(0, 0, 15), model.Primary},
		{"full", model.Secondary, at.AddDate(0, 0, 50), model.Secondary}, // both have
		{"full", model.NoSlot, at.AddDate(0, 0, 50), model.Primary},
	} {
		if got := slotToFill(w.key(tt.key), tt.used, tt.at); got != tt.want {
			t.Errorf("%s, a call by %v at %v: %v, want %v", tt.key, tt.used, tt.at, got, tt.want)
		}
	}
}

// The environment whose hosts are in the way is opened on its hosts, and one that
// a call names is made under that name.
func TestWhyOpensTheEnvironment(t *testing.T) {
	w := newWorld(t)
	w.resize(160, 40)
	traffic(w)
	hosts := []string{"test.localhost"}
	if _, err := w.session.EditEnvironment(t.Context(), "Test", model.EnvironmentEdit{Hosts: &hosts}); err != nil {
		t.Fatal(err)
	}
	stray := w.call("GET", "/customers/17", "crm sync")
	stray.Host = "api-test.example.com"
	w.brought(stray)
	w.watches()
	w.press("enter")
	w.sees("its host api-test.example.com belongs to no environment", `"Test" has the host test.localhost`,
		`› enter Or give the environment "Test" the host api-test.example.com`)
	w.press("enter")
	f, ok := w.app.top().(*environmentForm)
	if !ok || f.seen.Name != "Test" || f.current() == nil || f.current().name != "hosts" || f.Unsaved() != nil {
		t.Fatalf("enter opens %T: %+v", w.app.top(), f)
	}
	w.write(", api-test.example.com")
	w.press("ctrl+s", "yes")
	w.sees("Mended")

	typo := w.call("GET", "/customers/17?_profile=Tset", "crm sync")
	w.brought(typo)
	w.press("esc")
	w.ticks()
	w.press("G", "enter")
	w.sees("environment-unknown", `› enter Or make the environment "Tset"`)
	w.press("enter")
	if f, ok = w.app.top().(*environmentForm); !ok || f.field("name").value() != "Tset" || !f.fresh {
		t.Fatalf("enter opens %T", w.app.top())
	}
}
