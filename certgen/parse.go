package certgen

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// Parse returns the one certificate in data: DER, PEM or bare Base64, with any
// line ends, in UTF-8 or UTF-16, with text before the PEM as openssl prints
// it. Everything else is refused with a *model.CertificateError, of a kind of
// this package or of model, that holds nothing of data.
func Parse(data []byte) (model.Certificate, error) {
	if len(data) > MaxUpload {
		data = data[:MaxUpload+1]
	}
	text := decodeText(data)
	switch {
	case holdsPrivateKey(data, text):
		return model.Certificate{}, refuse(ErrPrivateKey)
	case len(data) > MaxUpload:
		return model.Certificate{}, refuse(model.ErrCertificateTooLarge)
	case len(bytes.Trim(text, " \t\r\n\x00")) == 0:
		return model.Certificate{}, refuse(ErrEmpty)
	case isBinary(data):
		return parseDER(data)
	}
	return parseText(normalizeLines(text))
}

// decodeText takes a byte order mark off and turns UTF-16 into UTF-8.
func decodeText(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		return data[3:]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for data = data[2:]; len(data) > 1; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	return []byte(string(utf16.Decode(units)))
}

// isBinary tells DER from a text that happens to begin with the digit 0, as
// the DER of a sequence does.
func isBinary(data []byte) bool {
	return data[0] == derSequence && bytes.ContainsFunc(data, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == utf8.RuneError
	})
}

// holdsPrivateKey looks for a private key of any kind, wherever it is, in the
// text and, for UTF-16 without a mark, in the bytes without their zeros.
func holdsPrivateKey(data, text []byte) bool {
	if isKeyBlob(data) {
		return true
	}
	for _, b := range [][]byte{text, bytes.ReplaceAll(data, []byte{0}, nil)} {
		if holdsJWK(b) {
			return true
		}
		for line := range bytes.Lines(bytes.ReplaceAll(bytes.ToUpper(b), []byte("\r"), []byte("\n"))) {
			if beginsPrivateKey(line) {
				return true
			}
		}
	}
	return false
}

// beginsPrivateKey knows a line, in upper case, with which a private key begins
// as PEM, as a PuTTY file, or as openssl prints it with -text.
func beginsPrivateKey(line []byte) bool {
	begin := bytes.Index(line, []byte("BEGIN"))
	if begin >= 0 && bytes.Contains(line[:begin], []byte("----")) && bytes.Contains(line[begin:], []byte("PRIVATE KEY")) {
		return true
	}
	if bytes.Contains(line, []byte("PUTTY-USER-KEY-FILE")) {
		return true
	}
	name, _, found := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
	if words := bytes.Fields(name); found && len(words) > 0 && len(words) <= 2 {
		last := string(words[len(words)-1]) // "RSA Private-Key:", of which newer ones leave out RSA
		return last == "PRIVATE-KEY" || len(words) == 1 && (last == "PRIVATEEXPONENT" || last == "PRIV")
	}
	return false
}

// holdsJWK reports whether a text has a JSON Web Key with its private part, "d",
// or a symmetric one, "k".
func holdsJWK(text []byte) bool {
	return jwkKind.Match(text) && jwkPrivate.Match(text)
}

var (
	jwkKind    = regexp.MustCompile(`"kty"\s*:`)
	jwkPrivate = regexp.MustCompile(`"[dk]"\s*:\s*"`)
)

// isKeyBlob knows the private keys of Windows by their first bytes: a PVK file,
// and a PRIVATEKEYBLOB with an RSA or DSS key.
func isKeyBlob(data []byte) bool {
	const privateBlob, magicAt, magicBytes = 0x07, 8, 4
	if bytes.HasPrefix(data, []byte{0x1e, 0xf1, 0xb5, 0xb0}) {
		return true
	}
	if len(data) < magicAt+magicBytes || data[0] != privateBlob {
		return false
	}
	magic := string(data[magicAt : magicAt+magicBytes])
	return magic == "RSA2" || magic == "DSS2" || magic == "DSS4"
}

// normalizeLines gives every line one line feed and no blanks around it, so
// that what was pasted with an indent is still PEM.
func normalizeLines(text []byte) []byte {
	s := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\r", "\n")
	var b bytes.Buffer
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString(strings.Trim(line, " \t"))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// parseText reads PEM, or Base64 without the lines of PEM around it.
func parseText(text []byte) (model.Certificate, error) {
	if !bytes.Contains(text, []byte("-----BEGIN")) {
		return parseBare(text)
	}
	blocks, rest := splitPEM(text)
	if len(blocks) != bytes.Count(text, []byte("-----BEGIN")) {
		return model.Certificate{}, refuse(ErrDamaged)
	}
	// A key is named first, wherever it is among the blocks.
	for _, block := range blocks {
		if classify(block.Bytes) == ErrPrivateKey { // A kind, not a chain.
			return model.Certificate{}, refuse(ErrPrivateKey)
		}
	}
	for _, block := range blocks {
		if kind := blockKind(block); kind != nil {
			return model.Certificate{}, refuse(kind)
		}
	}
	switch {
	case len(blocks) > 1:
		return model.Certificate{}, refuse(ErrSeveral)
	case len(bytes.TrimSpace(rest)) > 0:
		return model.Certificate{}, refuse(model.ErrTrailingData)
	}
	return parseDER(blocks[0].Bytes)
}

func splitPEM(text []byte) (blocks []*pem.Block, rest []byte) {
	for {
		block, after := pem.Decode(text)
		if block == nil {
			return blocks, text
		}
		blocks, text = append(blocks, block), after
	}
}

// blockKind returns why a PEM block is refused by its label, or nil.
func blockKind(block *pem.Block) error {
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE":
		return nil
	case "TRUSTED CERTIFICATE":
		return ErrTrusted
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return ErrRequest
	case "PKCS7", "CMS", "PKCS #7 SIGNED DATA":
		return ErrPKCS7
	case "PKCS12", "PFX":
		return ErrPFX
	case "PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY":
		return ErrPublicKey
	}
	return model.ErrNotCertificate
}

// parseBare reads Base64 without PEM lines, or tells what else the text is.
func parseBare(text []byte) (model.Certificate, error) {
	for _, prefix := range []string{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "---- BEGIN SSH2 PUBLIC KEY"} {
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte(prefix)) {
			return model.Certificate{}, refuse(ErrPublicKey)
		}
	}
	der, err := base64.StdEncoding.Strict().DecodeString(string(text)) // Skips line feeds.
	switch {
	case err == nil && (bytes.HasPrefix(der, []byte("openssh-key-v1")) || isKeyBlob(der)):
		return model.Certificate{}, refuse(ErrPrivateKey)
	case err != nil || len(der) == 0 || der[0] != derSequence:
		return model.Certificate{}, refuse(model.ErrNotCertificate)
	}
	return parseDER(der)
}

// parseDER refuses by shape what is not a certificate, then asks model.
func parseDER(der []byte) (model.Certificate, error) {
	if kind := classify(der); kind != nil {
		return model.Certificate{}, refuse(kind)
	}
	return model.NewCertificate(der)
}
