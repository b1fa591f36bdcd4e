package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-runewidth"

	"dev.keyward/keyward/model"
)

// tainted is a backend whose every name is the same text.
type tainted struct {
	Backend
	text string
}

func (b tainted) Keys(ctx context.Context, q model.KeyQuery) (model.KeyPage, error) {
	q.Filter = ""
	page, err := b.Backend.Keys(ctx, q)
	for i := range page.Keys {
		if i%2 == 0 {
			page.Keys[i].Name, page.Keys[i].Environment = b.text, b.text
		}
	}
	return page, err
}

func (b tainted) Key(ctx context.Context, ref string) (model.KeyInfo, error) {
	k, err := b.Backend.Key(ctx, ref)
	k.Name, k.Environment = b.text, b.text
	for i := range k.Workflows {
		k.Workflows[i].Name, k.Workflows[i].Path = b.text, "/"+b.text
	}
	for i := range k.Slots {
		if k.Slots[i].Certificate != nil {
			c := *k.Slots[i].Certificate
			c.Subject, c.Issuer = b.text, b.text
			k.Slots[i].Certificate = &c
		}
	}
	return k, err
}

func (b tainted) Workflows(ctx context.Context) ([]model.WorkflowInfo, error) {
	list, err := b.Backend.Workflows(ctx)
	for i := range list {
		if i%2 == 0 {
			list[i].Name, list[i].Path = b.text, "/"+b.text
			list[i].Upstreams = []model.UpstreamInfo{{Environment: b.text, URL: "https://" + b.text}}
		}
	}
	return list, err
}

func (b tainted) Environments(ctx context.Context) ([]model.EnvironmentInfo, error) {
	list, err := b.Backend.Environments(ctx)
	for i := range list {
		list[i].Name, list[i].Hosts = b.text, []string{b.text, b.text}
	}
	return list, err
}

func (b tainted) Audit(ctx context.Context, q model.AuditQuery) (model.AuditPage, error) {
	page, err := b.Backend.Audit(ctx, q)
	for i := range page.Entries {
		e := &page.Entries[i]
		if i%2 == 0 {
			continue
		}
		e.Actor.User, e.Actor.Claimed, e.Object.Name, e.Reason, e.Request = b.text, b.text, b.text, b.text, b.text
		e.Changes = []model.FieldChange{{Field: b.text, From: b.text, To: b.text}}
	}
	return page, err
}

// agreed fails the test where two ways to measure disagree about a line, or
// where something but text and colours reaches the terminal.
func (w *world) agreed(what string) {
	w.t.Helper()
	for _, at := range [][2]int{{80, 24}, {120, 40}, {minWidth, minHeight}} {
		w.resize(at[0], at[1])
		view := w.screen()
		for i, line := range strings.Split(view, "\n") {
			line = sgr.ReplaceAllString(line, "")
			if a, b := ansi.StringWidth(line), runewidth.StringWidth(line); a != b {
				w.t.Errorf("%s at %v: line %d is %d or %d cells wide: %q", what, at, i, a, b, line)
			}
			sum := 0
			for _, r := range line {
				sum += runewidth.RuneWidth(r)
			}
			if a := ansi.StringWidth(line); a != sum {
				w.t.Errorf("%s at %v: line %d is %d cells wide, its characters %d: %q", what, at, i, a, sum, line)
			}
		}
		w.straight(what, view)
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// straight fails the test where a column of rows is not below its title.
func (w *world) straight(what, view string) {
	w.t.Helper()
	for _, column := range []struct {
		title string
		cells []string
	}{{"Status", []string{"● enabled", "○ disabled", "! expiring", "✗ expired"}}, {"Action", []string{"● key enabled", "○ key disabled", "+ key created", "- key deleted"}}} {
		lines := strings.Split(view, "\n")
		at := -1
		for _, line := range lines {
			if before, _, found := strings.Cut(line, column.title); found && strings.Contains(line, "▲") != strings.Contains(line, "▼") && at < 0 {
				at = cells(before)
			}
			for _, c := range column.cells {
				if before, _, found := strings.Cut(line, c); found && at >= 0 && cells(before) != at {
					w.t.Errorf("%s: %q is at %d, its title at %d: %q", what, c, cells(before), at, line)
				}
			}
		}
	}
}

// Each hostile text in everything that a list, a key, the trail and the palette
// show: no column moves.
func TestHostileTextsMoveNoColumn(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			trail(w)
			variety2(w)
			w.rt.DataDir = "/tmp/" + text
			w.backend.Backend = tainted{w.backend.Backend, text}
			w.start()
			w.agreed("the list of keys")
			w.press("e")
			w.agreed("the question")
			w.press("esc", "enter")
			w.agreed("a key")
			w.press("enter")
			w.agreed("what enter opens of a key")
			for len(w.app.stack) > 1 {
				w.send(popMsg{asked: true})
			}
			for _, place := range []string{"W", "E", "A"} {
				w.press(place)
				w.agreed(place)
				w.press("down", "enter")
				w.agreed(place + ", opened")
				for len(w.app.stack) > 1 {
					w.send(popMsg{asked: true})
				}
			}
			w.press(":")
			w.paste("keys " + text)
			w.agreed("the palette")
			w.press("esc", "?", "/")
			w.paste(text)
			w.agreed("the help")
			w.press("esc", "q")
			w.rt.styles.ascii = true
			for _, line := range strings.Split(w.screen(), "\n") {
				if !plain(line) {
					t.Errorf("not ASCII: %q", line)
				}
			}
		})
	}
}

// variety2 adds keys of every status to a trail's.
func variety2(w *world) {
	w.certificateKey(model.KeyDraft{Name: "with a certificate"}, testCertificate(w.t, 9, "plain", testNow, 600))
}

func TestEven(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "café": "café", "e\u0301": "e\u0301", "漢字": "漢字", "שלום": "שלום",
		"👍🏽":                              "👍\uFFFD",
		"\u2764\ufe0f":                    "\u2764\uFFFD",
		"\u0301x":                         "\uFFFDx",
		"Z" + strings.Repeat("\u0301", 9): "Z\uFFFD",
	} {
		got := even(text)
		if got != want || even(got) != got {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
