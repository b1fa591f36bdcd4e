package tui

import "strings"

// urlLines is the URL as literals of a language, which it joins to one: each a
// line of at most width cells behind lead, where the URL has a place to be cut,
// and with join behind all but the last.
func (c calling) urlLines(quote func(string) string, lead, join string, width int) []string {
	pieces := urlPieces(c.url, max(width-len(quote("")), 1))
	lines := make([]string, len(pieces))
	for i, piece := range pieces {
		lines[i] = lead + quote(piece)
		if i < len(pieces)-1 {
			lines[i] += join
		}
	}
	return lines
}

// urlPieces cuts a URL before a slash, a question mark or an ampersand, so that
// no piece is longer than it has to be for that width.
func urlPieces(url string, width int) []string {
	var pieces []string
	for len(url) > width {
		at := strings.LastIndexAny(url[:width+1], "/?&")
		if scheme := strings.Index(url, "://"); scheme >= 0 && at <= scheme+2 {
			at = 0 // not within the two slashes, and not before the host
		}
		if at <= 0 {
			next := strings.IndexAny(url[min(width+1, len(url)):], "/?&")
			if next < 0 {
				break
			}
			at = width + 1 + next
		}
		pieces, url = append(pieces, url[:at]), url[at:]
	}
	return append(pieces, url)
}

// ended returns lines with an end behind the last of them.
func ended(lines []string, end string) []string {
	lines[len(lines)-1] += end
	return lines
}
