package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"dev.keyward/keyward/model"
)

// shownProgress is progress on a terminal of that width, whose time a test turns.
func shownProgress(verb string, width int) (p *progress, out *bytes.Buffer, turn func(time.Duration)) {
	now := time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)
	p = newProgress(verb, func() time.Time { return now })
	out = &bytes.Buffer{}
	p.w, p.width = out, func() int { return width }
	return p, out, func(d time.Duration) { now = now.Add(d) }
}

// take is what was written since.
func take(out *bytes.Buffer) string {
	defer out.Reset()
	return out.String()
}

// TestProgress: nothing for half a second, then the line, and nothing again in
// the end.
func TestProgress(t *testing.T) {
	t.Parallel()
	p, out, turn := shownProgress("importing", 80)
	p.of(2000)
	turn(progressAfter - time.Millisecond)
	if p.draw(); out.Len() > 0 {
		t.Errorf("too early: %q", out)
	}
	p.add(500)
	turn(1501 * time.Millisecond)
	p.draw()
	if got, want := take(out), "\rimporting  ██████░░░░░░░░░░░░░░░░░░  25%  500 of 2,000  250/s  6 s left\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	p.hide() // a warning is to be told
	if got := take(out); got != "\r\x1b[K" {
		t.Errorf("hidden: %q", got)
	}
	p.hide()
	p.plain = true
	p.draw()
	if got, want := take(out), "\rimporting  ######..................  25%  500 of 2,000  250/s  6 s left\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	p.end()
	p.end()
	p.draw()
	if got := take(out); got != "\r\x1b[K" {
		t.Errorf("at the end: %q", got)
	}
}

// TestProgressLines: what is told of how much, and what gives way where there is
// less room.
func TestProgressLines(t *testing.T) {
	t.Parallel()
	bytesOf := func(n int) func(*progress) {
		return func(p *progress) { _, _ = p.Write(make([]byte, n)) }
	}
	for _, test := range []struct {
		name  string
		width int
		do    func(*progress)
		after time.Duration
		want  string
	}{
		{"records and bytes", 80, func(p *progress) { p.of(1000); p.add(100); bytesOf(3 << 20)(p) }, 2 * time.Second,
			"working  ██░░░░░░░░░░░░░░░░░░░░░░  10%  3.0 MiB  1.5 MiB/s  18 s left"},
		{"a file", 80, func(p *progress) { p.step("reading", 0, true); p.of(4 << 20); bytesOf(1 << 20)(p) }, time.Second,
			"reading  ██████░░░░░░░░░░░░░░░░░░  25%  1.0 of 4.0 MiB  1.0 MiB/s  3 s left"},
		{"nobody knows how much", 80, bytesOf(300 << 10), 2 * time.Second, "working  ░████░░░░░░░░░░░░░░░░░░░  300 KiB  150 KiB/s  2 s"},
		{"nothing is counted", 80, func(*progress) {}, 62 * time.Second, "working  ░████░░░░░░░░░░░░░░░░░░░  1 min 02 s"},
		{"nothing is done yet", 80, func(p *progress) { p.of(10) }, 3 * time.Second, "working  ░░░░░░░░░░░░░░░░░░░░░░░░   0%  0 of 10  3 s"},
		{"never all before the end", 80, func(p *progress) { p.of(10); p.add(11) }, 3 * time.Second,
			"working  ███████████████████████░  99%  11 of 10  3/s  3 s"},
		{"long", 80, func(p *progress) { p.of(1000); p.add(10) }, 5 * time.Minute, "working  ░░░░░░░░░░░░░░░░░░░░░░░░   1%  10 of 1,000  0/s  8 h 15 min left"},
		{"units that differ", 80, func(p *progress) { p.step("reading", 0, true); p.of(1 << 30); bytesOf(1 << 20)(p) }, time.Second,
			"reading  ░░░░░░░░░░░░░░░░░░░░░░░░   0%  1.0 MiB of 1.00 GiB  1.0 MiB/s  1 s"},
		{"a shorter bar", 62, func(p *progress) { p.of(1000); p.add(100); bytesOf(3 << 20)(p) }, 2 * time.Second,
			"working  █░░░░░░░░░░░░░░░  10%  3.0 MiB  1.5 MiB/s  18 s left"},
		{"without the rate", 52, func(p *progress) { p.of(1000); p.add(100); bytesOf(3 << 20)(p) }, 2 * time.Second,
			"working  █░░░░░░░░░░░░░░░░  10%  3.0 MiB  18 s left"},
		{"without the amount", 40, func(p *progress) { p.of(1000); p.add(100); bytesOf(3 << 20)(p) }, 2 * time.Second,
			"working  █░░░░░░░░░░░░░  10%  18 s left"},
		{"the shortest bar", 34, func(p *progress) { p.of(1000); p.add(500) }, 2 * time.Second, "working  ████░░░░░  50%  2 s left"},
		{"no bar", 26, func(p *progress) { p.of(1000); p.add(500) }, 2 * time.Second, "working  50%  2 s left"},
		{"no time", 16, func(p *progress) { p.of(1000); p.add(500) }, 2 * time.Second, "working  50%"},
		{"the share alone", 10, func(p *progress) { p.of(1000); p.add(500) }, 2 * time.Second, "50%"},
		{"nothing fits", 3, func(p *progress) { p.of(1000); p.add(500) }, 2 * time.Second, ""},
		{"narrow, nobody knows", 6, func(*progress) {}, 2 * time.Second, "work…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, out, turn := shownProgress("working", test.width)
			test.do(p)
			turn(test.after)
			p.draw()
			got := strings.TrimSuffix(strings.TrimPrefix(take(out), "\r"), "\x1b[K")
			if got != test.want || utf8.RuneCountInString(got) >= test.width {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestProgressIsForTerminals: nothing in pipes and files, nor beside JSON.
func TestProgressIsForTerminals(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, w := range []io.Writer{&b, file} {
		p := newApp(Env{Stderr: w}).progress("backing up")
		p.began = p.began.Add(-time.Hour)
		p.of(10)
		p.add(5)
		p.draw()
		p.end()
	}
	if info, err := file.Stat(); err != nil || info.Size() > 0 || b.Len() > 0 {
		t.Errorf("%q, %v, %v", b.String(), info, err)
	}
}

// stuck takes so many writes and then blocks, as a pipe does that nobody reads.
type stuck struct {
	left  int
	full  chan struct{}
	block chan struct{}
	once  sync.Once
}

// Write blocks once there is no room.
func (s *stuck) Write(b []byte) (int, error) {
	if s.left--; s.left < 0 {
		s.once.Do(func() { close(s.full) })
		<-s.block
	}
	return len(b), nil
}

// TestBackupGivenUp: a backup whose output nobody takes can be given up, and says
// what became of it.
func TestBackupGivenUp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(0, "environment", "create", "UAT")
	pass := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(pass, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := &stuck{full: make(chan struct{}), block: make(chan struct{})}
	defer close(out.block)
	go func() { <-out.full; cancel() }()
	var stderr bytes.Buffer
	code := Run(ctx, Env{
		Args: []string{"backup", "-", "--passphrase-file", pass, "--data", m.dir}, Stdin: strings.NewReader(""), Stdout: out, Stderr: &stderr,
		Getenv: func(string) string { return "" },
	})
	want := "keyward: interrupted: what came out of standard output is no backup: throw it away, and run it again\n"
	if code != exitInterrupted || stderr.String() != want {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}

// givenUp creates workflows, and the user gives up during one of them.
type givenUp struct {
	Backend
	left   int
	cancel func()
	err    error
	ended  error // of the context, in the change during which that was
}

func (g *givenUp) CreateWorkflow(ctx context.Context, _ model.WorkflowDraft) (model.WorkflowInfo, error) {
	if g.left--; g.left == 0 {
		g.cancel()
		g.ended = ctx.Err()
		return model.WorkflowInfo{}, g.err
	}
	return model.WorkflowInfo{}, nil
}

// TestImportGivenUp: what is under way is made, the next is not, and it is said
// how far it came.
func TestImportGivenUp(t *testing.T) {
	t.Parallel()
	lost := errors.Join(model.ErrUnknownOutcome, context.Canceled)
	for _, test := range []struct {
		name string
		at   int
		err  error
		want string
		made int
	}{
		{"after one", 1, nil, `1 of 3 workflows were created, in the order shown, up to "a": run it again for what is missing`, 1},
		{"after two", 2, nil, `2 of 3 workflows were created, in the order shown, up to "c": run it again for what is missing`, 2},
		{"without an answer", 2, lost, `1 of 3 workflows were created, in the order shown, up to "a"; whether "c" was is not known: look with keyward workflow list, then run it again`, 1},
		{"before any answer", 1, lost, `no workflow was created; whether "a" was is not known: look with keyward workflow list, then run it again`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := workflowImport{answer: imported{Workflows: []importRow{{Name: "a"}, {Name: "b", Conflict: true}, {Name: "c"}, {Name: "d"}}}}
			o.answer.count()
			b := &givenUp{left: test.at, cancel: cancel, err: test.err}
			err := o.create(ctx, b, newProgress("importing", time.Now))
			if err == nil || err.Error() != "interrupted: "+test.want || exitCode(ctx, err) != exitInterrupted || o.answer.Created != test.made {
				t.Errorf("got %v (%d made), want %s", err, o.answer.Created, test.want)
			}
			if b.ended != nil {
				t.Errorf("what was under way was cut off: %v", b.ended)
			}
		})
	}
}

// TestLingering: what is under way ends soon after the user gave up.
func TestLingering(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	late, done := lingering(ctx)
	defer done()
	cancel()
	if late.Err() != nil {
		t.Error("it ended at once")
	}
	<-late.Done()
}

// TestProgressOfOpening: the steps of opening the store follow each other, each
// from its beginning, and what is said beneath the line wipes it.
func TestProgressOfOpening(t *testing.T) {
	t.Parallel()
	p, out, turn := shownProgress("Opening the store", 90)
	turn(time.Second)
	p.at("Checking the files", 0, 200)
	turn(2 * time.Second)
	p.at("Checking the files", 50, 200)
	p.draw()
	if got, want := take(out), "\rChecking the files  ██████░░░░░░░░░░░░░░░░░░  25%  50 of 200  25/s  6 s left\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	p.at("Checking the records", 1, 1000)
	turn(2 * time.Second)
	p.at("Checking the records", 500, 1000)
	if _, err := io.WriteString(beneath{p, out}, "a line\n"); err != nil {
		t.Fatal(err)
	}
	p.draw()
	if got, want := take(out), "\r\x1b[Ka line\n\rChecking the records  ████████████░░░░░░░░░░░░  50%  500 of 1,000  250/s  2 s left\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
