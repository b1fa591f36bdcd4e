package tui

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"dev.keyward/keyward/model"
)

// sharedConsole runs the console over a store in memory and writes what it does
// with the store that it shares into a file, a line each.
func sharedConsole(path string) int {
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 2
	}
	service, err := model.NewService(context.Background(), newMemory(), model.Options{})
	if err != nil {
		return 2
	}
	var backend Backend = service.As(model.Caller{})
	if os.Getenv("KEYWARD_PANICS") != "" {
		backend = panicking{backend}
	}
	err = Run(context.Background(), Options{
		Backend: backend, Sharing: loggedSharing{log}, DataDir: "/tmp/x",
		Input: os.Stdin, Output: os.Stdout, Env: os.Getenv, Now: time.Now, Random: rand.Reader,
	})
	_, _ = fmt.Fprintln(log, "left", err)
	return 0
}

// loggedSharing writes down what it is asked.
type loggedSharing struct{ log *os.File }

func (s loggedSharing) Watch(ctx context.Context, fn func(model.Standing)) error {
	fn(model.Standing{Seq: 1, Mine: true})
	<-ctx.Done()
	_, _ = fmt.Fprintln(s.log, "unwatched")
	return ctx.Err()
}

func (s loggedSharing) Suspend(context.Context) error {
	_, err := fmt.Fprintln(s.log, "suspend")
	return err
}

func (s loggedSharing) Resume(context.Context) error {
	_, err := fmt.Fprintln(s.log, "resume")
	return err
}

// panicking has a mistake of the kind that ends a program.
type panicking struct{ Backend }

func (panicking) Environments(context.Context) ([]model.EnvironmentInfo, error) {
	panic("assignment to entry in nil map")
}
