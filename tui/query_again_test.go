package tui

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// A call that brought its secret in the URL is copied, and tried again, with the
// secret in the header and nowhere else: with both it would be refused whatever
// the secret is.
func TestCallsAgainLeaveAuthKeyOut(t *testing.T) {
	for query, want := range map[string]string{
		"_profile=Test&auth-key=": "?_profile=Test",
		"AUTH%2DKEY=&a=1":         "?a=1",
		"auth-key=":               "/customers/17",
	} {
		w := newWorld(t)
		w.resize(160, 50)
		traffic(w)
		a := w.call("GET", "/customers/17?_profile=Test", "crm sync")
		a.Query, a.Credential, a.Reason, a.Status = query, model.QueryCredential, model.QueryRefused, 401
		w.brought(a)
		w.watches()
		w.press("enter")
		w.sees("query-refused")
		line := w.app.top().(*why).curl()
		if strings.Contains(strings.ToLower(line), "auth") || !strings.HasSuffix(strings.TrimRight(line, "'"), want) || !strings.Contains(line, "-H @secret.header") {
			t.Errorf("of %s %s is copied", query, line)
		}
		w.press("T")
		if url := w.app.top().(*try).url.Value(); !strings.HasSuffix(url, want) {
			t.Errorf("of %s %s is tried", query, url)
		}
		w.seesNot("carries auth-key", "more than one token")
	}
}
