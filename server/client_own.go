package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"dev.keyward/keyward/model"
)

// AddUsage tells the owner what was counted: as much fits into a message with all
// that can be known of it. After an error other than ErrNotDone it is not known
// whether the owner took it in; told again as it is, to the same owner, it counts
// once. An owner of an earlier version does not know what was told again: it gets
// what it reads, and counts it each time.
func (c *Client) AddUsage(ctx context.Context, b model.UsageBatch) error {
	_, err := invoke[none](ctx, c, "AddUsage", b)
	if earlier(err) {
		_, err = invoke[none](ctx, c, "AddUsage", model.UsageBatch{Usage: b.Usage})
	}
	return err
}

// HandOver asks the owner to let go of the store, and returns once it is
// released, for whoever takes it first. A long call that the owner answers
// finishes before.
func (c *Client) HandOver(ctx context.Context) error {
	out, err := invoke[handOverAnswer](ctx, c, "HandOver", handOverRequest{c.o.Self})
	if err == nil && !out.Released {
		err = fmt.Errorf("%s did not let go of the store", c.owner())
	}
	return err
}

// Diagnose returns what the owner finds about its store.
func (c *Client) Diagnose(ctx context.Context) (json.RawMessage, error) {
	return invoke[json.RawMessage](ctx, c, "Diagnose", none{})
}

// Backup writes a backup to w. After an error, what was written is none. A write
// to w may not take longer than 30 s: the owner does not wait for it.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	body, err := json.Marshal(none{})
	if err != nil {
		return err
	}
	call := c.begin(ctx, silenceTime)
	defer call.end()
	res, err := call.open(http.MethodPost, methodPath+"Backup", c.headerOf(ctx), bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	if res.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(&answerReader{call, res.Body}, maxAdminLine))
		if err != nil {
			return call.failed(err)
		}
		return c.fault(data, nil)
	}
	if err := copyBackup(w, &answerReader{call, res.Body}); err != nil {
		if werr, ok := err.(*backupWriteError); ok {
			return werr.err
		}
		return call.failed(err)
	}
	if text := res.Trailer.Get(faultHeader); text != "" {
		return c.fault([]byte(text), nil)
	}
	return nil
}

// backupWriteError tells an error of the writer from one of the connection.
type backupWriteError struct{ err error }

// Error is the writer's.
func (e *backupWriteError) Error() string { return e.err.Error() }

func copyBackup(w io.Writer, r io.Reader) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return &backupWriteError{werr}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
