package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/tui"
)

// The console has no --force to advise.
func TestConsoleSaysItsOwnWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := certificates{&app{env: Env{Now: time.Now}}}
	o := tui.GenerateOptions{Dir: dir, Name: "client", Subject: "/CN=x", Days: 1, Algorithm: certgen.P256.String()}
	if _, err := c.Generate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	_, err := c.Generate(t.Context(), o)
	if text := fmt.Sprint(err); !strings.Contains(text, "client already") || !strings.Contains(text, "choose another name") || strings.Contains(text, "--") {
		t.Errorf("got %q", text)
	}
}
