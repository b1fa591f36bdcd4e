package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestFollow: a follower has a change before it is confirmed, and the
// confirmation says so.
func TestFollow(t *testing.T) {
	o := newOwner(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	based, ended := make(chan struct{}, 8), make(chan error, 2)
	for range 2 {
		c := o.dial(t, server.ClientOptions{})
		go func() {
			var replica model.Replica
			ended <- c.Follow(ctx, model.Following{Records: true, Decides: true}, func(u model.Update, ack func(uint64)) error {
				if err := replica.Apply(u); err != nil {
					return err
				}
				if ack(u.Head.Seq); u.Base {
					based <- struct{}{}
				}
				return nil
			})
		}()
	}
	<-based
	<-based
	c := o.dial(t, server.ClientOptions{})
	for _, name := range []string{"one", "two"} {
		var receipt model.Receipt
		if _, err := c.CreateKey(model.WithReceipt(t.Context(), &receipt), tokenDraft(t, name)); err != nil {
			t.Fatal(err)
		}
		if receipt.Serves != 2 || receipt.InForce != 2 || receipt.Seq == 0 || receipt.Took <= 0 || receipt.Took > time.Second || len(receipt.Request) != 32 {
			t.Errorf("receipt %+v", receipt)
		}
	}
	cancel()
	for range 2 {
		mustBe(t, <-ended, context.Canceled)
	}
}

// TestFallsBehind: a follower that is too far behind begins anew with a base.
func TestFallsBehind(t *testing.T) {
	o := newOwner(t, nil)
	here := o.service.As(model.Caller{})
	if _, err := here.CreateKey(t.Context(), tokenDraft(t, "one")); err != nil {
		t.Fatal(err)
	}
	// Where the changes take longer than the owner waits for a follower that reads
	// nothing, as they may on a slow machine, it is let go of; then once more.
	var bases int
	err := error(server.ErrGone)
	for tries := 0; tries < 5 && errors.Is(err, server.ErrGone); tries++ {
		bases = 0
		err = o.dial(t, server.ClientOptions{}).Follow(t.Context(), model.Following{}, func(u model.Update, _ func(uint64)) error {
			if !u.Base {
				return nil
			}
			if bases++; bases == 2 {
				return errStop
			}
			// The stream holds some lines, the owner the rest.
			for i := range 2_200 {
				if _, err := here.SetKeyEnabled(t.Context(), "one", i%2 == 1); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != errStop || bases != 2 {
		t.Errorf("%d bases, %v", bases, err)
	}
}

var errStop = errors.New("enough")

// TestLargeUpdates: a base comes in parts, and a change whole, however large, in
// lines that are not.
func TestLargeUpdates(t *testing.T) {
	o := newOwner(t, nil)
	here := o.service.As(model.Caller{})
	var names []string
	for i := range 20 {
		w := model.WorkflowDraft{Name: fmt.Sprintf("w%02d", i), Method: "GET", Path: fmt.Sprintf("/%d", i)}
		if _, err := here.CreateWorkflow(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		names = append(names, w.Name)
	}
	const large, small = 250, 450
	var keys []string
	for i := range large + small {
		d := tokenDraft(t, fmt.Sprintf("key %03d", i))
		if i < large {
			d.Workflows = names
		} else {
			d.Workflows, keys = names[1:2], append(keys, d.Name)
		}
		if _, err := here.CreateKey(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	var replica model.Replica
	var parts int
	err := o.dial(t, server.ClientOptions{}).Follow(t.Context(), model.Following{Records: true}, func(u model.Update, _ func(uint64)) error {
		before := replica.Snapshot()
		if err := replica.Apply(u); err != nil {
			return err
		}
		if before != nil {
			if len(u.Records.Keys) != small || u.Base || u.More {
				t.Errorf("a change of %d keys, base %t", len(u.Records.Keys), u.Base)
			}
			return errStop
		}
		if parts++; u.Base != (parts == 1) {
			t.Errorf("part %d is a base: %t", parts, u.Base)
		}
		if u.More {
			return nil
		}
		_, err := here.ChangeKeys(t.Context(), keys, model.KeyBulk{Disable: true})
		return err
	})
	if err != errStop || parts < 4 {
		t.Errorf("%d parts, %v", parts, err)
	}
	for i := range large + small {
		name, want := fmt.Sprintf("key %03d", i), model.Allowed
		if i >= large {
			want = model.KeyDisabled
		}
		d := replica.Snapshot().Decide(&model.Request{Method: "GET", Path: "/1", Secret: tokenDraft(t, name).Primary.Digest, Now: adminStart})
		if d.Reason != want {
			t.Fatalf("%s: %s in the replica, want %s", name, d.Reason, want)
		}
	}
}

// TestLineLength: no line is too long, whatever the records are.
func TestLineLength(t *testing.T) {
	for _, base := range []bool{true, false} {
		whole := model.Update{Base: base, Head: model.Head{Seq: 9}, Gone: []model.ID{77}}
		for i := range race.Sample(230, 30) { // keys that permit as much as one can
			k := &model.Key{ID: model.ID(i + 1), Name: fmt.Sprint(i), Workflows: make([]model.ID, 2000)}
			for n := range k.Workflows {
				k.Workflows[n] = ^model.ID(n)
			}
			whole.Records.Keys = append(whole.Records.Keys, k)
		}
		var got model.Update
		lines := server.UpdateLines(t, whole)
		for i, line := range lines {
			if len(line.Text) >= 1<<20 {
				t.Errorf("line %d has %d bytes", i, len(line.Text))
			}
			last := i == len(lines)-1
			if line.Update.Base != (base && i == 0) || line.Update.More != (base && !last) || line.Part != (!base && !last) {
				t.Errorf("line %d: base %t, more %t, part %t", i, line.Update.Base, line.Update.More, line.Part)
			}
			got.Records.Keys = append(got.Records.Keys, line.Update.Records.Keys...)
			got.Gone, got.Head = append(got.Gone, line.Update.Gone...), line.Update.Head
		}
		got.Base = base
		if len(lines) < race.Sample(5, 2) || !reflect.DeepEqual(got, whole) { // cmp.Diff takes seconds to find none
			t.Errorf("%d lines: %.2000s", len(lines), cmp.Diff(whole, got))
		}
	}
}

// TestStalled: a follower that takes nothing, as a stopped process does, holds
// nobody up for longer than its grace, and is dropped when it can hold no more.
func TestStalled(t *testing.T) {
	t.Parallel()
	o := newOwner(t, nil)
	conn, err := net.Dial("unix", filepath.Join(o.dir, "admin.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	line := `{"self":{"pid":1,"rank":"serve"},"records":true,"decides":true}` + "\n"
	if _, err := fmt.Fprintf(conn, "POST /v1/Follow HTTP/1.1\r\nHost: keyward\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(line), line); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil { // it is attached
		t.Fatal(err)
	}
	here := o.service.As(model.Caller{})
	var keys []string
	for i := range 500 {
		keys = append(keys, fmt.Sprintf("key %d", i))
		if _, err := here.CreateKey(t.Context(), tokenDraft(t, keys[i])); err != nil {
			t.Fatal(err)
		}
	}
	named := fmt.Sprintf("serve (pid %d)", os.Getpid())
	for deadline := time.Now().Add(20 * time.Second); ; {
		var r model.Receipt
		enable := model.KeyBulk{Enable: true}
		if len(keys)%2 == 0 {
			enable = model.KeyBulk{Disable: true}
		}
		if _, err := here.ChangeKeys(model.WithReceipt(t.Context(), &r), keys[1:], enable); err != nil {
			t.Fatal(err)
		}
		if keys = keys[1:]; r.Serves == 0 {
			return
		}
		if r.InForce != 0 || len(r.Missing) != 1 || r.Missing[0] != named {
			t.Fatalf("receipt %+v", r)
		}
		if len(keys) < 2 || time.Now().After(deadline) {
			t.Fatalf("it is still attached after %d changes", 500-len(keys))
		}
		if len(keys) < 400 {
			time.Sleep(50 * time.Millisecond) // what it was sent is far more than a socket holds; now its time runs
		}
	}
}
