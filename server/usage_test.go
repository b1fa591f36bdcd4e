package server_test

import (
	"cmp"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// TestUsageIsCounted holds which requests count for whom. Each is sent twice.
func TestUsageIsCounted(t *testing.T) {
	now := time.Now().Truncate(time.Minute).Add(42 * time.Second)
	minute := model.At(now.Truncate(time.Minute))
	for _, c := range []struct {
		name, target, key, remote string
		want                      *model.Usage // but for the key; nil: none
	}{
		{"allowed", "/customers/7", "full", "10.0.0.7:999", &model.Usage{Allowed: 2, Last: minute, Remote: "10.0.0.7"}},
		{"IPv4 in IPv6", "/customers/7", "full", "[::ffff:10.0.0.7]:999", &model.Usage{Allowed: 2, Last: minute, Remote: "10.0.0.7"}},
		{"IPv6 with a zone", "/customers/7", "full", "[fe80::1%eth0]:999", &model.Usage{Allowed: 2, Last: minute, Remote: "fe80::1"}},
		{"its document", "/openapi.yml", "full", "10.0.0.7:999", &model.Usage{Allowed: 2, Last: minute, Remote: "10.0.0.7"}},
		{"an unknown path", "/nowhere", "full", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"not permitted", "/forbidden", "full", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"disabled", "/customers/7", "disabled", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"disabled, its document", "/openapi.yml", "disabled", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"expired", "/customers/7", "expired", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"deleted", "/customers/7", "deleted", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"retired", "/customers/7", "retired", "10.0.0.7:999", &model.Usage{Denied: 2}},
		{"no key", "/customers/7", "", "10.0.0.7:999", nil},
		{"a probe", "/_keyward/ready", "full", "10.0.0.7:999", nil},
		{"nobody's path", "/_keyward/verify", "full", "10.0.0.7:999", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			var meter model.Meter
			h := w.endpoint(func(o *server.Options) { o.Meter, o.Now = &meter, func() time.Time { return now } }).Handler()
			for range 2 {
				r := httptest.NewRequest("GET", c.target, nil)
				r.RemoteAddr = c.remote
				if c.key != "" {
					r.Header.Set("Authorization", w.header(c.key))
				}
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			var want []model.Usage
			for _, k := range w.keys {
				if c.want != nil && k.Name == c.key {
					c.want.Key, c.want.Slot = k.ID, model.Primary
					c.want.Days = []model.DayUse{{Day: int32(now.Unix() / (24 * 60 * 60)), Allowed: uint32(c.want.Allowed), Denied: uint32(c.want.Denied)}}
					if c.want.Remote != "" {
						c.want.Callers = []model.CallerUse{{Remote: c.want.Remote, Last: minute}}
					}
					want = append(want, *c.want)
					if c.want.Allowed > 0 && c.target == "/customers/7" {
						want = append(want, model.Usage{Workflow: lookup, Allowed: c.want.Allowed, Last: minute})
					}
				}
			}
			got := meter.Drain()
			slices.SortFunc(got, func(a, b model.Usage) int { return cmp.Compare(a.Workflow, b.Workflow) })
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUsageOfStale holds that what is not decided is nobody's use.
func TestUsageOfStale(t *testing.T) {
	w := newWorld(t)
	var meter model.Meter
	_, follow := following(2)
	h := w.endpoint(func(o *server.Options) { follow(o); o.CatchUp, o.Meter = -1, &meter }).Handler()
	denial{method: "GET", target: "/customers/7", authorization: []string{w.header("full")}}.send(h)
	if got := meter.Drain(); got != nil {
		t.Errorf("got %v", got)
	}
}

// TestUsageOfProxied holds that a request counts once, however often it is
// judged while it lasts.
func TestUsageOfProxied(t *testing.T) {
	w := newWorld(t)
	w.upstream(newUpstream(t).URL)
	var meter model.Meter
	r := w.serve(func(o *server.Options) { o.Meter, o.Recheck = &meter, time.Nanosecond })
	do(t, r.client(t, false, nil), request(t, "GET", "https://"+r.tls+"/customers/7", w.header("full")))
	w.log.await(t, `"allowed":true`)
	got := meter.Drain()
	slices.SortFunc(got, func(a, b model.Usage) int { return cmp.Compare(a.Workflow, b.Workflow) })
	if len(got) != 2 || got[0].Allowed != 1 || got[0].Denied != 0 || got[0].Remote != "127.0.0.1" || got[1].Allowed != 1 {
		t.Errorf("got %+v", got)
	}
}
