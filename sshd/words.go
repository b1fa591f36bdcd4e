package sshd

import (
	"errors"
	"fmt"
	"strings"

	"dev.keyward/keyward/model"
)

// mostCommand is the longest command, in bytes.
const mostCommand = 16 << 10

// Words cuts a command into words as a shell would: at blanks, but for those in
// quotes or behind a backslash. There is no shell: what would ask one for more
// than a word is an error, a sentence that tells the user.
func Words(command string) ([]string, error) {
	if len(command) > mostCommand {
		return nil, fmt.Errorf("the command has more than %d bytes: ask for less", mostCommand)
	}
	if strings.ContainsAny(command, "\x00\n\r") {
		return nil, errors.New("a command is one line")
	}
	words := []string{}
	var word strings.Builder
	inside, quote := false, rune(0)
	runes := []rune(command)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case r == '\\' && quote != '\'' && i+1 < len(runes) && (quote == 0 || strings.ContainsRune(`"\$`+"`", runes[i+1])):
			i++
			inside = true
			word.WriteRune(runes[i])
		case quote == '\'':
			word.WriteRune(r)
		case r == '`' || r == '$' || quote == 0 && strings.ContainsRune(";&|<>(){}", r):
			return nil, fmt.Errorf("there is no shell here, so %q means nothing: give one of keyward's commands, and quotes around what holds such a character", string(r))
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			inside, quote = true, r
		case r == ' ' || r == '\t':
			if inside {
				words, inside = append(words, word.String()), false
				word.Reset()
			}
		default:
			inside = true
			word.WriteRune(r)
		}
	}
	switch {
	case quote != 0:
		return nil, fmt.Errorf("a quote (%s) is not closed", model.Clean(string(quote)))
	case inside:
		words = append(words, word.String())
	}
	if len(words) > 0 && words[0] == "keyward" {
		words = words[1:]
	}
	return words, nil
}
