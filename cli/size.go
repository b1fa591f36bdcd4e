package cli

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// sizeValue is a flag that takes a number of bytes, such as 64MiB.
type sizeValue int64

// Set reads a size: a number with or without a unit.
func (s *sizeValue) Set(text string) error {
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return fmt.Errorf("%q is no size: write it like 64MiB or 1GiB", text)
	}
	*s = sizeValue(n)
	return nil
}

// String writes the size, or nothing for the default.
func (s *sizeValue) String() string {
	if *s == 0 {
		return ""
	}
	return humanize.IBytes(uint64(*s))
}

// Type names the value in the help.
func (s *sizeValue) Type() string { return "SPACE" }
