//go:build unix

// Command figures prints the console's figures with many keys: how soon the
// list is there, a key press to its frame, a keystroke in the filter, memory,
// and bytes to the terminal for a cursor move. It drives the real program in a
// pseudo-terminal of 120x40, once as the process that has the store open and
// once attached to a serve that has, and beside both a bare Bubble Tea program
// of the same size: the floor.
//
//	go run ./bench/figures
//	go run ./bench/figures -keys 5000
//	go run ./bench/figures -full          1,000,000 keys as well
//	go run ./bench/figures -ci            3,000 keys and few presses: what gates, in under 30 s
//
// Times are targets, which another machine may miss; bytes, memory and the ratio
// to the floor gate: it exits with 1 when one of them is over. Run it alone on
// the machine, but for -ci.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "dev.keyward/keyward/termcolor" // before anything that imports Bubble Tea
)

// patience bounds everything that is done with one number of keys, and
// ciPatience that of -ci: on a machine that is busy it takes longer.
const (
	patience   = 8 * time.Minute
	ciPatience = 2 * time.Minute
)

// ciKeys is how many keys -ci has: some pages of them.
const ciKeys = 3000

func main() {
	keys := flag.Int("keys", 100_000, "how many keys")
	full := flag.Bool("full", false, "1,000,000 keys as well: that takes 10 minutes and 1.5 GB of disk")
	ci := flag.Bool("ci", false, "3,000 keys and few presses: what gates, in under 30 s")
	data := flag.String("data", "", "a `DIRECTORY` that ./bench/fill has filled with that many keys; \"\": one is made and removed")
	bare := flag.Int("bare", 0, "for itself: be the bare program with that many rows")
	flag.Parse()
	if *bare > 0 {
		if err := runBare(*bare); err != nil {
			os.Exit(1)
		}
		return
	}
	all, e, bound := []int{*keys}, thorough, patience
	if *full {
		all = append(all, 1_000_000)
	}
	if *ci {
		all, e, bound = []int{ciKeys}, brief, ciPatience
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	over, err := measureAll(ctx, e, bound, all, *data)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
	if over {
		os.Exit(1)
	}
}

func measureAll(ctx context.Context, e effort, bound time.Duration, all []int, data string) (over bool, err error) {
	r, err := newRig(e)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, r.remove()) }()
	for i, keys := range all {
		if i > 0 {
			data = ""
		}
		limited, cancel := context.WithTimeout(ctx, bound)
		o, err := measure(limited, r, keys, data)
		cancel()
		if err != nil {
			return over, err
		}
		over = over || o
	}
	return over, nil
}

// measure prints the table for one number of keys.
func measure(ctx context.Context, r *rig, keys int, data string) (over bool, err error) {
	if data == "" {
		if data, err = r.fill(ctx, keys); err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	floor, err := r.bare(ctx, keys)
	if err != nil {
		return false, fmt.Errorf("the bare program: %w", err)
	}
	own, err := r.console(ctx, data, keys, true)
	if err != nil {
		return false, fmt.Errorf("the console that has the store: %w", err)
	}
	stop, err := r.serve(ctx, data)
	if err != nil {
		return false, err
	}
	attached, err := r.console(ctx, data, keys, false)
	if err = errors.Join(err, stop()); err != nil {
		return false, fmt.Errorf("the console that is attached: %w", err)
	}
	t := table{keys: keys}
	t.add("with the store", own, floor)
	t.add("attached to a serve", attached, floor)
	return t.print(os.Stdout), nil
}
