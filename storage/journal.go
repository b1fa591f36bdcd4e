package storage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// smallJournal is the size, in bytes, below which a journal is not rewritten.
const smallJournal = 4 << 20

// journal is one that commits are added to. One goroutine adds; another may
// read what was added before.
type journal struct {
	dir   string
	codec codec
	file  *os.File
	size  atomic.Int64 // up to where it is written and synced
	next  uint64       // index of the next frame
	base  int64        // bytes of the base
	state storeState   // of the newest frame
	buf   []byte

	write func(f *os.File, data []byte, at int64) error // replaced in tests
	sync  func(f *os.File) error                        // likewise
}

// newJournal returns one without a file.
func newJournal(dir string, c codec) *journal {
	return &journal{dir: dir, codec: c, write: writeAt, sync: syncData}
}

func writeAt(f *os.File, data []byte, at int64) error {
	_, err := f.WriteAt(data, at)
	return err
}

// open opens the file that facts were read from, to go on after its last good
// frame. What follows that is cut off.
func (j *journal) open(facts journalFacts) error {
	file, err := os.OpenFile(filepath.Join(j.dir, journalName), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > facts.end {
		if err = file.Truncate(facts.end); err == nil {
			err = file.Sync()
		}
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	j.file, j.next, j.base, j.state = file, facts.next, facts.base, facts.state
	j.size.Store(facts.end)
	return nil
}

// append adds a commit and returns when it is durable. After an error the file
// is as it was before, as far as that can be done, and nothing more must be
// added.
func (j *journal) append(commit journalCommit) error {
	payload := j.codec.encode(commit)
	j.buf = appendFrame(j.buf[:0], frameCommit, j.next, payload)
	at := j.size.Load()
	err := j.write(j.file, j.buf, at)
	if err == nil {
		err = j.sync(j.file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the journal: %w", err), j.file.Truncate(at))
	}
	j.next++
	j.state = commit.State
	j.size.Store(at + int64(len(j.buf)))
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// baseWriter writes a journal with a new base beside the one in force.
type baseWriter struct {
	codec  codec
	file   *os.File
	out    *bufio.Writer
	size   int64
	next   uint64
	base   int64
	state  storeState
	count  uint64
	digest stateDigest
	piece  []journalRecord
	bytes  int // in piece
	buf    []byte
}

// newBase begins a journal for the state of a store; records and end must
// follow.
func newBase(dir string, c codec, state storeState) (*baseWriter, error) {
	file, err := os.OpenFile(filepath.Join(dir, journalNewName), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := &baseWriter{codec: c, file: file, out: bufio.NewWriterSize(file, 1<<18), state: state}
	if err := w.raw([]byte(journalMagic)); err != nil {
		return nil, errors.Join(err, w.giveUp())
	}
	if err := w.frame(frameBegin, c.encode(state)); err != nil {
		return nil, errors.Join(err, w.giveUp())
	}
	return w, nil
}

func (w *baseWriter) raw(data []byte) error {
	w.size += int64(len(data))
	_, err := w.out.Write(data)
	return err
}

func (w *baseWriter) frame(kind frameKind, payload []byte) error {
	w.buf = appendFrame(w.buf[:0], kind, w.next, payload)
	w.next++
	return w.raw(w.buf)
}

// records adds entries to the base; it keeps none of them after the call.
func (w *baseWriter) records(entries []Entry) error {
	for _, e := range entries {
		w.count++
		w.digest.add(e.Key, e.Value)
		w.piece = append(w.piece, journalRecord{Key: e.Key, Value: present(e.Value)})
		w.bytes += len(e.Key) + len(e.Value)
		if w.bytes >= pieceBytes || len(w.piece) == pieceRecords {
			if err := w.flushPiece(); err != nil {
				return err
			}
		}
	}
	return w.flushPiece()
}

// present tells an empty value from one that was removed.
func present(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

func (w *baseWriter) flushPiece() error {
	if len(w.piece) == 0 {
		return nil
	}
	payload := w.codec.encode(w.piece)
	clear(w.piece)
	w.piece, w.bytes = w.piece[:0], 0
	return w.frame(frameRecords, payload)
}

// errWrongBase: what a base was written from is not what the commits led to.
var errWrongBase = fmt.Errorf("%w: its records are not those that the commits led to", ErrCorrupt)

// end completes the base, unless its records are not those of its state.
func (w *baseWriter) end() error {
	if w.count != w.state.Count || w.digest != w.state.Digest {
		return errWrongBase
	}
	if err := w.frame(frameEnd, w.codec.encode(w.state)); err != nil {
		return err
	}
	w.base = w.size
	return nil
}

// follow copies the commits of another journal, those that end at most at to,
// and returns where the next one begins.
func (w *baseWriter) follow(other io.ReaderAt, from, to int64, index uint64) (next uint64, err error) {
	for r := newFrameReader(other, from, to, index); ; {
		kind, payload, err := r.next()
		if errors.Is(err, io.EOF) {
			return r.index, nil
		}
		if err == nil {
			err = w.frame(kind, payload)
		}
		if err == nil {
			err = decodeState(w.codec, kind, payload, &w.state)
		}
		if err != nil {
			return r.index, err
		}
	}
}

// settle makes durable what was written so far.
func (w *baseWriter) settle() error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.file.Sync()
}

// giveUp removes what was written.
func (w *baseWriter) giveUp() error {
	return errors.Join(w.file.Close(), os.Remove(w.file.Name()))
}

// replace puts the new journal, which must be settled, in the place of the one
// in force. When kept is true after an error, the old one is still in force.
func (j *journal) replace(w *baseWriter) (kept bool, err error) {
	path := filepath.Join(j.dir, journalName)
	err = w.file.Close()
	if err != nil {
		return true, errors.Join(err, os.Remove(w.file.Name()))
	}
	if j.file != nil { // some systems rename nothing over a file that is open
		if err := j.file.Close(); err != nil {
			return false, err
		}
		j.file = nil
	}
	kept = true
	if err = os.Rename(w.file.Name(), path); err == nil {
		kept = false
		err = syncDir(j.dir)
	}
	file, openErr := os.OpenFile(path, os.O_RDWR, 0)
	if openErr != nil {
		return false, errors.Join(err, openErr)
	}
	j.file = file
	if kept {
		return true, errors.Join(err, os.Remove(w.file.Name()))
	}
	j.next, j.base, j.state = w.next, w.base, w.state
	j.size.Store(w.size)
	return false, err
}

// makeJournal makes the journal of a store that is not there yet.
func makeJournal(dir string, c codec) error {
	w, err := newBase(dir, c, storeState{})
	if err != nil {
		return err
	}
	if err := errors.Join(w.end(), w.settle()); err != nil {
		return errors.Join(err, w.giveUp())
	}
	j := newJournal(dir, c)
	_, err = j.replace(w)
	return errors.Join(err, j.close())
}

// removeLeftover removes what a process that was cut off left of a new journal.
func removeLeftover(dir string) error {
	err := os.Remove(filepath.Join(dir, journalNewName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
