package cli

import "testing"

func TestGarbagePercent(t *testing.T) {
	for inUse, want := range map[uint64]int{
		0: goPercent, 10 << 20: goPercent, 48 << 20: 100, 96 << 20: 50, 240 << 20: 20, 1 << 40: leastPercent,
	} {
		if got := garbagePercent(inUse); got != want {
			t.Errorf("with %d bytes in use it is %d %%, want %d", inUse, got, want)
		}
	}
}
