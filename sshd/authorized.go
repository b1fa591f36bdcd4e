package sshd

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// Role is what a key may do.
type Role string

// The roles. A line that names none is a viewer's, which is the least.
const (
	Viewer Role = "viewer" // sees everything and changes nothing
	Admin  Role = "admin"  // does what the console offers
)

// Limits of a file of authorized keys (security.md H4).
const (
	maxKeysFile = 1 << 20 // bytes
	maxKeysLine = 8 << 10 // bytes of one line
	minRSABits  = 2048
	maxRSABits  = 8192 // more only costs the server
)

// byteOrderMark is what some editors, on Windows above all, put before UTF-8.
var byteOrderMark = []byte("\uFEFF")

// line is one key that may log in, under conditions.
type line struct {
	number  int
	key     []byte // in SSH's wire form
	comment string // clean
	role    Role
	from    *addressList // nil: from anywhere
	expires time.Time    // zero: never
	console bool         // it may have a terminal
}

// refusal is a line that counts for nothing, and why.
type refusal struct {
	number int
	why    string // a clause that quotes nothing of the line but option names, clean
}

func (r refusal) String() string { return fmt.Sprintf("line %d: %s", r.number, r.why) }

// parsed is what a file of authorized keys says.
type parsed struct {
	lines   []line
	refused []refusal
}

// parseKeys reads a file of authorized keys, each line by itself: one that is not
// understood whole is refused, and the others hold. Times without a zone are of
// local.
func parseKeys(data []byte, local *time.Location) parsed {
	var p parsed
	for number := 1; len(data) > 0; number++ {
		text, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		l, blank, err := parseLine(bytes.TrimSuffix(text, []byte("\r")), local)
		switch {
		case blank:
		case err != nil:
			p.refused = append(p.refused, refusal{number, err.Error()})
		default:
			l.number = number
			p.lines = append(p.lines, l)
		}
	}
	return p
}

// parseLine reads one line: options, the key's type, the key and a comment, as
// sshd(8) has them under AUTHORIZED_KEYS FILE FORMAT.
func parseLine(text []byte, local *time.Location) (l line, blank bool, err error) {
	if len(text) > maxKeysLine {
		return l, false, fmt.Errorf("it has more than %d bytes", maxKeysLine)
	}
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) {
		return l, false, fmt.Errorf("it is no text in UTF-8")
	}
	if bytes.ContainsRune(text, '\r') { // an editor may show as several lines what is one here
		return l, false, fmt.Errorf("it holds a carriage return: end lines with a line feed")
	}
	if bytes.HasPrefix(text, byteOrderMark) { // what it begins with looks right in an editor
		return l, false, fmt.Errorf("it begins with a byte order mark (U+FEFF), which is not shown: save the file as UTF-8 without one")
	}
	rest := strings.Trim(string(text), " \t")
	if rest == "" || rest[0] == '#' {
		return l, true, nil
	}
	l = line{role: Viewer, console: true}
	if word, _ := cutWord(rest); !knownType(word) {
		if isType(word) {
			return l, false, fmt.Errorf("keys of the type %s are not taken", shown(word))
		}
		if rest, err = l.takeOptions(rest, local); err != nil {
			return l, false, err
		}
	}
	word, rest := cutWord(rest)
	if !knownType(word) {
		return l, false, fmt.Errorf("there is no key of a type that is taken (%s)", strings.Join(keyTypes, ", "))
	}
	encoded, rest := cutWord(rest)
	if l.key, err = parseKey(word, encoded); err != nil {
		return l, false, err
	}
	l.comment = model.Clean(strings.Trim(rest, " \t"))
	return l, false, nil
}

// cutWord cuts the first word and the blanks behind it off.
func cutWord(s string) (word, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// keyTypes are the types of keys that may log in. Certificates are not among
// them, nor is DSA.
var keyTypes = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256, ssh.KeyAlgoRSA,
}

func knownType(word string) bool { return slices.Contains(keyTypes, word) }

// isType reports whether a word names a type of key, taken or not.
func isType(word string) bool {
	for _, prefix := range []string{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"} {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// parseKey reads a key of that type.
func parseKey(kind, encoded string) ([]byte, error) {
	blob, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || encoded == "" {
		return nil, fmt.Errorf("the key is not written in base64")
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil || !bytes.Equal(key.Marshal(), blob) {
		return nil, fmt.Errorf("the key cannot be read")
	}
	if key.Type() != kind {
		return nil, fmt.Errorf("the key is of another type than its line says")
	}
	return blob, checkStrength(key)
}
