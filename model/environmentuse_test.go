package model_test

import (
	"errors"
	"fmt"
	"testing"

	"dev.keyward/keyward/model"
)

// The refusal to delete an environment names what uses it: keys and upstreams,
// the first of many.
func TestEnvironmentInUseIsNamed(t *testing.T) {
	for _, test := range []struct {
		keys, upstreams int
		want            string
	}{
		{1, 0, `the environment "Stage" is used by 1 key (k0): give the key another environment first`},
		{0, 1, `the environment "Stage" is used by 1 workflow's upstream (w0): remove the upstream first`},
		{5, 0, `the environment "Stage" is used by 5 keys (k0, k1, k2, k3, k4): give the keys another environment first`},
		{6, 2, `the environment "Stage" is used by 6 keys (k0, k1, k2, k3, k4 and 1 more) and 2 workflows' upstreams (w0, w1): ` +
			`give the keys another environment and remove the upstreams first`},
		{1, 7, `the environment "Stage" is used by 1 key (k0) and 7 workflows' upstreams (w0, w1, w2, w3, w4 and 2 more): ` +
			`give the key another environment and remove the upstreams first`},
	} {
		t.Run(fmt.Sprintf("%d and %d", test.keys, test.upstreams), func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.CreateEnvironment(t.Context(), model.EnvironmentDraft{Name: "Stage"}); err != nil {
				t.Fatal(err)
			}
			for i := range test.keys {
				w.token(fmt.Sprintf("k%d", i), "Stage")
			}
			for i := range test.upstreams {
				d := model.WorkflowDraft{Name: fmt.Sprintf("w%d", i), Upstreams: map[string]string{"Stage": "https://up.example"}}
				if _, err := w.CreateWorkflow(t.Context(), d); err != nil {
					t.Fatal(err)
				}
			}
			err := w.DeleteEnvironment(t.Context(), "Stage")
			if !errors.Is(err, model.ErrConflict) || err.Error() != test.want {
				t.Errorf("it is refused with\n%v, want\n%s", err, test.want)
			}
		})
	}
}
