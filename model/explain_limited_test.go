package model_test

import (
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// TestExplainLimited: who saw 429 is told what it means, after what would help;
// nobody else is.
func TestExplainLimited(t *testing.T) {
	r := newRefusedWorld(t)
	stranger := func() model.Activity {
		return r.call(&model.Request{Method: "GET", Path: "/customers/7", Authorization: []string{"Key=" + r.secret().Reveal()}, Now: r.clock.Now()})
	}
	disabled := func() model.Activity {
		return r.call(&model.Request{Method: "GET", Path: "/customers/7", RawQuery: "_profile=Test", Authorization: []string{"Key=" + r.secrets["disabled"].Reveal()}, Now: r.clock.Now()})
	}
	for _, c := range []struct {
		name   string
		call   func() model.Activity
		status int
		change func()
		want   bool
	}{
		{"a stranger, 401", stranger, 401, nil, false},
		{"a stranger, 429", stranger, 429, nil, true},
		{"a disabled key, 429", disabled, 429, nil, true},
		{"a disabled key, 429, enabled since", disabled, 429, func() { must(t)(r.SetKeyEnabled(t.Context(), "disabled", true)) }, false},
		{"an upstream's own 429", disabled, 429, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := c.call()
			a.Status = c.status
			if c.change != nil {
				c.change()
			}
			e, err := r.Explain(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			told := 0
			for i, remedy := range e.Remedies {
				if strings.Contains(remedy.Text, "--failure-limit") {
					told++
					if i == 0 || i != len(e.Remedies)-1 || remedy.Kind != model.Advice {
						t.Errorf("it is remedy %d of %d, of kind %v", i+1, len(e.Remedies), remedy.Kind)
					}
				}
			}
			if (told == 1) != c.want || told > 1 {
				t.Errorf("told %d times: %v", told, e.Remedies)
			}
		})
	}
}
