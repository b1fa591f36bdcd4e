package server_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// BenchmarkAdmin compares a call in process with one over the socket.
func BenchmarkAdmin(b *testing.B) {
	o := newOwner(b, nil)
	here := o.service.As(model.Caller{})
	if _, err := here.CreateKey(b.Context(), tokenDraft(b, "one")); err != nil {
		b.Fatal(err)
	}
	for _, side := range []struct {
		name string
		op   operator
	}{{"session", here}, {"client", o.dial(b, server.ClientOptions{})}} {
		b.Run("Key/"+side.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := side.op.Key(b.Context(), "one"); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("SetKeyEnabled/"+side.name, func(b *testing.B) {
			b.ReportAllocs()
			for enabled := false; b.Loop(); enabled = !enabled {
				if _, err := side.op.SetKeyEnabled(b.Context(), "one", enabled); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFollow is how long a change waits, beyond its commit, for followers
// that apply and acknowledge it.
func BenchmarkFollow(b *testing.B) {
	for _, followers := range []int{0, 1, 2} {
		b.Run(fmt.Sprint(followers), func(b *testing.B) {
			o := newOwner(b, nil)
			here := o.service.As(model.Caller{})
			if _, err := here.CreateKey(b.Context(), tokenDraft(b, "one")); err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			based, ended := make(chan struct{}), make(chan error)
			for range followers {
				c := o.dial(b, server.ClientOptions{})
				go func() { ended <- c.Follow(ctx, model.Following{Records: true, Decides: true}, keep(based)) }()
				<-based
			}
			var took time.Duration
			b.ReportAllocs()
			for enabled := false; b.Loop(); enabled = !enabled {
				var r model.Receipt
				if _, err := here.SetKeyEnabled(model.WithReceipt(b.Context(), &r), "one", enabled); err != nil {
					b.Fatal(err)
				}
				if r.InForce != followers {
					b.Fatalf("receipt %+v", r)
				}
				took += r.Took
			}
			b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns-in-force/op")
			cancel()
			for range followers {
				if err := <-ended; !errors.Is(err, context.Canceled) {
					b.Error(err)
				}
			}
		})
	}
}

// keep applies what comes to a replica, and tells of the base.
func keep(based chan<- struct{}) func(model.Update, func(uint64)) error {
	var replica model.Replica
	return func(u model.Update, ack func(uint64)) error {
		if err := replica.Apply(u); err != nil {
			return err
		}
		if ack(u.Head.Seq); u.Base {
			based <- struct{}{}
		}
		return nil
	}
}

// BenchmarkBase is how long a follower takes to have 10,000 keys.
func BenchmarkBase(b *testing.B) {
	o := newOwner(b, nil)
	here := o.service.As(model.Caller{})
	for i := range 10_000 {
		if _, err := here.CreateKey(b.Context(), tokenDraft(b, fmt.Sprintf("key %05d", i))); err != nil {
			b.Fatal(err)
		}
	}
	c := o.dial(b, server.ClientOptions{})
	b.ReportAllocs()
	for b.Loop() {
		var replica model.Replica
		err := c.Follow(b.Context(), model.Following{Records: true}, func(u model.Update, _ func(uint64)) error {
			if err := replica.Apply(u); err != nil || u.More {
				return err
			}
			return errStop
		})
		if err != errStop {
			b.Fatal(err)
		}
	}
}
