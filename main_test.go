package main

import (
	"flag"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// raceOptions keep the race detector from waiting a second at the end of each
// of the many processes.
const raceOptions = "atexit_sleep_ms=0"

// atOnce is how many tests run at once where there are fewer processors: they
// mostly wait for programs, for one to show something or for time to pass.
const atOnce = 4

// TestMain makes this binary be keyward where it is called so, for the scripts.
func TestMain(m *testing.M) {
	// The -parallel of whoever runs the tests comes later, and counts.
	_ = flag.Set("test.parallel", strconv.Itoa(max(atOnce, runtime.GOMAXPROCS(0))))
	testscript.Main(m, map[string]func(){"keyward": main})
}

// TestScripts runs testdata/script over the real program.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                scriptCommands(),
		Setup: func(env *testscript.Env) error {
			env.Values[processKey{}] = &process{}
			env.Setenv("GORACE", raceOptions)
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("KEYWARD_DATA", filepath.Join(env.WorkDir, "data"))
			return nil
		},
	})
}
