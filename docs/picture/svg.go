package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The grid, in pixels. Every run of text is stretched to its cells, so that it
// stands whatever font there is.
const (
	fontSize   = 14.0
	cellWidth  = 8.4
	cellHeight = 17.0
	baseline   = 13.0 // below the top of a cell
	margin     = 12.0
)

const fonts = "ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono', monospace"

// draw renders a screen.
func draw(screen [][]cell, columns, rows int, p palette, title string) string {
	width, height := float64(columns)*cellWidth+2*margin, float64(rows)*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" font-family="%s" font-size="%s" fill="%s">`+"\n",
		number(width), number(height), number(width), number(height), fonts, number(fontSize), p.text)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", p.back)
	for row, cells := range screen {
		top := margin + float64(row)*cellHeight
		drawBacks(&b, cells, top, p)
		for _, r := range runs(cells) {
			r.drawText(&b, top, p)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run is neighbouring cells of one style. What is no plain text is alone in
// its run: fonts that lack it take it from another, with other widths.
type run struct {
	cell
	plain bool
}

func runs(cells []cell) []run {
	var out []run
	for _, c := range cells {
		plain := c.width == 1 && len(c.text) == 1
		if n := len(out); n > 0 && plain && out[n-1].plain && out[n-1].style == c.style {
			out[n-1].text += c.text
			out[n-1].width++
			continue
		}
		out = append(out, run{c, plain})
	}
	return out
}

func (r run) left() float64 { return margin + float64(r.column)*cellWidth }

// drawBacks draws what is behind the text of a line, in as few pieces as there
// are colours beside each other: between two there would be a seam.
func drawBacks(b *strings.Builder, cells []cell, top float64, p palette) {
	for i := 0; i < len(cells); {
		_, back := p.of(cells[i].style)
		from := cells[i]
		width := 0
		for ; i < len(cells); i++ {
			if _, other := p.of(cells[i].style); other != back {
				break
			}
			width += cells[i].width
		}
		if back != p.back {
			rectangle(b, run{cell: from}.left(), top, float64(width)*cellWidth, cellHeight, back)
		}
	}
}

func (r run) drawText(b *strings.Builder, top float64, p palette) {
	colour, _ := p.of(r.style)
	if r.drawLine(b, top, colour) {
		return
	}
	attributes := r.attributes(colour, p)
	for _, part := range r.parts() {
		fmt.Fprintf(b, `<text x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
			number(part.left()), number(top+baseline), number(float64(part.width)*cellWidth), attributes, escape(part.text))
	}
}

// parts cuts a run at its wider gaps, which SVG would make one blank of, and
// leaves them out. Those of an underlined run are seen: they stay, unbreakable.
func (r run) parts() []run {
	if r.style.underline || r.style.strike {
		r.text = strings.ReplaceAll(r.text, " ", "\u00a0")
		return []run{r}
	}
	if !r.plain {
		return []run{r}
	}
	var out []run
	column := r.column
	for part := range strings.SplitSeq(r.text, "  ") {
		if word := strings.TrimSpace(part); word != "" {
			at := column + strings.Index(part, word)
			out = append(out, run{cell{at, len(word), word, r.style}, true})
		}
		column += len(part) + 2
	}
	return out
}

func (r run) attributes(colour string, p palette) string {
	var a strings.Builder
	if colour != p.text {
		fmt.Fprintf(&a, ` fill="%s"`, colour)
	}
	if r.style.bold {
		a.WriteString(` font-weight="bold"`)
	}
	if r.style.dim {
		a.WriteString(` opacity="0.6"`)
	}
	if r.style.italic {
		a.WriteString(` font-style="italic"`)
	}
	switch {
	case r.style.underline && r.style.strike:
		a.WriteString(` text-decoration="underline line-through"`)
	case r.style.underline:
		a.WriteString(` text-decoration="underline"`)
	case r.style.strike:
		a.WriteString(` text-decoration="line-through"`)
	}
	return a.String()
}

// drawLine draws what has to meet its neighbours, which characters of a font do
// not: lines and blocks. It reports whether the run is one.
func (r run) drawLine(b *strings.Builder, top float64, colour string) bool {
	char, _ := utf8.DecodeRuneInString(r.text)
	left, middle := r.left(), cellHeight/2
	switch {
	case char == '│' || char == '┃':
		thick := lineWidth(char == '┃')
		rectangle(b, left+(cellWidth-thick)/2, top, thick, cellHeight, colour)
	case char == '─' || char == '━':
		thick := lineWidth(char == '━')
		rectangle(b, left, top+middle-thick/2, cellWidth, thick, colour)
	case char >= '▁' && char <= '█': // eighths, from below
		height := cellHeight * float64(char-'▁'+1) / 8
		rectangle(b, left, top+cellHeight-height, cellWidth, height, colour)
	default:
		return false
	}
	return true
}

func lineWidth(heavy bool) float64 {
	if heavy {
		return 3
	}
	return 1.2
}

func rectangle(b *strings.Builder, x, y, width, height float64, colour string) {
	fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", number(x), number(y), number(width), number(height), colour)
}

// number writes at most two decimals.
func number(f float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
