package sshd

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// HostKeyFile is the name of the host key in a data directory.
const HostKeyFile = "ssh_host_ed25519"

// HostKey is the key by which clients know this server again.
type HostKey struct {
	signer ssh.Signer
	Made   bool // just now
}

// Fingerprint is what a client shows before it connects for the first time:
// "SHA256:" and 43 characters.
func (k *HostKey) Fingerprint() string { return ssh.FingerprintSHA256(k.signer.PublicKey()) }

// PublicLine is the key as a line of known_hosts has it behind the host's name.
func (k *HostKey) PublicLine() string {
	line := ssh.MarshalAuthorizedKey(k.signer.PublicKey())
	return string(line[:len(line)-1])
}

// maxHostKey is the most that the file may hold, in bytes.
const maxHostKey = 16 << 10

// LoadHostKey reads the host key of a data directory, which is made, 0600, when
// there is none. What is there and cannot be used is an error and stays as it
// is: clients would take another key for an attack.
func LoadHostKey(dir string) (*HostKey, error) {
	path := filepath.Join(dir, HostKeyFile)
	key, err := readHostKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeHostKey(path); err != nil && !errors.Is(err, fs.ErrExist) { // another may have been faster
		return nil, fmt.Errorf("making the SSH host key: %w", err)
	}
	if key, err = readHostKey(path); err == nil {
		key.Made = true
	}
	return key, err
}

func readHostKey(path string) (*HostKey, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the SSH host key: %w", err)
	}
	name := model.Clean(path)
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("the SSH host key %s is no regular file: move it away", name)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the SSH host key %s may be read by others than its owner (mode %04o), who could pass for this server: make a new one by moving it away, or chmod 600 it if nobody did", name, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the SSH host key: %w", err)
	}
	defer closeQuietly(f)
	data, err := io.ReadAll(io.LimitReader(f, maxHostKey))
	if err != nil {
		return nil, fmt.Errorf("reading the SSH host key: %w", err)
	}
	defer clear(data)
	signer, err := ssh.ParsePrivateKey(data)
	if err != nil || signer.PublicKey().Type() != ssh.KeyAlgoED25519 {
		return nil, fmt.Errorf("the SSH host key %s is not an Ed25519 key in OpenSSH's form without a passphrase: put the right one back, "+
			"or move it away to have one made, which every client will be warned of", name)
	}
	return &HostKey{signer: signer}, nil
}

// makeHostKey writes a new key to a file that is not there yet.
func makeHostKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(private, "keyward")
	if err != nil {
		return err
	}
	data := pem.EncodeToMemory(block)
	defer clear(data)
	temporary, err := os.CreateTemp(filepath.Dir(path), HostKeyFile+".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if err := fill(temporary, data); err != nil {
		return err
	}
	// It gets its name once it is whole, unless there is one by now.
	if err := os.Link(temporary.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // a file system without links
	if err != nil {
		return err
	}
	if err := fill(f, data); err != nil {
		_ = os.Remove(path)
		return err
	}
	return nil
}

// fill writes a file, has the disk confirm it, and closes it.
func fill(f *os.File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
