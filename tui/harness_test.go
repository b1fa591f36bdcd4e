package tui

import (
	"context"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// testNow is the clock of every test, but for those that turn it.
var testNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world is a console over a store in memory, without a terminal. Commands run
// at once, in the test's goroutine; with hold they wait for release. Prompts are
// armed at once; the time of other timers never comes.
type world struct {
	t       *testing.T
	store   *memory
	service *model.Service
	session *model.Session
	backend *flaky
	rt      *runtime
	app     *app
	now     time.Time

	hold  bool
	held  []tea.Cmd
	slept bool // the last command waited for its time
	quit  bool
	log   []tea.Msg // every message but keys
}

// newWorld opens the console on an empty store, 80x24.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: newMemory(), now: testNow}
	w.open()
	return w
}

// open makes the session over the store as it is.
func (w *world) open() {
	w.t.Helper()
	clock := func() time.Time { return w.now }
	random := &stream{}
	service, err := model.NewService(w.t.Context(), w.store, model.Options{Now: clock, Random: random})
	if err != nil {
		w.t.Fatal(err)
	}
	w.service, w.session = service, service.As(model.Caller{})
	w.backend = &flaky{Backend: w.session}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	r.SetHasDarkBackground(true)
	w.rt = newRuntime(w.t.Context(), Options{
		Backend: w.backend, DataDir: "/home/ada/.local/share/keyward",
		Endpoint: "https://localhost:8443", CAFile: "/home/ada/.local/share/keyward/ca.pem",
		Env: func(string) string { return "" }, Now: clock, Random: random,
	}, r)
	w.rt.sleep = func(_ context.Context, d time.Duration) { w.slept = d != armingTime }
	w.rt.output = io.Discard
	w.t.Cleanup(w.rt.close)
	w.app = newApp(w.rt, newKeyList(w.rt))
	w.send(tea.WindowSizeMsg{Width: 80, Height: 24})
}

// start runs the first screen's commands.
func (w *world) start() *world {
	w.run(w.app.Init())
	return w
}

// show puts a screen on the list.
func (w *world) show(s screen) { w.send(pushMsg{s}) }

func (w *world) resize(width, height int) { w.send(tea.WindowSizeMsg{Width: width, Height: height}) }

// send gives the root a message and runs what comes of it.
func (w *world) send(msg tea.Msg) {
	w.t.Helper()
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if w.hold {
			w.app.ahead.running = 0 // what is held takes its time, longer than a moment
		}
	case ranMsg:
		w.log = append(w.log, msg.msg)
	default:
		w.log = append(w.log, msg)
	}
	_, cmd := w.app.Update(msg)
	w.run(cmd)
}

func (w *world) run(cmd tea.Cmd) {
	switch {
	case cmd == nil:
	case w.hold:
		w.held = append(w.held, cmd)
	default:
		msg := cmd()
		if !w.slept {
			w.take(msg)
		}
		w.slept = false
	}
}

func (w *world) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			w.run(cmd)
		}
	case tea.QuitMsg:
		w.quit = true
	case tea.SuspendMsg: // the process is stopped; the test sends what comes then
		w.log = append(w.log, msg)
	default:
		if list := reflect.ValueOf(msg); list.Kind() == reflect.Slice && list.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range list.Len() { // a sequence, whose type is Bubble Tea's own
				w.run(list.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		w.send(msg)
	}
}

// release runs what was held and holds no more.
func (w *world) release() {
	held := w.held
	w.hold, w.held = false, nil
	for _, cmd := range held {
		w.run(cmd)
	}
}

var namedKeys = map[string]tea.KeyMsg{
	"enter": {Type: tea.KeyEnter}, "esc": {Type: tea.KeyEscape}, "tab": {Type: tea.KeyTab}, "shift+tab": {Type: tea.KeyShiftTab},
	"up": {Type: tea.KeyUp}, "down": {Type: tea.KeyDown}, "left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight},
	"pgup": {Type: tea.KeyPgUp}, "pgdown": {Type: tea.KeyPgDown}, "home": {Type: tea.KeyHome}, "end": {Type: tea.KeyEnd},
	"backspace": {Type: tea.KeyBackspace}, "delete": {Type: tea.KeyDelete}, "space": {Type: tea.KeySpace, Runes: []rune{' '}},
	"ctrl+c": {Type: tea.KeyCtrlC}, "ctrl+z": {Type: tea.KeyCtrlZ}, "ctrl+r": {Type: tea.KeyCtrlR}, "ctrl+s": {Type: tea.KeyCtrlS},
	"ctrl+g": {Type: tea.KeyCtrlG}, "ctrl+u": {Type: tea.KeyCtrlU}, "ctrl+p": {Type: tea.KeyCtrlP},
}

// press presses keys, by name or by character.
func (w *world) press(keys ...string) {
	w.t.Helper()
	for _, name := range keys {
		if first, answers := map[string]string{"yes": "y", "undo": "u"}[name]; answers { // and yes to what is asked once more about production
			for w.press(first); !w.hold && w.app.prompt != nil && strings.HasPrefix(w.app.prompt.Title, "◆"); {
				w.press("y")
			}
			continue
		}
		msg, ok := namedKeys[name]
		if !ok {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
			if len(msg.Runes) != 1 {
				w.t.Fatalf("%q is no key", name)
			}
		}
		w.send(msg)
	}
}

// write types a text, a key press a character.
func (w *world) write(text string) {
	for _, r := range text {
		if r == ' ' {
			w.press("space")
			continue
		}
		w.press(string(r))
	}
}

func (w *world) paste(text string) {
	w.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// screen returns what is seen, checked: the terminal's height, no line wider
// than it, no escape but SGR, no secret.
func (w *world) screen() string {
	w.t.Helper()
	view := w.app.View()
	checkView(w.t, view, w.app.width, w.app.height)
	return view
}

var (
	sgr    = regexp.MustCompile("\x1b\\[[0-9;:]*m")
	secret = regexp.MustCompile(model.SecretPattern)
)

func checkView(t *testing.T, view string, width, height int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != height {
		t.Errorf("the view has %d lines, want %d", len(lines), height)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got > width {
			t.Errorf("line %d is %d cells wide, the terminal %d: %q", i, got, width, line)
		}
		rest := sgr.ReplaceAllString(line, "")
		if clean(rest) != rest {
			t.Errorf("line %d holds more than text and colours: %q", i, line)
		}
	}
	if s := secret.FindString(view); s != "" {
		t.Error("the view holds a secret")
	}
}

// golden compares what is seen with the file of the test's name.
func (w *world) golden() {
	w.t.Helper()
	goldenView(w.t, w.screen())
}

func goldenView(t *testing.T, view string) {
	t.Helper()
	lines := strings.Split(view, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	golden.RequireEqual(t, []byte(strings.Join(lines, "\n")+"\n"))
}

// sees fails the test unless each text is on the screen.
func (w *world) sees(texts ...string) {
	w.t.Helper()
	view := w.screen()
	for _, text := range texts {
		if !strings.Contains(view, text) {
			w.t.Fatalf("%q is not on the screen:\n%s", text, view)
		}
	}
}

// seesNot fails the test if one of the texts is on the screen.
func (w *world) seesNot(texts ...string) {
	w.t.Helper()
	view := w.screen()
	for _, text := range texts {
		if strings.Contains(view, text) {
			w.t.Fatalf("%q is on the screen:\n%s", text, view)
		}
	}
}

// workflows adds the sample workflows.
func (w *world) workflows() *world {
	w.t.Helper()
	for _, d := range samples() {
		if _, err := w.session.CreateWorkflow(w.t.Context(), d); err != nil {
			w.t.Fatal(err)
		}
	}
	return w
}

// token makes a token key; the draft lacks secrets.
func (w *world) token(d model.KeyDraft) model.KeyInfo {
	w.t.Helper()
	d.Kind = model.TokenKey
	for _, h := range []*model.Holding{&d.Primary, &d.Secondary} {
		s, err := model.NewSecret(w.rt.Random)
		if err != nil {
			w.t.Fatal(err)
		}
		*h = s.Hold()
	}
	return w.create(d)
}

// certificateKey makes a certificate key with these certificates.
func (w *world) certificateKey(d model.KeyDraft, certificates ...model.Certificate) model.KeyInfo {
	w.t.Helper()
	d.Kind = model.CertificateKey
	d.Primary.Certificate = &certificates[0]
	if len(certificates) > 1 {
		d.Secondary.Certificate = &certificates[1]
	}
	return w.create(d)
}

func (w *world) create(d model.KeyDraft) model.KeyInfo {
	w.t.Helper()
	k, err := w.session.CreateKey(w.t.Context(), d)
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

func (w *world) disable(name string) {
	w.t.Helper()
	if _, err := w.session.SetKeyEnabled(w.t.Context(), name, false); err != nil {
		w.t.Fatal(err)
	}
}

// key returns a key as the store has it.
func (w *world) key(name string) model.KeyInfo {
	w.t.Helper()
	k, err := w.session.Key(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}
