package storage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"dev.keyward/keyward/model"
)

// ErrBackup means that a backup is not what WriteBackup wrote, or not of a sound
// store. The error is a *BackupError.
var ErrBackup = errors.New("the backup cannot be used")

// BackupError says what is wrong with a backup. It is ErrBackup.
type BackupError struct {
	Problem string
	Err     error // the cause, or nil
}

// Error is one sentence.
func (e *BackupError) Error() string { return "the backup " + e.Problem }

// Is reports whether target is ErrBackup.
func (e *BackupError) Is(target error) bool { return target == ErrBackup }

// Unwrap returns the cause, or nil.
func (e *BackupError) Unwrap() error { return e.Err }

const anotherBackup = "take another copy of it, or another backup"

// damagedBackup says that the stream is not what was written.
func damagedBackup(format string, args ...any) error {
	return &BackupError{Problem: "is damaged (" + fmt.Sprintf(format, args...) + "): " + anotherBackup}
}

// ReadBackup reads what WriteBackup wrote and calls fn with its records, a
// verified frame at a time, in the byte order of their keys and without
// revisions. It fails at the first thing that is odd, so what fn saw counts only
// when there is no error. A header or frame may claim what it will: at most a
// mebibyte is read and held at once.
//
// It checks the frames, that each record can be read, that the audit trail is
// whole and ends where the store does, that no two records claim one name,
// secret or certificate, and that workflows and environments make up an index.
// For the claims it holds about fifty bytes for each; SkimBackup does without.
//
// Errors: *BackupError, ErrNewerSchema, those of ctx, r and fn.
func ReadBackup(ctx context.Context, r io.Reader, fn func([]Entry) error) (BackupInfo, error) {
	info, _, err := readBackup(ctx, r, true, fn)
	return info, err
}

// SkimBackup is ReadBackup for a backup that is just being written. It checks
// all but whether names, secrets and certificates are unique, and so holds
// nothing but a frame, the workflows and the environments. counted is told, as
// they go by, of how many more keys and audit entries there were: of these the
// store knows beforehand how many there are.
func SkimBackup(ctx context.Context, r io.Reader, counted func(more int)) (BackupInfo, error) {
	info, _, err := readBackup(ctx, r, false, func(entries []Entry) error {
		more := 0
		for _, e := range entries {
			if strings.HasPrefix(e.Key, keyPrefix) || strings.HasPrefix(e.Key, entryPrefix) {
				more++
			}
		}
		counted(more)
		return nil
	})
	return info, err
}

func readBackup(ctx context.Context, r io.Reader, whole bool, fn func([]Entry) error) (BackupInfo, *recordCheck, error) {
	codec, err := newCodec()
	if err != nil {
		return BackupInfo{}, nil, fmt.Errorf("preparing the form of the backup: %w", err)
	}
	b := &backupReader{codec: codec, r: bufio.NewReaderSize(r, 64<<10), fn: fn}
	b.check = newRecordCheck(codec, whole, func(p problem) error {
		if !p.ruinous() {
			return nil
		}
		return &BackupError{Problem: "is of a store that is damaged (" + p.detail + "): take another backup"}
	})
	if err := b.read(ctx); err != nil {
		return BackupInfo{}, nil, err
	}
	return b.info, b.check, nil
}

// mostMaker is the longest that a program may call itself, in bytes.
const mostMaker = 200

// backupReader reads one backup.
type backupReader struct {
	codec
	r     *bufio.Reader
	fn    func([]Entry) error
	check *recordCheck
	info  BackupInfo
	chain [sha256.Size]byte
	buf   []byte
	last  string // key
}

func (b *backupReader) read(ctx context.Context) error {
	if err := b.begin(); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		before := b.chain
		kind, payload, err := b.next()
		if err != nil {
			return err
		}
		switch kind {
		case chunkFrame:
			err = b.chunk(payload)
		case endFrame:
			return b.end(payload, before)
		default:
			err = damagedBackup("a part of it is of no known kind, or out of place")
		}
		if err != nil {
			return err
		}
	}
}

// begin reads the line and the header.
func (b *backupReader) begin() error {
	line := make([]byte, len(backupMagic))
	if err := b.fill(line); err != nil {
		return err
	}
	if string(line) != backupMagic {
		const name = "keyward backup "
		if bytes.HasPrefix(line, []byte(name)) {
			return &BackupError{Problem: "is in the form of a newer keyward: restore it with that version"}
		}
		return &BackupError{Problem: "is none: what is in the file was not written by keyward backup"}
	}
	b.chain = sha256.Sum256(line)
	kind, payload, err := b.next()
	if err != nil {
		return err
	}
	var h backupHeader
	if kind != headerFrame || !b.decode(payload, &h) || h.Format != backupFormat || h.Schema < 1 || len(h.By) > mostMaker {
		return damagedBackup("its header cannot be read")
	}
	if h.Schema > SchemaVersion {
		return newerSchema(h.Schema)
	}
	b.info = BackupInfo{Format: h.Format, Schema: h.Schema, Time: h.Time.UTC(), By: model.Clean(h.By)}
	return nil
}

// decode reads one value; its error would quote it.
func (b *backupReader) decode(payload []byte, v any) bool {
	return b.dec.Unmarshal(payload, v) == nil
}

// next reads a frame and compares its checksum. The payload stands until the
// next call.
func (b *backupReader) next() (kind byte, payload []byte, err error) {
	var head [chunkHead]byte
	if err := b.fill(head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint32(head[1:]))
	if n > mostFrame {
		return 0, nil, damagedBackup("a part of it claims to be larger than any can be")
	}
	if cap(b.buf) < n {
		b.buf = make([]byte, n)
	}
	payload = b.buf[:n]
	if err := b.fill(payload); err != nil {
		return 0, nil, err
	}
	var sum [sha256.Size]byte
	if err := b.fill(sum[:]); err != nil {
		return 0, nil, err
	}
	b.chain = frameSum(b.chain, head[:], payload)
	if sum != b.chain {
		return 0, nil, damagedBackup("a checksum differs")
	}
	return head[0], payload, nil
}

// fill reads exactly what p holds.
func (b *backupReader) fill(p []byte) error {
	_, err := io.ReadFull(b.r, p)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &BackupError{Problem: "is cut short: " + anotherBackup, Err: err}
	case err != nil:
		return readingBackup(err)
	}
	return nil
}

func readingBackup(err error) error {
	if errors.Is(err, ErrBackup) {
		return err
	}
	return fmt.Errorf("reading the backup: %w", err)
}

// chunk checks the records of a frame and hands them on.
func (b *backupReader) chunk(payload []byte) error {
	var list []backupEntry
	if !b.decode(payload, &list) || len(list) == 0 || !bytes.Equal(b.encode(list), payload) {
		return damagedBackup("its records cannot be read")
	}
	limits := defaultLimits()
	entries := make([]Entry, len(list))
	for i, e := range list {
		switch {
		case e.Key <= b.last:
			return damagedBackup("its records are not in order")
		case !isRecordKey(e.Key):
			return damagedBackup("it holds %s, which is no record", quoteKey(e.Key))
		case len(e.Key) > limits.KeyBytes, len(e.Value) > limits.ValueBytes:
			return damagedBackup("the record %s is larger than any can be", quoteKey(e.Key))
		}
		b.last = e.Key
		entries[i] = Entry{Key: e.Key, Value: e.Value}
		if err := b.check.add(entries[i]); err != nil {
			return err
		}
	}
	b.info.Records += uint64(len(entries))
	return b.fn(entries)
}

// end checks the last frame, and that it is the last.
func (b *backupReader) end(payload []byte, before [sha256.Size]byte) error {
	var e backupEnd
	if !b.decode(payload, &e) || e.Records != b.info.Records || e.Chain != before {
		return damagedBackup("its end does not fit the rest")
	}
	if _, err := b.r.ReadByte(); err == nil {
		return damagedBackup("something follows its end")
	} else if !errors.Is(err, io.EOF) {
		return readingBackup(err)
	}
	if err := b.check.end(); err != nil {
		return err
	}
	if b.check.schema != b.info.Schema || b.check.head.Seq != e.Seq || b.check.head.Hash != e.Head {
		return damagedBackup("its end does not fit the rest")
	}
	b.info.Seq, b.info.Head, b.info.Chain = e.Seq, e.Head, e.Chain
	return nil
}
