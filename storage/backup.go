package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// A backup is a stream of our own over the KV port: a line that names it, then
// frames. A frame is a kind (one byte), the length of its payload (four bytes,
// the most significant first), the payload (deterministic CBOR), and the SHA-256
// of the checksum before it and all of that; before the first frame, of the
// line. The frames are one header, any number of chunks, one end.
//
// The checksums find damage. Against forgery a backup is sealed (see Seal).
const (
	backupMagic  = "keyward backup 1\n"
	backupFormat = 1

	headerFrame byte = 'H' // backupHeader
	chunkFrame  byte = 'C' // []backupEntry: not empty, and in the byte order of all keys of the stream
	endFrame    byte = 'E' // backupEnd

	chunkHead  = 1 + 4   // bytes of a kind and a length
	mostFrame  = 1 << 20 // bytes of a payload; one that claims more is refused unread
	chunkBytes = 64 << 10
)

// recordPrefixes is what a backup holds. Index keys are left out: a restore
// makes them from the records, so that the two agree. So are request ids, which
// settle changes of processes that the restored store never knew.
var recordPrefixes = []string{
	keyPrefix, workflowPrefix, environmentPrefix, derPrefix, entryPrefix, usagePrefix, headRecordKey, schemaRecordKey,
}

// BackupInfo says what a backup is of.
type BackupInfo struct {
	Format  int          `json:"format"`  // of the stream
	Schema  int          `json:"schema"`  // of the records
	Time    time.Time    `json:"time"`    // when it was made, UTC
	By      string       `json:"by"`      // what made it: "keyward v1.2.0"
	Seq     uint64       `json:"seq"`     // changes that it holds
	Head    model.Digest `json:"head"`    // hash of the newest audit entry
	Records uint64       `json:"records"` // entries in the stream
	Chain   model.Digest `json:"chain"`   // checksum of all before the end: names these very bytes
}

// backupHeader begins a backup.
type backupHeader struct {
	Format int       `json:"format"`
	Schema int       `json:"schema"`
	Time   time.Time `json:"time"`
	By     string    `json:"by"`
}

// backupEntry is one record.
type backupEntry struct {
	Key   string `json:"k"`
	Value []byte `json:"v"`
}

// backupEnd ends a backup. What the store was at is known only now: the stream
// is in the order of its keys, and the head comes late in it.
type backupEnd struct {
	Records uint64       `json:"records"`
	Seq     uint64       `json:"seq"`
	Head    model.Digest `json:"head"`
	Chain   model.Digest `json:"chain"`
}

// ErrNothingStored means that there is no store to back up or look at yet.
var ErrNothingStored = errors.New("there is nothing in the store yet")

// WriteBackup writes all records of kv to w, as they were at one point in the
// order of changes, while writers carry on. It needs the memory of a few pieces
// of a Snapshot, however large the store is. What reached w counts only when
// there is no error.
//
// It copies what is there: SkimBackup or ReadBackup tell whether that is sound.
// Errors are those of Snapshot and of w, ErrNothingStored, ErrNewerSchema and
// ErrCorrupt.
func WriteBackup(ctx context.Context, kv KV, w io.Writer, now time.Time) (BackupInfo, error) {
	codec, err := newCodec()
	if err != nil {
		return BackupInfo{}, fmt.Errorf("preparing the form of the backup: %w", err)
	}
	schema, err := readSchema(ctx, kv, codec)
	if err != nil {
		return BackupInfo{}, err
	}
	b := &backupWriter{codec: codec, w: w, info: BackupInfo{
		Format: backupFormat, Schema: schema, Time: now.UTC().Truncate(time.Second), By: program(),
	}}
	if err := b.begin(); err != nil {
		return BackupInfo{}, err
	}
	if _, err := kv.Snapshot(ctx, recordPrefixes, b.add); err != nil {
		return BackupInfo{}, fmt.Errorf("reading the store for the backup: %w", err)
	}
	return b.end()
}

// readSchema reads the version of the records, and refuses one that this program
// does not know.
func readSchema(ctx context.Context, kv KV, c codec) (int, error) {
	entries, _, err := kv.Get(ctx, schemaRecordKey)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if entries[0].Rev == 0 {
		return 0, ErrNothingStored
	}
	return decodeSchema(c, entries[0].Value)
}

func decodeSchema(c codec, value []byte) (int, error) {
	var m schemaRecord
	if err := c.dec.Unmarshal(value, &m); err != nil || m.Version < 1 {
		return 0, fmt.Errorf("%w: its schema version cannot be read", ErrCorrupt)
	}
	if m.Version > SchemaVersion {
		return 0, newerSchema(m.Version)
	}
	return m.Version, nil
}

func newerSchema(version int) error {
	return fmt.Errorf("%w (schema %d, and this one knows %d): use that version", ErrNewerSchema, version, SchemaVersion)
}

// program names this program and its version.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "keyward " + info.Main.Version
	}
	return "keyward"
}

// backupWriter writes one backup.
type backupWriter struct {
	codec
	w     io.Writer
	info  BackupInfo
	chain [sha256.Size]byte
	chunk []backupEntry
	bytes int // in chunk
	head  bool
}

func (b *backupWriter) begin() error {
	b.chain = sha256.Sum256([]byte(backupMagic))
	if _, err := io.WriteString(b.w, backupMagic); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	return b.frame(headerFrame, backupHeader{b.info.Format, b.info.Schema, b.info.Time, b.info.By})
}

// add takes a piece of the Snapshot.
func (b *backupWriter) add(entries []Entry) error {
	for _, e := range entries {
		if !isRecordKey(e.Key) {
			continue // a prefix may cover more than the key that it is
		}
		if e.Key == headRecordKey {
			var h headRecord
			if err := b.dec.Unmarshal(e.Value, &h); err != nil { // err may quote the value
				return fmt.Errorf("%w: its head cannot be read", ErrCorrupt)
			}
			b.info.Seq, b.info.Head, b.head = h.Seq, h.Hash, true
		}
		b.chunk = append(b.chunk, backupEntry{e.Key, e.Value})
		b.bytes += len(e.Key) + len(e.Value)
		if b.bytes >= chunkBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
	return b.flush() // the piece is the Snapshot's, and is not kept
}

func (b *backupWriter) flush() error {
	if len(b.chunk) == 0 {
		return nil
	}
	err := b.frame(chunkFrame, b.chunk)
	b.info.Records += uint64(len(b.chunk))
	clear(b.chunk)
	b.chunk, b.bytes = b.chunk[:0], 0
	return err
}

func (b *backupWriter) end() (BackupInfo, error) {
	if !b.head {
		return BackupInfo{}, fmt.Errorf("%w: its head is missing", ErrCorrupt)
	}
	b.info.Chain = b.chain
	err := b.frame(endFrame, backupEnd{b.info.Records, b.info.Seq, b.info.Head, b.info.Chain})
	if err != nil {
		return BackupInfo{}, err
	}
	return b.info, nil
}

// frame writes a frame and its checksum.
func (b *backupWriter) frame(kind byte, v any) error {
	payload := b.encode(v)
	if len(payload) > mostFrame {
		return fmt.Errorf("writing the backup: %w: a frame of %d bytes", ErrTooLarge, len(payload))
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	b.chain = frameSum(b.chain, head, payload)
	for _, part := range [][]byte{head, payload, b.chain[:]} {
		if _, err := b.w.Write(part); err != nil {
			return fmt.Errorf("writing the backup: %w", err)
		}
	}
	return nil
}

// frameSum is the checksum of a frame that follows the one with checksum before.
func frameSum(before [sha256.Size]byte, head, payload []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, part := range [][]byte{before[:], head, payload} {
		_, _ = h.Write(part) // never fails
	}
	h.Sum(sum[:0])
	return sum
}

// isRecordKey reports whether key is one that a backup holds.
func isRecordKey(key string) bool {
	for _, p := range recordPrefixes {
		if key == p || strings.HasSuffix(p, "/") && strings.HasPrefix(key, p) {
			return len(key) > len(p) || !strings.HasSuffix(p, "/")
		}
	}
	return false
}
