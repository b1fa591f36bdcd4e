package sshd

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// Identity is who logged in: the key whose private half was proved, never one
// that was only offered.
type Identity struct {
	Fingerprint string // "SHA256:…"
	Comment     string // of its line, clean; "" for none
	Role        Role
	Line        int        // of the file
	Address     netip.Addr // where the connection comes from
	Console     bool       // it may have a terminal
	key         []byte     // in SSH's wire form
}

// Name is the identity for people: the comment and the fingerprint.
func (i *Identity) Name() string {
	k, err := model.NewSSHKey(i.Fingerprint, i.Comment)
	if err != nil {
		return i.Fingerprint
	}
	return k.String()
}

// KeyFile is a file of authorized keys. It is read anew for every attempt to log
// in. It is safe for concurrent use.
type KeyFile struct {
	path  string
	local *time.Location // of times without a zone
	log   *slog.Logger
	now   func() time.Time

	mu     sync.Mutex
	sum    [sha256.Size]byte // of what was read last
	newest *parsed           // what that says; never changed, only replaced
	broken string            // why it could not be read the last time, which was logged
}

// OpenKeyFile returns the file of that path, which is not looked at yet. Times
// without a zone are of local.
func OpenKeyFile(path string, local *time.Location) *KeyFile {
	return &KeyFile{path: path, local: local, newest: &parsed{}, log: slog.New(slog.DiscardHandler), now: time.Now}
}

// start looks at the file for the first time, and logs what it says. Where nobody
// could log in the error says why, and the log only what the error leaves out.
func (f *KeyFile) start(log *slog.Logger, now func() time.Time) error {
	f.now = now
	p, err := f.read() // which logs nothing yet
	if err != nil {
		return err
	}
	f.log = log
	err = f.nobody(p)
	if err == nil || len(p.refused) > 1 {
		f.tell()
	}
	if err == nil {
		f.warn(checksWriters)
	}
	return err
}

// warn says where nobody looks at who may write the file.
func (f *KeyFile) warn(checked bool) {
	if !checked {
		f.log.Warn("keyward does not check on this system who may write the file of SSH keys: whoever may can log in, so let only administrators and the user of serve write it and its directory (icacls)",
			slog.String("file", f.path))
	}
}

// read reads the file and, where that changed, logs what it says now.
func (f *KeyFile) read() (*parsed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, err := readTrusted(f.path, maxKeysFile)
	if err != nil {
		if err.Error() != f.broken {
			f.broken = err.Error()
			f.log.Error("nobody may log in over SSH", slog.String("error", err.Error()))
		}
		return nil, err
	}
	sum := sha256.Sum256(data)
	if sum != f.sum || f.broken != "" {
		p := parseKeys(data, f.local)
		f.sum, f.broken, f.newest = sum, "", &p
		f.tell()
	}
	return f.newest, nil
}

// Why a key may not log in. None of it is told to the client.
var (
	errUnlisted = errors.New("it is not listed")
	errFrom     = errors.New("it is not allowed from this address")
	errExpired  = errors.New("it has expired")
)

// lookUp says who logs in with that key from that address now. Of several of its
// lines whose conditions hold the one that allows least counts, and what one of
// them forbids is forbidden: a line that was forgotten is not to give more.
func (f *KeyFile) lookUp(key ssh.PublicKey, from netip.Addr, now time.Time) (Identity, error) {
	p, err := f.read()
	if err != nil {
		return Identity{}, err
	}
	blob := key.Marshal()
	var id Identity
	err = errUnlisted
	for i := range p.lines {
		l := &p.lines[i]
		switch {
		case !bytes.Equal(l.key, blob):
		case !l.from.matches(from):
			err = errFrom
		case l.expired(now):
			err = errExpired
		case id.Line == 0 || id.Role == Admin && l.role != Admin:
			console := l.console && (id.Line == 0 || id.Console)
			id = Identity{ssh.FingerprintSHA256(key), l.comment, l.role, l.number, from, console, blob}
		default:
			id.Console = id.Console && l.console
		}
	}
	if id.Line != 0 {
		return id, nil
	}
	return Identity{}, err
}

// readTrusted reads a file that nobody but its owner and root can have written.
func readTrusted(path string, limit int64) ([]byte, error) {
	name := model.Clean(path)
	real, err := trustPath(path)
	if err != nil {
		return nil, err
	}
	f, err := openPlain(real)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, keysErrorf("is gone", "the file of SSH keys %s is not there: make it, with a public key on each line", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the SSH keys: %w", err)
	}
	defer closeQuietly(f)
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the SSH keys: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, keysErrorf("is no regular file any more", "the file of SSH keys %s is no regular file: name one", name)
	}
	if err := trustInfo(name, "the file of SSH keys", info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the SSH keys: %w", err)
	case int64(len(data)) > limit:
		return nil, keysErrorf("is too long", "the file of SSH keys %s has more than %d bytes: keep in it only the keys that may log in here", name, limit)
	}
	return data, nil
}
