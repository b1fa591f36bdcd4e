package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// The welcome says where an endpoint runs, and offers to start one where none does.
func TestWelcomeSaysWhereToCall(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.seesNot("An endpoint runs on")
	w = newWorld(t)
	w.backend.serving = []model.EndpointReport{{PID: 77, Addresses: []string{"https://127.0.0.1:18443"}}}
	w.resize(120, 40)
	w.start()
	w.sees("An endpoint runs on", "https://localhost:18443.")
	w.seesNot("starts an endpoint here to call")
}
