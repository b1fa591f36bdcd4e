// Command picture turns a terminal's screen, as "tmux capture-pane -e -p" has
// it, into an SVG: sharp at every size, small, and shown by code hosts. It reads
// standard input and writes standard output.
//
//	tmux capture-pane -e -p | go run ./docs/picture -columns 100 -rows 30 >screen.svg
//	… | go run ./docs/picture -light -title "The list of keys" >screen.svg
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	columns := flag.Int("columns", 80, "how wide the screen is")
	rows := flag.Int("rows", 24, "how many lines it has")
	light := flag.Bool("light", false, "a light background")
	title := flag.String("title", "a terminal", "what the picture shows, for those who do not see it")
	flag.Parse()
	if flag.NArg() > 0 || *columns < 1 || *rows < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := convert(os.Stdin, os.Stdout, *columns, *rows, *light, *title); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func convert(from io.Reader, to io.Writer, columns, rows int, light bool, title string) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return fmt.Errorf("reading the screen: %w", err)
	}
	colours := dark
	if light {
		colours = bright
	}
	_, err = io.WriteString(to, draw(readScreen(string(text), columns, rows), columns, rows, colours, title))
	return err
}
