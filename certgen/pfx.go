package certgen

import (
	"crypto/rand"
	"crypto/sha1" // PKCS#12 links key and certificate by it.
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// PFXOptions say how to make a PKCS#12 file.
type PFXOptions struct {
	// Name is the friendly name that Windows and openssl show.
	Name string
	// Password protects the file; it may not be empty.
	Password string
	// Legacy uses 3DES and SHA-1 for Windows before Server 2019 and Windows 10
	// version 1709, which cannot read AES.
	Legacy bool
	// Rand gives salts and vectors; nil is crypto/rand.
	Rand io.Reader
}

// PFX returns the pair as PKCS#12 (RFC 7292): what `openssl pkcs12 -export
// -name` makes. It is written here because the PKCS#12 package at hand gives a
// private key no friendly name. A bad name or password is a
// *model.InputError.
func (p Pair) PFX(o PFXOptions) ([]byte, error) {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(p.key())
	if err != nil {
		return nil, fmt.Errorf("encoding private key: %w", err)
	}
	var m marshaller
	attributes := pfxAttributes(&m, o.Name, p.Certificate.DER)
	safe := m.marshal([]contentInfo{
		encryptedContent(&m, o, m.marshal([]safeBag{certificateBag(&m, p.Certificate.DER, attributes)})),
		dataContent(&m, m.marshal([]safeBag{keyBag(&m, o, key, attributes)})),
	})
	file := m.marshal(pfx{Version: 3, AuthSafe: dataContent(&m, safe), MAC: authenticate(&m, o, safe)})
	if m.err != nil {
		return nil, fmt.Errorf("encoding PKCS#12: %w", m.err)
	}
	return file, nil
}

func (o PFXOptions) check() error {
	const maxName = 255 // bytes; Windows shows about 260 characters.
	switch {
	case o.Password == "":
		return model.Invalid("password", "a PKCS#12 file needs a password: its private key is in it")
	case !utf8.ValidString(o.Password) || strings.Contains(o.Password, "\x00"):
		return model.Invalid("password", "the password is not text in UTF-8: choose another")
	case len(o.Password) > MaxPassword:
		return errPasswordTooLong()
	case o.Name == "" || len(o.Name) > maxName:
		return model.Invalid("name", "a friendly name has 1 to %d bytes", maxName)
	case model.Clean(o.Name) != o.Name:
		return model.Invalid("name", "the friendly name has control or invisible characters: leave them out")
	}
	return nil
}

// The structures of RFC 7292, as encoding/asn1 wants them.
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	encryptedData struct {
		Version int
		Info    encryptedInfo
	}
	encryptedInfo struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Content   asn1.RawValue
	}
	safeBag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue
		Attributes []bagAttribute `asn1:"set"`
	}
	bagAttribute struct {
		ID     asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
	certBag struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	shroudedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	macData struct {
		Digest     digestInfo
		Salt       []byte
		Iterations int
	}
	digestInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
)

// pfxAttributes are the friendly name and what ties key and certificate
// together. Windows takes the certificate's name from its own bag, openssl
// prints both.
func pfxAttributes(m *marshaller, name string, der []byte) []bagAttribute {
	var bmp []byte
	for _, unit := range utf16.Encode([]rune(name)) {
		bmp = append(bmp, byte(unit>>8), byte(unit)) // Both halves, big endian.
	}
	id := sha1.Sum(der) // An identifier within the file.
	return []bagAttribute{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}, []asn1.RawValue{{Tag: asn1.TagBMPString, Bytes: bmp}}},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 21}, []asn1.RawValue{{FullBytes: m.marshal(id[:])}}},
	}
}

func certificateBag(m *marshaller, der []byte, attributes []bagAttribute) safeBag {
	bag := certBag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}, explicit(m.marshal(der))}
	return safeBag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}, explicit(m.marshal(bag)), attributes}
}

func keyBag(m *marshaller, o PFXOptions, key []byte, attributes []bagAttribute) safeBag {
	algorithm, data := encrypt(m, o, key)
	bag := m.marshal(shroudedKey{algorithm, data})
	return safeBag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}, explicit(bag), attributes}
}

func dataContent(m *marshaller, data []byte) contentInfo {
	return contentInfo{oidData(), explicit(m.marshal(data))}
}

func encryptedContent(m *marshaller, o PFXOptions, plain []byte) contentInfo {
	algorithm, data := encrypt(m, o, plain)
	content := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: data}
	inner := m.marshal(encryptedData{0, encryptedInfo{oidData(), algorithm, content}})
	return contentInfo{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}, explicit(inner)}
}

func oidData() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} }

// explicit wraps DER in the [0] EXPLICIT that PKCS#12 has everywhere.
func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// marshaller keeps the first error, so that nested structures can be written
// as one expression.
type marshaller struct{ err error }

func (m *marshaller) marshal(v any) []byte {
	if m.err != nil {
		return nil
	}
	der, err := asn1.Marshal(v)
	m.err = err
	return der
}

// random returns n bytes for a salt or a vector.
func (m *marshaller) random(r io.Reader, n int) []byte {
	b := make([]byte, n)
	if m.err == nil {
		_, m.err = io.ReadFull(r, b)
	}
	return b
}
