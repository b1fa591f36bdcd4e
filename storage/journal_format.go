package storage

import (
	"encoding/binary"
	"hash/crc32"
)

// The journal lies beside the store. After journalMagic it is a row of frames:
// a base (frameBegin, any number of frameRecords, frameEnd), which holds the
// enforcement records as of one commit, and then a frameCommit for each later
// commit that changed one of them or the head.
//
//	length uint32 | kind uint32 | index uint64 | CRC of these uint32
//	payload       length bytes, deterministic CBOR
//	CRC of index and payload uint32 | length uint32
//
// Numbers are big-endian, checksums CRC-32C. The index counts the frames from
// 0, so that none can be left out or moved unnoticed; what a commit leaves is
// in it as a digest of the whole state, so that what the frames say can be
// checked in full. The length at the end lets the newest frame be found from
// behind.
const (
	journalName    = "journal"
	journalNewName = "journal.new" // a journal that is being written, to take the journal's place
	journalMagic   = "keyward journal1"

	frameHeadBytes = 20
	frameTailBytes = 8
	mostFrameBytes = 2 << 20 // of payload; a commit has at most Limits.Bytes, and a little
	pieceBytes     = 256 << 10
	pieceRecords   = 4096
)

type frameKind uint32

const (
	frameBegin   frameKind = iota + 1 // storeState
	frameRecords                      // []journalRecord
	frameEnd                          // storeState, the same
	frameCommit                       // journalCommit
)

// journalRecord is an enforcement record, or that it was removed (nil).
type journalRecord struct {
	_     struct{} `cbor:",toarray"`
	Key   string
	Value []byte
}

// journalCommit is what one commit did, and what it led to. One that stands for
// several says what they did together.
type journalCommit struct {
	_       struct{} `cbor:",toarray"`
	State   storeState
	Changes []journalRecord
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frameHead is the fixed part before a payload.
type frameHead struct {
	length uint32
	kind   frameKind
	index  uint64
}

// appendFrame adds a whole frame to buf.
func appendFrame(buf []byte, kind frameKind, index uint64, payload []byte) []byte {
	start := len(buf)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(payload)))
	buf = binary.BigEndian.AppendUint32(buf, uint32(kind))
	buf = binary.BigEndian.AppendUint64(buf, index)
	buf = binary.BigEndian.AppendUint32(buf, crc32.Checksum(buf[start:], castagnoli))
	buf = append(buf, payload...)
	buf = binary.BigEndian.AppendUint32(buf, payloadSum(index, payload))
	return binary.BigEndian.AppendUint32(buf, uint32(len(payload)))
}

// parseFrameHead reads the fixed part; ok is false when its checksum is wrong
// or it makes no sense.
func parseFrameHead(buf []byte) (h frameHead, ok bool) {
	h.length = binary.BigEndian.Uint32(buf)
	h.kind = frameKind(binary.BigEndian.Uint32(buf[4:]))
	h.index = binary.BigEndian.Uint64(buf[8:])
	ok = crc32.Checksum(buf[:16], castagnoli) == binary.BigEndian.Uint32(buf[16:]) &&
		h.length <= mostFrameBytes && h.kind >= frameBegin && h.kind <= frameCommit
	return h, ok
}

// checkFrameTail compares what follows a payload with the payload.
func checkFrameTail(tail []byte, index uint64, payload []byte) bool {
	return binary.BigEndian.Uint32(tail) == payloadSum(index, payload) &&
		binary.BigEndian.Uint32(tail[4:]) == uint32(len(payload))
}

func payloadSum(index uint64, payload []byte) uint32 {
	sum := crc32.Checksum(binary.BigEndian.AppendUint64(nil, index), castagnoli)
	return crc32.Update(sum, castagnoli, payload)
}
