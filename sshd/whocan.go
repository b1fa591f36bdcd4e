package sshd

import (
	"bytes"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// listed is a key as all its lines together have it.
type listed struct {
	line         // the one that counts
	expired bool // each of its lines has expired
}

// keys are the keys that the lines list, each once, with the line that counts at a
// time: of those that hold from anywhere the one that gives least, and one for some
// addresses only where there is no other.
func (p *parsed) keys(now time.Time) []listed {
	var out []listed
	for i := range p.lines {
		l := listed{p.lines[i], p.lines[i].expired(now)}
		at := -1
		for j := range out {
			if bytes.Equal(out[j].key, l.key) {
				at = j
			}
		}
		switch {
		case at < 0:
			out = append(out, l)
		case l.over(&out[at]):
			out[at] = l
		}
	}
	return out
}

// over reports whether a line of a key counts rather than another of it.
func (l *listed) over(other *listed) bool {
	if l.expired != other.expired {
		return other.expired
	}
	if (l.from == nil) != (other.from == nil) {
		return l.from == nil
	}
	return l.role == Viewer && other.role == Admin
}

func (l *line) expired(now time.Time) bool { return !l.expires.IsZero() && now.After(l.expires) }

// Count is how many keys of the file may log in now as an administrator and as a
// viewer, as it was read last.
func (f *KeyFile) Count() (admins, viewers int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.newest.keys(f.now()) {
		switch {
		case l.expired:
		case l.role == Admin:
			admins++
		default:
			viewers++
		}
	}
	return admins, viewers
}

// nobody says why no key of the file lets anybody log in; nil where one does.
func (f *KeyFile) nobody(p *parsed) error {
	why := "it has none"
	for _, l := range p.keys(f.now()) {
		if !l.expired {
			return nil
		}
		why = fmt.Sprintf("line %d: it expired at %s", l.number, l.expires.Format(time.DateTime+" MST"))
	}
	if len(p.lines) == 0 && len(p.refused) > 0 {
		why = p.refused[0].String()
	}
	return fmt.Errorf("nobody could log in over SSH with the keys of %s (%s): put a public key there, a line each", model.Clean(f.path), why)
}

// tell logs which keys may log in as what, and which lines count for nothing.
func (f *KeyFile) tell() {
	for _, r := range f.newest.refused {
		f.log.Warn("a line of the SSH keys was refused", slog.String("file", f.path), slog.Int("line", r.number), slog.String("why", r.why))
	}
	for _, l := range f.newest.keys(f.now()) {
		key, err := ssh.ParsePublicKey(l.key)
		if err != nil {
			continue // it was parsed before
		}
		about := []any{slog.String("key", ssh.FingerprintSHA256(key)), slog.String("comment", l.comment), slog.Int("line", l.number)}
		if l.expired {
			f.log.Warn("an SSH key may not log in any more", append(about, slog.Time("expired", l.expires))...)
			continue
		}
		f.log.Info("an SSH key may log in", append([]any{slog.String("role", string(l.role))}, about...)...)
	}
}
