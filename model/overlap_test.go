package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dev.keyward/keyward/model"
)

// Bindings finds what comparing each with each finds, whatever the templates.
func TestBindingsFindWhatOverlaps(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var set model.Bindings
	var all []*model.Binding
	found := 0
	for i := range 400 {
		b := randomBinding(t, random)
		var want, got []string
		for j, other := range all {
			if example := model.Overlap(b, other); example != "" {
				want = append(want, fmt.Sprint(j, " ", example))
			}
		}
		set.Overlaps(b, func(name, example string) bool {
			got = append(got, name+" "+example)
			return true
		})
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("what overlaps with the binding %d differs (-want +got):\n%s", i, diff)
		}
		found += len(got)
		set.Add(fmt.Sprint(i), b)
		all = append(all, b)
	}
	if found < 1000 {
		t.Errorf("only %d pairs overlap: the test shows too little", found)
	}
	calls := 0
	set.Overlaps(all[0], func(string, string) bool { calls++; return false })
	if calls != 1 {
		t.Errorf("it went on %d times after false", calls-1)
	}
}

// randomBinding is one of few templates, so that many overlap.
func randomBinding(t *testing.T, random *rand.Rand) *model.Binding {
	t.Helper()
	parts := []string{"a", "b", "%61", "{v%d}", "{w%d}"}
	var path strings.Builder
	for i := range random.IntN(4) {
		part := parts[random.IntN(len(parts))]
		if strings.Contains(part, "{") {
			part = fmt.Sprintf(part, i)
		}
		path.WriteString("/" + part)
	}
	if path.Len() == 0 || random.IntN(2) == 0 {
		path.WriteString("/")
	}
	if random.IntN(3) == 0 {
		path.WriteString("?q={q}")
	}
	b, err := model.ParseBinding([]string{"GET", "POST"}[random.IntN(2)], path.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}
