//go:build !unix

// Command activity measures what watching costs the endpoint, where processes
// share a directory.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "activity: SKIPPED: on this system processes do not share a directory")
}
