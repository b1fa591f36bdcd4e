package storage

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// brokenFrame says where a journal cannot be read on.
type brokenFrame struct {
	at   int64 // where the frame begins
	torn bool  // the file ends within it, as a power cut leaves it
	last bool  // nothing can follow it
}

func (e *brokenFrame) Error() string {
	if e.torn {
		return fmt.Sprintf("it is cut short at byte %d", e.at)
	}
	return fmt.Sprintf("it is not what was written at byte %d", e.at)
}

// frameReader reads frames one after the other.
type frameReader struct {
	in     *bufio.Reader
	at     int64 // where the next frame begins
	size   int64 // of the file
	index  uint64
	buffer []byte
}

// newFrameReader reads the frames of file from a frame on that begins at at.
func newFrameReader(file io.ReaderAt, at, size int64, index uint64) *frameReader {
	return &frameReader{in: bufio.NewReaderSize(io.NewSectionReader(file, at, size-at), 1<<18), at: at, size: size, index: index}
}

// next returns the next frame; the payload is good until the call after. io.EOF
// is the end, *brokenFrame what cannot be read; other errors are the system's.
func (r *frameReader) next() (frameKind, []byte, error) {
	if r.at == r.size {
		return 0, nil, io.EOF
	}
	left := r.size - r.at
	broken := &brokenFrame{at: r.at, last: true}
	if left < frameHeadBytes {
		broken.torn = true
		return 0, nil, broken
	}
	var head [frameHeadBytes]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return 0, nil, err
	}
	h, ok := parseFrameHead(head[:])
	if !ok || h.index != r.index {
		zeros, err := r.onlyZeros()
		broken.torn, broken.last = zeros && !ok, zeros
		return 0, nil, errors.Join(err, broken)
	}
	length := int(h.length) + frameTailBytes
	if end := frameHeadBytes + int64(length); end > left {
		broken.torn = true
		return 0, nil, broken
	} else if end < left {
		broken.last = false
	}
	if cap(r.buffer) < length {
		r.buffer = make([]byte, length)
	}
	data := r.buffer[:length]
	if _, err := io.ReadFull(r.in, data); err != nil {
		return 0, nil, err
	}
	payload, tail := data[:h.length:h.length], data[h.length:]
	if !checkFrameTail(tail, r.index, payload) {
		return 0, nil, broken
	}
	r.at += frameHeadBytes + int64(length)
	r.index++
	return h.kind, payload, nil
}

// onlyZeros reports whether nothing but zeros follows: a file system may lose
// what was written last but for the length of the file.
func (r *frameReader) onlyZeros() (bool, error) {
	for {
		c, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err
		case c != 0:
			return false, nil
		}
	}
}

// journalFacts is what a journal says, as far as it can be read.
type journalFacts struct {
	state storeState // the newest that it holds
	base  int64      // bytes of the base
	end   int64      // where the last good frame ends
	next  uint64     // index of the frame to come
	whole bool       // every frame could be read
}

// frameVisitor is told the frames of a journal in order; nil for none.
type frameVisitor func(kind frameKind, payload []byte) error

// readJournal reads a journal from its beginning to its end. It checks the
// order and the checksums of the frames; what they say is for visit. Its error
// is nil, a *brokenFrame with the facts up to there, another when the file
// cannot be read or is no journal, or one of visit.
func readJournal(file *os.File, c codec, visit frameVisitor) (facts journalFacts, err error) {
	info, err := file.Stat()
	if err != nil {
		return facts, err
	}
	magic := make([]byte, len(journalMagic))
	if _, err := file.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return facts, err
	}
	if string(magic) != journalMagic {
		return facts, &brokenFrame{}
	}
	r := newFrameReader(file, int64(len(journalMagic)), info.Size(), 0)
	s := frameSequence{visit: visit}
	err = s.read(r)
	facts = journalFacts{base: s.base, end: r.at, next: r.index, whole: err == nil}
	if s.newest != nil {
		if derr := decodeState(c, s.newestKind, s.newest, &facts.state); derr != nil {
			return facts, &brokenFrame{at: s.base}
		}
	}
	return facts, err
}

// frameSequence checks the order of the frames of a journal and remembers the
// newest that holds a state.
type frameSequence struct {
	visit      frameVisitor
	before     frameKind
	base       int64
	newest     []byte // payload
	newestKind frameKind
}

// read reads to the end.
func (s *frameSequence) read(r *frameReader) error {
	for {
		at := r.at
		kind, payload, err := r.next()
		if errors.Is(err, io.EOF) && s.base != 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return &brokenFrame{at: at, torn: true, last: true}
		}
		if err != nil {
			return err
		}
		if !mayFollow(s.before, kind) {
			return &brokenFrame{at: at}
		}
		if s.visit != nil {
			if err := s.visit(kind, payload); err != nil {
				return err
			}
		}
		s.before = kind
		if kind == frameEnd {
			s.base = r.at
		}
		if kind == frameEnd || kind == frameCommit { // the reader gets the other buffer
			s.newestKind = kind
			r.buffer, s.newest = s.newest[:0:cap(s.newest)], payload
		}
	}
}

// mayFollow is the order of frames.
func mayFollow(before, kind frameKind) bool {
	switch before {
	case 0:
		return kind == frameBegin
	case frameBegin, frameRecords:
		return kind == frameRecords || kind == frameEnd
	}
	return kind == frameCommit
}

// decodeState reads the state from the payload of a frame that holds one.
func decodeState(c codec, kind frameKind, payload []byte, state *storeState) error {
	if kind != frameCommit {
		return c.dec.Unmarshal(payload, state)
	}
	var commit journalCommit
	if err := c.dec.Unmarshal(payload, &commit); err != nil {
		return err
	}
	*state = commit.State
	return nil
}

// readNewestFrame reads the last frame of a journal from behind: it is all that
// is needed to tell whether the store is complete when something before it
// cannot be read.
func readNewestFrame(file *os.File, c codec) (state storeState, ok bool) {
	info, err := file.Stat()
	if err != nil {
		return state, false
	}
	var tail [4]byte
	if _, err := file.ReadAt(tail[:], info.Size()-4); err != nil {
		return state, false
	}
	length := int64(binary.BigEndian.Uint32(tail[:]))
	at := info.Size() - length - frameTailBytes - frameHeadBytes
	if length > mostFrameBytes || at < int64(len(journalMagic)) {
		return state, false
	}
	var head [frameHeadBytes]byte
	if _, err := file.ReadAt(head[:], at); err != nil {
		return state, false
	}
	h, ok := parseFrameHead(head[:])
	if !ok || h.kind != frameCommit && h.kind != frameEnd {
		return state, false
	}
	kind, payload, err := newFrameReader(file, at, info.Size(), h.index).next()
	return state, err == nil && decodeState(c, kind, payload, &state) == nil
}
