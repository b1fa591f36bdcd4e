//go:build unix

package sharing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"dev.keyward/keyward/storage"
)

// sequenceName is the file in the data directory in which the owner publishes
// the sequence of the newest confirmed change. It is mapped by every process
// that decides, so that one atomic load a request tells whether a copy of the
// state is old. It says nothing about what is durable: the owner writes it anew
// whenever it opens the store.
const sequenceName = "sequence"

// regionSize is one page.
const regionSize = 4096

// region is the mapped file. Its word 0 is the sequence, in the byte order of
// the machine: the processes that map it share one. Word 1 is until when somebody
// watches what endpoints decide, in Unix nanoseconds.
type region struct {
	path  string
	file  fs.FileInfo
	owned bool // it may be written to
	data  []byte
	word  *atomic.Uint64
}

// openRegion maps the file in dir, or returns old where that is a map of it.
// Making the file is for the owner of the directory; create says whether to.
func openRegion(dir string, create bool, old *region) (*region, error) {
	flags, protection := os.O_RDONLY|syscall.O_NOFOLLOW, unix.PROT_READ
	if create {
		flags, protection = os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, unix.PROT_READ|unix.PROT_WRITE
	}
	file, err := os.OpenFile(filepath.Join(dir, sequenceName), flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		// Another file in its place would not be the one that the owner writes.
		return nil, fmt.Errorf("the file %s is gone, by which an endpoint knows how far changes have come: end the process that owns the store, so that the next one makes it anew", filepath.Join(dir, sequenceName))
	}
	if err != nil {
		return nil, fmt.Errorf("opening the published sequence: %w", err)
	}
	defer func() { _ = file.Close() }() // the map holds on to it
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening the published sequence: %w", err)
	}
	if old != nil && os.SameFile(old.file, info) && info.Size() >= regionSize && (old.owned || !create) {
		return old, nil
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("opening the published sequence: %s is no file: remove it", filepath.Join(dir, sequenceName))
	}
	if info.Size() < regionSize && !create {
		return nil, fmt.Errorf("the file %s is cut short: end the process that owns the store, so that the next one makes it anew", filepath.Join(dir, sequenceName))
	}
	if info.Size() < regionSize {
		// Written, not only extended: a hole would end the process where the
		// disk has no room for it later (SIGBUS).
		if _, err := file.WriteAt(make([]byte, regionSize), 0); err != nil {
			return nil, fmt.Errorf("writing the published sequence: %w", err)
		}
	}
	data, err := unix.Mmap(int(file.Fd()), 0, regionSize, protection, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping the published sequence: %w", err)
	}
	// A page is aligned far better than a word needs.
	return &region{file.Name(), info, create, data, (*atomic.Uint64)(unsafe.Pointer(&data[0]))}, nil
}

// close unmaps the file: nobody may call load or publish any more.
func (r *region) close() error {
	if r == nil || r.data == nil {
		return nil
	}
	data := r.data
	r.data, r.word = nil, nil
	return errors.Join(unix.Munmap(data))
}

// same reports whether o maps the same file.
func (r *region) same(o *region) bool { return os.SameFile(r.file, o.file) }

// load returns the sequence. Where the file was cut short under the map, it is
// NoSequence: nothing is known to be new enough.
func (r *region) load() (seq uint64) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			seq = storage.NoSequence
		}
	}()
	return r.word.Load()
}

// quick is load for where requests are decided. Where the file was cut short it
// panics, in place of ending the process, and whoever handles the request
// recovers and denies. It leaves the goroutine so.
func (r *region) quick() uint64 {
	debug.SetPanicOnFault(true)
	return r.word.Load()
}

// publish writes the sequence. Where the file was cut short under the map, it is
// made whole; everybody maps the same file.
func (r *region) publish(seq uint64) {
	if r.store(seq) {
		return
	}
	if err := os.Truncate(r.path, regionSize); err == nil {
		r.store(seq)
	}
}

func (r *region) store(seq uint64) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { ok = recover() == nil }()
	r.word.Store(seq)
	return true
}

// watch publishes until when somebody watches what endpoints decide. Where the
// file was cut short, nobody is told: the sequence is what matters then.
func (r *region) watch(until time.Time) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { _ = recover() }()
	r.watchWord().Store(until.UnixNano())
}

// watched returns what watch published; the zero time where it cannot be read.
func (r *region) watched() (until time.Time) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { _ = recover() }()
	return time.Unix(0, r.watchWord().Load())
}

func (r *region) watchWord() *atomic.Int64 {
	return (*atomic.Int64)(unsafe.Pointer(&r.data[8]))
}
