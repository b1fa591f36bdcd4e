package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"

	"dev.keyward/keyward/model"
)

// connectionRefused is WSAECONNREFUSED, which is no syscall.ECONNREFUSED on
// Windows. No other system has an error of that number.
const connectionRefused = syscall.Errno(10061)

// upstreamFailure says in what way a request to an upstream failed.
func upstreamFailure(err error) model.UpstreamFailure {
	var name *net.DNSError
	var slow net.Error
	var dial *net.OpError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, connectionRefused):
		return model.UpstreamRefused
	case errors.As(err, &name) && !name.IsTimeout:
		return model.UpstreamUnknown
	case errors.As(err, &slow) && slow.Timeout():
		return model.UpstreamTimeout
	case ofTLS(err):
		return model.UpstreamTLS
	case errors.As(err, &dial) && dial.Op == "dial":
		return model.UpstreamUnreachable
	}
	return model.UpstreamBroke
}

// ofTLS reports whether the handshake failed.
func ofTLS(err error) bool {
	var alert tls.AlertError
	var remote *net.OpError
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &alert) || errors.As(err, &record) || errors.As(err, &certificate) ||
		errors.As(err, &authority) || errors.As(err, &host) ||
		errors.As(err, &remote) && (remote.Op == "remote error" || remote.Op == "local error") // alerts: what crypto/tls calls them
}
