package model_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// TestPostIsCopied: what is kept of a post does not hold on to the rest of it,
// which a refusal among hundreds of allowed requests would for long.
func TestPostIsCopied(t *testing.T) {
	w, _, _ := recordingWorld(t)
	post := model.ActivityPost{Records: []model.Activity{{Reason: model.SecretUnknown, Path: "/a"}, {Reason: model.Allowed, Path: "/b"}}}
	w.service.AddActivity(4242, post)
	post.Records[0].Path, post.Records[1].Path = "/x", "/y"
	page := activity(t, w.Session, model.ActivityQuery{})
	if len(page.Records) != 2 || page.Records[0].Path != "/a" || page.Records[1].Path != "/b" {
		t.Errorf("got %+v", page.Records)
	}
}

// TestPostIsBounded: another process can neither fill the memory nor use the
// numbers up.
func TestPostIsBounded(t *testing.T) {
	w, _, _ := recordingWorld(t)
	before := activity(t, w.Session, model.ActivityQuery{}).Next
	long := strings.Repeat("€", 1<<20)
	w.service.AddActivity(4242, model.ActivityPost{Missed: math.MaxUint64, Records: []model.Activity{{
		Reason: model.SecretUnknown, Remote: long, Method: long, Host: long, Path: long, Query: long, Agent: long, KeyName: long, Bound: long, Environment: long,
	}}})
	page := activity(t, w.Session, model.ActivityQuery{})
	if len(page.Records) != 1 || page.Next <= before || page.Next >= 1<<53 {
		t.Fatalf("%d records, from %d to %d", len(page.Records), before, page.Next)
	}
	a := page.Records[0]
	for _, text := range []string{a.Remote, a.Method, a.Host, a.Path, a.Query, a.Agent, a.KeyName, a.Bound, a.Environment} {
		if len(text) > 1<<10 || !strings.HasPrefix(long, text) || text == "" || !a.Partial {
			t.Errorf("%d bytes, partial %v", len(text), a.Partial)
		}
	}
}

// TestClockSetBack: a clock that is set back has nobody's watching last for the
// hours by which it was, and whoever asks then watches.
func TestClockSetBack(t *testing.T) {
	rec := &model.Recorder{}
	late := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	rec.Watch(late, late.Add(5*time.Second))
	if !rec.Count(true, late) {
		t.Fatal("nobody watches")
	}
	early := late.Add(-3 * time.Hour)
	if rec.Count(true, early) {
		t.Error("it is recorded for three hours")
	}
	rec.Watch(early, early.Add(5*time.Second))
	if !rec.Count(true, early) || rec.Count(true, early.Add(5*time.Second)) {
		t.Error("who asks now does not watch")
	}
}
