package storage

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"dev.keyward/keyward/model"
)

// Where the records are. Values are CBOR (RFC 8949) in its core deterministic
// form, with field names: a third of JSON's size, read in a fifth of its time,
// and readable by other tools. Certificates are DER.
const (
	keyPrefix         = "k/" // key id → model.Key
	workflowPrefix    = "w/" // workflow id → model.Workflow
	environmentPrefix = "e/" // environment id → model.Environment

	// Index keys. They make what they name unique: whoever wants one guards it
	// absent.
	keyNamePrefix         = "n/"  // folded name of a key that is not deleted → its id
	workflowNamePrefix    = "nw/" // likewise
	environmentNamePrefix = "ne/" // likewise
	secretPrefix          = "h/"  // SHA-256 of a secret → id and slot
	certificatePrefix     = "c/"  // SHA-256 of a registered certificate → id and slot

	entryPrefix     = "a/" // audit sequence, 16 hexadecimal digits → model.Entry
	usagePrefix     = "u/" // key id and slot, or workflow id and "workflow" → model.Usage; in neither the sequence nor the chain
	derPrefix       = "d/" // SHA-256 of a certificate → its DER
	schemaRecordKey = "m/schema"
	headRecordKey   = "m/head"
)

type schemaRecord struct {
	Version int `json:"version"`
}

type headRecord struct {
	Seq  uint64       `json:"seq"`  // changes so far, the making of the store being the first
	Hash model.Digest `json:"hash"` // of the newest audit entry
}

// slotRecord says whose a digest is.
type slotRecord struct {
	Key  model.ID       `json:"key"`
	Slot model.SlotName `json:"slot"`
}

func keyKey(id model.ID) string         { return keyPrefix + id.String() }
func workflowKey(id model.ID) string    { return workflowPrefix + id.String() }
func environmentKey(id model.ID) string { return environmentPrefix + id.String() }
func environmentNameKey(n string) string {
	return environmentNamePrefix + model.Fold(n)
}
func entryKey(seq uint64) string { return fmt.Sprintf("%s%016x", entryPrefix, seq) }

func usageKey(id model.ID, n model.SlotName) string {
	return usagePrefix + id.String() + "/" + n.String()
}

// useKey is the place of what is known of a use.
func useKey(id model.UsageID) string {
	if id.Slot == model.NoSlot {
		return usagePrefix + id.ID.String() + "/workflow"
	}
	return usageKey(id.ID, id.Slot)
}

func derKey(d model.Digest) string { return derPrefix + hex.EncodeToString(d[:]) }

// codec encodes and decodes records.
type codec struct {
	enc cbor.EncMode
	dec cbor.DecMode

	brief cbor.DecMode // for part of a record: it passes over what it is not asked for
}

// newCodec fixes the form of the records: deterministic, times with
// nanoseconds, and no tolerance for repeated or unknown field names, which only
// damage or a newer keyward brings.
func newCodec() (codec, error) {
	enc := cbor.CoreDetEncOptions()
	enc.Time = cbor.TimeRFC3339NanoUTC
	em, err := enc.EncMode()
	if err != nil {
		return codec{}, err
	}
	dm, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, MaxArrayElements: 1 << 16,
	}.DecMode()
	if err != nil {
		return codec{}, err
	}
	brief, err := cbor.DecOptions{}.DecMode()
	return codec{em, dm, brief}, err
}

// encode never fails: every record is a plain struct of encodable fields.
func (c codec) encode(v any) []byte {
	b, err := c.enc.Marshal(v)
	if err != nil {
		panic("storage: a record cannot be encoded: " + err.Error())
	}
	return b
}

// transaction turns a change into guards and writes: the head is guarded and
// raised, each record written, each index key that the change brings guarded
// absent, each that it ends removed.
func (cd codec) transaction(c model.Change) Tx {
	b := &txBuilder{codec: cd}
	b.guard(headRecordKey, Rev(c.Head.Rev))
	last := c.Last()
	b.put(headRecordKey, headRecord{last.Seq, last.Hash})
	for _, e := range c.Entries {
		b.put(entryKey(e.Seq), e)
		b.guard(entryKey(e.Seq), 0)
	}
	ended, brought := map[string][]byte{}, map[string][]byte{}
	for _, w := range c.Keys {
		write(b, w, keyKey, func(k *model.Key) model.ID { return k.ID })
		if w.After == nil { // purged
			for _, n := range model.SlotNames {
				b.write(usageKey(w.Before.ID, n), Write{Delete: true})
			}
		}
		addIndex(ended, brought, w, cd.keyIndex)
	}
	for _, w := range c.Workflows {
		write(b, w, workflowKey, func(w *model.Workflow) model.ID { return w.ID })
		if w.After == nil {
			b.write(useKey(model.UsageID{ID: w.Before.ID, Slot: model.NoSlot}), Write{Delete: true})
		}
		addIndex(ended, brought, w, cd.workflowIndex)
	}
	for _, w := range c.Environments {
		write(b, w, environmentKey, func(e *model.Environment) model.ID { return e.ID })
		addIndex(ended, brought, w, cd.environmentIndex)
	}
	b.index(ended, brought)
	for _, cert := range c.Certificates {
		b.writes[derKey(cert.SHA256)] = Write{Value: cert.DER}
	}
	return b.tx(c.ID)
}

// txBuilder gathers a Tx, each key at most once.
type txBuilder struct {
	codec
	guards []Guard
	writes map[string]Write
}

func (b *txBuilder) guard(key string, rev Rev) { b.guards = append(b.guards, Guard{key, rev}) }

func (b *txBuilder) put(key string, v any) { b.write(key, Write{Value: b.encode(v)}) }

func (b *txBuilder) write(key string, w Write) {
	if b.writes == nil {
		b.writes = map[string]Write{}
	}
	b.writes[key] = w
}

// index moves index keys. One that the change both ends and brings, as when two
// records swap names, stays guarded by the head alone.
func (b *txBuilder) index(ended, brought map[string][]byte) {
	for key := range ended {
		if _, stays := brought[key]; !stays {
			b.write(key, Write{Delete: true})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(brought)) {
		if _, was := ended[key]; !was {
			b.guard(key, 0)
		}
		b.write(key, Write{Value: brought[key]})
	}
}

func (b *txBuilder) tx(id string) Tx {
	tx := Tx{ID: id, Guards: b.guards}
	for _, key := range slices.Sorted(maps.Keys(b.writes)) {
		w := b.writes[key]
		w.Key = key
		tx.Writes = append(tx.Writes, w)
	}
	return tx
}

func write[T any](b *txBuilder, w model.Write[T], key func(model.ID) string, id func(*T) model.ID) {
	if w.After == nil {
		b.write(key(id(w.Before)), Write{Delete: true})
		return
	}
	b.put(key(id(w.After)), w.After)
	if w.Before == nil {
		b.guard(key(id(w.After)), 0)
	}
}

// addIndex sorts one write's index keys into those that end and those that
// come; a key that stays as it is is in neither.
func addIndex[T any](ended, brought map[string][]byte, w model.Write[T], index func(*T) map[string][]byte) {
	before, after := map[string][]byte{}, map[string][]byte{}
	if w.Before != nil {
		before = index(w.Before)
	}
	if w.After != nil {
		after = index(w.After)
	}
	for key, value := range before {
		if string(after[key]) != string(value) {
			ended[key] = value
		}
	}
	for key, value := range after {
		if string(before[key]) != string(value) {
			brought[key] = value
		}
	}
}

// keyIndex lists a key's index keys. A deleted key keeps those of its secrets,
// which are never to be handed out again, and frees its name and certificates.
func (c codec) keyIndex(k *model.Key) map[string][]byte {
	out := map[string][]byte{}
	if k.State != model.Deleted {
		out[keyNamePrefix+model.Fold(k.Name)] = c.encode(k.ID)
	}
	for _, n := range model.SlotNames {
		slot, prefix := k.Slot(n), secretPrefix
		if k.Kind == model.CertificateKey {
			prefix = certificatePrefix
			if k.State == model.Deleted {
				continue
			}
		}
		owner := c.encode(slotRecord{k.ID, n})
		if !slot.Digest.IsZero() {
			out[prefix+hex.EncodeToString(slot.Digest[:])] = owner
		}
		for _, r := range slot.Grace() {
			out[prefix+hex.EncodeToString(r.Digest[:])] = owner
		}
	}
	return out
}

func (c codec) workflowIndex(w *model.Workflow) map[string][]byte {
	return map[string][]byte{workflowNamePrefix + model.Fold(w.Name): c.encode(w.ID)}
}

func (c codec) environmentIndex(e *model.Environment) map[string][]byte {
	return map[string][]byte{environmentNameKey(e.Name): c.encode(e.ID)}
}
