//go:build linux

package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// grace is how long a replaced secret works, where it is given a grace.
const grace = 24 * time.Hour

// populate makes keys of every kind and the questions about them.
func (f *flips) populate(ctx context.Context, dir string) error {
	c, err := f.rig.console(dir)
	if err != nil {
		return err
	}
	batch := len(f.questions)
	for i, fate := range []string{"enabled", "disabled", "deleted", "replaced", "replaced with grace", "enabled again"} {
		if err := f.token(c, fmt.Sprintf("key-%d-%d", batch, i), fate); err != nil {
			return err
		}
	}
	for _, fate := range []string{"enabled", "disabled", "deleted"} {
		if err := f.certificate(ctx, c, fmt.Sprintf("cert-%d-%s", batch, fate), fate); err != nil {
			return err
		}
	}
	f.question("nobody's secret", question{Secret: "kw_0000000000000000000000000000000000000000000000000"}, false)
	return c.leave()
}

// question adds one to the fixed set.
func (f *flips) question(what string, q question, allowed bool) {
	q.What, q.Status = what, http.StatusUnauthorized
	if allowed {
		q.Status = http.StatusOK
	}
	f.questions = append(f.questions, q)
}

func (f *flips) token(c *console, name, fate string) error {
	made, err := c.must(order{Op: "create", Name: name, Workflow: "ping"})
	if err != nil {
		return err
	}
	was := question{Secret: made.Secrets[0]}
	if fate == "replaced" || fate == "replaced with grace" {
		o := order{Op: "regenerate", Name: name}
		if fate == "replaced with grace" {
			o.Grace = grace
		}
		next, err := c.must(o)
		if err != nil {
			return err
		}
		f.question("the new secret of one "+fate, question{Secret: next.Secrets[0]}, true)
		f.question("the old secret of one "+fate, was, o.Grace > 0)
		return nil
	}
	f.question("a key that is "+fate, was, fate == "enabled" || fate == "enabled again")
	return c.fate(name, fate)
}

// fate does to a key what makes it so.
func (c *console) fate(name, fate string) (err error) {
	switch fate {
	case "disabled":
		_, err = c.must(order{Op: "enable", Name: name})
	case "enabled again":
		if _, err = c.must(order{Op: "enable", Name: name}); err == nil {
			_, err = c.must(order{Op: "enable", Name: name, Enabled: true})
		}
	case "deleted":
		_, err = c.must(order{Op: "delete", Name: name})
	}
	return err
}

func (f *flips) certificate(ctx context.Context, c *console, name, fate string) error {
	certificates := filepath.Join(f.rig.tmp, "flip-certificates")
	if err := os.MkdirAll(certificates, 0o700); err != nil {
		return err
	}
	p := &principal{name: name}
	if err := f.rig.certify(ctx, p, certificates, c); err != nil {
		return err
	}
	f.question("a certificate of a key that is "+fate, question{Certificate: p.certificate, Key: p.key}, fate == "enabled")
	return c.fate(name, fate)
}

// leave ends a console in good order.
func (c *console) leave() error {
	if err := c.to.Close(); err != nil {
		return err
	}
	select {
	case <-c.done:
		c.forget()
		if !c.cmd.ProcessState.Success() {
			return fmt.Errorf("a console did not end well: %s", c.log.String())
		}
		return nil
	case <-time.After(patience):
		c.kill()
		return errors.New("a console did not end")
	}
}

// asks makes one request of the set.
func (e *endpoint) asks(ctx context.Context, q question) (int, error) {
	if q.Certificate == "" {
		return e.probe(ctx, "/ping/1?_profile=Test", "Authorization", "Key="+q.Secret)
	}
	client, err := newHTTP(false, q.Certificate, q.Key)
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+e.secure+"/ping/1?_profile=Test", nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// derOf reads a certificate that the real program wrote.
func derOf(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is no certificate", path)
	}
	return block.Bytes, nil
}

// copyTree copies the regular files of a directory that nobody has open, zeros
// as holes.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case d.IsDir():
			return os.Mkdir(target, 0o700)
		case d.Type().IsRegular():
			return copyFile(path, target)
		}
		return nil
	})
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	block, zeros := make([]byte, 64<<10), make([]byte, 64<<10)
	var at int64
	for {
		n, err := io.ReadFull(in, block)
		if n > 0 && string(block[:n]) != string(zeros[:n]) {
			if _, err := out.WriteAt(block[:n], at); err != nil {
				return err
			}
		}
		at += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return out.Truncate(at)
		}
		if err != nil {
			return err
		}
	}
}
