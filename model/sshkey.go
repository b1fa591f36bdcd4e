package model

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxKeyComment is the longest comment of an SSH key that the audit trail keeps,
// in columns.
const MaxKeyComment = 64

// SSHKey is the SSH key with which an operator came to an endpoint. It is the
// endpoint that says so: whoever runs as its user could say the same.
type SSHKey struct {
	Fingerprint string `json:"fingerprint"`       // "SHA256:" and 43 characters of base64, as ssh-keygen -l shows it
	Comment     string `json:"comment,omitempty"` // of its line in the file of authorized keys
}

var sshFingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`)

// NewSSHKey returns the key with that fingerprint; what of the comment a list
// could not show is taken out of it. The error is ErrInvalid.
func NewSSHKey(fingerprint, comment string) (SSHKey, error) {
	if !sshFingerprint.MatchString(fingerprint) {
		return SSHKey{}, Invalid("SSH key", "the fingerprint of an SSH key is SHA256: and 43 characters of base64")
	}
	return SSHKey{fingerprint, strings.TrimSpace(cutColumns(Clean(comment), MaxKeyComment))}, nil
}

// IsZero reports whether there is no key: the operator came another way.
func (k SSHKey) IsZero() bool { return k == SSHKey{} }

// String names the key for a list: "ssh ada@laptop (SHA256:…)". No user of a
// system has a name that begins so.
func (k SSHKey) String() string {
	if k.Comment == "" {
		return "ssh " + k.Fingerprint
	}
	return "ssh " + k.Comment + " (" + k.Fingerprint + ")"
}

// cutColumns returns the beginning of s that takes at most n columns. Where the
// width of a character is not certain, it counts for two.
func cutColumns(s string, n int) string {
	for i, r := range s {
		if n--; r >= utf8.RuneSelf {
			n--
		}
		if n < 0 {
			return s[:i]
		}
	}
	return s
}
