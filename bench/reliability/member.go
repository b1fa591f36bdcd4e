//go:build linux

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"dev.keyward/keyward/certgen"
	"dev.keyward/keyward/model"
	"dev.keyward/keyward/sharing"
)

// memberArgument makes this program a member of a data directory, as a console
// is one, which does what it is told on standard input. It is a process of its
// own, so that it can be killed.
const memberArgument = "-member"

// order is what a member is told; answer is what it says.
type order struct {
	Op          string        `json:"op"`
	Name        string        `json:"name,omitempty"` // of a key
	Enabled     bool          `json:"enabled,omitempty"`
	Certificate string        `json:"certificate,omitempty"` // file; "": a token key
	Workflow    string        `json:"workflow,omitempty"`
	Grace       time.Duration `json:"grace,omitempty"`
	Wide        bool          `json:"wide,omitempty"` // of "widen"
	Names       []string      `json:"names,omitempty"`
}

type answer struct {
	Began    time.Duration     `json:"began"` // on the machine's monotonic clock
	Ended    time.Duration     `json:"ended"`
	Fault    string            `json:"fault,omitempty"`
	Unknown  bool              `json:"unknown,omitempty"` // the fault leaves open whether it was done
	NotFound bool              `json:"notFound,omitempty"`
	Receipt  model.Receipt     `json:"receipt,omitzero"`
	Secrets  []string          `json:"secrets,omitempty"` // of "create" and "regenerate"
	Shown    map[string]*shown `json:"shown,omitempty"`   // of "show"; a name without a key is not in it
	All      int               `json:"all,omitempty"`
	Entries  uint64            `json:"entries,omitempty"`
	Standing model.Standing    `json:"standing,omitzero"`
}

// shown is of a key what a change must leave whole.
type shown struct {
	Enabled   bool      `json:"enabled"`
	Wide      bool      `json:"wide"` // see "widen"
	Mixed     bool      `json:"mixed"`
	Primary   string    `json:"primary"` // hints
	Secondary string    `json:"secondary"`
	Expires   time.Time `json:"expires"`
}

// monotonic reads the clock that all processes of the machine share.
func monotonic() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // Linux has that clock
	}
	return time.Duration(t.Nano())
}

// beMember takes part in the directory until standard input ends.
func beMember(arguments []string) int {
	out := json.NewEncoder(os.Stdout)
	m, err := sharing.Join(context.Background(), sharing.Options{Dir: arguments[0], Rank: model.RankConsole, Version: "bench"})
	if err != nil {
		_ = out.Encode(answer{Fault: err.Error()}) // the other end notices the end of this process
		return 1
	}
	_ = out.Encode(answer{Standing: m.Standing()})
	for in := json.NewDecoder(os.Stdin); ; {
		var o order
		if err := in.Decode(&o); err != nil {
			break
		}
		a := obey(m, o)
		if err := out.Encode(a); err != nil {
			break
		}
	}
	if err := m.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// obey does one order and says how it went.
func obey(m *sharing.Member, o order) (a answer) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ctx = model.WithReceipt(ctx, &a.Receipt)
	a.Began = monotonic()
	err := do(ctx, m, o, &a)
	a.Ended = monotonic()
	if err != nil {
		a.Fault = err.Error()
		a.NotFound = errors.Is(err, model.ErrNotFound)
		a.Unknown = !a.NotFound && !errors.Is(err, model.ErrConflict) && !errors.Is(err, model.ErrInvalid) &&
			!errors.Is(err, model.ErrNoSpace) && !errors.Is(err, model.ErrDegraded)
	}
	return a
}

func do(ctx context.Context, m *sharing.Member, o order, a *answer) (err error) {
	switch o.Op {
	case "create":
		return create(ctx, m, o, a)
	case "enable":
		_, err = m.SetKeyEnabled(ctx, o.Name, o.Enabled)
	case "regenerate":
		var s model.Secret
		if s, err = model.NewSecret(rand.Reader); err == nil {
			a.Secrets = []string{s.Reveal()}
			_, err = m.RegenerateKey(ctx, o.Name, model.Primary, s.Hold(), o.Grace)
		}
	case "widen":
		_, err = m.EditKey(ctx, o.Name, width(o.Wide))
	case "delete":
		err = m.DeleteKey(ctx, o.Name)
	case "show":
		return show(ctx, m, o.Names, a)
	case "count":
		var page model.KeyPage
		page, err = m.Keys(ctx, model.KeyQuery{Limit: 1})
		a.All = page.All
	case "verify":
		a.Entries, err = m.VerifyAudit(ctx)
	case "stand":
	default:
		err = errors.New("there is no order " + o.Op)
	}
	a.Standing = m.Standing()
	return err
}

func create(ctx context.Context, m *sharing.Member, o order, a *answer) error {
	d := model.KeyDraft{Name: o.Name, Kind: model.TokenKey, Environment: "Test"}
	if o.Workflow != "" {
		d.Workflows = []string{o.Workflow}
	}
	if o.Certificate != "" {
		c, err := certgen.Read(o.Certificate)
		if err != nil {
			return err
		}
		d.Kind, d.Primary = model.CertificateKey, model.Holding{Certificate: &c}
	} else {
		for _, h := range []*model.Holding{&d.Primary, &d.Secondary} {
			s, err := model.NewSecret(rand.Reader)
			if err != nil {
				return err
			}
			a.Secrets = append(a.Secrets, s.Reveal())
			*h = s.Hold()
		}
	}
	_, err := m.CreateKey(ctx, d)
	return err
}

// width changes three fields at once: a key of which not all agree was changed
// by half.
func width(wide bool) model.KeyEdit {
	environment, expires := "Test", time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	if wide {
		environment, expires = "Production", time.Date(2091, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return model.KeyEdit{Environment: &environment, Expires: &expires, NoQuery: &wide}
}

func show(ctx context.Context, m *sharing.Member, names []string, a *answer) error {
	a.Shown = map[string]*shown{}
	for _, name := range names {
		k, err := m.Key(ctx, name)
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		s := &shown{Enabled: k.Enabled, Wide: k.Environment == "Production", Primary: k.Slots[0].Hint.String(), Secondary: k.Slots[1].Hint.String(), Expires: k.Expires.Time()}
		s.Mixed = s.Wide == k.Query || k.Expires != 0 && s.Wide != (s.Expires.Year() == 2091)
		a.Shown[name] = s
	}
	return nil
}

// console is a member in a process of its own. One order at a time.
type console struct {
	*process
	to       io.WriteCloser
	from     *bufio.Reader
	standing model.Standing // when it joined
}

// console starts a member and returns once it takes part.
func (r *rig) console(dir string) (*console, error) {
	cmd := exec.Command(r.self, memberArgument, dir)
	c := &console{}
	var err error
	if c.to, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = to
	c.from = bufio.NewReader(from)
	c.process, err = r.start(cmd)
	_ = to.Close() // the other process has it
	if err != nil {
		_ = from.Close()
		return nil, err
	}
	go func() { // so that no file is held for a process that is gone
		<-c.done
		_ = c.to.Close()
	}()
	var hello answer
	if hello, err = c.hear(); err == nil && hello.Fault != "" {
		err = errors.New(hello.Fault)
	}
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("a console cannot take part: %w: %s", err, c.log.String())
	}
	c.standing = hello.Standing
	return c, nil
}

// errGone means that a process ended before it answered.
var errGone = errors.New("the process ended before it answered")

// tell gives an order and waits for its end. The error means that there is no
// answer: whether the order was done is not known. Orders are bounded where they
// are done; a process that does not keep to that is killed.
func (c *console) tell(o order) (answer, error) {
	hangs := time.AfterFunc(2*patience, func() { _ = c.cmd.Process.Kill() })
	defer hangs.Stop()
	text, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	if _, err := c.to.Write(append(text, '\n')); err != nil {
		return answer{}, errGone
	}
	return c.hear()
}

// must gives an order that has to be done.
func (c *console) must(o order) (answer, error) {
	a, err := c.tell(o)
	if err == nil && a.Fault != "" {
		err = fmt.Errorf("%s %s: %s", o.Op, o.Name, a.Fault)
	}
	return a, err
}

func (c *console) hear() (a answer, err error) {
	line, err := c.from.ReadBytes('\n')
	if err != nil {
		return a, errGone
	}
	return a, json.Unmarshal(line, &a)
}
