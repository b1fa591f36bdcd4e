//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// counts are how often each thing is done.
type counts struct {
	disables, stops   int // stops: disables during which one endpoint is stopped
	kills, killedKeys int // killedKeys: keys in the store that is killed
	cuts              int
	flips, realFlips  int // realFlips: of them judged by the real program too
	takeovers         int
}

// full are the counts that docs/reliability.md publishes.
var full = counts{disables: 1000, stops: 50, kills: 500, killedKeys: 10_000, cuts: 10, flips: 500, realFlips: 20, takeovers: 20}

// short are the counts for every change.
var short = counts{disables: 50, stops: 4, kills: 25, killedKeys: 10_000, cuts: 2, flips: 50, realFlips: 4, takeovers: 2}

// figure is one part of the table.
type figure struct {
	name  string
	limit time.Duration // of the full run: what takes longer hangs
	take  func(context.Context, *rig, *table) error
}

var figures = []figure{
	{"revocation", 20 * time.Minute, takeRevocation},
	{"kills", 40 * time.Minute, takeKills},
	{"cuts", 10 * time.Minute, takeCuts},
	{"flips", 20 * time.Minute, takeFlips},
	{"takeover", 10 * time.Minute, takeTakeover},
	{"full", 10 * time.Minute, takeFullDisk},
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case memberArgument:
			os.Exit(beMember(os.Args[2:]))
		case judgeArgument:
			os.Exit(beJudge(os.Args[2:]))
		case carelessArgument:
			os.Exit(beCareless(os.Args[2:]))
		}
	}
	ci := flag.Bool("ci", false, "few of each, for every change")
	only := flag.String("only", "", "comma-separated `NAMES` of figures: "+strings.Join(names(), ","))
	verbose := flag.Bool("v", false, "tell what goes on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := measure(ctx, *ci, *only, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "reliability:", err)
		code = 1
	}
	os.Exit(code)
}

func names() []string {
	var list []string
	for _, f := range figures {
		list = append(list, f.name)
	}
	return list
}

// measure takes the figures one by one and prints their lines as they come. The
// code is 1 when a count was not what is promised.
func measure(ctx context.Context, ci bool, only string, verbose bool) (code int, err error) {
	chosen := names()
	if only != "" {
		chosen = strings.Split(only, ",")
	}
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			return 2, fmt.Errorf("there is no figure %q: choose from %s", name, strings.Join(names(), ", "))
		}
	}
	n := full
	if ci {
		n = short
	}
	r, err := newRig(ctx, n, verbose)
	if err != nil {
		return 1, err
	}
	defer r.close()
	began := time.Now()
	t := newTable(os.Stdout)
	for _, f := range figures {
		if slices.Contains(chosen, f.name) {
			r.take(ctx, f, t)
		}
	}
	fmt.Printf("\n%d gates, %d failed; %s\n", t.gates, len(t.failed), time.Since(began).Round(time.Second))
	for _, text := range t.failed {
		fmt.Println("FAILED:", text)
	}
	if len(t.failed) > 0 || ctx.Err() != nil {
		return 1, ctx.Err()
	}
	return 0, nil
}

// take takes one figure; what keeps it from being taken counts as failed.
func (r *rig) take(ctx context.Context, f figure, t *table) {
	limited, cancel := context.WithTimeout(ctx, f.limit)
	defer cancel()
	began := time.Now()
	if err := f.take(limited, r, t); err != nil {
		t.fail(f.name, err.Error())
	}
	r.endAll()
	r.say("%s took %s", f.name, time.Since(began).Round(100*time.Millisecond))
}
