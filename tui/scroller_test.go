package tui

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dev.keyward/keyward/internal/race"
)

// paper is a terminal as far as frames use one: it keeps lines as they were
// written.
type paper struct {
	lines       []string
	row         int
	top, bottom int
}

func newPaper(height int) *paper {
	return &paper{lines: make([]string, height), bottom: height - 1}
}

// onPaper finds what paper obeys: cursor, margins, delete and insert lines, erase
// below, CR, LF. All else is text, erasing to the end of a line with it.
var onPaper = regexp.MustCompile(`\x1b\[([0-9;]*)([HrMLJ])|\r|\n`)

func (p *paper) write(t testing.TB, b []byte) {
	t.Helper()
	for s := string(b); s != ""; {
		at := onPaper.FindStringSubmatchIndex(s)
		if at == nil {
			p.text(s)
			return
		}
		if at[0] > 0 {
			p.text(s[:at[0]])
		}
		found := s[at[0]:at[1]]
		switch {
		case found == "\n":
			p.row = min(p.row+1, len(p.lines)-1)
		case found == "\r":
		default:
			p.obey(t, s[at[4]:at[5]], s[at[2]:at[3]])
		}
		s = s[at[1]:]
	}
}

func (p *paper) text(s string) {
	p.lines[p.row] = strings.TrimSuffix(s, "\x1b[K")
}

func (p *paper) obey(t testing.TB, command, arguments string) {
	t.Helper()
	first, second, _ := strings.Cut(arguments, ";")
	number := func(s string, otherwise int) int {
		if s == "" {
			return otherwise
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("no number: %q", arguments)
		}
		return n
	}
	switch command {
	case "H":
		p.row = min(max(number(first, 1), 1), len(p.lines)) - 1
	case "r":
		p.top, p.bottom, p.row = number(first, 1)-1, number(second, len(p.lines))-1, 0
	case "J":
		clear(p.lines[p.row+1:]) // Bubble Tea erases behind the last line that it drew
	case "M", "L":
		if p.row < p.top || p.row > p.bottom {
			t.Fatalf("lines move outside of the margins %d-%d, at %d", p.top, p.bottom, p.row)
		}
		region := p.lines[p.row : p.bottom+1]
		n := min(number(arguments, 1), len(region))
		if command == "M" {
			copy(region, region[n:])
			clear(region[len(region)-n:])
		} else {
			copy(region[n:], region)
			clear(region[:n])
		}
	}
}

// draws makes frames as Bubble Tea v1.3.10 does.
type draws struct{ last []string }

func (d *draws) frame(lines []string) []byte {
	var b bytes.Buffer
	b.WriteString("\x1b[H")
	for i, line := range lines {
		if i < len(d.last) && d.last[i] == line {
			if i < len(lines)-1 {
				b.WriteByte('\n')
			}
			continue
		}
		if i == 0 && d.last == nil {
			b.WriteByte('\r')
		}
		b.WriteString(line + "\x1b[K")
		if i < len(lines)-1 {
			b.WriteString("\r\n")
		}
	}
	if len(d.last) > len(lines) {
		b.WriteString("\x1b[J")
	}
	fmt.Fprintf(&b, "\x1b[%dH", len(lines))
	d.last = lines
	return b.Bytes()
}

// TestScroller: whatever lists do, the screen is what whole frames make of it,
// and a list that moves by a line costs little.
func TestScroller(t *testing.T) {
	for seed := range uint64(race.Sample(300, 5)) {
		checkScroller(t, seed)
	}
}

func FuzzScroller(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkScroller(t, seed) })
}

func checkScroller(t *testing.T, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	height := 4 + random.IntN(30)
	whole, short := newPaper(height), newPaper(height)
	var d draws
	var k scroller
	from := 0
	for step := range 40 {
		size := height
		switch random.IntN(12) {
		case 0:
			from = random.IntN(100)
		case 1:
			d.last = nil // painted again, whole
		case 2:
			size = 1 + random.IntN(height)
		case 3:
			k.shorten([]byte("\x1b[?25l"))
			k.shorten([]byte("\x1b[H"))
		default:
			from = max(from+random.IntN(7)-3, 0)
		}
		frame := d.frame(sampleLines(random, size, from))
		got := k.shorten(bytes.Clone(frame))
		whole.write(t, frame)
		short.write(t, got)
		if a, b := strings.Join(whole.lines, "\n"), strings.Join(short.lines, "\n"); a != b {
			t.Fatalf("seed %d, step %d: after %q\ninstead of %q\nthe screen is\n%s\ninstead of\n%s", seed, step, got, frame, b, a)
		}
		if len(got) > len(frame) {
			t.Fatalf("seed %d, step %d: %d bytes in the place of %d", seed, step, len(got), len(frame))
		}
	}
}

// sampleLines is a screen with a heading, a list from some row on with a cursor
// in it, blank lines, and a footer.
func sampleLines(random *rand.Rand, height, from int) []string {
	lines := make([]string, height)
	cursor := random.IntN(height)
	for i := range lines {
		switch {
		case i == 0:
			lines[i] = "heading " + strconv.Itoa(random.IntN(3))
		case i == height-1:
			lines[i] = "footer " + strconv.Itoa(from%4)
		case from%9 == 8 && i > height/2:
		case i == cursor:
			lines[i] = fmt.Sprintf("> row %d %s", from+i, strings.Repeat("x", 60))
		default:
			lines[i] = fmt.Sprintf("  row %d %s", from+i, strings.Repeat("x", 60))
		}
	}
	return lines
}

// TestScrollerMoves: a scroll by one sends the lines that changed, not those that
// moved; what is no frame passes as it is.
func TestScrollerMoves(t *testing.T) {
	var d draws
	var k scroller
	list := func(from int) []string {
		lines := []string{"heading"}
		for i := range 20 {
			lines = append(lines, fmt.Sprintf("row %d %s", from+i, strings.Repeat("x", 90)))
		}
		return append(lines, "footer")
	}
	k.shorten(d.frame(list(0)))
	for _, to := range []int{1, 2, 1, 4} {
		frame := d.frame(list(to))
		if got := k.shorten(frame); len(got) > 400 || len(frame) < 2000 {
			t.Errorf("to row %d: %d bytes in the place of %d", to, len(got), len(frame))
		}
	}
	for _, other := range []string{"\x1b]52;c;Zm9v\x07", "\x1b[?1049h", "\x1b[2J", "\x1b[H", "\x1b[Hhalf a frame"} {
		if got := k.shorten([]byte(other)); string(got) != other {
			t.Errorf("%q becomes %q", other, got)
		}
	}
	if frame := d.frame(list(5)); !bytes.Equal(k.shorten(frame), frame) {
		t.Error("lines are moved that nobody knows, after half a frame")
	}
}
