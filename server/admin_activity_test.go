package server_test

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestAddActivity: what an endpoint brings arrives under the pid that the kernel
// names, also where it does not fit into one request.
func TestAddActivity(t *testing.T) {
	o := newOwner(t, nil)
	self := model.Peer{PID: 1, Rank: model.RankServe}
	c := o.dial(t, server.ClientOptions{Self: self})
	session := o.service.As(model.Caller{})
	if _, err := session.Activity(t.Context(), model.ActivityQuery{Words: "Watched"}); err != nil {
		t.Fatal(err)
	}
	watch, err := c.AddActivity(t.Context(), model.ActivityPost{})
	if err != nil || len(watch.Filters) != 1 || watch.Filters[0].Words != "watched" {
		t.Errorf("people watch for %+v, %v", watch, err)
	}
	post := model.ActivityPost{Report: model.EndpointReport{Addresses: []string{"https://127.0.0.1:1"}}, Missed: 7}
	long := strings.Repeat("&", 1<<10)
	for range 2 * model.PostMost {
		post.Records = append(post.Records, model.Activity{PID: 1, Path: "/" + long, Query: long, Agent: long[:256], Reason: model.Allowed})
	}
	if _, err = c.AddActivity(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	page, err := session.Activity(t.Context(), model.ActivityQuery{Limit: model.MaxPage})
	if err != nil || len(page.Records) != len(post.Records) {
		t.Fatalf("%d records arrived, %v", len(page.Records), err)
	}
	for i, r := range page.Records {
		if r.Query != long || i > 0 && r.Number != page.Records[i-1].Number+1 {
			t.Fatalf("record %d: %d bytes, number %d", i, len(r.Query), r.Number)
		}
	}
	if pid := page.Records[0].PID; pid == 1 {
		t.Error("the pid is what the process says it is")
	}
}
