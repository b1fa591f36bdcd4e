package model_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// A call is found by the id that its caller was told, and by the beginning of it,
// also one that another endpoint brought; of fewer digits, or of digits from the
// middle, nothing is said.
func TestActivityIsFoundByItsRequestID(t *testing.T) {
	w, rec, secret := recordingWorld(t)
	r := get("/customers/7", secret)
	d := w.service.Snapshot().Decide(r)
	ids := []model.RequestID{{0xed, 0x4c, 0x5b, 0xdc, 0x01, 15: 0xff}, {0xed, 0x4c, 0x5b, 0xdc, 0x02}, {}}
	for _, id := range ids {
		rec.Keep(r, &d, model.Observed{At: now, Took: time.Millisecond, PID: 7, Request: id})
	}
	brought := activity(t, w.Session, model.ActivityQuery{}).Records[0]
	brought.Request = model.RequestID{0xab, 0xcd, 0xef, 0x12}
	w.service.AddActivity(8, model.ActivityPost{Records: []model.Activity{brought}})
	whole := ids[0].String()
	for _, tt := range []struct {
		words string
		want  int
	}{
		{whole, 1}, {strings.ToUpper(whole), 1}, {`"` + whole + `"}`, 1}, {whole[:10], 1}, {whole[:8], 2}, {whole[:7], 0}, {whole[4:20], 0},
		{whole + "0", 0}, {whole[:10] + " environment-not", 1}, {whole[:10] + " nothing", 0}, {"abcdef12", 1}, {"00000000", 0},
	} {
		if got := activity(t, w.Session, model.ActivityQuery{Words: tt.words}).Records; len(got) != tt.want {
			t.Errorf("%q finds %d calls, want %d", tt.words, len(got), tt.want)
		}
	}
}

func TestRequestIDAsJSON(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{"request_id":"ed4c5bdc0000000000000000000000ff"}`, "ed4c5bdc0000000000000000000000ff"},
		{`{"request_id":""}`, ""},
		{`{}`, ""}, // of an earlier version
	} {
		var a model.Activity
		if err := json.Unmarshal([]byte(tt.text), &a); err != nil || a.Request.String() != tt.want {
			t.Errorf("%s is %q, %v", tt.text, a.Request, err)
		}
		again, err := json.Marshal(a)
		if err != nil || strings.Contains(string(again), "request_id") != (tt.want != "") || !strings.Contains(string(again), tt.want) {
			t.Errorf("%s was written as %s, %v", tt.text, again, err)
		}
	}
	for _, text := range []string{`"12"`, `"zz4c5bdc0000000000000000000000ff"`, `"ed4c5bdc0000000000000000000000ff00"`, `7`} {
		var id model.RequestID
		if err := json.Unmarshal([]byte(text), &id); err == nil {
			t.Errorf("%s was read as %s", text, id)
		}
	}
}
