package sshd

import (
	"errors"
	"log/slog"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// identityKey is under what the permissions of a login carry its Identity.
type identityKey struct{}

// signatures are the algorithms with which a client may prove its key: none with
// SHA-1, and none of certificates.
var signatures = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
	ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512,
}

// The ways to agree on a connection's keys and to protect what it carries: those
// of golang.org/x/crypto/ssh without SHA-1, which it has by default still.
var (
	keyExchanges = []string{
		ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519, ssh.KeyExchangeECDHP256, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521, ssh.KeyExchangeDH14SHA256,
	}
	macs = []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512}
)

// newLogin says how a client proves who it is: with a public key that is listed,
// and in no other way. The name of the user that it gives means nothing.
//
// A client may offer keys without proving that it has them (RFC 4252 §7). What it
// offers decides nothing but whether it is asked to sign: the identity comes from
// VerifiedPublicKeyCallback, which gets the key whose signature was verified
// (CVE-2024-45337 is about servers that took the last one offered). The file is
// read again by then.
func (s *Server) newLogin() *ssh.ServerConfig {
	c := &ssh.ServerConfig{
		MaxAuthTries:            s.o.Limits.Tries,
		PublicKeyAuthAlgorithms: signatures,
		ServerVersion:           "SSH-2.0-keyward",
		PublicKeyCallback: func(conn ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if _, err := s.identify(conn, key); err != nil {
				return nil, err
			}
			return &ssh.Permissions{}, nil
		},
		VerifiedPublicKeyCallback: func(conn ssh.ConnMetadata, key ssh.PublicKey, _ *ssh.Permissions, _ string) (*ssh.Permissions, error) {
			id, err := s.identify(conn, key)
			if err != nil {
				return nil, err
			}
			return &ssh.Permissions{ExtraData: map[any]any{identityKey{}: id}}, nil
		},
	}
	c.KeyExchanges, c.MACs = keyExchanges, macs
	c.AddHostKey(s.o.HostKey.signer)
	return c
}

// identify says who has that key, and logs who has not.
func (s *Server) identify(conn ssh.ConnMetadata, key ssh.PublicKey) (id Identity, err error) {
	from := addressOf(conn.RemoteAddr())
	if _, certificate := key.(*ssh.Certificate); certificate {
		err = errors.New("certificates are not taken")
	} else {
		id, err = s.o.Keys.lookUp(key, from, s.o.Now())
	}
	if err != nil {
		s.note("an SSH key was refused", source(from), slog.String("remote", from.String()), slog.String("key", ssh.FingerprintSHA256(key)), slog.String("why", err.Error()))
	}
	return id, err
}

// logIn makes a connection an SSH connection of somebody who is known.
func (s *Server) logIn(conn net.Conn) (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	if err := conn.SetDeadline(time.Now().Add(s.o.Limits.Login)); err != nil {
		return nil, nil, nil, err
	}
	c, channels, requests, err := ssh.NewServerConn(conn, s.login)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		closeQuietly(c)
		return nil, nil, nil, err
	}
	return c, channels, requests, nil
}

// identityOf is who proved its key on a connection.
func identityOf(c *ssh.ServerConn) (Identity, bool) {
	if c.Permissions == nil {
		return Identity{}, false
	}
	id, ok := c.Permissions.ExtraData[identityKey{}].(Identity)
	return id, ok
}

// note logs an event that strangers can bring about: once a minute for each
// source of them, with how many were left out.
func (s *Server) note(what, source string, about ...slog.Attr) {
	missing, ok := s.noted.tell(what + source)
	if !ok {
		return
	}
	if missing > 0 {
		about = append(about, slog.Int("left_out", missing))
	}
	args := make([]any, len(about))
	for i, a := range about {
		args[i] = slog.String(a.Key, model.Clean(a.Value.String()))
	}
	s.o.Log.Warn(what, args...)
}
