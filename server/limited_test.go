package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/server"
)

// besieged is an endpoint whose clock stands still unless it is moved.
type besieged struct {
	*world
	handler  http.Handler
	clock    atomic.Int64 // Unix nanoseconds; flood control looks at it by itself
	recorder *model.Recorder
}

func (b *besieged) pass(d time.Duration) { b.clock.Add(int64(d)) }

func newBesieged(t *testing.T, change func(*server.Options)) *besieged {
	b := &besieged{world: newWorld(t), recorder: watchedRecorder()}
	b.clock.Store(time.Now().UnixNano())
	b.handler = b.endpoint(func(o *server.Options) {
		o.Now, o.Recorder = func() time.Time { return time.Unix(0, b.clock.Load()) }, b.recorder
		if change != nil {
			change(o)
		}
	}).Handler()
	return b
}

// send sends a request from an address and returns its answer.
func (b *besieged) send(remote, authorization string, forwarded ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/customers/7", nil)
	r.RemoteAddr = remote
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	return rec
}

func (b *besieged) stranger() string {
	s, err := model.NewSecret(b.random)
	if err != nil {
		b.t.Fatal(err)
	}
	return "Key=" + s.Reveal()
}

// exhaust makes failures until a source is limited.
func (b *besieged) exhaust(remote string, forwarded ...string) {
	b.t.Helper()
	wrong := b.stranger()
	for range 10 * server.DefaultFailureLimit {
		if b.send(remote, wrong, forwarded...).Code == http.StatusTooManyRequests {
			return
		}
	}
	b.t.Fatalf("%s is not limited", remote)
}

// TestFloodOfWrongKeys: 10,000 wrong keys a second from one source for five
// seconds are limited to the failure, and neither a valid key from the same
// source nor a failure from another notices anything.
func TestFloodOfWrongKeys(t *testing.T) {
	b := newBesieged(t, nil)
	const rate, seconds = 10_000, 5
	wrong := make([]string, 100)
	for i := range wrong {
		wrong[i] = b.stranger()
	}
	attacker, victims := map[int]int{}, map[string]map[int]int{"valid": {}, "neighbour": {}, "mistaken": {}}
	for i := range rate * seconds {
		b.pass(time.Second / rate)
		attacker[b.send("198.51.100.7:1", wrong[i%len(wrong)]).Code]++
		if i%100 != 0 {
			continue
		}
		victims["valid"][b.send("198.51.100.7:2", b.header("full")).Code]++
		victims["neighbour"][b.send("198.51.100.8:1", b.header("full")).Code]++
		if i%1000 == 0 {
			victims["mistaken"][b.send("198.51.100.8:2", wrong[0]).Code]++
		}
	}
	const passed = server.DefaultFailureLimit + (seconds*server.DefaultFailureLimit-1)/60 // the bucket, and what came into it
	if attacker[401] != passed || attacker[429] != rate*seconds-passed || len(attacker) != 2 {
		t.Errorf("the attacker got %v, want 401 %d times and else 429", attacker, passed)
	}
	for who, want := range map[string]int{"valid": rate * seconds / 100, "neighbour": rate * seconds / 100, "mistaken": rate * seconds / 1000} {
		status := 200
		if who == "mistaken" {
			status = 401
		}
		if got := victims[who]; got[status] != want || len(got) != 1 {
			t.Errorf("%s: got %v, want %d times %d", who, got, want, status)
		}
	}
	b.pass(time.Second)
	b.send("198.51.100.8:2", wrong[0])
	b.pass(time.Second)
	b.send("198.51.100.8:2", b.header("disabled"))
	log := b.log.await(t, `"reason":"key-disabled"`)
	if got := strings.Count(log, `"msg":"failures limited","remote":"198.51.100.7","limit":120}`); got != 1 {
		t.Errorf("the beginning is told %d times", got)
	}
	if got := strings.Count(log, `"remote":"198.51.100.7:1"`); got > passed+seconds+1 {
		t.Errorf("%d lines about the attacker", got)
	}
	if got := strings.Count(log, `"status":429`); got < seconds-1 || got > seconds+1 {
		t.Errorf("%d lines about limited requests, want one a second", got)
	}
	told := 0
	for _, line := range lines(t, log) {
		if line["msg"] == "suppressed" && line["remote"] == "198.51.100.7" {
			told += int(line["count"].(float64))
		}
	}
	if got := told + strings.Count(log, `"remote":"198.51.100.7:1"`); got != rate*seconds {
		t.Errorf("the log accounts for %d of %d requests", got, rate*seconds)
	}
	b.mistakesAreSeen(rate*seconds/1000+2, passed+seconds+1)
}

// mistakesAreSeen: what others got wrong is on record still, and what the
// attacker did is there, no more than so often; all of it is counted.
func (b *besieged) mistakesAreSeen(mistakes, most int) {
	b.t.Helper()
	page, _ := b.recorder.Post(time.Now(), 0, nil)
	if want := uint64(50_000 + mistakes); page.Report.Denied != want {
		b.t.Errorf("%d refusals are counted, want %d", page.Report.Denied, want)
	}
	seen := map[string]int{}
	for _, a := range page.Records {
		if !a.Allowed() {
			seen[strings.Split(a.Remote, ":")[0]]++
		}
	}
	if seen["198.51.100.8"] != mistakes || seen["198.51.100.7"] > most || seen["198.51.100.7"] == 0 {
		b.t.Errorf("on record are %v", seen)
	}
}

// TestLimitedStatuses: a limited source gets 429 for whatever proves no key in
// force, alike for each reason, and every other answer as ever.
func TestLimitedStatuses(t *testing.T) {
	for _, uniform := range []bool{false, true} {
		b := newBesieged(t, func(o *server.Options) { o.DenyUniform = uniform })
		b.t = t
		wrong := b.stranger()
		for range server.DefaultFailureLimit {
			b.send("192.0.2.1:1", wrong) // where httptest's requests come from
		}
		bodies := map[int]string{}
		for _, d := range denials(b.world) {
			rec, want := d.send(b.handler), d.reason.Status()
			switch {
			case uniform:
				want = 404
			case d.reason.Unproven() && d.reason != model.CredentialMissing:
				want = 429
			}
			if rec.Code != want {
				t.Errorf("%s, uniform %v: got %d, want %d", d.name, uniform, rec.Code, want)
			}
			checkAlike(t, d.name, bodies, rec)
			retry, challenges := rec.Header().Get("Retry-After"), rec.Header().Values("WWW-Authenticate")
			if (retry == "1") != (want == 429) || (len(challenges) == 2) != (want == 429 || want == 401) {
				t.Errorf("%s: %d comes with Retry-After %q and the challenges %q", d.name, rec.Code, retry, challenges)
			}
		}
		for _, target := range []string{"/customers/7", "/openapi.yml"} {
			if rec := (denial{method: "GET", target: target, authorization: []string{b.header("full")}}).send(b.handler); rec.Code != 200 {
				t.Errorf("%s with a valid key: got %d", target, rec.Code)
			}
		}
		rec := denial{method: "GET", target: "/openapi.yml", authorization: []string{wrong}}.send(b.handler)
		if want := map[bool]int{false: 429, true: 404}[uniform]; rec.Code != want {
			t.Errorf("the document without a valid key: got %d, want %d", rec.Code, want)
		}
	}
}

// TestOnlyFailuresCount: denials of a caller that proved its key use nothing up,
// nor do its successes give anything back.
func TestOnlyFailuresCount(t *testing.T) {
	b := newBesieged(t, func(o *server.Options) { o.FailureLimit = 3 })
	wrong := b.stranger()
	for i := range 50 {
		for _, d := range denials(b.world) {
			if !d.reason.Unproven() && i < 10 {
				d.send(b.handler)
			}
		}
		b.send("192.0.2.1:1", b.header("full"))
	}
	for i, want := range []int{401, 401, 401, 429, 429} {
		if got := b.send("192.0.2.1:1", wrong).Code; got != want {
			t.Errorf("failure %d: got %d, want %d", i+1, got, want)
		}
		b.send("192.0.2.1:1", b.header("full"))
	}
	b.pass(20 * time.Second)
	for i, want := range []int{401, 429} {
		if got := b.send("192.0.2.1:1", wrong).Code; got != want {
			t.Errorf("20 s later, failure %d: got %d, want %d", i+1, got, want)
		}
	}
}

// TestNoKeyIsLockedOut: guessing at a key from everywhere changes nothing for
// its holder.
func TestNoKeyIsLockedOut(t *testing.T) {
	b := newBesieged(t, nil)
	secret := b.secrets["full"].Reveal()
	near := "Key=" + secret[:len(secret)-1] + string('0'+(secret[len(secret)-1]+1)%10)
	for i := range 5000 {
		b.send(fmt.Sprintf("10.1.%d.%d:1", i/250, i%250), near)
		if got := b.send("10.1.0.0:1", b.header("full")).Code; got != 200 {
			t.Fatalf("after %d guesses the holder got %d", i+1, got)
		}
	}
}

func TestFailureLimitOff(t *testing.T) {
	b := newBesieged(t, func(o *server.Options) { o.FailureLimit = -1 })
	wrong := b.stranger()
	for range 1000 {
		if got := b.send("192.0.2.1:1", wrong).Code; got != 401 {
			t.Fatalf("got %d", got)
		}
	}
}

// TestForgedSource: whoever is no trusted proxy is counted under its own
// address, whatever it says; who comes through one, under the address that the
// proxy appended.
func TestForgedSource(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	b := newBesieged(t, func(o *server.Options) { o.TrustedProxies = proxies })
	wrong := b.stranger()
	codes := func(remote string, forwarded func(i int) []string) map[int]int {
		got := map[int]int{}
		for i := range 2 * server.DefaultFailureLimit {
			got[b.send(remote, wrong, forwarded(i)...).Code]++
		}
		return got
	}
	half := map[int]int{401: server.DefaultFailureLimit, 429: server.DefaultFailureLimit}
	forged := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	for name, got := range map[string]map[int]int{
		"no proxy, another address each time":         codes("198.51.100.1:1", func(i int) []string { return []string{forged(i)} }),
		"through a proxy, another one in front":       codes("10.0.0.1:1", func(i int) []string { return []string{forged(i) + ", 198.51.100.2"} }),
		"through a proxy, another one in a line":      codes("10.0.0.1:1", func(i int) []string { return []string{forged(i), "198.51.100.3"} }),
		"through two proxies":                         codes("10.0.0.1:1", func(i int) []string { return []string{forged(i) + ",198.51.100.4, 10.0.0.2"} }),
		"through other proxies each time":             codes("10.0.0.1:1", func(i int) []string { return []string{"198.51.100.5", fmt.Sprintf("10.0.1.%d", i)} }),
		"an IPv6 network, another address each time":  codes("10.0.0.1:1", func(i int) []string { return []string{fmt.Sprintf("2001:db8::%x", i)} }),
		"the same, and another network than its twin": codes("10.0.0.1:1", func(i int) []string { return []string{fmt.Sprintf("[2001:db8:0:1::%x]:443", i)} }),
	} {
		if got[401] != half[401] || got[429] != half[429] {
			t.Errorf("%s: got %v, want %v", name, got, half)
		}
	}
	if got := b.send("10.0.0.1:1", wrong, "198.51.100.9").Code; got != 401 {
		t.Errorf("another caller of the same proxy got %d", got)
	}
	if got := b.send("10.0.0.1:1", b.header("full"), "198.51.100.2").Code; got != 200 {
		t.Errorf("a valid key from a limited source got %d", got)
	}
	if got := b.send("203.0.113.5:1", wrong).Code; got != 401 {
		t.Errorf("who was named by a forger got %d", got)
	}
	log := b.log.await(t, `"remote":"203.0.113.5:1"`)
	for _, text := range []string{
		`"msg":"failures limited","remote":"198.51.100.2","limit":120}`,
		`"msg":"failures limited","remote":"2001:db8::/64","limit":120}`,
		`"remote":"10.0.0.1:1","source":"198.51.100.9",`,
	} {
		if !strings.Contains(log, text) {
			t.Errorf("the log lacks %s", text)
		}
	}
	if strings.Contains(log, `"source":"203.0.113.`) || strings.Contains(log, `"failures limited","remote":"203.0.113.`) {
		t.Error("a forged address is in the log as a source")
	}
}

// TestBeginningsAreBounded: when each of many sources begins to be limited, the
// log has not a line for each.
func TestBeginningsAreBounded(t *testing.T) {
	b := newBesieged(t, func(o *server.Options) { o.FailureLimit = 1 })
	start := time.Now()
	for i := range 4000 {
		b.exhaust(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250))
	}
	b.pass(time.Second)
	b.send("192.0.2.1:1", b.header("disabled"))
	log := b.log.await(t, `"reason":"key-disabled"`)
	windows := 1 + int(time.Since(start)/time.Second) // flood control ends one by the real time as well
	if got := strings.Count(log, `"msg":"failures limited"`); got < 50 || got > 50*windows {
		t.Errorf("%d lines about beginnings in %d windows", got, windows)
	}
}
