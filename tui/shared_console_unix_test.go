//go:build unix

package tui

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onTerminal is a program on a pseudo-terminal.
type onTerminal struct {
	*testing.T
	log string // file of what sharedConsole did
	tty *os.File
	cmd *exec.Cmd

	mu   sync.Mutex
	text bytes.Buffer
}

// runShared runs the console of sharedConsole as a shell's script has it: $0 is
// the program.
func runShared(t *testing.T, script string) *onTerminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := &onTerminal{T: t, log: filepath.Join(t.TempDir(), "log")}
	o.cmd = exec.Command("sh", "-c", script, self)
	o.cmd.Env = append(os.Environ(), "KEYWARD_SHARED_CONSOLE="+o.log, "TERM=dumb", "PID="+o.log+".pid")
	if o.tty, err = pty.StartWithSize(o.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Skipf("there is no pseudo-terminal here: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 4096)
		for {
			n, err := o.tty.Read(b)
			o.mu.Lock()
			o.text.Write(b[:n])
			o.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-o.cmd.Process.Pid, syscall.SIGKILL)
		_ = o.cmd.Wait()
		_ = o.tty.Close()
		<-done
	})
	return o
}

// await waits until the terminal, or the log, shows a text.
func (o *onTerminal) await(what string, shown func() string, text string) {
	o.Helper()
	limit := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(shown(), text) {
		select {
		case <-tick.C:
		case <-limit:
			o.Fatalf("%s does not show %q but:\n%s", what, text, shown())
		}
	}
}

func (o *onTerminal) sees(text string) {
	o.Helper()
	o.await("the terminal", func() string {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.text.String()
	}, text)
}

func (o *onTerminal) logs(lines ...string) {
	o.Helper()
	o.await("the log", func() string {
		b, _ := os.ReadFile(o.log)
		return string(b)
	}, strings.Join(lines, "\n")+"\n")
}

func (o *onTerminal) types(text string) {
	o.Helper()
	if _, err := o.tty.WriteString(text); err != nil {
		o.Fatal(err)
	}
}

// A console under a shell lets go of the store before the shell has it stopped,
// whoever asks, and takes part again.
func TestShellStopsTheConsole(t *testing.T) {
	o := runShared(t, `set -m; "$0"; echo "stopped with $?"; read go; fg >/dev/null; echo "ended with $?"`)
	o.sees("this process")
	o.types("\x1a")
	o.sees("stopped with")
	o.logs("suspend")
	o.types("go\n")
	o.logs("suspend", "resume")
	o.types("q")
	o.logs("suspend", "resume", "unwatched", "left <nil>")
	o.sees("ended with 0")
}

// Without a shell that could continue it the system does not stop the process:
// it goes on, and takes part again.
func TestNobodyStopsTheConsole(t *testing.T) {
	o := runShared(t, `echo $$ >"$PID"; exec "$0"`)
	o.sees("this process")
	b, err := os.ReadFile(o.log + ".pid")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	o.logs("suspend", "resume")
	o.types("\x1a")
	o.logs("suspend", "resume", "suspend", "resume")
	if err := syscall.Kill(pid, syscall.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	o.logs("suspend", "resume", "suspend", "resume", "suspend", "resume")
	o.types("q")
	o.logs("unwatched", "left <nil>")
}

// A panic ends the console, and leaves the terminal as it was.
func TestTerminalAfterAPanic(t *testing.T) {
	o := runShared(t, `before=$(stty -g); KEYWARD_PANICS=1 "$0"; [ "$before" = "$(stty -g)" ] && echo "the modes are as they were"; echo "ended with $?"`)
	o.sees("this process")
	o.types("E")
	o.sees("ended with")
	o.sees("the modes are as they were")
	o.logs("unwatched", "left running the console: program was killed: program experienced a panic")
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.text.String()
	for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l"} {
		if set := strings.LastIndex(text, on); set < 0 || strings.LastIndex(text, off) < set {
			t.Errorf("%q was not taken back by %q", on, off)
		}
	}
}
