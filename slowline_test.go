//go:build unix

package main

import (
	"io"
	"net"
	"testing"
	"time"
)

// oneWay is how long a slow line takes in one direction: 200 ms there and back.
const oneWay = 100 * time.Millisecond

// slowLine joins the port that it returns with another by a slow line.
func slowLine(t *testing.T, to string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", to))
			if err != nil {
				_ = near.Close()
				continue
			}
			go delay(near, far)
			go delay(far, near)
		}
	}()
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// delay hands on what comes from one end to the other, each piece late.
func delay(from io.Reader, to io.WriteCloser) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 10000)
	go func() {
		defer close(pieces)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			pieces <- piece{b[:n], time.Now().Add(oneWay)}
		}
	}()
	defer func() { _ = to.Close() }()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			return
		}
	}
}

// TestSlowLine: over a line of 200 ms somebody who types ahead, without looking,
// arrives where they meant to, and every key press counts once.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	s := newSSHSite(t)
	fillList(t, s.dir, 20)
	s.port = slowLine(t, s.port)
	w := s.console(s.admin)
	w.wait(`1 of 21`)
	w.text("jjjjjjjjjjkk")
	w.wait(`\b9 of 21`)
	w.text("/key-1")
	w.tmux("send-keys", "-l", "7\r\r")
	w.wait(`key-17[^Z]*Secrets`)
	w.text("\x1b")
	w.wait(`1 of 1`)
	w.text("n")
	w.wait(`Token`)
	w.text("\x1b")
	w.wait(`1 of 1`)
	w.text("q")
	w.ended()
}
