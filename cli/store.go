package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
	"dev.keyward/keyward/storage"
)

// Keys is what the commands need to know and do about keys.
type Keys interface {
	Keys(context.Context, model.KeyQuery) (model.KeyPage, error)
	Key(ctx context.Context, ref string) (model.KeyInfo, error)
	CreateKey(context.Context, model.KeyDraft) (model.KeyInfo, error)
	EditKey(ctx context.Context, ref string, e model.KeyEdit) (model.KeyInfo, error)
	SetKeyEnabled(ctx context.Context, ref string, enabled bool) (model.KeyInfo, error)
	RegenerateKey(ctx context.Context, ref string, n model.SlotName, h model.Holding, grace time.Duration) (model.KeyInfo, error)
	DeleteKey(ctx context.Context, ref string) error
	DeletedKeys(ctx context.Context, q model.BinQuery) (model.BinPage, error)
	RestoreKey(ctx context.Context, ref, name string) (model.RestoredKey, error)
	ChangeKeys(ctx context.Context, refs []string, b model.KeyBulk) (model.BulkResult, error)
	Purge(ctx context.Context, age time.Duration) (keys int, err error)
}

// Workflows is what the commands need to know and do about workflows.
type Workflows interface {
	Workflows(context.Context) ([]model.WorkflowInfo, error)
	Workflow(ctx context.Context, ref string) (model.WorkflowInfo, error)
	CreateWorkflow(context.Context, model.WorkflowDraft) (model.WorkflowInfo, error)
	EditWorkflow(ctx context.Context, ref string, e model.WorkflowEdit) (model.WorkflowInfo, error)
	DeleteWorkflow(ctx context.Context, ref string) (keys int, err error)
}

// Environments is what the commands need to know and do about environments.
type Environments interface {
	Environments(context.Context) ([]model.EnvironmentInfo, error)
	Environment(ctx context.Context, ref string) (model.EnvironmentInfo, error)
	CreateEnvironment(context.Context, model.EnvironmentDraft) (model.EnvironmentInfo, error)
	EditEnvironment(ctx context.Context, ref string, e model.EnvironmentEdit) (model.EnvironmentInfo, error)
	DeleteEnvironment(ctx context.Context, ref string) error
}

// Decisions is what the commands ask about calls and what proves a caller.
type Decisions interface {
	Check(context.Context, model.CheckQuery) (model.Verdict, error)
	Certificate(ctx context.Context, ref string, n model.SlotName) (model.Certificate, error)
}

// Backend is the sum of what commands need, whoever owns the store.
type Backend interface {
	Keys
	Workflows
	Environments
	Decisions
	Traffic
	Record
}

var (
	_ Backend = (*model.Session)(nil)
	_ Backend = (*sharing.Member)(nil)
)

// access is what a command wants of the data directory.
type access bool

const (
	reading  access = false // a directory that is not there reads as a new, empty one
	changing access = true  // it is made when it is not there
)

// use calls fn with the backend of the data directory, whoever owns the store
// in it, and lets go of both afterwards. It is the door to the store for every
// command but serve.
func (a *app) use(ctx context.Context, want access, fn func(Backend) error) error {
	if a.given != nil {
		return fn(a.given)
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	if want == reading && !holdsSomething(dir) {
		return a.useNothing(ctx, fn)
	}
	return a.useShared(ctx, dir, model.RankCommand, func(m *sharing.Member) error { return fn(m) })
}

// useNothing calls fn with the backend of a store that is new and is thrown
// away.
func (a *app) useNothing(ctx context.Context, fn func(Backend) error) error {
	kv := storage.NewMemory(storage.LogSize{})
	defer func() { _ = kv.Close() }()
	store, err := storage.NewStore(ctx, kv, a.env.Now())
	if err != nil {
		return err
	}
	service, err := model.NewService(ctx, store, model.Options{Now: a.env.Now})
	if err != nil {
		return err
	}
	return fn(service.As(a.caller()))
}

// useShared takes part in the data directory while fn runs.
func (a *app) useShared(ctx context.Context, dir string, rank model.Rank, fn func(*sharing.Member) error) error {
	return a.useMember(ctx, a.sharing(dir, rank), fn)
}

// useMember takes part as the options say while fn runs.
func (a *app) useMember(ctx context.Context, o sharing.Options, fn func(*sharing.Member) error) (err error) {
	m, err := a.join(ctx, o, a.openingBar())
	if err != nil {
		return err
	}
	defer func() {
		if cerr := m.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("closing the store: %w", cerr)
		}
	}()
	return fn(m)
}

// openingBar begins to show that the store is being opened; join ends it.
func (a *app) openingBar() *progress { return a.progress("Opening the store") }

// join takes part as the options say, and shows how far that is: checking a large
// store takes seconds, as does waiting for whoever is opening it.
func (a *app) join(ctx context.Context, o sharing.Options, shown *progress) (*sharing.Member, error) {
	defer shown.end()
	told := o.Opening
	o.Opening = func(c storage.Checked) {
		if told != nil {
			told(c)
		}
		verb := "Checking the records"
		if c.Files {
			verb = "Checking the files"
		}
		shown.at(verb, c.Done, c.Total)
	}
	return sharing.Join(ctx, o)
}

// sharing says how this run takes part in the data directory.
func (a *app) sharing(dir string, rank model.Rank) sharing.Options {
	o := sharing.Options{
		Dir: dir, Rank: rank, Version: thisVersion().Version, Caller: a.caller(), MinFree: a.minFree, Now: a.env.Now,
	}
	if rank == model.RankCommand || rank == model.RankConsole && a.command != "keyward" {
		o.Kind = a.command
	}
	return o
}

// holdsSomething reports whether dir may hold a store: where nothing is, a
// reading command makes nothing. What else is wrong with dir is for storage to
// say.
func holdsSomething(dir string) bool {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || len(entries) > 0
}

// dataDir is the directory that --data, KEYWARD_DATA or the system names.
func (a *app) dataDir() (string, error) {
	if a.given != nil {
		return "", &usageError{"this command needs the data directory, which there is not over SSH"}
	}
	if a.data != "" {
		return a.data, nil
	}
	if dir := a.env.Getenv("KEYWARD_DATA"); dir != "" {
		return dir, nil
	}
	base, err := userDataDir(a.env.Getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "keyward"), nil
}

// userDataDir is where programs keep a user's data on this system.
func userDataDir(getenv func(string) string) (string, error) {
	switch runtime.GOOS {
	case "windows":
		if dir := getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
	case "darwin":
		if home := getenv("HOME"); home != "" {
			return filepath.Join(home, "Library", "Application Support"), nil
		}
	default:
		if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return dir, nil
		}
		if home := getenv("HOME"); home != "" {
			return filepath.Join(home, ".local", "share"), nil
		}
	}
	return "", &usageError{"the user's data directory is not known here (no HOME): name one with --data"}
}
