package cli

import (
	"context"
	"io"
	"time"
)

// pieceBytes is how much of a long output is written at once.
const pieceBytes = 64 << 10

// abandonable is a writer whose write can be left behind: a pipe that nobody
// reads holds it for as long as there is a reader.
type abandonable struct {
	ctx  context.Context
	to   io.Writer
	copy []byte // of what is being written, for the write may outlast the call
}

func newAbandonable(ctx context.Context, to io.Writer) *abandonable {
	return &abandonable{ctx: ctx, to: to}
}

// Write writes b, or returns errInterrupted once ctx ends; then nothing more may
// be written.
func (w *abandonable) Write(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, errInterrupted
	}
	w.copy = append(w.copy[:0], b...)
	return await(w.ctx, func() (int, error) { return w.to.Write(w.copy) })
}

// lingerTime is how long one change may take yet after the user ended the
// command: what is under way is better known to be done than not.
const lingerTime = 2 * time.Second

// lingering returns a context that ends lingerTime after ctx does.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lingerTime, cancel) })
	return late, func() { stop(); cancel() }
}
