package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// try is a call that is typed and decided about as it is typed, without being
// made; below it stands how programs make it.
type try struct {
	rt            *runtime
	on            aim
	width, height int

	at       tryField
	methods  []string
	method   int
	url, key textinput.Model
	typed    string          // what was typed for the key: it finds the keys that are offered
	touched  bool            // something was typed: a call to begin with comes too late
	whole    [tryFields]bool // what stands there was put there: typing takes its place
	base     string          // of the URL that was put there; "": it has one of its own

	seeding int
	latest
	answer triedMsg // the newest one
	known  bool

	language int
	copied   int // number of the newest copy
	top      int // first visible line below the fields
}

// tryField is where the cursor is.
type tryField int

const (
	tryMethod tryField = iota
	tryURL
	tryKey
	tryCode
	tryFields
)

func newTry(rt *runtime, on aim) screen {
	t := &try{rt: rt, on: on, methods: model.Methods(), url: newInput(rt.styles, "/path?query, or https://host/path"), key: newInput(rt.styles, "none: the call carries no credential")}
	t.url.Prompt, t.key.Prompt = "", ""
	t.url.CharLimit, t.key.CharLimit = 4096, 2*model.MaxName
	if on.call != nil {
		t.fill(tried{on.call.Method, rt.targetAgain(*on.call), on.call.KeyName})
		t.base = ""
	}
	return t
}

// fill sets the fields.
func (t *try) fill(c tried) {
	if !slices.Contains(t.methods, c.method) && clean(c.method) == c.method && c.method != "" {
		t.methods = append(slices.Clone(t.methods), c.method)
	}
	t.method = max(slices.Index(t.methods, c.method), 0)
	t.base = t.rt.Endpoint
	if strings.HasPrefix(c.url, "/") {
		c.url = t.rt.at(c.url)
	}
	t.url.SetValue(clean(c.url))
	t.key.SetValue(clean(c.key))
	t.whole[tryURL], t.whole[tryKey] = c.url != "", c.key != ""
	t.focus()
}

// rebase moves the URL that was put there to the endpoint that answers now.
func (t *try) rebase() {
	rest, ours := strings.CutPrefix(t.url.Value(), t.base)
	if t.base == "" || !t.whole[tryURL] || !ours {
		return
	}
	t.base = t.rt.Endpoint
	t.url.SetValue(t.base + rest)
	t.focus()
}

func (t *try) call() tried {
	return tried{t.methods[t.method], strings.TrimSpace(t.url.Value()), strings.TrimSpace(t.key.Value())}
}

// Init asks for a call to begin with, where none came along.
func (t *try) Init() tea.Cmd {
	if t.on.call != nil {
		return t.decide()
	}
	t.seeding = t.rt.next()
	return t.rt.seed(t.seeding, t.on)
}

// decide asks what the call would get. While an answer is awaited the next
// question waits: it is about what stands there then.
func (t *try) decide() tea.Cmd {
	if t.loading {
		t.again = true
		return nil
	}
	return t.rt.try(t.ask(t.rt), t.call(), t.typed)
}

// Title is the screen's part of the breadcrumb.
func (t *try) Title() string { return "Try it" }

// Typing reports whether a text field has the cursor.
func (t *try) Typing() bool { return t.input() != nil }

// Unsaved is never: nothing is changed here.
func (t *try) Unsaved() *prompt { return nil }

// SetSize lays the screen out.
func (t *try) SetSize(width, height int) {
	t.width, t.height = width, height
	t.focus()
}

func (t *try) input() *textinput.Model {
	switch t.at {
	case tryURL:
		return &t.url
	case tryKey:
		return &t.key
	}
	return nil
}

// focus puts the text cursor into the field that has it.
func (t *try) focus() {
	for _, in := range []*textinput.Model{&t.url, &t.key} {
		was := in.Position()
		in.Width = max(t.width-labelWidth-5, 8)
		if in != t.input() {
			in.Blur()
			in.CursorStart()
			continue
		}
		if !in.Focused() {
			was = len([]rune(in.Value()))
		}
		in.Focus()
		in.CursorStart()
		in.SetCursor(was)
	}
}

// Update takes keys and answers.
func (t *try) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return t.press(msg)
	case seededMsg:
		if msg.number == t.seeding {
			t.seeding = 0
			if !t.touched {
				t.fill(msg.call)
			}
			return t.decide()
		}
	case triedMsg:
		mine, again := t.answered(msg.number)
		if mine {
			t.answer, t.known = msg, true
			t.scroll(0)
		}
		if again {
			return t.decide()
		}
	case changedMsg:
		if msg.anew {
			t.loading = false // whoever was asked may never answer
		}
		return t.decide()
	case servingMsg:
		t.rebase()
		return t.decide()
	case copiedMsg:
		if msg.request == t.copied {
			return t.linesCopied(msg)
		}
	}
	return nil
}

// current reports whether the newest answer is about what stands in the fields.
func (t *try) current() bool { return t.known && t.answer.call == t.call() }

// calling is the call as programs make it.
func (t *try) calling() calling {
	c := t.call()
	certificate := t.answer.key != nil && t.answer.key.Name == c.key && t.answer.key.Kind == model.CertificateKey
	return t.rt.callAt(c.method, c.url, certificate)
}

// callable reports whether there is a call to write down: not where the URL is
// none, nor where it would show a secret.
func (t *try) callable() bool {
	u := t.call().url
	return t.known && (strings.HasPrefix(u, "/") || strings.Contains(u, "://")) && !model.CarriesAuthKey(u)
}

// copyable is what the copy key copies: lines for a program, or one for a shell.
func (t *try) copyable() string {
	const endless = 1 << 16
	return strings.Join(languages[t.language].lines(t.calling(), endless), "\n")
}

// linesCopied says what became of the copy.
func (t *try) linesCopied(msg copiedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		return status(statusError, "Not copied: "+lowerFirst(sentence(msg.err)))
	case msg.tmux:
		return status(statusInfo, "The lines are in tmux's paste buffer.")
	}
	text := "The lines were sent: a paste tells if they got there."
	if msg.through {
		text = "The lines were sent; tmux needs set-clipboard on."
	}
	if !t.rt.remote() {
		text += " If not: " + tryKeys.Write.Help().Key + " writes them to a file."
	}
	return status(statusInfo, text)
}

// keys switches off what has no meaning now.
func (t *try) keys() tryKeyMap {
	k := tryKeys
	texts := t.Typing()
	k.Left.SetEnabled(!texts)
	k.Right.SetEnabled(!texts)
	k.NextKey.SetEnabled(t.at == tryKey && (t.whole[tryKey] || t.key.Position() == len([]rune(t.key.Value()))))
	k.KeyBefore.SetEnabled(t.at == tryKey && t.whole[tryKey])
	k.CopyCall.SetEnabled(!texts && t.callable() && t.rt.copies())
	k.Write.SetEnabled(!texts && t.callable() && !t.rt.remote())
	if t.at == tryCode {
		k.Left.SetHelp(k.Left.Help().Key, "other language")
		k.Right.SetHelp(k.Right.Help().Key, "next language")
		k.Down.SetHelp(k.Down.Help().Key, "scroll down")
		k.Down.SetEnabled(t.top+t.room() < len(t.lines()))
		if t.top > 0 {
			k.Up.SetHelp(k.Up.Help().Key, "scroll up")
		}
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (t *try) Keys() help.KeyMap {
	k := t.keys()
	all := []key.Binding{k.NextKey, k.Left, k.CopyCall, k.Next, k.Down, k.Back, k.Up, k.Write, k.Previous, k.Right, k.KeyBefore, k.PageDown, k.PageUp}
	return bindings{short: all[:7], full: [][]key.Binding{all}}
}

// aim is what the screen was opened for.
func (t *try) aim() aim {
	return aim{key: t.on.key, name: t.on.name, workflow: t.on.workflow, call: t.on.call}
}
