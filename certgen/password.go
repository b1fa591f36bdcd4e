package certgen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"dev.keyward/keyward/model"
)

// MaxPassword is the most that a password may have, in bytes.
const MaxPassword = 4 << 10

// ReadPassword returns the first line of a file without its line end. A pipe
// is fine, as shells make for <(command). An empty line and one over
// MaxPassword are each a *model.InputError.
func ReadPassword(path string) (password string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading password from %q: %w", path, checkPath(err))
	}
	defer func() { _ = f.Close() }()
	password, err = ReadPasswordFrom(f)
	if errors.Is(err, model.ErrInvalid) {
		return "", fmt.Errorf("reading password from %q: %w", path, err)
	}
	if err != nil {
		return "", fmt.Errorf("reading password from %q: %w", path, checkPath(err))
	}
	return password, nil
}

// ReadPasswordFrom is ReadPassword for an open stream, such as standard input.
// It may read beyond the first line.
func ReadPasswordFrom(r io.Reader) (string, error) {
	const lineEnd = 2
	lines := bufio.NewReader(io.LimitReader(r, MaxPassword+lineEnd+1))
	line, err := lines.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	switch {
	case len(line) == 0:
		return "", model.Invalid("password", "the first line is empty: put the password there")
	case len(line) > MaxPassword:
		return "", errPasswordTooLong()
	}
	return string(line), nil
}

func errPasswordTooLong() error {
	return model.Invalid("password", "the password is longer than %d KiB: choose a shorter one", MaxPassword>>10)
}
