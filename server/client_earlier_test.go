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
// of what tells two decisions apart, takes the decision without it, and whoever
// asks why keeps it.
func TestEarlierOwner(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		unknown []string // fields that the owner does not know
		want    model.Activity
	}{
		{"the first version", []string{"request_id", `run"`, `sequence"`, `clash"`, "upstream"}, model.Activity{Path: "/one", Reason: model.Allowed, Status: 502}},
		{"no request's id", []string{"request_id", `run"`, `sequence"`, `clash"`}, model.Activity{Path: "/one", Reason: model.Allowed, Status: 502,
			UpstreamFailure: model.UpstreamRefused, Upstream: "http://127.0.0.1:1"}},
	} {
		t.Run(tt.name, func(t *testing.T) { testEarlierOwner(t, tt.unknown, tt.want) })
	}
}

func testEarlierOwner(t *testing.T, unknown []string, want model.Activity) {
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var taken []model.Activity
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready","instance":"x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		for _, field := range unknown {
			if strings.Contains(string(body), `"`+field) {
				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(model.Fault{Kind: "other", Message: `the owner of the store cannot read the request: json: unknown field "` + strings.Trim(field, `"`) + `"`})
				return
			}
		}
		var in struct {
			model.Activity
			Post model.ActivityPost
		}
		if err := json.Unmarshal(body, &in); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, append(in.Post.Records, in.Activity)[0])
		_, _ = fmt.Fprint(w, `{"filters":[{"refused":true}]}`)
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	failed := model.Activity{Path: "/one", Reason: model.Allowed, Status: 502, UpstreamFailure: model.UpstreamRefused, Upstream: "http://127.0.0.1:1",
		Request: model.RequestID{1}, CertificateSubject: "CN=x", CertificateIssuer: "CN=y", CertificateEnds: 7}
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
	if len(taken) != 2 || taken[0] != want || taken[1] != want {
		t.Errorf("it took\n%+v\nwant each\n%+v", taken, want)
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

// TestOwnerThatKnowsNoSSH: an owner that has not heard of the console over SSH yet
// takes the rest of what an endpoint says, and all of its decisions.
func TestOwnerThatKnowsNoSSH(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(chan string, 1)
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"console"},"state":"ready","instance":"x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), `"ssh":`) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(model.Fault{Kind: "other", Message: `the owner of the store cannot read the request: json: unknown field "ssh"`})
			return
		}
		bodies <- string(body)
		_, _ = fmt.Fprint(w, `{}`)
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	failed := model.Activity{Path: "/one", Reason: model.Allowed, Status: 502, UpstreamFailure: model.UpstreamRefused, Upstream: "http://127.0.0.1:1"}
	report := model.EndpointReport{Addresses: []string{"https://x"}, SSH: "127.0.0.1:2222", HostKey: "SHA256:x"}
	if _, err := c.AddActivity(t.Context(), model.ActivityPost{Report: report, Records: []model.Activity{failed}}); err != nil {
		t.Fatal(err)
	}
	if body := <-bodies; !strings.Contains(body, "https://x") || !strings.Contains(body, "http://127.0.0.1:1") {
		t.Errorf("it was told %s", body)
	}
}

// TestEarlierOwnerTakesUsage: an owner that does not know what tells two batches
// apart takes what was counted all the same.
func TestEarlierOwnerTakesUsage(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	l, err := server.ListenAdmin(dir)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(chan string, 2)
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_, _ = fmt.Fprint(w, `{"protocol":1,"owner":{"pid":7,"rank":"serve"},"state":"ready","instance":"x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
		if strings.Contains(string(body), `"run"`) || strings.Contains(string(body), `"sequence"`) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(model.Fault{Kind: "other", Message: `the owner of the store cannot read the request: json: unknown field "run"`})
			return
		}
		_, _ = fmt.Fprint(w, `{}`)
	})}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	c, err := server.Dial(t.Context(), dir, server.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	batch := model.UsageBatch{Run: 77, Sequence: 3, Usage: []model.Usage{{Key: 5, Slot: model.Primary, Allowed: 2}}}
	if err := c.AddUsage(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	<-bodies
	var got model.UsageBatch
	if err := json.Unmarshal([]byte(<-bodies), &got); err != nil || got.Run != 0 || got.Sequence != 0 || len(got.Usage) != 1 || got.Usage[0].Allowed != 2 {
		t.Errorf("it took %+v, %v", got, err)
	}
}
