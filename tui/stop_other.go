//go:build !unix

package tui

// stopSignals are the requests of others to stop this process: this system
// knows none.
type stopSignals struct{ come chan struct{} }

func newStopSignals() *stopSignals { return &stopSignals{} }

func (*stopSignals) take()    {}
func (*stopSignals) release() {}
func (*stopSignals) close()   {}

func (*stopSignals) whenContinued(func()) {}
