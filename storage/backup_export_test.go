package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// SealFast is Seal with next to no work.
func SealFast(w io.Writer, passphrase string) (io.WriteCloser, error) { return seal(w, passphrase, 2) }

// SealAt is Seal with another work factor.
func SealAt(w io.Writer, passphrase string, work int) (io.WriteCloser, error) {
	return seal(w, passphrase, work)
}

// ExchangeInSteps is how directories are exchanged where the system has no one
// step for it.
var ExchangeInSteps, Exchange = exchangeInSteps, exchange

// Forgery makes streams with right checksums and wrong contents.
type Forgery struct {
	bytes.Buffer
	chain [sha256.Size]byte
	codec codec
}

// NewForgery begins a stream with a line.
func NewForgery(line string) *Forgery {
	codec, err := newCodec()
	if err != nil {
		panic(err)
	}
	f := &Forgery{chain: sha256.Sum256([]byte(line)), codec: codec}
	f.WriteString(line)
	return f
}

// Frame adds a frame, v as it is where it is bytes.
func (f *Forgery) Frame(kind byte, v any) *Forgery {
	payload, raw := v.([]byte)
	if !raw {
		payload = f.codec.encode(v)
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	f.chain = frameSum(f.chain, head, payload)
	f.Write(head)
	f.Write(payload)
	f.Write(f.chain[:])
	return f
}

// Header adds a header.
func (f *Forgery) Header(format, schema int) *Forgery {
	return f.Frame('H', backupHeader{Format: format, Schema: schema, By: "test"})
}

// Chunk adds a frame with records.
func (f *Forgery) Chunk(entries ...Entry) *Forgery {
	var list []backupEntry
	for _, e := range entries {
		list = append(list, backupEntry{e.Key, e.Value})
	}
	return f.Frame('C', list)
}

// End adds the end, with the count and checksum that it must have.
func (f *Forgery) End(records int, head Entry) *Forgery {
	var h headRecord
	_ = f.codec.dec.Unmarshal(head.Value, &h)
	return f.Frame('E', backupEnd{uint64(records), h.Seq, h.Hash, f.chain})
}
