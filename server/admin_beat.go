package server

import (
	"net/http"
	"sync"
	"time"
)

// beat sends a sign of life each second while a call lasts: an interim answer of
// status 102. The zero value is ready, and sends none.
type beat struct {
	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

func (b *beat) begin(w http.ResponseWriter, rc *http.ResponseController) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = time.AfterFunc(beatEvery, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.ended {
			return
		}
		_ = rc.SetWriteDeadline(time.Now().Add(beatTime))
		w.WriteHeader(http.StatusProcessing)
		b.timer.Reset(beatEvery)
	})
}

// end waits for a sign of life that is being sent. There is none after it.
func (b *beat) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if b.timer != nil {
		b.timer.Stop()
	}
}
