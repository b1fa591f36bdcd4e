package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// hostile is what an outsider may put into a certificate's subject.
const hostile = "CN=a\x1b]0;title\x07\u009b31m\u202eb\u200b\U000e0041\r\nc"

func TestJSONSteersNoTerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := writeJSON(&b, map[string]string{"subject": hostile, "plain": "Zürich <&>"}, "  "); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); model.CleanBlock(text) != text {
		t.Errorf("the JSON has characters that steer a terminal: %q", text)
	}
	if !strings.Contains(b.String(), "Zürich <&>") {
		t.Errorf("the JSON escapes what it need not: %s", b.String())
	}
	var back map[string]string
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back["subject"] != hostile {
		t.Errorf("the subject came back as %q", back["subject"])
	}
}

func TestTextSteersNoTerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	tb := &table{w: &b, header: []string{"A", "B"}}
	if err := tb.add([][]string{{hostile, "x"}}); err != nil {
		t.Fatal(err)
	}
	f := &facts{w: &b}
	f.add("Subject", hostile)
	f.flush("")
	b.WriteString(oneLine("reading " + hostile))
	if text := b.String(); model.CleanBlock(text) != text {
		t.Errorf("the text has characters that steer a terminal: %q", text)
	}
	if got := oneLine("one\ntwo\r\nthree"); got != "one; two; three" {
		t.Errorf("oneLine gives %q", got)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	row := []string{strings.Repeat("n", 64), "certificate", strings.Repeat("e", 20), "! expiring", "2000", "2026-11-21", "2027-02-19"}
	for _, width := range []int{40, 60, 80, 120} {
		var b bytes.Buffer
		tb := &table{w: &b, width: width, header: []string{"NAME", "KIND", "ENVIRONMENT", "STATUS", "WORKFLOWS", "CREATED", "EXPIRES"}}
		if err := tb.add([][]string{row, {"a", "token", "Test", "● enabled", "1", "2026-11-21", "never"}}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("at %d columns a line has %d: %q", width, n, line)
			}
		}
	}
	var b bytes.Buffer
	tb := &table{w: &b, width: 80, header: []string{"NAME", "KIND", "ENVIRONMENT", "STATUS", "WORKFLOWS", "CREATED", "EXPIRES"}}
	if err := tb.add([][]string{row}); err != nil || !strings.Contains(b.String(), "2027-02-19") {
		t.Errorf("at 80 columns the last is gone: %s", b.String())
	}
	b.Reset()
	tb = &table{w: &b, header: []string{"NAME", "X"}}
	for _, name := range []string{"short", strings.Repeat("long", 30), "short"} {
		if err := tb.add([][]string{{name, "y"}}); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), "…") || !strings.Contains(b.String(), strings.Repeat("long", 30)) {
		t.Errorf("without a terminal a cell was cut: %s", b.String())
	}
	if strings.Count(b.String(), "NAME") != 1 {
		t.Errorf("the header is not there once: %s", b.String())
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"done", ended, nil, 0},
		{"failed", t.Context(), errors.New("x"), 1},
		{"usage", t.Context(), &usageError{"x"}, 2},
		{"input", t.Context(), model.Invalid("name", "x"), 2},
		{"certificate", t.Context(), model.RefuseCertificate(model.ErrCurve, "x"), 2},
		{"not found", t.Context(), fmt.Errorf("x: %w", model.ErrNotFound), 3},
		{"conflict", t.Context(), fmt.Errorf("x: %w", model.ErrConflict), 4},
		{"denied", t.Context(), &codeError{code: exitDenied}, 5},
		{"interrupted", ended, fmt.Errorf("x: %w", context.Canceled), 130},
		{"interrupted at a question", t.Context(), errInterrupted, 130},
		{"changed meanwhile", t.Context(), model.ErrChanged, 1},
		{"failed while interrupted", ended, errors.New("x"), 1},
	} {
		if got := exitCode(test.ctx, test.err); got != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, got, test.want)
		}
	}
}

func TestSecretsInArguments(t *testing.T) {
	t.Parallel()
	s, err := model.NewSecret(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{s.Reveal(), "--x=" + s.Reveal(), "/x?auth-key=" + s.Reveal(), "Authorization: Key=" + s.Reveal() + "\n"} {
		err := refuseSecrets([]string{"check", arg})
		if err == nil {
			t.Errorf("the argument %q was taken", strings.ReplaceAll(arg, s.Reveal(), "SECRET"))
		} else if strings.Contains(err.Error(), s.Reveal()[:12]) {
			t.Error("the refusal repeats the secret")
		}
	}
	if err := refuseSecrets([]string{"key", "create", "kw_orders"}); err != nil {
		t.Errorf("a name was refused: %v", err)
	}
	if got := oneLine("there is no " + s.Reveal()[:40]); strings.Contains(got, s.Reveal()[:12]) {
		t.Error("an error repeats the beginning of a secret")
	}
}

// TestWarnMissing: a script that reads JSON learns on standard error of an
// endpoint that has not acknowledged; a person reads it in the confirmation.
func TestWarnMissing(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		for _, missing := range [][]string{nil, {"serve pid 12"}} {
			var b bytes.Buffer
			a := newApp(Env{Stderr: &b})
			a.json = asJSON
			a.receipt = model.Receipt{Seq: 3, Serves: 2, InForce: 2 - len(missing), Missing: missing, Took: time.Second}
			a.warnMissing()
			want := ""
			if asJSON && missing != nil {
				want = "keyward: warning: in force at 1 of 2 endpoints in 1.0 s; serve pid 12 has not acknowledged, and denies until it does\n"
			}
			if b.String() != want {
				t.Errorf("json %v, %v: %q, want %q", asJSON, missing, b.String(), want)
			}
		}
	}
}
