package tui

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// terminalOutput is the terminal with whole writes: what a command sends (a
// copy to the clipboard) never lands inside a frame. It stays an *os.File to
// Bubble Tea, which asks it for its size and mode.
type terminalOutput struct {
	*os.File
	mu sync.Mutex
}

// Write writes b in one piece.
func (t *terminalOutput) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.File.Write(b)
}

// backgroundMsg is the terminal's answer about its background.
type backgroundMsg struct{ dark bool }

// askBackground asks the terminal for its background colour (OSC 11). The
// answer comes with the keys, whenever it comes, and terminalInput takes it
// out; a terminal that does not answer costs nothing.
const askBackground = "\x1b]11;?\x1b\\"

// terminalInput is the terminal's input without the answers to askBackground,
// which Bubble Tea 1 would take for typing. It stays an *os.File to Bubble Tea.
type terminalInput struct {
	*os.File
	background func(dark bool) // called from the reading goroutine
	held       []byte          // the beginning of an answer that a read cut
}

// answerStart begins an answer; answerMost bounds one. What is held longer than
// that was none.
const (
	answerStart = "\x1b]11;"
	answerMost  = 64
)

// Read reads keys. It returns 0 bytes and no error when all that came was an
// answer.
func (t *terminalInput) Read(b []byte) (int, error) {
	if len(b) <= 2*answerMost {
		return t.File.Read(b)
	}
	n, err := t.File.Read(b[:len(b)-answerMost])
	if n == 0 {
		return n, err
	}
	data := append(t.held, b[:n]...)
	t.held = nil
	return copy(b, t.filter(data)), err
}

// filter returns data without answers; the beginning of one at its end is held
// for the next read.
func (t *terminalInput) filter(data []byte) []byte {
	var out []byte
	for {
		i := bytes.Index(data, []byte(answerStart))
		if i < 0 {
			break
		}
		end, size := answerEnd(data[i:])
		if end < 0 {
			if len(data)-i < answerMost {
				t.held = bytes.Clone(data[i:])
				data = data[:i]
			}
			break
		}
		t.answered(string(data[i+len(answerStart) : i+end]))
		out, data = append(out, data[:i]...), data[i+end+size:]
	}
	return append(out, data...)
}

// answerEnd finds the terminator of the answer that data begins with: BEL, or
// ESC and a backslash.
func answerEnd(data []byte) (end, size int) {
	for i := len(answerStart); i < len(data) && i < answerMost; i++ {
		switch {
		case data[i] == '\a':
			return i, 1
		case data[i] == '\x1b' && i+1 < len(data) && data[i+1] == '\\':
			return i, 2
		}
	}
	return -1, 0
}

// answered takes "rgb:RRRR/GGGG/BBBB".
func (t *terminalInput) answered(text string) {
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
func newRenderer(out *terminalOutput, env func(string) string) *lipgloss.Renderer {
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
