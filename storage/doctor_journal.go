package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// checkJournal is the check of the journal, as Finding.Check names it.
const checkJournal = "journal"

// writtenAnew is what becomes of a damaged journal beside a sound store.
const writtenAnew = "the next start writes it anew from the store; until then it cannot stand in for the store"

// DiagnoseJournal checks the journal of the directory dir, to which nobody may
// be adding, as OpenJournal does: every checksum, and that its records are those
// that its commits led to. A record at its end that was cut off is what a crash
// leaves, and no failure. It holds what decides in memory while it reads.
func DiagnoseJournal(ctx context.Context, dir string) Finding {
	s, err := OpenJournal(ctx, dir)
	var damage *DamageError
	switch {
	case err == nil:
		return Finding{Check: checkJournal, OK: true, Detail: fmt.Sprintf("it is whole, up to change %d", s.state.Seq)}
	case errors.Is(err, fs.ErrNotExist):
		return Finding{Check: checkJournal, Detail: "it is missing"}
	case errors.As(err, &damage) && cutAtEnd(dir):
		return Finding{Check: checkJournal, OK: true, Detail: "its last record is cut short, as a crash leaves it", Advice: "the next start mends it"}
	case errors.As(err, &damage):
		return Finding{Check: checkJournal, Detail: strings.TrimPrefix(damage.Problem, journalName+": ")}
	}
	return failed(checkJournal, err)
}

// cutAtEnd reports whether all but the last frame of a journal can be read.
func cutAtEnd(dir string) bool {
	c, err := newCodec()
	if err != nil {
		return false
	}
	file, err := os.Open(filepath.Join(dir, journalName))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	facts, err := readJournal(file, c, nil)
	var broken *brokenFrame
	return errors.As(err, &broken) && broken.last && facts.base != 0
}

// copiedJournal checks the journal of a copy that was not opened yet, and
// compares it with the store beside it. Opening mends the one by the other.
func copiedJournal(ctx context.Context, dir string) Finding {
	f := DiagnoseJournal(ctx, dir)
	codec, err := newCodec()
	if err != nil {
		return failed(checkJournal, fmt.Errorf("preparing the form of the journal: %w", err))
	}
	v, err := (&Badger{dir: dir, codec: codec}).judge()
	switch {
	case err != nil: // the store cannot be used: that is another finding, and has the advice
		return f
	case !f.OK:
		f.Advice = writtenAnew
		return f
	case !v.facts.whole || v.state == v.facts.state:
		return f
	}
	lacks := v.state.Seq - min(v.facts.state.Seq, v.state.Seq)
	f.Detail = "it lacks the newest change"
	if lacks > 1 {
		f.Detail = fmt.Sprintf("it lacks the newest %d changes", lacks)
	}
	if lacks <= 1 || v.state.Rev-v.facts.state.Rev <= 1 { // one commit, which may hold many changes
		f.Detail, f.Advice = f.Detail+", as a crash leaves it", "the next start adds what is missing"
		return f
	}
	f.OK, f.Advice = false, "the next start adds them from the store; until then it cannot stand in for the store"
	return f
}

// journalFinding checks the file of the journal that b adds to: every frame that
// was confirmed must be there, and its checksums right.
func (b *Badger) journalFinding(ctx context.Context) (Finding, error) {
	const tries, pause = 20, 50 * time.Millisecond
	for n := 1; ; n++ {
		err := b.readConfirmed()
		if err == nil {
			return Finding{Check: checkJournal, OK: true, Detail: "it is whole, and is added to"}, nil
		}
		if ctx.Err() != nil {
			return Finding{}, ctx.Err()
		}
		if n == tries { // and no new journal was just taking the place of the old one
			return Finding{
				Check: checkJournal, Detail: firstLine(err.Error()),
				Advice: "start the process that has the store open again: that writes it anew from the store; until then it cannot stand in for the store",
			}, nil
		}
		time.Sleep(pause)
	}
}

// readConfirmed reads the journal up to the end of the newest frame.
func (b *Badger) readConfirmed() error {
	size := b.journal.size.Load()
	file, err := os.Open(filepath.Join(b.dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it is missing")
	}
	if err != nil {
		return pathError(b.dir, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return pathError(b.dir, err)
	}
	if info.Size() < size {
		return fmt.Errorf("it is cut short at byte %d", info.Size())
	}
	magic := make([]byte, len(journalMagic))
	if _, err := file.ReadAt(magic, 0); err != nil || string(magic) != journalMagic {
		return &brokenFrame{}
	}
	return (&frameSequence{}).read(newFrameReader(file, int64(len(journalMagic)), size, 0))
}
