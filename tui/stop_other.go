//go:build !unix

package tui

import "os"

// stopSignals are the requests of others to stop this process: this system
// knows none.
type stopSignals struct{ come chan os.Signal }

func newStopSignals() *stopSignals { return &stopSignals{} }

func (*stopSignals) take()    {}
func (*stopSignals) release() {}
func (*stopSignals) close()   {}
