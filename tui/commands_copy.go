package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// mostCopied is how long a copied text may be, in bytes: less than the shortest
// limit that a terminal is known to have for OSC 52. Beyond their limits, some
// take the beginning, and others nothing.
const mostCopied = 4 << 10

var errCopyTooLong = errors.New("it is longer than 4 KiB, which a terminal may cut: save it to a file in place of this")

// errCopyTooLongRemote is for those whose files are elsewhere.
var errCopyTooLongRemote = errors.New("it is longer than 4 KiB, which a terminal may cut: select it with the mouse in place of this")

// copiedMsg says what became of a copy. slot is -1 for what is no secret.
type copiedMsg struct {
	request int
	slot    int
	tmux    bool // tmux has it in a buffer, for sure
	through bool // by its name the terminal may be tmux, which takes it only with set-clipboard on
	remote  bool // the terminal is at the other end of a connection, where no file can be written
	err     error
}

// copyText sends a text that is no secret to the clipboard.
func (rt *runtime) copyText(request int, text string) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg { return rt.copy(ctx, request, -1, text) })
}

// copy sends text to the clipboard, in one way only: a secret that lies in one
// place is forgotten with it. Inside tmux its own command takes the text and hands
// it on to the terminal (-w, of tmux 3.2); OSC 52 would come to lie in a buffer of
// its own besides, where tmux takes that. The text goes to standard input, since
// arguments are seen by everyone. Elsewhere it is OSC 52, which no terminal
// confirms.
func (rt *runtime) copy(ctx context.Context, request, slot int, text string) copiedMsg {
	msg := copiedMsg{request: request, slot: slot, remote: rt.remote()}
	inTmux := rt.Env("TMUX") != "" && !rt.remote()
	switch {
	case rt.remote() && !rt.Remote.Clipboard:
		msg.err = errNoClipboard
	case len(text) > mostCopied && rt.remote():
		msg.err = errCopyTooLongRemote
	case len(text) > mostCopied:
		msg.err = errCopyTooLong
	case inTmux && (loadTmux(ctx, text, "-w", "-") || loadTmux(ctx, text, "-")):
		msg.tmux = true
	default:
		inScreen := !inTmux && rt.Env("STY") != ""
		msg.through = !inScreen && mayBeTmux(rt.Env("TERM"))
		if _, err := io.WriteString(rt.output, clipboardSequence(text, inScreen)); err != nil {
			msg.err = fmt.Errorf("writing to the terminal: %w", err)
		}
	}
	return msg
}

// clipboardSequence is OSC 52. GNU screen hands on short pieces alone, each in a
// sequence of its own (DCS); by the terminal's name it cannot be told from tmux,
// whose default is screen too, and which would take the first piece for the whole.
// What only tmux's passthrough understands is never sent: that is off unless
// somebody switched it on.
func clipboardSequence(text string, inScreen bool) string {
	sequence := osc52.New(text)
	if inScreen {
		sequence = sequence.Screen()
	}
	return sequence.String()
}

// mayBeTmux reports whether tmux calls itself so: by its default, or as its manual
// has one set it.
func mayBeTmux(term string) bool {
	return strings.HasPrefix(term, "screen") || strings.HasPrefix(term, "tmux")
}

func loadTmux(ctx context.Context, text string, args ...string) bool {
	c := exec.CommandContext(ctx, "tmux", append([]string{"load-buffer"}, args...)...)
	c.Stdin = strings.NewReader(text)
	return c.Run() == nil
}

// copyNotice says what is known of a copy, and no more.
func copyNotice(msg copiedMsg) notice {
	what := "The curl line"
	if msg.slot >= 0 {
		what = "The " + model.SlotNames[msg.slot].String() + " secret"
	}
	instead := ""
	if msg.slot >= 0 && !msg.remote {
		instead = " If not: " + [2]string{revealKeys.WritePrimary.Help().Key, revealKeys.WriteSecondary.Help().Key}[msg.slot] + " writes it to a file."
	}
	through := ""
	if msg.through {
		through = " tmux takes it only with set-clipboard on."
	}
	const handsOn = " tmux hands it on to a terminal that takes it, unless its set-clipboard is off."
	switch {
	case msg.err != nil:
		return notice{statusError, what + " was not copied: " + lowerFirst(sentence(msg.err)) + instead}
	case msg.tmux && msg.slot >= 0:
		return notice{statusInfo, what + " is in tmux's paste buffer: tmux delete-buffer forgets it." + handsOn}
	case msg.tmux:
		return notice{statusInfo, what + " is in tmux's paste buffer." + handsOn}
	}
	return notice{statusInfo, what + " was sent to the terminal; whether it took it, only a paste tells." + through + instead}
}
