package cli

import (
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"dev.keyward/keyward/storage"
)

// versionInfo says which program this is.
type versionInfo struct {
	Version  string `json:"version"`  // of the module; "(devel)" for a build from a checkout without tags
	Revision string `json:"revision"` // of the commit it was built from; "" when not known
	Modified bool   `json:"modified"` // the checkout held other changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Schema   int    `json:"schema"` // of the store
}

func (a *app) version() *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print which keyward this is",
		Example: "  keyward version --json",
		Args:    wants(),
		RunE: func(*cobra.Command, []string) error {
			v := thisVersion()
			return a.print(v, func() {
				a.printf("keyward %s\n", v.Version)
				f := &facts{w: a.out}
				f.add("revision", orDash(v.Revision))
				f.add("go", v.Go)
				f.add("platform", v.Platform)
				f.add("schema", strconv.Itoa(v.Schema))
				f.flush("  ")
			})
		},
	}
	a.jsonFlag(c)
	return c
}

func thisVersion() versionInfo {
	v := versionInfo{
		Version: "(devel)", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Schema: storage.SchemaVersion,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
