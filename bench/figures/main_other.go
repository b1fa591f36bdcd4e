//go:build !unix

// Command figures prints the console's figures with many keys, where there are
// pseudo-terminals.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "figures: SKIPPED: there are no pseudo-terminals on this system")
}
