//go:build !linux

package main

import "time"

// Where the system does not say what a process does, a while has to do.
func unread(string) bool { return false }

func busy(int) bool { return false }

func foreground(pid int) int { time.Sleep(10 * time.Millisecond); return pid }
