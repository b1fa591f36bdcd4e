package cli

import (
	"runtime"
	"runtime/debug"

	"dev.keyward/keyward/storage"
)

// How much garbage the console lets come together when it has the store: a
// million keys are a quarter of a gigabyte, and Go would let as much again pile
// up before it looks. A console makes little garbage, so that looking early costs
// next to nothing; an endpoint does not, and is left as it is.
const (
	mostGarbage  = 48 << 20 // bytes
	leastPercent = 10       // of what is in use: looking more often than that would be felt
	goPercent    = 100      // Go's own, for what is small

	// openingPercent is for while the store is being read: what it is read into
	// grows all the time, and with Go's own the peak would be twice what is kept.
	openingPercent = 40
)

// spareWhileOpening is told that this process is reading the store.
func spareWhileOpening(storage.Checked) { debug.SetGCPercent(openingPercent) }

// spareMemory is told when this process has opened and read the store, and when
// it has let go of it. It gives back what reading took, and bounds the garbage
// from then on.
func spareMemory(holds bool) {
	if !holds {
		debug.SetGCPercent(goPercent)
		return
	}
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc < mostGarbage {
		debug.SetGCPercent(goPercent)
		return
	}
	debug.FreeOSMemory()
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(garbagePercent(m.HeapAlloc))
}

// garbagePercent is the percentage of inUse, in bytes, that may be garbage.
func garbagePercent(inUse uint64) int {
	return min(max(int(100*mostGarbage/max(inUse, 1)), leastPercent), goPercent)
}
