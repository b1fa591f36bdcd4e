package storage

import (
	"context"
	"sync"
)

// LogSize bounds the change log from which Watch resumes: commits are dropped,
// oldest first, while there are more than Commits of them or they take more
// than Bytes. The newest one always stays. Zero fields mean 4096 commits and 8
// MiB.
type LogSize struct {
	Commits int
	Bytes   int
}

// orDefault fills in what was left zero.
func (s LogSize) orDefault() LogSize {
	if s.Commits <= 0 {
		s.Commits = 4096
	}
	if s.Bytes <= 0 {
		s.Bytes = 8 << 20
	}
	return s
}

// feed tells watchers how far the commits have come, and calls whether they may
// go on. The zero value is not ready: use newFeed.
type feed struct {
	mu      sync.Mutex
	newest  Rev
	changed chan struct{} // closed and replaced whenever one of the others changes
	err     error         // why no call may go on; ErrClosed once closed
	stopped chan struct{} // closed when err is set, and is not ErrClosed
}

func newFeed(newest Rev) *feed {
	return &feed{newest: newest, changed: make(chan struct{}), stopped: make(chan struct{})}
}

// publish makes rev the newest commit.
func (f *feed) publish(rev Rev) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = rev
	f.wake()
}

// stop ends all waiting with err, and all that comes later. ErrClosed replaces
// another reason, which otherwise stays.
func (f *feed) stop(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil && err != ErrClosed {
		return
	}
	if f.err == nil && err != ErrClosed {
		close(f.stopped)
	}
	f.err = err
	f.wake()
}

func (f *feed) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// state returns the newest commit and a channel that closes when that is out of
// date, or why no call may go on.
func (f *feed) state() (Rev, <-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest, f.changed, f.err
}

// failure returns why no call may go on, or nil.
func (f *feed) failure() error {
	_, _, err := f.state()
	return err
}

// await blocks until there is a commit after rev and returns the newest.
func (f *feed) await(ctx context.Context, rev Rev) (Rev, error) {
	for {
		newest, changed, err := f.state()
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err != nil:
			return 0, err
		case newest > rev:
			return newest, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// follow is Watch for an engine that numbers its commits without gaps. read
// returns what the commit with that number did below prefixes, or ErrCompacted.
func (f *feed) follow(ctx context.Context, after Rev, read func(Rev) (Batch, error), fn func(Batch) error) error {
	newest, _, err := f.state()
	if err != nil {
		return err
	}
	if after > newest {
		return ErrCompacted
	}
	for {
		newest, err := f.await(ctx, after)
		if err != nil {
			return err
		}
		for ; after < newest; after++ {
			if err := f.deliver(ctx, after+1, read, fn); err != nil {
				return err
			}
		}
	}
}

// deliver hands one commit to fn, unless it did nothing that matters there.
func (f *feed) deliver(ctx context.Context, rev Rev, read func(Rev) (Batch, error), fn func(Batch) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.failure(); err != nil {
		return err
	}
	batch, err := read(rev)
	if err != nil {
		return err
	}
	if len(batch.Entries) == 0 && len(batch.Deletes) == 0 {
		return nil
	}
	return fn(batch)
}
