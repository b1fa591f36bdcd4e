package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestEarlierOwner: an owner that has not heard of an upstream's failure yet, or
// of what tells two decisions apart, takes the decision without it, and whoever asks why keeps it.
func TestEarlierOwner(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var taken []string
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready","instance":"x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), `"upstream`) || strings.Contains(string(body), `"run"`) || strings.Contains(string(body), `"sequence"`) || strings.Contains(string(body), `"clash"`) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(model.Fault{Kind: "other", Message: `the owner of the store cannot read the request: json: unknown field "upstream"`})
			return
		}
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, string(body))
		_, _ = fmt.Fprint(w, `{"filters":[{"refused":true}]}`)
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	failed := model.Activity{Path: "/one", Reason: model.Allowed, Status: 502, UpstreamFailure: model.UpstreamRefused, Upstream: "http://127.0.0.1:1"}
	failed.Run, failed.Sequence, failed.Clash = 77, 1, model.Clashing{5, 6}
	post := model.ActivityPost{Records: []model.Activity{failed, {Path: "/two", Run: 77, Sequence: 2}}}
	watch, err := c.AddActivity(t.Context(), post)
	if err != nil || len(watch.Filters) != 1 || post.Records[0] != failed {
		t.Errorf("%+v, %v", watch, err)
	}
	x, err := c.Explain(t.Context(), failed)
	if err != nil || x.Activity != failed {
		t.Errorf("%+v, %v", x, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(taken) != 2 || !strings.Contains(taken[0], "/one") || !strings.Contains(taken[0], "/two") || !strings.Contains(taken[1], "/one") {
		t.Errorf("it took %q", taken)
	}
}

// TestEarlierOwnerIsAskedWhoServes: an owner that cannot be asked for the
// endpoints alone is asked for one record, which nobody asked for.
func TestEarlierOwnerIsAskedWhoServes(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready","instance":"x"}`)
			return
		}
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"serving"`) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(model.Fault{Kind: "other", Message: `the owner of the store cannot read the request: json: unknown field "serving"`})
			return
		}
		_, _ = fmt.Fprint(w, `{"records":[{"number":7,"path":"/one","reason":"allowed"}],"next":7,"serving":[{"pid":77}]}`)
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	page, err := c.Activity(t.Context(), model.ActivityQuery{Serving: true})
	if err != nil || len(page.Serving) != 1 || page.Serving[0].PID != 77 || len(page.Records) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
}
