package sshd

import (
	"net/netip"
	"sync"
	"testing"
	"time"
)

// TestLookUpsWhileTheFileChanges: each look-up sees one state of the file, whole.
func TestLookUpsWhileTheFileChanges(t *testing.T) {
	f := newFixture(t, nil)
	here := netip.MustParseAddr("127.0.0.1")
	text := publicText(f.viewer.PublicKey())
	keys := OpenKeyFile(f.file, time.UTC)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 200 {
				id, err := keys.lookUp(f.viewer.PublicKey(), here, f.clock.Now())
				if err == nil && (id.Role == Admin) != (id.Comment == "boss") {
					t.Errorf("half of one state and half of another: %+v", id)
				}
			}
		})
	}
	for i := range 100 {
		if i%2 == 0 {
			f.write(text + " bob\n")
		} else {
			f.write(`keyward-role="admin" ` + text + " boss\n")
		}
	}
	work.Wait()
}
