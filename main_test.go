package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary be keyward where it is called so, for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keyward": main})
}

// TestScripts runs testdata/script over the real program.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                scriptCommands(),
		Setup: func(env *testscript.Env) error {
			env.Values[processKey{}] = &process{}
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("KEYWARD_DATA", filepath.Join(env.WorkDir, "data"))
			return nil
		},
	})
}
