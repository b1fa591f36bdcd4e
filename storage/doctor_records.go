package storage

import (
	"fmt"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// What is checked of records, as Finding.Check names it.
const (
	checkSchema       = "schema"
	checkAudit        = "audit"
	checkRecords      = "records"
	checkIndexes      = "indexes"
	checkCertificates = "certificates"
	checkReferences   = "references"
	checkEnvironments = "environments"
)

// recordChecks lists them in the order in which they are shown.
var recordChecks = []string{
	checkSchema, checkAudit, checkRecords, checkIndexes, checkCertificates, checkReferences, checkEnvironments,
}

// problem is one thing that is wrong with the records.
type problem struct{ check, detail string }

// ruinous reports whether keyward cannot work with such records. A certificate
// that cannot be exported and a permission for what is not there change no
// decision.
func (p problem) ruinous() bool { return p.check != checkCertificates && p.check != checkReferences }

// recordCheck looks at every record of a store, or of a backup, in the byte
// order of their keys. Its memory is bounded but for what whole needs.
type recordCheck struct {
	codec
	// whole compares records with each other and with index keys.
	whole bool
	// report gets each problem; an error of it ends the check.
	report func(problem) error

	schema int
	head   *headRecord
	seq    uint64 // of the last entry of the trail
	prev   model.Digest
	broken bool // the trail, before its last entry

	indexed      map[keySum]indexState
	ders         map[model.Digest]struct{}
	workflows    []*model.Workflow
	environments []*model.Environment
	permitted    map[model.ID]string // workflow → one of the keys that permit it
}

func newRecordCheck(c codec, whole bool, report func(problem) error) *recordCheck {
	return &recordCheck{
		codec: c, whole: whole, report: report,
		indexed: map[keySum]indexState{}, ders: map[model.Digest]struct{}{}, permitted: map[model.ID]string{},
	}
}

func (c *recordCheck) bad(check, format string, args ...any) error {
	return c.report(problem{check, fmt.Sprintf(format, args...)})
}

func (c *recordCheck) unreadable(key string) error {
	return c.bad(checkRecords, "the record %s cannot be read", quoteKey(key))
}

// add looks at the next record.
func (c *recordCheck) add(e Entry) error {
	switch prefix, _, _ := strings.Cut(e.Key, "/"); prefix + "/" {
	case entryPrefix:
		return c.addEntry(e)
	case derPrefix:
		return c.addDER(e)
	case environmentPrefix:
		return c.addEnvironment(e)
	case keyPrefix:
		return c.addKey(e)
	case workflowPrefix:
		return c.addWorkflow(e)
	case keyNamePrefix, workflowNamePrefix, environmentNamePrefix, secretPrefix, certificatePrefix:
		if c.whole {
			c.have(e)
		}
		return nil
	case usagePrefix, RequestPrefix:
		return nil // counts, and what engines keep
	}
	switch e.Key {
	case headRecordKey:
		return c.addHead(e)
	case schemaRecordKey:
		return c.addSchema(e)
	}
	return c.bad(checkRecords, "there is a record %s, which this version does not know", quoteKey(e.Key))
}

// addEntry follows the audit trail and stops at its first fault: what is behind
// that says nothing.
func (c *recordCheck) addEntry(e Entry) error {
	if c.broken {
		return nil
	}
	c.broken = true
	var entry model.Entry
	next := c.seq + 1
	switch {
	case e.Key != entryKey(next):
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it is missing", next)
	case c.dec.Unmarshal(e.Value, &entry) != nil || entry.Seq != next:
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it cannot be read", next)
	case entry.Prev != c.prev:
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it does not follow from the entry before it", next)
	case entry.Hash != entry.Sum():
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it was altered", next)
	}
	c.broken, c.seq, c.prev = false, next, entry.Hash
	return nil
}

func (c *recordCheck) addHead(e Entry) error {
	c.head = new(headRecord)
	if c.dec.Unmarshal(e.Value, c.head) != nil {
		return c.bad(checkAudit, "where the audit trail ends cannot be read")
	}
	return nil
}

func (c *recordCheck) addSchema(e Entry) error {
	var err error
	if c.schema, err = decodeSchema(c.codec, e.Value); err != nil {
		c.schema = -1
		return c.bad(checkSchema, "%s", err)
	}
	return nil
}

func (c *recordCheck) addDER(e Entry) error {
	d := model.FingerprintOf(e.Value)
	if derKey(d) != e.Key {
		return c.bad(checkRecords, "the certificate at %s is another", quoteKey(e.Key))
	}
	if c.whole {
		c.ders[d] = struct{}{}
	}
	return nil
}

func (c *recordCheck) addEnvironment(e Entry) error {
	r := new(model.Environment)
	if c.dec.Unmarshal(e.Value, r) != nil || r.Name == "" || environmentKey(r.ID) != e.Key {
		return c.unreadable(e.Key)
	}
	c.environments = append(c.environments, r)
	return c.want(c.environmentIndex(r), "environment", r.Name)
}

func (c *recordCheck) addWorkflow(e Entry) error {
	r := new(model.Workflow)
	if c.dec.Unmarshal(e.Value, r) != nil || r.Name == "" || workflowKey(r.ID) != e.Key {
		return c.unreadable(e.Key)
	}
	c.workflows = append(c.workflows, r)
	return c.want(c.workflowIndex(r), "workflow", r.Name)
}

func (c *recordCheck) addKey(e Entry) error {
	k := new(model.Key)
	if c.dec.Unmarshal(e.Value, k) != nil || !soundKey(k) || keyKey(k.ID) != e.Key {
		return c.unreadable(e.Key)
	}
	if !c.whole {
		return nil
	}
	if err := c.checkCertificates(k); err != nil {
		return err
	}
	if k.State != model.Deleted {
		for _, id := range k.Workflows {
			c.permitted[id] = k.Name
		}
		if k.Environment != 0 && !slices.ContainsFunc(c.environments, func(e *model.Environment) bool { return e.ID == k.Environment }) {
			err := c.bad(checkReferences, "the key %q is for the environment %s, which is not there", model.Clean(k.Name), k.Environment)
			if err != nil {
				return err
			}
		}
	}
	return c.want(c.keyIndex(k), "key", k.Name)
}

// soundKey reports whether k has what every key has.
func soundKey(k *model.Key) bool {
	return k.Name != "" && (k.Kind == model.TokenKey || k.Kind == model.CertificateKey) &&
		k.State >= model.Enabled && k.State <= model.Deleted && slices.IsSorted(k.Workflows)
}

// checkCertificates wants the DER of each certificate of k.
func (c *recordCheck) checkCertificates(k *model.Key) error {
	for _, n := range model.SlotNames {
		slot := k.Slot(n)
		if slot.Certificate == nil || k.State == model.Deleted {
			continue
		}
		if _, there := c.ders[slot.Digest]; !there || slot.Certificate.SHA256 != slot.Digest {
			err := c.bad(checkCertificates, "the %s certificate of the key %q is not kept", n, model.Clean(k.Name))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// end looks at what only the whole tells. Index keys are not compared here.
func (c *recordCheck) end() error {
	steps := []func() error{c.endTrail, c.endSchema, c.endReferences, c.endEnvironments}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *recordCheck) endTrail() error {
	switch {
	case c.head == nil:
		c.head = new(headRecord)
		return c.bad(checkAudit, "where the audit trail ends is not kept")
	case c.broken:
		return nil
	case c.seq < c.head.Seq:
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it is missing", c.seq+1)
	case c.head.Seq == 0 || c.seq > c.head.Seq || c.prev != c.head.Hash:
		return c.bad(checkAudit, "the audit trail is broken at entry %d: it is not the entry that the store ends with", c.seq)
	}
	return nil
}

func (c *recordCheck) endSchema() error {
	if c.schema == 0 {
		return c.bad(checkSchema, "the schema version is not kept")
	}
	return nil
}

func (c *recordCheck) endReferences() error {
	for _, w := range c.workflows {
		delete(c.permitted, w.ID)
	}
	for id, key := range c.permitted {
		err := c.bad(checkReferences, "the key %q permits the workflow %s, which is not there", model.Clean(key), id)
		if err != nil {
			return err
		}
	}
	return nil
}

// endEnvironments makes the index that decisions are made from, without keys.
func (c *recordCheck) endEnvironments() error {
	none := func(func(*model.Key) bool) {}
	if _, err := model.NewSnapshot(c.seq, c.environments, c.workflows, none); err != nil {
		return c.bad(checkEnvironments, "%s", model.Clean(err.Error()))
	}
	return nil
}
