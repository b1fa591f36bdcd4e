//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestConsoleSharesTheDirectory: a console, an endpoint and commands on one
// directory. The console hands the store to the endpoint with a half-filled
// wizard in it, shows what commands change without a key press, and takes the
// store back when the endpoint is killed.
func TestConsoleSharesTheDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--workflow", "get-customer", "--out", filepath.Join(t.TempDir(), "s"))

	c := startConsole(t, dir)
	c.wait(`this process`)
	c.keys("n")
	c.wait(`How will the caller prove`)
	c.keys("Down", "Enter")
	c.wait(`What is the key called`)
	c.text("half-fill")

	e := startServe(t, dir)
	pid := fmt.Sprint(e.cmd.Process.Pid)
	c.wait(`serve pid ` + pid)
	c.wait(`half-fill`) // the wizard lost nothing
	c.text("ed")
	c.wait(`half-filled[^\n]*\n(.*\n)*.*The name is free`)
	c.keys("C-u")
	c.keys("Escape", "Escape")
	c.confirm(`y stop`, "y")
	c.wait(`orders`)

	// A change made by a command shows by itself, and says where it is in force.
	c.wait(`● enabled`)
	out := keyward(t, dir, "key", "disable", "orders")
	if !regexp.MustCompile(`key "orders" disabled; in force at 1 of 1 endpoints in (under 1|\d+) ms`).MatchString(out) {
		t.Errorf("the confirmation is %q", out)
	}
	began := time.Now()
	c.wait(`○ disabled`)
	t.Logf("the console showed the change %v after the command had ended (polled every 40 ms; target 100 ms)", time.Since(began).Round(time.Millisecond))

	// The endpoint is killed; the console goes on by itself.
	if err := e.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = e.cmd.Wait()
	c.wait(`this process`)
	c.keys("e")
	c.confirm(`y `, "y")
	c.wait(`● enabled`)
	c.quit()
	if out := keyward(t, dir, "audit", "verify"); !strings.Contains(out, "whole") {
		t.Errorf("the trail: %s", out)
	}
}

// TestSuspendedConsole: a console that is stopped with ctrl+z holds nothing, and
// takes part again when it goes on.
func TestSuspendedConsole(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	w := startTerm(t, 80, 24, []string{"PS1=ready> "}, "bash", "--norc", "-i")
	w.wait(`ready>`)
	w.text(keywardBinary(t) + " --data " + dir + "\n")
	w.wait(`this process`)
	w.keys("C-z")
	w.wait(`Stopped(?s:.*)\nready>`) // what is typed before it may be lost
	out := keyward(t, dir, "workflow", "create", "made-meanwhile", "--method", "GET", "--path", "/meanwhile")
	if !strings.Contains(out, "created") {
		t.Errorf("while the console is stopped: %s", out)
	}
	e := startServe(t, dir)
	w.text("fg\n")
	w.wait(`serve pid ` + fmt.Sprint(e.cmd.Process.Pid))
	w.keys("q")
	w.wait(`ready>`)
	w.text("exit\n")
	w.ended()
}

// TestStoppedConsole: a console that was stopped without being asked, and comes
// back to a terminal that the shell has used, takes it again and listens.
func TestStoppedConsole(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	w := startTerm(t, 80, 24, []string{"PS1=ready> "}, "bash", "--norc", "-i")
	w.wait(`ready>`)
	w.text("exec 7>" + filepath.Join(dir, "..", "pid") + "; bash -c 'echo $$ >&7; exec " + keywardBinary(t) + " --data " + dir + "'\n")
	w.wait(`this process`)
	text, err := os.ReadFile(filepath.Join(dir, "..", "pid"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	w.wait(`Stopped(?s:.*)\nready>`) // what is typed before it may be lost
	w.text("echo between\n")
	w.wait(`between`)
	w.text("fg\n")
	w.wait(`this process`)
	w.keys("?")
	w.wait(`[Ss]how|Move|Keys`)
	w.keys("Escape", "q")
	w.wait(`ready>`)
	w.text("exit\n")
	w.ended()
}

// TestDegradedEndpoint: an endpoint whose store is damaged goes on deciding from
// the journal, and says so; nothing can be changed. Without a sound journal it
// denies everything.
func TestDegradedEndpoint(t *testing.T) {
	t.Parallel()
	needTool(t, "curl")
	home := t.TempDir()
	dir := filepath.Join(home, "data")
	secretFile := filepath.Join(home, "s")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	keyward(t, dir, "key", "create", "orders", "--environment", "Test", "--workflow", "get-customer", "--out", secretFile)
	keyward(t, dir, "key", "create", "gone", "--environment", "Test", "--workflow", "get-customer", "--out", filepath.Join(home, "g"))
	keyward(t, dir, "key", "disable", "gone")
	header := func(file string) []string {
		path := file + ".header"
		if err := os.WriteFile(path, []byte("Authorization: Key="+secretOf(t, file)), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"-H", "@" + path}
	}
	orders, gone := header(secretFile), header(filepath.Join(home, "g"))
	if err := os.Truncate(filepath.Join(dir, "store", "MANIFEST"), 20); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(keywardBinary(t), "--data", dir, "key", "list").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is damaged") || !strings.Contains(string(out), "keyward restore") {
		t.Errorf("a command on a damaged store: %v\n%s", err, out)
	}
	e := startServe(t, dir)
	for name, tt := range map[string]struct {
		target, want string
		args         []string
	}{
		"enabled":  {"/customers/1?_profile=Test", "200", orders},
		"disabled": {"/customers/1?_profile=Test", "401", gone},
		"ready":    {"/_keyward/ready", "200", nil},
	} {
		if got := e.curl(tt.target, tt.args...); got != tt.want {
			t.Errorf("%s: got %s, want %s\n%s", name, got, tt.want, e.log)
		}
	}
	if text := e.body("/_keyward/ready"); !strings.Contains(text, "degraded") || strings.Contains(text, dir) {
		t.Errorf("the readiness check says %s", text)
	}
	awaitLog(t, e, "decisions come from its journal")
	c := startConsole(t, dir)
	c.wait(`read-only`)
	c.wait(`orders`)
	c.keys("q")
	c.ended()
	out, err = exec.Command(keywardBinary(t), "--data", dir, "key", "disable", "orders").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "nothing can be changed") {
		t.Errorf("a change: %v\n%s", err, out)
	}
	e.stop()

	flipByte(t, filepath.Join(dir, "journal"))
	e = startServe(t, dir)
	if got := e.curl("/customers/1?_profile=Test", orders...); got != "503" {
		t.Errorf("with a damaged journal too: got %s\n%s", got, e.log)
	}
	if got := e.curl("/_keyward/ready"); got != "503" {
		t.Errorf("with a damaged journal too, ready: got %s", got)
	}
}

// flipByte flips a byte in the middle of a file.
func flipByte(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 0x20
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// body calls the endpoint with the real curl and returns what it answers.
func (e *endpoint) body(target string) string {
	e.t.Helper()
	out, err := exec.Command(needTool(e.t, "curl"), "-sS", "--max-time", "20", "--cacert", e.ca, e.base+target).Output()
	if err != nil {
		e.t.Fatalf("curl %s: %v", target, err)
	}
	return string(out)
}

// TestAuditFollows: the trail as it grows, while others own the store and hand
// it on.
func TestAuditFollows(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	keyward(t, dir, "workflow", "create", "first", "--method", "GET", "--path", "/first")
	var out lockedBuffer
	cmd := exec.Command(keywardBinary(t), "audit", "--follow", "--json", "--data", dir)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	shows := func(text string, lines int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if s := out.String(); strings.Contains(s, text) && strings.Count(s, "\n") == lines {
				return
			}
		}
		t.Fatalf("it never showed %q and %d lines:\n%s", text, lines, out.String())
	}
	shows(`"name":"first"`, 2)
	keyward(t, dir, "workflow", "create", "second", "--method", "GET", "--path", "/second")
	shows(`"name":"second"`, 3)
	e := startServe(t, dir)
	keyward(t, dir, "workflow", "create", "third", "--method", "GET", "--path", "/third")
	shows(`"name":"third"`, 4)
	e.stop()
	keyward(t, dir, "workflow", "create", "fourth", "--method", "GET", "--path", "/fourth")
	shows(`"name":"fourth"`, 5)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("interrupted, it ends with %v", err)
	}
}
