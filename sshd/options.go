package sshd

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"dev.keyward/keyward/model"
)

// takeOptions reads the options at the beginning of a line, of which it returns
// the rest. One that is not understood is an error: what it was to forbid would
// be allowed else.
func (l *line) takeOptions(text string, local *time.Location) (rest string, err error) {
	seen := map[string]bool{}
	for {
		var name, value string
		var quoted bool
		if name, value, quoted, text, err = cutOption(text); err != nil {
			return "", err
		}
		name = strings.ToLower(name)
		if quoted && seen[name] {
			return "", fmt.Errorf("the option %s stands there twice", shown(name))
		}
		seen[name] = true
		if err := l.takeOption(name, value, quoted, local); err != nil {
			return "", err
		}
		switch {
		case text == "":
			return "", errors.New("there is no key behind the options")
		case text[0] == ',':
			text = text[1:]
		default:
			return strings.TrimLeft(text, " \t"), nil
		}
	}
}

// cutOption cuts name or name="value" off the beginning of text, up to a comma or
// a blank.
func cutOption(text string) (name, value string, quoted bool, rest string, err error) {
	i := 0
	for i < len(text) && isOptionByte(text[i]) {
		i++
	}
	name, rest = text[:i], text[i:]
	switch {
	case i == 0 || rest != "" && !strings.ContainsRune("=, \t", rune(rest[0])):
		return "", "", false, "", errors.New("neither an option nor a key of a type that is taken stands where one should")
	case rest == "" || rest[0] != '=':
		return name, "", false, rest, nil
	case !strings.HasPrefix(rest, `="`):
		return "", "", false, "", fmt.Errorf("the value of %s is not in quotes", shown(name))
	}
	var b strings.Builder
	for i = 2; i < len(rest); i++ {
		switch {
		case rest[i] == '"' && (i+1 == len(rest) || strings.ContainsRune(", \t", rune(rest[i+1]))):
			return name, b.String(), true, rest[i+1:], nil
		case rest[i] == '"':
			return "", "", false, "", fmt.Errorf("something follows the quotes of %s", shown(name))
		case rest[i] == '\\' && i+1 < len(rest) && rest[i+1] == '"':
			i++
		}
		b.WriteByte(rest[i])
	}
	return "", "", false, "", fmt.Errorf("the quotes of %s are not closed", shown(name))
}

func isOptionByte(c byte) bool {
	return c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '@' || c == '.'
}

// shown is an option's name for a message: it came from a file.
func shown(name string) string {
	const most = 40
	if len(name) > most {
		name = name[:most] + "…"
	}
	return model.Clean(name)
}

// takeOption takes one option. Flags take effect in their order, as with sshd.
func (l *line) takeOption(name, value string, quoted bool, local *time.Location) (err error) {
	switch name {
	case "restrict", "no-pty":
		l.console = false
	case "pty":
		l.console = true
	case "no-agent-forwarding", "no-port-forwarding", "no-x11-forwarding", "no-user-rc":
		// There is none of it in any case.
	case "from", "expiry-time", "keyward-role":
		if !quoted {
			return fmt.Errorf(`the option %s needs a value in quotes`, name)
		}
		return l.takeValue(name, value, local)
	case "cert-authority":
		return errors.New("certificates of SSH are not taken (cert-authority): list the key itself")
	default:
		return fmt.Errorf("the option %s is not known here, and what it is to forbid would be allowed without it", shown(name))
	}
	if quoted {
		return fmt.Errorf("the option %s takes no value", name)
	}
	return nil
}

func (l *line) takeValue(name, value string, local *time.Location) (err error) {
	switch name {
	case "from":
		l.from, err = parseAddressList(value)
	case "expiry-time":
		l.expires, err = parseExpiry(value, local)
	default:
		l.role = Role(value)
		if l.role != Viewer && l.role != Admin {
			err = fmt.Errorf("keyward-role is viewer or admin")
		}
	}
	return err
}

// parseExpiry reads YYYYMMDD[HHMM[SS]][Z], as sshd does: of local without the Z.
func parseExpiry(text string, local *time.Location) (time.Time, error) {
	digits, utc := strings.CutSuffix(text, "Z")
	if utc {
		local = time.UTC
	}
	layout := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	t, err := time.ParseInLocation(layout, digits, local)
	if layout == "" || strings.Trim(digits, "0123456789") != "" || err != nil {
		return time.Time{}, errors.New("expiry-time is YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z for UTC")
	}
	return t, nil
}

// checkStrength refuses RSA keys that are too short to trust, and those that are
// so long that only their checking would count.
func checkStrength(key ssh.PublicKey) error {
	crypto, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return nil // a security key: P-256 or Ed25519
	}
	k, ok := crypto.CryptoPublicKey().(*rsa.PublicKey)
	if !ok {
		return nil
	}
	if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("the RSA key has %d bits: %d to %d are taken", bits, minRSABits, maxRSABits)
	}
	return nil
}
