package sshd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"log/slog"
)

// TestWhoCanLogIn: each key counts once, as what it may do now, and where none
// may log in the server does not start; what was said is not said twice.
func TestWhoCanLogIn(t *testing.T) {
	_, ada := newKey(t)
	_, bob := newKey(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const admin, past, future = `keyward-role="admin"`, `expiry-time="20200101Z"`, `expiry-time="20300101Z"`
	for name, c := range map[string]struct {
		text            string
		admins, viewers int
		fails           string // part of the error
		logs, logsNot   string
	}{
		"one of each":       {admin + " " + ada + "\n" + bob, 1, 1, "", "role=admin", ""},
		"admin and viewer":  {admin + " " + ada + "\n" + ada, 0, 1, "", "role=viewer", "role=admin"},
		"viewer and admin":  {ada + "\n" + admin + " " + ada, 0, 1, "", "role=viewer", "role=admin"},
		"viewer elsewhere":  {admin + " " + ada + "\n" + `from="192.0.2.1" ` + ada, 1, 0, "", "role=admin", "role=viewer"},
		"admin elsewhere":   {`from="192.0.2.1",` + admin + " " + ada, 1, 0, "", "role=admin", ""},
		"expired viewer":    {admin + " " + ada + "\n" + past + " " + ada, 1, 0, "", "role=admin", "role=viewer"},
		"expired among two": {admin + "," + past + " " + ada + "\n" + bob, 0, 1, "", "may not log in any more", "role=admin"},
		"will expire":       {future + " " + ada, 0, 1, "", "role=viewer", ""},
		"all expired":       {past + " " + ada, 0, 0, "line 1: it expired at 2020-01-01 00:00:00 UTC", "", "may log in"},
		"all refused":       {"cert-authority " + ada + "\nnothing " + bob, 0, 0, "line 1: certificates", "line=2", "may log in"},
		"one refused":       {"\uFEFF" + ada, 0, 0, "line 1: it begins with a byte order mark", "", "refused"},
		"empty":             {"# nobody\n", 0, 0, "it has none", "", "may log in"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys")
			must(t, os.WriteFile(path, []byte(c.text), 0o600))
			f, log := OpenKeyFile(path, time.UTC), &buffer{}
			err := f.start(slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return now })
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, not %q", err, c.fails)
			}
			if admins, viewers := f.Count(); err == nil && (admins != c.admins || viewers != c.viewers) {
				t.Errorf("%d administrators and %d viewers, not %d and %d", admins, viewers, c.admins, c.viewers)
			}
			if !strings.Contains(log.String(), c.logs) || c.logsNot != "" && strings.Contains(log.String(), c.logsNot) {
				t.Errorf("the log should say %q and not %q:\n%s", c.logs, c.logsNot, log)
			}
			if err == nil && strings.Count(log.String(), "an SSH key may log in") != c.admins+c.viewers {
				t.Errorf("not each key once:\n%s", log)
			}
		})
	}
}

// TestStartSaysItOnce: what the error says is not in the log as well.
func TestStartSaysItOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	log := &buffer{}
	err := OpenKeyFile(path, time.UTC).start(slog.New(slog.NewTextHandler(log, nil)), time.Now)
	if err == nil || log.String() != "" {
		t.Errorf("%v\n%s", err, log)
	}
}
