package tui

import "strings"

// sshLines are where the endpoint shows the console over SSH, and the fingerprint
// of its host key, in full: it is compared with what ssh asks about at the first
// login.
func (s *endpointScreen) sshLines(r endpointRow, label func(name, text string) string) []string {
	if r.SSH == "" {
		return nil
	}
	lines := []string{label("SSH", clean(r.SSH))}
	name := "Host key"
	for _, part := range strings.Split(wrap(clean(r.HostKey), s.width-17), "\n") {
		lines, name = append(lines, label(name, part)), ""
	}
	return lines
}

// sshRoom is how many lines sshLines are at most.
func (s *endpointScreen) sshRoom() int {
	room := 0
	for _, r := range s.table.rows {
		room = max(room, len(s.sshLines(r, func(_, text string) string { return text })))
	}
	return room
}
