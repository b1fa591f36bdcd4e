package certgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"dev.keyward/keyward/model"
)

// What Parse and Read refuse, beside what model refuses. Each comes as a
// *model.CertificateError of this kind.
var (
	// ErrEmpty: nothing, or blanks only.
	ErrEmpty = errors.New("empty")
	// ErrPrivateKey: a private key, alone or beside a certificate.
	ErrPrivateKey = errors.New("private key")
	// ErrPFX: a PKCS#12 file, which usually holds a private key.
	ErrPFX = errors.New("PKCS#12")
	// ErrRequest: a certificate signing request.
	ErrRequest = errors.New("certificate request")
	// ErrPKCS7: a PKCS#7 bundle.
	ErrPKCS7 = errors.New("PKCS#7")
	// ErrPublicKey: a bare public key.
	ErrPublicKey = errors.New("public key")
	// ErrSeveral: more than one certificate.
	ErrSeveral = errors.New("several certificates")
	// ErrTrusted: a certificate with openssl's trust settings around it.
	ErrTrusted = errors.New("trusted certificate")
	// ErrDamaged: PEM that is cut short or otherwise broken.
	ErrDamaged = errors.New("damaged PEM")
	// ErrNotRegular: a directory, pipe, socket or device.
	ErrNotRegular = errors.New("not a regular file")
)

// refuse returns the refusal for a kind that has one sentence.
func refuse(kind error) error { return model.RefuseCertificate(kind, "%s", sentence(kind)) }

func sentence(kind error) string {
	switch kind { // A sentinel is looked up, not matched.
	case ErrEmpty:
		return "this is empty: choose the file that holds the client certificate (.cer, .crt or .pem)"
	case ErrPrivateKey:
		return "this holds a private key, which belongs to the client alone: nothing of it was kept, " +
			"but treat the key as exposed, make a new one, and give only its certificate here"
	case ErrPFX:
		return "this is a PKCS#12 (PFX) file, which usually holds the private key too: treat that key as exposed if the file " +
			"left its owner, and give only the certificate, as from openssl pkcs12 -in FILE -clcerts -nokeys -out client.crt"
	case ErrRequest:
		return "this is a certificate signing request, not a certificate: have it signed and give the certificate that comes back"
	case ErrPKCS7:
		return "this is a PKCS#7 bundle: take the client certificate out of what " +
			"openssl pkcs7 -in FILE -print_certs prints (with -inform DER for a binary file)"
	case ErrPublicKey:
		return "this is a public key without a certificate: make a certificate of it, as with openssl req -x509 -new -key KEY -out client.crt"
	case ErrSeveral:
		return "this holds more than one certificate: leave only the client's own in the file"
	case ErrTrusted:
		return "this is a certificate with openssl trust settings: take the certificate alone with openssl x509 -in FILE -out client.crt"
	case ErrDamaged:
		return "this has a PEM block that is cut short or damaged: copy it again, from its BEGIN line to its END line"
	case model.ErrTrailingData:
		return "there is more in this than the certificate: leave only the certificate, from its BEGIN line to its END line"
	case model.ErrNotCertificate:
		return "this is not a certificate: choose the client certificate as DER or Base64 X.509 (.cer, .crt or .pem)"
	case model.ErrCertificateTooLarge:
		return "this is larger than 16 KiB, so it is not one client certificate: choose the file that holds just that"
	}
	return kind.Error()
}

// refuseMode names what is not a regular file.
func refuseMode(mode fs.FileMode) error {
	what := "something other than a file"
	switch {
	case mode.IsDir():
		what = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		what = "a named pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	}
	return model.RefuseCertificate(ErrNotRegular, "this is %s: choose the file that holds the client certificate", what)
}

// refuseOpen explains the two failures that an operator can mend.
func refuseOpen(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return model.RefuseCertificate(fs.ErrNotExist, "there is no such file: check the path")
	case errors.Is(err, fs.ErrPermission):
		return model.RefuseCertificate(fs.ErrPermission, "this user may not read the file: change its mode or copy it")
	}
	return checkPath(err)
}

// checkPath is an error of package os with what to do about it.
func checkPath(err error) error {
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: a part of the path is a file: check the path", withoutPath(err))
	case errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("%w: mend the links in the path, or name the file itself", withoutPath(err))
	}
	return fmt.Errorf("%w: check the path and the file", withoutPath(err))
}

// withoutPath drops the path from an error of package os, which holds it as it
// is; the caller names it quoted.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

// isInvalid holds for the EINVAL with which some file systems answer a sync.
func isInvalid(err error) bool { return errors.Is(err, syscall.EINVAL) }
