package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestStreamFallsSilent: an owner that stops in the middle of a stream is told
// from one that has nothing to say.
func TestStreamFallsSilent(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	instance := "x"
	stopped := make(chan struct{})
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprintf(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready","instance":%q}`, instance)
			return
		}
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = fmt.Fprintln(w, `{"update":{"base":true,"head":{"Seq":1}}}`)
		_ = http.NewResponseController(w).Flush()
		<-stopped
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	defer close(stopped)
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var seen uint64
	err = c.Follow(t.Context(), model.Following{}, func(u model.Update, _ func(uint64)) error {
		seen = u.Head.Seq
		return nil
	})
	mustBe(t, err, server.ErrSilent, model.ErrUnavailable)
	if seen != 1 || !strings.Contains(err.Error(), "kill -CONT 7") {
		t.Errorf("seen %d, %v", seen, err)
	}
}

// TestBadStream: a line that is too long or that is no JSON ends the stream.
func TestBadStream(t *testing.T) {
	for name, text := range map[string]string{
		"long":     `{"update":{"gone":["` + strings.Repeat("0", 3<<20) + `"]}}`,
		"no JSON":  `{"update":}`,
		"bad part": `{"part":true,"update":{"head":{"Seq":-1}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := shortDir(t)
			l, err := server.ListenAdmin(dir)
			if err != nil {
				t.Fatal(err)
			}
			fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/hello" {
					_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready"}`)
					return
				}
				_ = http.NewResponseController(w).EnableFullDuplex()
				_, _ = fmt.Fprintln(w, text)
			})}
			go func() { _ = fake.Serve(l) }()
			defer func() { _ = fake.Close() }()
			c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			err = c.Follow(t.Context(), model.Following{}, func(model.Update, func(uint64)) error {
				t.Error("it is taken for an update")
				return nil
			})
			mustBe(t, err, server.ErrProtocol)
		})
	}
}
