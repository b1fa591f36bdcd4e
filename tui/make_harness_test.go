package tui

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// makeNow is the tests' clock.
var makeNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// makeStore is a Backend that keeps what it is given; each error is returned
// once.
type makeStore struct {
	mu           sync.Mutex
	keys         []model.KeyInfo
	workflows    []model.WorkflowInfo
	environments []model.EnvironmentInfo
	drafts       []model.KeyDraft
	createErr    error
	createAfter  error // returned though the key was kept
	lookErr      error
	listErr      error
}

func (s *makeStore) Keys(_ context.Context, q model.KeyQuery) (model.KeyPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page model.KeyPage
	for _, k := range s.keys {
		for _, slot := range k.Slots {
			if slot.Certificate != nil && slot.Certificate.Thumbprint() == q.Filter {
				page.Keys = append(page.Keys, k.KeyRow)
			}
		}
	}
	return page, nil
}

func (s *makeStore) Key(_ context.Context, ref string) (model.KeyInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.lookErr; err != nil {
		return model.KeyInfo{}, err
	}
	for _, k := range s.keys {
		if model.Fold(k.Name) == model.Fold(ref) || k.ID.String() == ref {
			return k, nil
		}
	}
	return model.KeyInfo{}, fmt.Errorf("no key %q: %w", ref, model.ErrNotFound)
}

func (s *makeStore) CreateKey(_ context.Context, d model.KeyDraft) (model.KeyInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drafts = append(s.drafts, d)
	if err := s.createErr; err != nil {
		s.createErr = nil
		return model.KeyInfo{}, err
	}
	info := s.info(d)
	s.keys = append(s.keys, info)
	err := s.createAfter
	s.createAfter = nil
	return info, err
}

// info is what a draft becomes.
func (s *makeStore) info(d model.KeyDraft) model.KeyInfo {
	k := model.KeyInfo{KeyRow: model.KeyRow{
		ID: model.ID(len(s.keys) + 1), Name: d.Name, Kind: d.Kind, Environment: d.Environment,
		Production: d.Environment == "" || d.Environment == "Production",
	}, Query: !d.NoQuery}
	for _, name := range d.Workflows {
		for _, w := range s.workflows {
			if w.Name == name {
				k.Workflows = append(k.Workflows, w.WorkflowRef)
			}
		}
	}
	for i, h := range [2]model.Holding{d.Primary, d.Secondary} {
		k.Slots = append(k.Slots, model.SlotInfo{Slot: model.SlotNames[i], Empty: h.IsZero(), Hint: h.Hint, Certificate: h.Certificate})
	}
	return k
}

func (s *makeStore) Workflows(context.Context) ([]model.WorkflowInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.listErr
	s.listErr = nil
	return s.workflows, err
}

func (s *makeStore) Environments(context.Context) ([]model.EnvironmentInfo, error) {
	return s.environments, nil
}

var errUnused = errors.New("not used by these tests")

func (s *makeStore) EditKey(context.Context, string, model.KeyEdit) (model.KeyInfo, error) {
	return model.KeyInfo{}, errUnused
}
func (s *makeStore) SetKeyEnabled(context.Context, string, bool) (model.KeyInfo, error) {
	return model.KeyInfo{}, errUnused
}
func (s *makeStore) RegenerateKey(context.Context, string, model.SlotName, model.Holding, time.Duration) (model.KeyInfo, error) {
	return model.KeyInfo{}, errUnused
}
func (s *makeStore) Audit(context.Context, model.AuditQuery) (model.AuditPage, error) {
	return model.AuditPage{}, errUnused
}
func (s *makeStore) VerifyAudit(context.Context) (uint64, error) { return 0, errUnused }
func (s *makeStore) ChangeKeys(context.Context, []string, model.KeyBulk) (model.BulkResult, error) {
	return model.BulkResult{}, errUnused
}
func (s *makeStore) DeleteKey(context.Context, string) error { return errUnused }
func (s *makeStore) CreateWorkflow(context.Context, model.WorkflowDraft) (model.WorkflowInfo, error) {
	return model.WorkflowInfo{}, errUnused
}

var _ Backend = (*makeStore)(nil)

func workflow(name, method, path string) model.WorkflowInfo {
	return model.WorkflowInfo{WorkflowRef: model.WorkflowRef{Name: name, Method: method, Path: path}, Bound: method != ""}
}

func newMakeStore() *makeStore {
	return &makeStore{
		environments: []model.EnvironmentInfo{{Name: "Production", Production: true}, {Name: "Test"}, {Name: "User Test"}},
		workflows: []model.WorkflowInfo{
			workflow("Cleanup", "", ""),
			workflow("Create order", "POST", "/orders"),
			workflow("Get customer", "GET", "/customers/{id}?since={from}"),
			workflow("Nightly", "", ""),
			workflow("Remove a line", "DELETE", "/orders/{id}/lines/{line}"),
		},
	}
}

// makeCertificates reads and makes certificates that are made up.
type makeCertificates struct {
	mu        sync.Mutex
	parsed    []string
	read      func(path string) (model.Certificate, error)
	generated []GenerateOptions
	generate  func(ctx context.Context, o GenerateOptions) (Generated, error)
}

func (c *makeCertificates) Read(_ context.Context, path string) (model.Certificate, error) {
	if c.read != nil {
		return c.read(path)
	}
	return model.Certificate{}, fmt.Errorf("reading %q: %w", path, model.RefuseCertificate(errUnused, "this is not a certificate: choose another"))
}

func (c *makeCertificates) Parse(_ context.Context, data []byte) (model.Certificate, error) {
	c.mu.Lock()
	c.parsed = append(c.parsed, string(data))
	c.mu.Unlock()
	switch {
	case bytes.Contains(data, []byte("PRIVATE KEY")):
		return model.Certificate{}, model.RefuseCertificate(errUnused, "this holds a private key: treat the key as exposed")
	case bytes.Contains(data, []byte("BEGIN CERTIFICATE")):
		return someCertificate("pasted"), nil
	}
	return model.Certificate{}, model.RefuseCertificate(errUnused, "this is not a certificate: choose another")
}

func (c *makeCertificates) Generate(ctx context.Context, o GenerateOptions) (Generated, error) {
	c.mu.Lock()
	c.generated = append(c.generated, o)
	c.mu.Unlock()
	if c.generate != nil {
		return c.generate(ctx, o)
	}
	cert := someCertificate(o.Name)
	cert.SelfSigned = true
	return Generated{Certificate: cert, CertificateFile: o.Dir + "/" + o.Name + ".crt", KeyFile: o.Dir + "/" + o.Name + ".key"}, nil
}

// someCertificate is a certificate that is valid for 100 days.
func someCertificate(name string) model.Certificate {
	c := model.Certificate{
		Subject: "CN=" + name, Issuer: "CN=Example CA", Serial: "0A1B", Algorithm: "RSA 4096", SignatureAlgorithm: "SHA256-RSA",
		NotBefore: makeNow.Add(-time.Hour), NotAfter: makeNow.AddDate(0, 0, 100), DER: []byte(name),
	}
	copy(c.SHA1[:], name+strings.Repeat("x", 20))
	copy(c.SHA256[:], name+strings.Repeat("y", 32))
	return c
}

// maker drives the whole console with one screen on top of the list of keys.
type maker struct {
	*testing.T
	app    *app
	rt     *runtime
	store  *makeStore
	certs  *makeCertificates
	env    map[string]string
	output *bytes.Buffer
	parked chan struct{}
	quit   bool
}

func newMaker(t *testing.T) *maker {
	t.Helper()
	m := &maker{
		T: t, store: newMakeStore(), certs: &makeCertificates{}, output: &bytes.Buffer{},
		env: map[string]string{"HOME": "/home/ada", "TERM": "xterm-256color"}, parked: make(chan struct{}, 100),
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	m.rt = newRuntime(t.Context(), Options{
		Backend: m.store, Certificates: m.certs, Algorithms: []string{"rsa4096", "p256"},
		Endpoint: "https://localhost:8443", CAFile: "/home/ada/.local/share/keyward/server.crt",
		Env: func(name string) string { return m.env[name] }, Now: func() time.Time { return makeNow }, Random: rand.Reader,
	}, r)
	m.rt.output = m.output
	m.rt.sleep = func(ctx context.Context, d time.Duration) {
		if d >= time.Second || d == workEvery { // nothing waits that long in a test
			m.parked <- struct{}{}
			<-ctx.Done()
		}
	}
	t.Cleanup(m.rt.close)
	m.app = newApp(m.rt, &blankScreen{keyList{filteredList: filteredList[model.KeyRow]{rt: m.rt}}})
	m.size(80, 24)
	return m
}

func (m *maker) size(width, height int) { m.send(tea.WindowSizeMsg{Width: width, Height: height}) }

func (m *maker) send(msg tea.Msg) {
	_, cmd := m.app.Update(msg)
	m.run(cmd)
}

// run runs a command and all that comes of it.
func (m *maker) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		m.deliver(msg)
	case <-m.parked:
	case <-time.After(20 * time.Second):
		m.Fatal("a command did not end")
	}
}

func (m *maker) deliver(msg tea.Msg) {
	if msg == nil {
		return
	}
	switch v := reflect.ValueOf(msg); {
	case v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]():
		for i := range v.Len() {
			cmd, _ := v.Index(i).Interface().(tea.Cmd)
			m.run(cmd)
		}
	case v.Type() == reflect.TypeFor[tea.QuitMsg]():
		m.quit = true
	case strings.HasPrefix(v.Type().String(), "tea.enable"):
	default:
		m.send(msg)
	}
}

var makeKeyTypes = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"left": tea.KeyLeft, "right": tea.KeyRight, "backspace": tea.KeyBackspace, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "ctrl+c": tea.KeyCtrlC, "ctrl+g": tea.KeyCtrlG, "ctrl+r": tea.KeyCtrlR, "ctrl+z": tea.KeyCtrlZ,
}

// keys presses keys, by name or by what they type.
func (m *maker) keys(names ...string) {
	m.Helper()
	for _, name := range names {
		switch kind, ok := makeKeyTypes[name]; {
		case ok:
			m.send(tea.KeyMsg{Type: kind})
		case name == " ":
			m.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")})
		default:
			for _, r := range name {
				m.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
			}
		}
	}
}

func (m *maker) paste(text string) {
	m.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

func (m *maker) push(s screen) { m.send(pushMsg{s}) }

// yes answers the prompt that must be open.
func (m *maker) yes() {
	m.Helper()
	if m.app.prompt == nil {
		m.Fatalf("no prompt is open:\n%s", m.view())
	}
	m.keys("y")
}

func (m *maker) view() string { return ansi.Strip(m.app.View()) }

func (m *maker) sees(parts ...string) {
	m.Helper()
	view := strings.Join(strings.Fields(m.view()), " ")
	for _, p := range parts {
		if !strings.Contains(view, p) {
			m.Fatalf("%q is not on the screen:\n%s", p, m.view())
		}
	}
}

func (m *maker) seesNo(parts ...string) {
	m.Helper()
	for _, p := range parts {
		if strings.Contains(m.view(), p) {
			m.Fatalf("%q is on the screen:\n%s", p, m.view())
		}
	}
}

// goldens compares the screen at both sizes with what it was; secrets are
// replaced first. It checks the key map of that state, too.
func (m *maker) goldens(name string) {
	m.Helper()
	m.checkKeys()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		m.size(size[0], size[1])
		view := anySecret.ReplaceAllString(m.app.top().View(), "kw_SECRET")
		m.Run(fmt.Sprintf("%s_%dx%d", name, size[0], size[1]), func(t *testing.T) { golden.RequireEqual(t, view+"\n") })
	}
	m.size(80, 24)
}

// checkKeys checks that every key of the screen means one thing and has a help
// text.
func (m *maker) checkKeys() {
	m.Helper()
	used := map[string]string{}
	for _, b := range slices.Concat(m.app.top().Keys().FullHelp()...) {
		if !b.Enabled() {
			continue
		}
		if b.Help().Key == "" || b.Help().Desc == "" {
			m.Errorf("the keys %q have no help", b.Keys())
		}
		for _, k := range b.Keys() {
			if other := used[k]; other != "" && other != b.Help().Desc {
				m.Errorf("%q means %q and %q", k, other, b.Help().Desc)
			}
			used[k] = b.Help().Desc
		}
	}
}

var anySecret = regexp.MustCompile(model.SecretPattern)

// fits checks that no line is wider or taller than the terminal and that
// nothing but styling is sent, at every size.
func (m *maker) fits() {
	m.Helper()
	for _, size := range [][2]int{{60, 16}, {80, 24}, {81, 17}, {160, 50}} {
		m.size(size[0], size[1])
		view := m.app.View()
		lines := strings.Split(view, "\n")
		if len(lines) > size[1] {
			m.Errorf("%v: %d lines", size, len(lines))
		}
		for _, line := range lines {
			if w := ansi.StringWidth(line); w > size[0] {
				m.Errorf("%v: a line of %d cells: %q", size, w, line)
			}
		}
		if rest := onlyStyling.ReplaceAllString(view, ""); strings.ContainsAny(rest, "\x1b\x07\u009b\u009d\u202e\r\t") {
			m.Errorf("%v: the view holds more than text and styling: %q", size, rest)
		}
	}
	m.size(80, 24)
}

var onlyStyling = regexp.MustCompile("\x1b\\[[0-9;]*m")

// blankScreen lies at the bottom of the stack.
type blankScreen struct{ keyList }

func (*blankScreen) Init() tea.Cmd          { return nil }
func (*blankScreen) Update(tea.Msg) tea.Cmd { return nil }
func (*blankScreen) View() string           { return "the list" }
func (*blankScreen) SetSize(int, int)       {}
func (*blankScreen) Typing() bool           { return false }
func (*blankScreen) Unsaved() *prompt       { return nil }

// holds walks everything that v refers to and returns where a text that holds
// part is, or "".
func holds(v any, part string) string {
	w := walker{part: part, seen: map[uintptr]bool{}}
	w.walk(reflect.ValueOf(v), "app", 0)
	return w.found
}

type walker struct {
	part, found string
	seen        map[uintptr]bool
}

func (w *walker) walk(v reflect.Value, path string, depth int) {
	if w.found != "" || depth > 60 || !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), w.part) {
			w.found = path
		}
	case reflect.Pointer:
		if !v.IsNil() && !w.seen[v.Pointer()] {
			w.seen[v.Pointer()] = true
			w.walk(v.Elem(), path, depth+1)
		}
	case reflect.Interface:
		w.walk(v.Elem(), path, depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i), path+"."+v.Type().Field(i).Name, depth+1)
		}
	case reflect.Slice, reflect.Array:
		w.elements(v, path, depth)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			w.walk(it.Key(), path+"{key}", depth+1)
			w.walk(it.Value(), path+"{value}", depth+1)
		}
	}
}

func (w *walker) elements(v reflect.Value, path string, depth int) {
	switch v.Type().Elem().Kind() {
	case reflect.Uint8, reflect.Int32:
		b := make([]rune, 0, v.Len())
		for i := range v.Len() {
			if v.Index(i).CanInt() {
				b = append(b, rune(v.Index(i).Int()))
			} else {
				b = append(b, rune(v.Index(i).Uint()))
			}
		}
		w.walk(reflect.ValueOf(string(b)), path, depth+1)
		return
	}
	// What lies beyond the length of a slice is kept as well.
	if v.Kind() == reflect.Slice && v.Cap() > v.Len() {
		v = v.Slice(0, v.Cap())
	}
	for i := range v.Len() {
		w.walk(v.Index(i), path+"[]", depth+1)
	}
}

func tempFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func keyPress(name string) tea.KeyMsg { return tea.KeyMsg{Type: makeKeyTypes[name]} }

func (s *makeStore) DeletedKeys(context.Context, model.BinQuery) (model.BinPage, error) {
	return model.BinPage{}, errUnused
}

func (s *makeStore) RestoreKey(context.Context, string, string) (model.RestoredKey, error) {
	return model.RestoredKey{}, errUnused
}

func (s *makeStore) Purge(context.Context, time.Duration) (int, error) { return 0, errUnused }
