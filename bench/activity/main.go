//go:build unix

// Command activity prints what it costs the endpoint that people can watch what
// it decides: processor time a request without a recorder, with one while nobody
// watches, and while a console asks.
//
//	go run ./bench/activity
//	go run ./bench/activity -rounds 5 -rate 2000
//	go run ./bench/activity -console
//
// With -console it prints instead what the Activity screen takes of one core,
// and how many frames it draws, while that many decisions a second are made: of
// a console that is attached to the process that makes them, and of one in that
// process, beside the same with the list of keys on the screen.
//
// The endpoint is a process of its own, which serves all three: HTTP on
// loopback, its decision log on, usage counted, answers of workflows without an
// upstream. What watches is this process, over the admin socket. Rounds are
// interleaved; a ratio is the mean of the rounds' ratios, with Student's 95 %
// interval. It exits with 1 when the lower end of an interval is over the target.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"time"
)

// target is how much more processor time a request may cost, as a ratio.
const target = 1.05

func main() {
	child := flag.String("serve", "", "for itself: serve in that directory")
	fed := flag.String("feed", "", "for itself: decide in that directory")
	shows := flag.Bool("show", false, "for itself: and show the console")
	console := flag.Bool("console", false, "measure the console")
	rounds := flag.Int("rounds", 20, "how many rounds of each")
	rate := flag.Int("rate", 10_000, "requests a second")
	length := flag.Duration("round", 2*time.Second, "how long a round lasts")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var err error
	switch {
	case *child != "":
		err = serve(ctx, *child)
	case *fed != "":
		err = feed(ctx, *fed, *rate, *shows)
	case *console:
		err = measureConsole(ctx, *rate)
	default:
		err = measure(ctx, *rounds, *rate, *length)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "activity:", err)
		os.Exit(1)
	}
}

// arms are what is compared; the first is what the others are compared with.
var arms = [...]string{"no recorder", "nobody watches", "one console watches"}

// turns is in how many parts a round of an arm comes, so that what else the
// machine does meanwhile is the same for all arms.
const turns = 4

// sample is one round of one arm.
type sample struct {
	cpu      time.Duration // of the endpoint, for all requests
	requests int
	elapsed  time.Duration
}

func (s *sample) add(o sample) {
	s.cpu, s.requests, s.elapsed = s.cpu+o.cpu, s.requests+o.requests, s.elapsed+o.elapsed
}

func (s sample) each() float64 { return float64(s.cpu.Nanoseconds()) / float64(s.requests) / 1000 } // µs

func measure(ctx context.Context, rounds, rate int, length time.Duration) (err error) {
	r, err := newRig(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	for arm := range arms { // warm up
		if _, err := r.round(ctx, arm, rate, length/2); err != nil {
			return err
		}
	}
	var samples [len(arms)][]sample
	for i := range rounds {
		var sums [len(arms)]sample
		for j := range turns * len(arms) {
			arm := (i + j + j/len(arms)) % len(arms) // each comes first as often
			s, err := r.round(ctx, arm, rate, length/turns)
			if err != nil {
				return err
			}
			sums[arm].add(s)
		}
		for arm := range arms {
			samples[arm] = append(samples[arm], sums[arm])
		}
	}
	return report(samples, r.seen)
}

// report prints the table.
func report(samples [len(arms)][]sample, seen int) error {
	fmt.Printf("%-22s %12s %14s %8s  %s\n", "", "requests/s", "CPU µs/request", "ratio", "95 % interval")
	over := ""
	for arm, name := range arms {
		var all sample
		ratios := make([]float64, len(samples[arm]))
		for i, s := range samples[arm] {
			all.add(s)
			ratios[i] = s.each() / samples[0][i].each()
		}
		mean, half := interval(ratios)
		rate, each := float64(all.requests)/all.elapsed.Seconds(), all.each()
		if arm == 0 {
			fmt.Printf("%-22s %12.0f %14.2f %8s\n", name, rate, each, "1")
			continue
		}
		fmt.Printf("%-22s %12.0f %14.2f %8.3f  %.3f to %.3f (target under %.2f)\n", name, rate, each, mean, mean-half, mean+half, target)
		if mean-half > target {
			over = name
		}
	}
	fmt.Printf("%d rounds of each; who watched was told of %d calls\n", len(samples[0]), seen)
	if over != "" {
		return fmt.Errorf("%s: over the target", over)
	}
	return nil
}

// interval returns the mean of the values and half the width of its 95 %
// interval.
func interval(values []float64) (mean, half float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	if n < 2 {
		return mean, math.Inf(1)
	}
	var square float64
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	return mean, student(len(values)-1) * math.Sqrt(square/(n-1)/n)
}

// student is the 97.5 % point of Student's t distribution, by an expansion that
// is good to 1 % from 4 degrees of freedom on (Abramowitz and Stegun, 26.7.5).
func student(freedom int) float64 {
	const x = 1.959964
	v := float64(freedom)
	return x + (x*x*x+x)/(4*v) + (5*math.Pow(x, 5)+16*math.Pow(x, 3)+3*x)/(96*v*v)
}
