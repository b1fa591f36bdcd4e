package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"dev.keyward/keyward/model"
)

// await returns what fn returns, or errInterrupted once ctx ends; fn, which
// waits for a person or a pipe, is then left behind.
func await[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := fn()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, errInterrupted
	}
}

// ask shows a question on standard error and reads a line from the terminal.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprintln(a.env.Stderr, question)
	return await(ctx, func() (string, error) {
		answer, err := bufio.NewReader(a.env.Stdin).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return strings.TrimSpace(answer), err
	})
}

// askPassword reads a password twice without showing it. The terminal is as it
// was afterwards, also when the user gives up.
func (a *app) askPassword(ctx context.Context, fd int) (string, error) {
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("preparing the terminal: %w", err)
	}
	read := func(prompt string) (string, error) {
		_, _ = io.WriteString(a.env.Stderr, prompt)
		password, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
		_, _ = io.WriteString(a.env.Stderr, "\n")
		if errors.Is(err, errInterrupted) {
			_ = term.Restore(fd, state)
		}
		return string(password), err
	}
	first, err := read("Password for the PFX file: ")
	if err != nil {
		return "", err
	}
	if first == "" {
		return "", model.Invalid("password", "a PKCS#12 file needs a password: its private key is in it")
	}
	second, err := read("The same password again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", model.Invalid("password", "the two passwords differ: try again")
	}
	return first, nil
}

// confirm asks for the name of what is to be deleted. With yes it asks nothing.
func (a *app) confirm(ctx context.Context, noun, name, lost string) error {
	ends := " for good"
	if noun == "key" {
		ends, lost = "", lost+"; keyward key restore undoes that for 14 days"
	}
	_, _ = fmt.Fprintf(a.env.Stderr, "The %s %q will be deleted%s%s.\n", noun, name, ends, lost)
	answer, err := a.ask(ctx, "Type its name to delete it:")
	if err != nil {
		return err
	}
	if answer != name {
		return fmt.Errorf("the %s %q was not deleted: another name was typed", noun, name)
	}
	return nil
}

// needConfirmation refuses a deletion that nobody can confirm.
func (a *app) needConfirmation(yes bool) error {
	if _, ok := terminal(a.env.Stdin); ok || yes {
		return nil
	}
	return &usageError{"deleting asks for a confirmation, and there is no terminal to ask at: add --yes"}
}

// readLimited reads a file, or standard input for "-", of at most limit bytes.
func (a *app) readLimited(ctx context.Context, path string, limit int64) ([]byte, error) {
	return await(ctx, func() ([]byte, error) {
		in := a.env.Stdin
		name := "standard input"
		if path != "-" {
			f, err := os.Open(path)
			if err != nil {
				return nil, fileError(path, err)
			}
			defer func() { _ = f.Close() }()
			in, name = f, path
		}
		data, err := io.ReadAll(io.LimitReader(in, limit+1))
		switch {
		case err != nil:
			return nil, fileError(name, err)
		case int64(len(data)) > limit:
			return nil, model.Invalid("file", "%s holds more than %d bytes: give a file with nothing else in it", model.Clean(name), limit)
		}
		return data, nil
	})
}

// fileError names the file once and gives the cause without the system call.
func fileError(path string, err error) error {
	return fmt.Errorf("reading %s: %w: check the path and its mode", path, pathCause(err))
}

// pathCause is err without the operation and the path that package os names.
func pathCause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// secretLimit is the most that a file with a secret may hold.
const secretLimit = 4 << 10

// readSecret reads a secret from a file or standard input. ok is false when
// what is there cannot be one.
func (a *app) readSecret(ctx context.Context, path string) (s model.Secret, ok bool, err error) {
	data, err := a.readLimited(ctx, path, secretLimit)
	if err != nil {
		return model.Secret{}, false, err
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return model.Secret{}, false, model.Invalid("secret", "there is no secret in what --secret-file names: put it there, alone on a line")
	}
	s, ok = model.ParseSecret(text)
	return s, ok, nil
}
