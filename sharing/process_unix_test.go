//go:build unix

package sharing_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/storage"
)

// TestMain runs the tests or, started by one, a member of its own.
func TestMain(m *testing.M) {
	if rank := os.Getenv("SHARING_TEST_RANK"); rank != "" {
		if err := hold(rank, os.Getenv("SHARING_TEST_DIR")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hold takes part until standard input ends, and tells where it stands.
func hold(text, dir string) error {
	var rank model.Rank
	if err := rank.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	m, err := sharing.Join(context.Background(), sharing.Options{Dir: dir, Rank: rank})
	if err != nil {
		return err
	}
	go func() {
		last := ""
		_ = m.Watch(context.Background(), func(s model.Standing) {
			if now := fmt.Sprintf("mine=%v owner=%d", s.Mine, s.Owner.PID); now != last {
				last = now
				fmt.Println(now)
			}
		})
	}()
	if os.Getenv("SHARING_TEST_CALLS") != "" {
		go callForEver(m)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return m.Close()
}

// process is a member in a process of its own.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer

	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func start(t *testing.T, dir string, rank model.Rank, credential ...*syscall.Credential) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0]), more: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "SHARING_TEST_RANK="+rank.String(), "SHARING_TEST_DIR="+dir)
	p.cmd.Stderr = os.Stderr
	if len(credential) > 0 {
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential[0]}
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(out)
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

func (p *process) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
}

// says waits until the newest line contains text.
func (p *process) says(text string) {
	p.t.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		lines, more := p.lines, p.more
		p.mu.Unlock()
		if n := len(lines); n > 0 && strings.Contains(lines[n-1], text) {
			return
		}
		select {
		case <-more:
		case <-late:
			p.t.Fatalf("it never said %q but %q", text, lines)
		}
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// TestOwnerIsKilled: when the owner is killed, the others go on: a change whose
// answer was lost is settled and neither lost nor doubled.
func TestOwnerIsKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	const rounds = 6
	owner := start(t, dir, model.RankServe)
	owner.says("mine=true")
	a, b := join(t, dir, model.RankConsole), join(t, dir, model.RankConsole)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	made := make([][]string, 2)
	for i, m := range []*sharing.Member{a, b} {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				name := fmt.Sprintf("member %d key %d", i, n)
				if _, err := m.CreateKey(t.Context(), draft(t, name)); err != nil {
					t.Errorf("creating %q: %v", name, err)
					return
				}
				made[i] = append(made[i], name)
			}
		})
	}
	for range rounds {
		next := start(t, dir, model.RankServe)
		next.says("owner=" + strconv.Itoa(owner.cmd.Process.Pid))
		owner.signal(syscall.SIGKILL)
		next.says("mine=true")
		owner = next
	}
	stop()
	wg.Wait()
	for _, name := range append(made[0], made[1]...) {
		if _, err := a.Key(t.Context(), name); err != nil {
			t.Errorf("%q was confirmed: %v", name, err)
		}
	}
	page, err := a.Keys(t.Context(), model.KeyQuery{})
	if err != nil || page.All != len(made[0])+len(made[1]) {
		t.Errorf("there are %d keys, %v; %d were confirmed", page.All, err, len(made[0])+len(made[1]))
	}
	if _, err := b.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d owners killed, %d keys made meanwhile", rounds, page.All)
}

// TestOwnerIsStopped: against an owner that is stopped, whoever comes says which
// process it is and what to do; an endpoint that runs goes on deciding.
func TestOwnerIsStopped(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := start(t, dir, model.RankServe)
	owner.says("mine=true")
	serve := join(t, dir, model.RankServe)
	create(t, serve, "orders")
	await(t, serve, "it follows", func(s model.Standing) bool { return s.Seq >= 2 })
	owner.signal(syscall.SIGSTOP)
	began := time.Now()
	var newcomers sync.WaitGroup
	for _, rank := range []model.Rank{model.RankCommand, model.RankConsole, model.RankServe} {
		newcomers.Go(func() {
			_, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: rank})
			pid := strconv.Itoa(owner.cmd.Process.Pid)
			var silent *sharing.SilentError
			if !errors.As(err, &silent) || !strings.Contains(err.Error(), "pid "+pid) || !strings.Contains(err.Error(), "kill -CONT "+pid) {
				t.Errorf("%s: %v", rank, err)
			}
		})
	}
	newcomers.Wait()
	t.Logf("three newcomers were told in %v", time.Since(began))
	if s := serve.Snapshot(); s == nil || s.Seq() != serve.Newest() {
		t.Error("the endpoint that runs does not decide any more")
	}
	await(t, serve, "the endpoint says that what it sees may be old", func(s model.Standing) bool { return strings.Contains(s.Stale, "does not answer") })
	owner.signal(syscall.SIGCONT)
	await(t, serve, "all is well again", func(s model.Standing) bool { return s.Stale == "" && s.Owner.PID == owner.cmd.Process.Pid })
	create(t, serve, "afterwards")
}

// TestStoppedEndpoint: a change is confirmed without an endpoint that is stopped,
// which is named; when it goes on, it knows that its state is old before it
// decides anything.
func TestStoppedEndpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	attached := start(t, dir, model.RankServe)
	attached.says("owner=" + strconv.Itoa(os.Getpid()))
	create(t, owner, "orders")
	inForce := func() model.Receipt {
		var r model.Receipt
		k, err := owner.Key(t.Context(), "orders")
		if err == nil {
			_, err = owner.SetKeyEnabled(model.WithReceipt(t.Context(), &r), "orders", !k.Enabled)
		}
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for deadline := time.Now().Add(patience); inForce().InForce != 2; {
		if time.Now().After(deadline) {
			t.Fatal("it is never in force at 2 of 2 endpoints")
		}
	}
	attached.signal(syscall.SIGSTOP)
	r := inForce()
	name := fmt.Sprintf("serve (pid %d)", attached.cmd.Process.Pid)
	if r.Serves != 2 || r.InForce != 1 || len(r.Missing) != 1 || r.Missing[0] != name {
		t.Errorf("the receipt is %+v", r)
	}
	attached.signal(syscall.SIGCONT)
	for deadline := time.Now().Add(patience); inForce().InForce != 2; {
		if time.Now().After(deadline) {
			t.Fatal("it is never in force at 2 of 2 endpoints again")
		}
	}
}

// TestAnotherUser: a process of another user, root too, never opens the store;
// root may be a client of whoever does.
func TestAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: it takes root to be another user")
	}
	const nobody = 65534
	base := t.TempDir()
	for dir := base; dir != "/" && dir != filepath.Clean(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(base, "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if _, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole}); err == nil || !strings.Contains(err.Error(), "sudo -u") {
		t.Fatalf("root opens another's store: %v", err)
	}
	binary := filepath.Join(base, "member")
	copyFile(t, os.Args[0], binary)
	owner := &process{}
	args := os.Args[0]
	os.Args[0] = binary
	owner = start(t, dir, model.RankServe, &syscall.Credential{Uid: nobody, Gid: nobody})
	os.Args[0] = args
	owner.says("mine=true")
	m := join(t, dir, model.RankConsole)
	create(t, m, "by root")
	page, err := m.Audit(t.Context(), model.AuditQuery{Limit: 1})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Actor.UID != 0 || page.Entries[0].Actor.PID != os.Getpid() {
		t.Errorf("on record is %+v, %v", page.Entries, err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, 0o755); err != nil { // whatever the umask is by now
		t.Fatal(err)
	}
}

// TestRestoreVoidsCopies: an endpoint that was stopped while a restore put
// another directory in place does not decide from what it had.
func TestRestoreVoidsCopies(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankServe})
	if err != nil {
		t.Fatal(err)
	}
	attached := join(t, dir, model.RankServe)
	create(t, owner, "orders")
	await(t, attached, "it follows", func(s model.Standing) bool { return s.Seq >= 2 })
	var backup bytes.Buffer
	if err := owner.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		create(t, owner, fmt.Sprint("later ", i))
	}
	await(t, attached, "it follows", func(s model.Standing) bool { return s.Seq >= 7 })
	// It is suspended: it holds nothing, and still has its copy and its map.
	if err := attached.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if s := attached.Snapshot(); s == nil || s.Seq() < attached.Newest() {
		t.Fatal("the copy is void before anything happened")
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(backup.Bytes())), nil }
	if _, err := storage.Restore(t.Context(), open, dir, storage.RestoreOptions{AcceptRollback: true, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if s := attached.Snapshot(); s != nil && s.Seq() >= attached.Newest() {
		t.Errorf("it decides at %d from a copy of the store that was replaced", s.Seq())
	}
	if err := attached.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, attached, "it decides from the restored store", func(s model.Standing) bool { return s.Mine && s.Seq == 3 })
	if s := attached.Snapshot(); s == nil || s.Seq() != 3 || attached.Newest() != 3 {
		t.Errorf("it decides at %v, and the newest is %d", s, attached.Newest())
	}
}

// TestWitness: a store that lacks what was confirmed is noticed by the published
// sequence, even where its journal lacks it too.
func TestWitness(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	m, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole})
	if err != nil {
		t.Fatal(err)
	}
	create(t, m, "one")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old")
	if out, err := exec.Command("cp", "-a", dir, old).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if m, err = sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole}); err != nil {
		t.Fatal(err)
	}
	create(t, m, "two")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store", "journal"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(old, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	var damage *storage.DamageError
	if _, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole}); !errors.As(err, &damage) || damage.Missing != 1 {
		t.Errorf("a store and journal that were rolled back: %v", err)
	}
	serve := join2(t, sharing.Options{Dir: dir, Rank: model.RankServe, FromJournal: true})
	if serve.Snapshot() != nil {
		t.Error("an endpoint decides from them")
	}
	if _, err := serve.Key(t.Context(), "one"); !errors.Is(err, model.ErrDegraded) {
		t.Errorf("a look at a key: %v", err)
	}
	console := join(t, dir, model.RankConsole)
	if _, err := console.Key(t.Context(), "one"); !errors.Is(err, model.ErrDegraded) {
		t.Errorf("a look at a key from a client: %v", err)
	}
}

func join2(t *testing.T, o sharing.Options) *sharing.Member {
	t.Helper()
	m, err := sharing.Join(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestSuspendAtOnce: a console that is suspended in the very moment in which the
// owner goes holds nothing afterwards.
func TestSuspendAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for round := range 10 {
		owner := start(t, dir, model.RankServe)
		owner.says("mine=true")
		console, err := sharing.Join(t.Context(), sharing.Options{Dir: dir, Rank: model.RankConsole})
		if err != nil {
			t.Fatal(err)
		}
		owner.signal(syscall.SIGKILL)
		time.Sleep(time.Duration(round) * 8 * time.Millisecond) // any moment will do
		if err := console.Suspend(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = owner.cmd.Wait()
		if pid := storage.HolderPID(dir); pid != 0 {
			t.Errorf("round %d: suspended, and pid %d (this is %d) has the directory", round, pid, os.Getpid())
		}
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestStoppedStore: an endpoint whose store stopped after an error opens it
// again by itself; a change made meanwhile is settled.
func TestStoppedStore(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: it takes root to make a file immutable")
	}
	dir := filepath.Join(t.TempDir(), "data")
	serve := join(t, dir, model.RankServe)
	console := join(t, dir, model.RankConsole)
	create(t, console, "before")
	journal := filepath.Join(dir, "journal")
	if out, err := exec.Command("chattr", "+i", journal).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: the file system has no immutable files: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("chattr", "-i", journal).Run() })
	go func() {
		time.Sleep(300 * time.Millisecond) // while the change waits for an owner
		_ = exec.Command("chattr", "-i", journal).Run()
	}()
	if _, err := console.CreateKey(t.Context(), draft(t, "meanwhile")); err != nil && !errors.Is(err, model.ErrUnknownOutcome) {
		t.Errorf("while the journal cannot be written: %v", err)
	}
	await(t, serve, "it has the store open again", func(s model.Standing) bool { return s.Mine && s.Degraded == "" })
	create(t, console, "after")
	if _, err := serve.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSocketRemoved: an owner whose socket was removed is found again.
func TestSocketRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	if err := os.Remove(filepath.Join(dir, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	console := join(t, dir, model.RankConsole)
	if s := console.Standing(); s.Mine || s.Owner.PID != os.Getpid() {
		t.Errorf("it stands at %+v", s)
	}
	create(t, console, "orders")
	if _, err := owner.Key(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
}

// TestLockRemoved: whoever comes after the lock file was removed still finds the
// owner, and does not take its place.
func TestLockRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	owner := join(t, dir, model.RankServe)
	if err := os.Remove(filepath.Join(dir, "lock")); err != nil {
		t.Fatal(err)
	}
	console := join(t, dir, model.RankConsole)
	if s := console.Standing(); s.Mine || s.Owner.Rank != model.RankServe {
		t.Errorf("it stands at %+v", s)
	}
	create(t, console, "orders")
	if _, err := owner.Key(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
}
