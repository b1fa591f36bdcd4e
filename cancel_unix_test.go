//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCancelled: what takes long shows how far it is and can be given up with
// ctrl+c, and what it leaves is as it says. What is made slow is so by its volume,
// or by a pipe that nobody reads.
func TestCancelled(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir, document, pass := filepath.Join(home, "data"), filepath.Join(home, "big.json"), filepath.Join(home, "pass")
	writeFile(t, document, bigDocument())
	writeFile(t, pass, "correct horse battery staple\n")
	keyward(t, dir, "environment", "create", "UAT")
	cancelImport(t, dir, document)
	cancelPipedBackup(t, dir, pass, filepath.Join(home, "fifo"))
	e := startServe(t, dir)
	cancelPipedBackup(t, dir, pass, filepath.Join(home, "fifo2")) // of another process's store
	e.stop()
	cancelBackup(t, dir, pass, filepath.Join(home, "backups"))
	cancelRestore(t, dir, pass, filepath.Join(home, "whole.backup"))
}

const manyOperations = 1200

// bigDocument is an OpenAPI document that takes seconds to import.
func bigDocument() string {
	var paths []string
	for i := range manyOperations {
		paths = append(paths, fmt.Sprintf(`"/op/%04d":{"get":{"operationId":"op-%04d"}}`, i, i))
	}
	return `{"openapi":"3.0.0","paths":{` + strings.Join(paths, ",") + `}}`
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// givenUp is a command in a terminal that is to be given up.
type givenUp struct {
	*term
	pidFile string
}

func given(t *testing.T, dir string, line string) *givenUp {
	t.Helper()
	g := &givenUp{pidFile: filepath.Join(t.TempDir(), "pid")}
	line = "echo $$ >" + quote(g.pidFile) + "; exec " + quote(keywardBinary(t)) + " " + line + " --data " + quote(dir)
	g.term = startTerm(t, 100, 24, nil, "sh", "-c", "trap : INT; sh -c "+quote(line)+"; echo status $?; read x")
	return g
}

// pid is the command's process.
func (g *givenUp) pid() int {
	g.t.Helper()
	var text []byte
	for end := time.Now().Add(20 * time.Second); len(text) == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		text, _ = os.ReadFile(g.pidFile)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		g.t.Fatal(err)
	}
	return pid
}

// interruptedWith waits for the end of a command that was given up, and returns
// what it said on one line.
func (g *givenUp) interruptedWith(line string) string {
	g.t.Helper()
	screen := g.wait(`status \d+`)
	told := strings.Join(strings.Fields(g.tmux("capture-pane", "-p", "-J")), " ")
	if !strings.HasSuffix(told, "status 130") || !strings.Contains(told, "keyward: interrupted: ") || !strings.Contains(told, line) {
		g.t.Errorf("want status 130 and %q:\n%s", line, screen)
	}
	if strings.Contains(told, "%") || strings.Contains(told, "█") {
		g.t.Errorf("the bar stayed:\n%s", screen)
	}
	return told
}

// freeze stops the command as soon as what is so, has it interrupted, and lets it
// go on.
func (g *givenUp) freeze(otherwise string, is func() bool) {
	g.t.Helper()
	pid := g.pid()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(500 * time.Microsecond) {
		if time.Now().After(end) {
			g.t.Fatalf("%s:\n%s", otherwise, g.screen())
		}
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		g.t.Fatal(err)
	}
	if !is() {
		g.t.Fatalf("it was over before it was stopped:\n%s", g.screen())
	}
	g.keys("C-c")
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		g.t.Fatal(err)
	}
}

func cancelImport(t *testing.T, dir, document string) {
	t.Helper()
	w := given(t, dir, "workflow import --yes "+quote(document)+" >/dev/null")
	w.wait(`importing  [█░]+ +\d+%  [\d,]+ of 1,200 `)
	w.keys("C-c")
	told := w.interruptedWith(`run it again for what is missing`)
	said := regexp.MustCompile(`(\d+) of 1200 workflows were created, in the order shown, up to "(op-\d+)"`).FindStringSubmatch(told)
	if said == nil {
		t.Fatalf("it does not say how far it came: %s", told)
	}
	var there []struct{ Name string }
	if err := json.Unmarshal([]byte(keyward(t, dir, "workflow", "list", "--json")), &there); err != nil {
		t.Fatal(err)
	}
	if n, _ := strconv.Atoi(said[1]); n == 0 || n == manyOperations || len(there) != n || there[n-1].Name != said[2] {
		t.Errorf("it says %q, and there are %d", said[0], len(there))
	}
	out := keyward(t, dir, "workflow", "import", "--yes", document)
	if want := fmt.Sprintf("%d workflows created, %d left out (%d there already)", manyOperations-len(there), len(there), len(there)); !strings.Contains(out, want) {
		t.Errorf("the rest: %s, want %s", out[max(0, len(out)-200):], want)
	}
}

func cancelPipedBackup(t *testing.T, dir, pass, fifo string) {
	t.Helper()
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	unread, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unread.Close() }()
	w := given(t, dir, "backup - --passphrase-file "+quote(pass)+" >"+quote(fifo))
	w.wait(`backing up  [█░]+ +\d+%  \d+ KiB  \d+ KiB/s `)
	w.keys("C-c")
	w.interruptedWith("what came out of standard output is no backup: throw it away, and run it again")
}

func cancelBackup(t *testing.T, dir, pass, into string) {
	t.Helper()
	if err := os.Mkdir(into, 0o700); err != nil {
		t.Fatal(err)
	}
	w := given(t, dir, "backup "+quote(filepath.Join(into, "b"))+" --passphrase-file "+quote(pass))
	w.freeze("no part of a backup came", func() bool {
		parts, _ := filepath.Glob(filepath.Join(into, ".b.*"))
		return len(parts) == 1 && sizeOf(parts[0]) > 0
	})
	w.interruptedWith("no backup was written, and nothing is left of it: run it again")
	if left, err := os.ReadDir(into); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func cancelRestore(t *testing.T, dir, pass, file string) {
	t.Helper()
	keyward(t, dir, "backup", file, "--passphrase-file", pass)
	keyward(t, dir, "environment", "create", "Later")
	before := filesOf(t, filepath.Dir(dir))
	w := given(t, dir, "restore "+quote(file)+" --accept-rollback --passphrase-file "+quote(pass))
	w.freeze("no new directory came", func() bool {
		made, _ := filepath.Glob(dir + ".restore-*")
		return len(made) == 1
	})
	w.interruptedWith("nothing was changed, and the data directory is as it was: run it again")
	after := filesOf(t, filepath.Dir(dir))
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was changed", path)
		}
		delete(after, path)
	}
	for path := range after {
		t.Errorf("%s is left", path)
	}
	if out := keyward(t, dir, "environment", "list"); !strings.Contains(out, "Later") {
		t.Errorf("the store is another one:\n%s", out)
	}
	if out := keyward(t, dir, "restore", file, "--accept-rollback", "--passphrase-file", pass); !strings.Contains(out, "restored to") {
		t.Errorf("run again: %s", out)
	}
}

// filesOf is what is in each file below dir.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			files[path] = readFile(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
