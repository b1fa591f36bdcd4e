package certgen

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"dev.keyward/keyward/model"
)

// MaxUpload is the most that an uploaded file may have, in bytes.
const MaxUpload = model.MaxCertificateSize

// Read returns the certificate in a file, whatever the file is called. It
// follows symbolic links, never waits for a pipe or touches a device, and
// reads at most MaxUpload bytes. A refusal is a *model.CertificateError under
// a text that names the file.
func Read(path string) (model.Certificate, error) {
	data, err := readUpload(path)
	if err != nil {
		return model.Certificate{}, fmt.Errorf("reading %q: %w", path, err)
	}
	certificate, err := Parse(data)
	if err != nil {
		return model.Certificate{}, fmt.Errorf("reading %q: %w", path, err)
	}
	return certificate, nil
}

// readUpload returns at most one byte more than MaxUpload. It looks before it
// opens, since opening alone can act on a device, and again afterwards, since
// another file may have come in between.
func readUpload(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, refuseOpen(err)
	}
	if !info.Mode().IsRegular() {
		return nil, refuseMode(info.Mode())
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, refuseOpen(err)
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, refuseOpen(err)
	}
	if !info.Mode().IsRegular() {
		return nil, refuseMode(info.Mode())
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxUpload+1))
	if err != nil {
		return nil, checkPath(err)
	}
	return data, nil
}
