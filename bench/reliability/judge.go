//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// question is one request of the fixed set, and what has to be decided.
type question struct {
	What        string `json:"what"`
	Secret      string `json:"secret,omitempty"`
	Certificate string `json:"certificate,omitempty"` // file
	Key         string `json:"key,omitempty"`         // file
	Want        string `json:"want"`                  // filled by the undamaged store
	Status      int    `json:"status"`                // of the endpoint
}

// verdict is what became of a damaged store.
type verdict struct {
	Refused  string   `json:"refused,omitempty"`  // why nothing is decided
	Decided  []string `json:"decided,omitempty"`  // one for each question
	Degraded bool     `json:"degraded,omitempty"` // from the journal
}

// judgeArgument makes this program an endpoint without a network: it opens the
// directory as one does, decides the questions in a file and prints the verdict.
const judgeArgument = "-judge"

func beJudge(arguments []string) int {
	var questions []question
	text, err := os.ReadFile(arguments[1])
	if err == nil {
		err = json.Unmarshal(text, &questions)
	}
	var v verdict
	if err == nil {
		v, err = judge(arguments[0], questions)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(v)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// judge decides the questions as keyward serve does: from the store, from its
// journal where the store cannot be opened, or not at all.
func judge(dir string, questions []question) (v verdict, err error) {
	m, err := sharing.Join(context.Background(), sharing.Options{Dir: dir, Rank: model.RankServe, Version: "bench", FromJournal: true})
	if err != nil {
		return verdict{Refused: err.Error()}, nil
	}
	snapshot := m.Snapshot()
	v.Degraded = m.Standing().Degraded != ""
	switch {
	case snapshot == nil:
		v.Refused = m.Standing().Degraded
	case snapshot.Seq() < m.Newest():
		v.Refused = "stale"
	default:
		for _, q := range questions {
			decided, err := decide(snapshot, q)
			if err != nil {
				return v, err
			}
			v.Decided = append(v.Decided, decided)
		}
	}
	if err := m.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "closing:", err) // what was decided stays
	}
	return v, nil
}

func decide(s *model.Snapshot, q question) (string, error) {
	r := model.Request{Method: http.MethodGet, Path: "/ping/1", RawQuery: "_profile=Test", Host: "localhost", Now: time.Now()}
	if q.Secret != "" {
		r.Authorization = []string{"Key=" + q.Secret}
	}
	if q.Certificate != "" {
		der, err := derOf(q.Certificate)
		if err != nil {
			return "", err
		}
		r.Certificate = sha256.Sum256(der)
	}
	d := s.Decide(&r)
	key := ""
	if d.Key != nil {
		key = fmt.Sprintf(" %s %s %s", d.Key.ID, d.Key.Name, d.Slot)
	}
	return d.Reason.String() + key, nil
}
