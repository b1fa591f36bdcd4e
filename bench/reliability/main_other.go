//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "reliability: the figures are taken on Linux: they need its signals, loop devices and tmpfs")
	os.Exit(2)
}
