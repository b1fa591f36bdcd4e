//go:build unix

package sharing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
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
// the machine: the processes that map it share one.
type region struct {
	data []byte
	word *atomic.Uint64
}

// openRegion maps the file in dir. Making it is for the owner of the directory;
// create says whether to.
func openRegion(dir string, create bool) (*region, error) {
	flags := os.O_RDWR | syscall.O_NOFOLLOW
	if create {
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(filepath.Join(dir, sequenceName), flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the published sequence: %w", err)
	}
	defer func() { _ = file.Close() }() // the map holds on to it
	if info, err := file.Stat(); err != nil {
		return nil, fmt.Errorf("opening the published sequence: %w", err)
	} else if info.Size() < regionSize {
		// Written, not only extended: a hole would end the process where the
		// disk has no room for it later (SIGBUS).
		if _, err := file.WriteAt(make([]byte, regionSize), 0); err != nil {
			return nil, fmt.Errorf("writing the published sequence: %w", err)
		}
	}
	data, err := unix.Mmap(int(file.Fd()), 0, regionSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping the published sequence: %w", err)
	}
	// A page is aligned far better than a word needs.
	return &region{data, (*atomic.Uint64)(unsafe.Pointer(&data[0]))}, nil
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

func (r *region) load() uint64 { return r.word.Load() }

func (r *region) publish(seq uint64) { r.word.Store(seq) }
