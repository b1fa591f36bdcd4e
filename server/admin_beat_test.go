package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// beaten is an answer whose first sign of life takes a while, as one does that
// waits for its reader.
type beaten struct {
	*httptest.ResponseRecorder
	beating atomic.Bool
	begun   chan struct{} // closed once the sign of life is being sent
	once    sync.Once
	touched chan struct{} // closed once a header was asked for meanwhile
}

func (w *beaten) WriteHeader(status int) {
	if status != http.StatusProcessing {
		w.ResponseRecorder.WriteHeader(status)
		return
	}
	if w.beating.Swap(true) {
		return
	}
	close(w.begun)
	select {
	case <-w.touched:
	case <-time.After(50 * time.Millisecond): // nobody did: the longer, the surer
	}
	w.beating.Store(false)
}

func (w *beaten) Header() http.Header {
	if w.beating.Load() {
		w.once.Do(func() { close(w.touched) })
	}
	return w.ResponseRecorder.Header()
}

// TestBeatsEndFirst: no header is written to while a sign of life reads it.
func TestBeatsEndFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, method string
		err          error
	}{
		{"handed over", "HandOver", nil},
		{"kept", "HandOver", model.ErrConflict},
		{"backup", "Backup", nil},
		{"no backup", "Backup", model.ErrNoSpace},
		{"diagnose", "Diagnose", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &beaten{ResponseRecorder: httptest.NewRecorder(), begun: make(chan struct{}), touched: make(chan struct{})}
			a := server.NewAdmin(server.AdminOptions{
				Hello:    func() server.Hello { return server.Hello{State: server.StateReady} },
				HandOver: func(context.Context, model.Peer) error { <-w.begun; return test.err },
				Diagnose: func(context.Context) (json.RawMessage, error) { <-w.begun; return nil, test.err },
				Backup: func(_ context.Context, to io.Writer) error {
					<-w.begun
					if test.err != nil {
						return test.err
					}
					_, err := to.Write([]byte("x"))
					return errors.Join(err, model.ErrTooLarge)
				},
			})
			server.AskAdminBy(a, w, test.method, "{}")
			select {
			case <-w.touched:
				t.Error("a header was written to while a sign of life was being sent")
			default:
			}
			if w.Code == http.StatusProcessing {
				t.Error("there is no answer")
			}
		})
	}
}
