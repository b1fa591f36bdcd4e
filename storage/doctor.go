package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Finding is the outcome of one check.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`           // what was found, in words
	Advice string `json:"advice,omitempty"` // what to do about it
}

// DiagnoseKV checks the records of kv, as they are at one point in the order of
// changes, without changing anything: the schema version, the audit trail from
// its first entry to the head, that every record can be read, that index keys
// and records agree both ways, that certificates, workflows and environments
// that keys name are there, and that decisions can be made from it all; of a
// Badger first the journal too. There is one Finding for each of these, in the
// same order always. It holds about fifty bytes for each name and secret. An
// error means that kv could not be read.
func DiagnoseKV(ctx context.Context, kv KV) ([]Finding, error) {
	records, err := diagnoseRecords(ctx, kv)
	if b, ok := kv.(*Badger); ok && err == nil {
		var journal Finding
		journal, err = b.journalFinding(ctx)
		records = append([]Finding{journal}, records...)
	}
	if err != nil {
		return nil, err
	}
	return records, nil
}

// diagnoseRecords is DiagnoseKV without the journal.
func diagnoseRecords(ctx context.Context, kv KV) ([]Finding, error) {
	codec, err := newCodec()
	if err != nil {
		return nil, fmt.Errorf("preparing the form of the records: %w", err)
	}
	found := problems{}
	check := newRecordCheck(codec, true, found.add)
	counts := map[string]int{}
	_, err = kv.Snapshot(ctx, nil, func(entries []Entry) error {
		for _, e := range entries {
			prefix, _, _ := strings.Cut(e.Key, "/")
			counts[prefix+"/"]++
			if err := check.add(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = check.end()
	}
	if err == nil {
		err = nameIndexes(ctx, kv, codec, check.badIndexes(), found)
	}
	if err != nil {
		return nil, fmt.Errorf("checking the records: %w", err)
	}
	return found.findings(check, counts), nil
}

// mostNamed is how many problems of one check are told in words; the others are
// counted.
const mostNamed = 3

// problems gathers what is wrong, by check.
type problems map[string]*problemList

type problemList struct {
	count int
	named []string
}

func (p problems) add(one problem) error {
	list := p[one.check]
	if list == nil {
		list = &problemList{}
		p[one.check] = list
	}
	list.count++
	if len(list.named) < mostNamed {
		list.named = append(list.named, one.detail)
	}
	return nil
}

// text says the problems on one line.
func (l *problemList) text() string {
	text := strings.Join(l.named, "; ")
	if more := l.count - len(l.named); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// findings says for each check how it went.
func (p problems) findings(c *recordCheck, counts map[string]int) []Finding {
	sound := map[string]string{
		checkSchema:       fmt.Sprintf("schema %d", c.schema),
		checkAudit:        fmt.Sprintf("the audit trail is whole: %s", count(int(c.seq), "entry", "entries")),
		checkRecords:      fmt.Sprintf("%s, %s and %s can be read", count(counts[keyPrefix], "key", "keys"), count(counts[workflowPrefix], "workflow", "workflows"), count(counts[environmentPrefix], "environment", "environments")),
		checkIndexes:      fmt.Sprintf("%s with the records, both ways", count(len(c.indexed), "index key agrees", "index keys agree")),
		checkCertificates: fmt.Sprintf("%s kept", count(len(c.ders), "certificate is", "certificates are")),
		checkReferences:   "every workflow and environment that a key names is there",
		checkEnvironments: "one environment is the production one, and every binding can be matched",
	}
	var out []Finding
	for _, name := range recordChecks {
		f := Finding{Check: name, OK: true, Detail: sound[name]}
		if list := p[name]; list != nil {
			f = Finding{Check: name, Detail: list.text(), Advice: p.adviceOn(name)}
		}
		out = append(out, f)
	}
	return out
}

const fromBackup = "put a backup back with keyward restore"

// advice is what to do where a check fails.
var advice = map[string]string{
	checkSchema:       fromBackup,
	checkAudit:        fromBackup,
	checkRecords:      fromBackup,
	checkIndexes:      "make a backup and restore it: that makes the indexes anew from the records", // see adviceOn
	checkCertificates: "set the certificate again with keyward key edit",
	checkReferences:   "set the key's workflows and environment again with keyward key edit",
	checkEnvironments: fromBackup,
}

// adviceOn is what to do where the check name fails. Where records are lost, what
// refers to them fails as well, and neither a backup nor an edit mends that.
func (p problems) adviceOn(name string) string {
	for _, lost := range []string{checkSchema, checkAudit, checkRecords, checkEnvironments} {
		if p[lost] != nil {
			return fromBackup
		}
	}
	return advice[name]
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Diagnose checks the data directory dir and, where no process has it open, the
// store in it, of which it opens a copy. It changes nothing in dir, not even
// where a process was cut off; while it copies, nobody can open the store.
//
// Where a process has the directory, the error is a *LockedError, beside the
// findings about the directory: that process is to run DiagnoseKV. Other errors
// are only those of ctx; all else that goes wrong is a Finding.
func Diagnose(ctx context.Context, dir string) ([]Finding, error) {
	real, found := diagnoseDir(dir)
	if real == "" {
		return found, nil
	}
	lock, err := peekLock(real)
	var locked *LockedError
	switch {
	case errors.As(err, &locked):
		who := "a process"
		if locked.PID > 0 {
			who = fmt.Sprintf("pid %d", locked.PID)
		}
		return append(found, Finding{Check: "lock", OK: true, Detail: "held by " + who}), err
	case err != nil:
		return append(found, failed("lock", err)), nil
	}
	found = append(found, Finding{Check: "lock", OK: true, Detail: "free"})
	copied, err := copyStore(ctx, real)
	if err := errors.Join(err, lock.close()); err != nil {
		return append(found, failed("store", err)), ctx.Err()
	}
	defer func() { _ = os.RemoveAll(copied) }()
	return diagnoseCopy(ctx, copied, real, found)
}

// diagnoseCopy opens the copy of the store of dir as that would be opened.
func diagnoseCopy(ctx context.Context, copied, dir string, found []Finding) ([]Finding, error) {
	journal := copiedJournal(ctx, copied)
	journal.Detail = strings.ReplaceAll(journal.Detail, copied, dir)
	kv, err := Open(copied, Options{MinFree: 1})
	if err != nil {
		f := failed("store", err)
		f.Detail = strings.ReplaceAll(f.Detail, copied, dir)
		return append(found, f, journal), ctx.Err()
	}
	records, err := diagnoseRecords(ctx, kv)
	err = errors.Join(err, kv.Close())
	if err != nil {
		return append(found, failed("store", err)), ctx.Err()
	}
	found = append(found, Finding{Check: "store", OK: true, Detail: "it opens, and its files are whole"}, journal)
	return append(found, records...), nil
}

func failed(check string, err error) Finding { return Finding{Check: check, Detail: err.Error()} }

// Sound reports whether every finding is good.
func Sound(found []Finding) bool {
	for _, f := range found {
		if !f.OK {
			return false
		}
	}
	return true
}

// isThere reports whether there is something at path.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// stamp writes a time as the names of directories have it.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
