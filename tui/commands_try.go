package tui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// tried is a call that is tried.
type tried struct{ method, url, key string }

// triedMsg is what a call would get, and what would help.
type triedMsg struct {
	number   int
	call     tried
	verdict  model.Verdict
	remedies []model.Remedy
	key      *model.KeyInfo // nil: none has that name
	matching []string       // names of keys that the text typed for one finds, the first ones
	found    int            // how many it finds
	err      error
}

// tryMatches is how many keys are offered for a text.
const tryMatches = 50

// try decides about a call without making it. typed is what was typed for the
// key: the keys that it finds are offered.
func (rt *runtime) try(number int, call tried, typed string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := triedMsg{number: number, call: call}
		page, err := rt.Backend.Keys(ctx, model.KeyQuery{Filter: typed, Limit: tryMatches})
		if err != nil {
			msg.err = err
			return msg
		}
		msg.found = page.Total
		for _, k := range page.Keys {
			msg.matching = append(msg.matching, k.Name)
		}
		if call.key != "" {
			k, err := rt.Backend.Key(ctx, call.key)
			if err != nil {
				msg.err = err
				return msg
			}
			msg.key = &k
		}
		if model.CarriesAuthKey(call.url) {
			msg.err = errSecretInURL
			return msg
		}
		msg.verdict, msg.err = rt.Backend.Check(ctx, model.CheckQuery{Method: call.method, URL: call.url, Key: call.key})
		if msg.err != nil || msg.verdict.Allowed {
			return msg
		}
		e, err := rt.Backend.Explain(ctx, msg.activity(rt))
		msg.remedies, msg.err = e.Remedies, err
		return msg
	})
}

// activity is the call as if an endpoint had decided it.
func (m *triedMsg) activity(rt *runtime) model.Activity {
	v := &m.verdict
	a := model.Activity{
		At: rt.Now(), Method: m.call.method, Reason: v.Reason, Status: v.Status, Slot: v.Slot,
		KeyName: v.Key, Bound: v.Workflow, Environment: v.Environment,
	}
	if m.key != nil {
		a.Key, a.Credential = m.key.ID, model.AssumedCredential
	}
	rest, _, _ := strings.Cut(m.call.url, "#")
	if _, after, ok := strings.Cut(rest, "://"); ok && rest[0] != '/' {
		i := strings.IndexAny(after, "/?")
		if i < 0 {
			i = len(after)
		}
		a.Host, rest = after[:i], after[i:]
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	a.Path, a.Query, _ = strings.Cut(rest, "?")
	return a
}

var errSecretInURL = errors.New("the URL carries auth-key: leave it out, nothing here needs a secret")

// writeCall writes the lines of a call, which hold no secret, into a new file of
// the user's in their home directory.
func (rt *runtime) writeCall(name, text string) tea.Cmd {
	path := filepath.Join(rt.Env("HOME"), name)
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		late := statusMsg{statusError, "Not written: there was no answer in time."}
		return wroteMsg{blocking(ctx, late, func() statusMsg {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			switch {
			case errors.Is(err, fs.ErrExist):
				return statusMsg{statusError, "Not written, there is one already: move " + path + " away first."}
			case err != nil:
				return statusMsg{statusError, "Not written: " + sentence(err)}
			}
			_, err = f.WriteString(text)
			if err = errors.Join(err, f.Close()); err != nil {
				return statusMsg{statusError, "Not written as a whole: " + sentence(err)}
			}
			return statusMsg{statusDone, "Written to " + path + "."}
		})}
	})
}

// seededMsg is a call to begin with.
type seededMsg struct {
	number int
	call   tried
}

// seed finds a call to begin with: of the key under the cursor or the first
// there is, and of the workflow there or one that the key may call. What cannot
// be found out is left empty.
func (rt *runtime) seed(number int, on aim) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := seededMsg{number: number, call: tried{method: "GET", url: "/"}}
		ref := on.key.String()
		if on.key == 0 {
			page, err := rt.Backend.Keys(ctx, model.KeyQuery{Limit: 1})
			if err != nil || len(page.Keys) == 0 {
				return msg
			}
			ref = page.Keys[0].ID.String()
		}
		k, err := rt.Backend.Key(ctx, ref)
		if err != nil {
			return msg
		}
		workflows := k.Workflows
		if on.workflow != 0 {
			if w, err := rt.Backend.Workflow(ctx, on.workflow.String()); err == nil && w.Bound {
				workflows = []model.WorkflowRef{w.WorkflowRef}
			}
		}
		msg.call.key = k.Name
		if method, target := model.ExampleCall(workflows, k.Environment, k.Production); method != "" {
			msg.call.method, msg.call.url = method, target
		}
		return msg
	})
}
