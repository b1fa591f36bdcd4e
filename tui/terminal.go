package tui

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// wholeWrites writes to a terminal in whole pieces: what a command sends (a
// copy to the clipboard) never lands inside a frame. Frames that scroll a list
// become short on the way.
type wholeWrites struct {
	to       io.Writer
	mu       sync.Mutex
	scroller scroller
}

// Write writes b in one piece.
func (w *wholeWrites) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.to.Write(w.scroller.shorten(b)); err != nil {
		w.scroller.forget()
		return 0, err
	}
	return len(b), nil
}

// terminalOutput is the terminal with whole writes. It stays an *os.File to
// Bubble Tea, which asks it for its size and mode.
type terminalOutput struct {
	*os.File
	whole wholeWrites
}

func newTerminalOutput(f *os.File) *terminalOutput {
	return &terminalOutput{File: f, whole: wholeWrites{to: f}}
}

// Write writes b in one piece.
func (t *terminalOutput) Write(b []byte) (int, error) { return t.whole.Write(b) }

// backgroundMsg is the terminal's answer about its background.
type backgroundMsg struct{ dark bool }

// askBackground asks the terminal for its background colour (OSC 11). The
// answer comes with the keys, whenever it comes, and terminalInput takes it
// out; a terminal that does not answer costs nothing.
const askBackground = "\x1b]11;?\x1b\\"

// terminalInput is the terminal's input without the answers to askBackground. It
// stays an *os.File to Bubble Tea.
type terminalInput struct {
	*os.File
	*answers
}

// Read reads keys, as answers.Read has it.
func (t *terminalInput) Read(b []byte) (int, error) { return t.answers.Read(b) }

// answers is what a terminal sends without the answers to askBackground, which
// Bubble Tea 1 would take for typing.
// A slow line cuts an answer anywhere: what may be the beginning of one is held
// for the next read. Only an ESC that ends a read is passed on at once, since it
// may be the key; what completes an answer with it is dropped all the same.
type answers struct {
	from       io.Reader
	background func(dark bool) // called from the reading goroutine
	now        func() time.Time
	until      time.Time // an answer is expected up to then; afterwards only whole beginnings are held

	held   []byte    // the beginning of an answer that a read cut
	passed int       // how much of it was passed on
	since  time.Time // when the first of it came
}

// answerStart begins an answer and answerMost bounds one, in bytes. An answer
// is expected for answerTime, and comes whole within heldTime.
const (
	answerStart = "\x1b]11;"
	answerMost  = 64
	answerTime  = 3 * time.Second
	heldTime    = time.Second
)

func newTerminalInput(f *os.File, now func() time.Time) *terminalInput {
	return &terminalInput{f, newAnswers(f, now)}
}

func newAnswers(from io.Reader, now func() time.Time) *answers {
	return &answers{from: from, now: now, until: now().Add(answerTime)}
}

// Read reads keys. It returns 0 bytes and no error when all that came was an
// answer.
func (t *answers) Read(b []byte) (int, error) {
	if len(b) <= 2*answerMost {
		return t.from.Read(b)
	}
	n, err := t.from.Read(b[:len(b)-answerMost])
	if n == 0 {
		return n, err
	}
	return copy(b, t.filter(b[:n])), err
}

// filter returns what is held and read but for answers; the beginning of one at
// its end is held for the next read.
func (t *answers) filter(read []byte) []byte {
	now := t.now()
	data, skip := append(t.held, read...), t.passed // skip: what was passed on before
	if late := now.Sub(t.since) > heldTime; late && bytes.HasPrefix(t.held, []byte(answerStart)) {
		data, skip = bytes.Clone(read), 0 // its end is lost
	} else if late {
		data, skip = data[t.passed:], 0
	}
	if len(data) == len(read) {
		t.since = now // nothing was held
	}
	t.held, t.passed = nil, 0
	var out []byte
	take := func(n int, pass bool) {
		if pass {
			out = append(out, data[min(skip, n):n]...)
		}
		data, skip = data[n:], max(skip-n, 0)
	}
	for {
		i := bytes.Index(data, []byte(answerStart))
		if i < 0 {
			break
		}
		take(i, true)
		end, size := answerEnd(data)
		switch {
		case size > 0:
			t.answered(string(data[len(answerStart):end]))
			take(end+size, false)
		case end == len(data):
			t.held, t.passed = bytes.Clone(data), skip
			return out
		case bytes.HasPrefix(data[len(answerStart):], []byte("rgb:")):
			take(end, false) // an answer without its end, and keys after it
		default:
			take(len(answerStart), true)
		}
	}
	n := t.beginning(data, now)
	take(len(data)-n, true)
	if t.held, t.passed = bytes.Clone(data), skip; n == 1 {
		take(1, true)
		t.passed = 1
	}
	return out
}

// beginning returns how many bytes at the end of data may begin an answer.
func (t *answers) beginning(data []byte, now time.Time) int {
	if now.After(t.until) {
		return 0
	}
	for n := min(len(data), len(answerStart)-1); n > 0; n-- {
		if bytes.HasSuffix(data, []byte(answerStart[:n])) {
			return n
		}
	}
	return 0
}

// answerEnd finds the terminator of the answer that data begins with: BEL, or
// ESC and a backslash. Without one, size is 0 and end the first byte that is no
// part of an answer, or the length of data.
func answerEnd(data []byte) (end, size int) {
	for i := len(answerStart); i < len(data); i++ {
		switch c := data[i]; {
		case i >= answerMost:
			return i, 0
		case c == '\a':
			return i, 1
		case c == '\x1b' && i+1 == len(data):
			return len(data), 0
		case c == '\x1b' && data[i+1] == '\\':
			return i, 2
		case !strings.ContainsRune("rgba:/0123456789abcdefABCDEF", rune(c)):
			return i, 0
		}
	}
	return len(data), 0
}

// answered takes "rgb:RRRR/GGGG/BBBB".
func (t *answers) answered(text string) {
	t.until = time.Time{} // it came
	text, ok := strings.CutPrefix(text, "rgb:")
	parts := strings.Split(text, "/")
	if !ok || len(parts) != 3 || t.background == nil {
		return
	}
	var sum, most float64
	for i, weight := range [3]float64{0.299, 0.587, 0.114} { // ITU-R BT.601 luma
		v, err := strconv.ParseUint(parts[i], 16, 32)
		if err != nil || len(parts[i]) > 8 {
			return
		}
		full := float64(uint64(1)<<(4*len(parts[i])) - 1)
		sum += weight * float64(v) / full
		most += weight
	}
	t.background(sum < most/2)
}

// newRenderer makes the renderer for the terminal from its environment alone:
// asking it here would stall a terminal that does not answer. Dark is assumed
// until it says otherwise.
func newRenderer(out io.Writer, env func(string) string) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(out, termenv.WithEnvironment(environ{env}), termenv.WithTTY(true))
	r.SetColorProfile(colourProfile(env))
	r.SetHasDarkBackground(!lightByEnvironment(env))
	return r
}

// colourProfile is what the environment says of the terminal's colours.
// NO_COLOR (no-color.org) and TERM=dumb win over COLORTERM.
func colourProfile(env func(string) string) termenv.Profile {
	term, colour := env("TERM"), strings.ToLower(env("COLORTERM"))
	switch {
	case env("NO_COLOR") != "" || term == "dumb" || term == "":
		return termenv.Ascii
	case colour == "truecolor" || colour == "24bit":
		return termenv.TrueColor
	case strings.Contains(term, "256color") || strings.HasPrefix(term, "xterm-kitty") || term == "alacritty":
		return termenv.ANSI256
	}
	return termenv.ANSI
}

// lightByEnvironment reads COLORFGBG, which some terminals set to "15;0" or
// "0;15": the last part is the background.
func lightByEnvironment(env func(string) string) bool {
	parts := strings.Split(env("COLORFGBG"), ";")
	switch parts[len(parts)-1] {
	case "7", "15":
		return true
	}
	return false
}

// environ lets termenv read the console's environment.
type environ struct{ get func(string) string }

// Environ lists the variables that termenv reads.
func (e environ) Environ() []string {
	var out []string
	for _, name := range []string{"TERM", "COLORTERM", "NO_COLOR", "COLORFGBG"} {
		if v := e.get(name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// Getenv returns one variable.
func (e environ) Getenv(name string) string { return e.get(name) }

var _ tea.Msg = backgroundMsg{}
