package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// unread reports whether a terminal has input that nobody has read yet.
func unread(tty string) bool {
	f, err := os.OpenFile(tty, os.O_RDONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	return err == nil && n > 0
}

// busy reports whether a process computes, or would if the machine let it: one
// of its threads is neither asleep nor stopped.
func busy(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid)) // The pattern is one.
	for _, thread := range threads {
		if fields := statOf(thread); len(fields) > 0 && strings.Contains("RD", fields[0]) {
			return true
		}
	}
	return false
}

// foreground is the process that has the terminal of the process pid: itself, or
// what a shell runs.
func foreground(pid int) int {
	const group = 5 // tpgid in proc_pid_stat(5), counted from the state
	if fields := statOf(fmt.Sprintf("/proc/%d/stat", pid)); len(fields) > group {
		if leader, err := strconv.Atoi(fields[group]); err == nil && leader > 0 {
			return leader
		}
	}
	return pid
}

// statOf returns the fields of a stat file that stand behind the name; none where
// the process is gone.
func statOf(file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// TestBusy: a process that computes is told from one that waits.
func TestBusy(t *testing.T) {
	if !busy(os.Getpid()) {
		t.Error("this process computes")
	}
	if busy(1 << 30) {
		t.Error("there is no such process")
	}
}

// TestEscapeIsReadAlone: a program that is slow to read gets escape by itself.
func TestEscapeIsReadAlone(t *testing.T) {
	t.Parallel()
	const slow = `stty raw -echo; echo up; sleep 2; dd bs=256 count=1 2>/dev/null | od -An -tx1; sleep 60`
	w := startTerm(t, 40, 10, nil, "sh", "-c", slow)
	w.wait(`up`)
	w.keys("Escape", "x")
	if got := w.wait(`\b1b\b.*`); strings.Contains(got, "78") {
		t.Errorf("they were read together:\n%s", got)
	}
}
