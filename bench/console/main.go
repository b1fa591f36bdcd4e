// Command console measures how long a terminal program takes from exec to its
// first frame, in a real pseudo-terminal that answers what terminals are asked.
//
//	console [-n RUNS] -until TEXT -- COMMAND [ARGUMENT]...
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/creack/pty"
)

func main() {
	runs := flag.Int("n", 20, "how often")
	until := flag.String("until", "", "the `TEXT` of the first frame")
	flag.Parse()
	if *until == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	took := make([]time.Duration, *runs)
	for i := range took {
		d, err := firstFrame(flag.Args(), *until)
		if err != nil {
			fmt.Fprintln(os.Stderr, "console:", err)
			os.Exit(1)
		}
		took[i] = d
	}
	slices.Sort(took)
	fmt.Printf("%d %d\n", took[len(took)/2].Milliseconds(), took[len(took)-1].Milliseconds())
}

// patience is how long a program may take before it counts as hanging.
const patience = 30 * time.Second

// firstFrame runs the command until the text is on its terminal, and ends it
// with ctrl+c.
func firstFrame(command []string, until string) (time.Duration, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	start := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", command[0], err)
	}
	defer func() { _ = tty.Close() }()
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	took, err := watch(tty, until, start)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return 0, err
	}
	_, _ = tty.Write([]byte{3}) // ctrl+c
	go drain(tty)
	_ = cmd.Wait()
	return took, nil
}

// watch reads until the text came, and answers as a terminal does.
func watch(tty *os.File, until string, start time.Time) (time.Duration, error) {
	var seen []byte
	answered := map[string]bool{}
	buf := make([]byte, 32<<10)
	for {
		n, err := tty.Read(buf)
		seen = append(seen, buf[:n]...)
		if bytes.Contains(seen, []byte(until)) {
			return time.Since(start), nil
		}
		if err != nil {
			return 0, errors.New("the program ended before its first frame: " + string(bytes.ToValidUTF8(seen, nil)))
		}
		for question, answer := range map[string]string{
			"\x1b]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\",
			"\x1b[6n":   "\x1b[1;1R",
		} {
			if !answered[question] && bytes.Contains(seen, []byte(question)) {
				answered[question] = true
				if _, err := tty.WriteString(answer); err != nil {
					return 0, fmt.Errorf("answering: %w", err)
				}
			}
		}
	}
}

func drain(tty *os.File) {
	buf := make([]byte, 32<<10)
	for {
		if _, err := tty.Read(buf); err != nil {
			return
		}
	}
}
